import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner, Result

from astra.cli.evaluate import evaluate
from astra.data.errors import AstraError
from astra.data.observatory import Observatory
from astra.data.simulation.simulate import simulate_survey
from astra.evaluation.figures import FIGURES
from astra.evaluation.heads import Lesson

QUICK = ("--labels", "20,all", "--seeds", "2", "--draws", "2")
FILES = ("evaluation.json", "evaluation.md", "evaluation.png")


@pytest.fixture(scope="module")
def sky(tmp_path_factory: pytest.TempPathFactory) -> Observatory:
    observatory = Observatory(tmp_path_factory.mktemp("observatory"))
    simulate_survey(observatory, "sky", 600, seed=1, labelled=1.0)
    return observatory


def run(sky: Observatory, *arguments: str) -> Result:
    app = typer.Typer()
    app.command()(evaluate)
    return CliRunner().invoke(app, [*arguments, "--survey", "sky", "--home", str(sky.home)])


@pytest.fixture(scope="module")
def done(sky: Observatory) -> Path:
    folder = sky.home / "first"
    heads = ("--heads", "logistic,neighbours")
    result = run(sky, "astra", "--leakage", *heads, *QUICK, "--output", str(folder))
    assert result.exit_code == 0, result.output
    return folder


@pytest.mark.slow
def test_table_figures_and_plot_are_written(done: Path) -> None:
    found = json.loads((done / "evaluation.json").read_text())
    (group,) = found["groups"]
    names = [row["name"] for row in group["rows"]]
    assert names == [
        "astra",
        "features + Lomb-Scargle period",
        "side scalars + quantiles + Fourier",
        "astra, untrained",
        "astra, magnitudes zeroed",
        "random vectors",
    ]
    assert group["left_out"] and len(group["splits"]) == 2
    text = (done / "evaluation.md").read_text()
    for name in group["left_out"]:
        assert name in text
    for row in group["rows"]:
        assert row["name"] in text
        for head in ("logistic", "neighbours"):
            for amount in ("20", "all"):
                assert set(FIGURES) <= set(row["scores"][head][amount])
            assert set(row["scores"][head]["all"]["by_class"]) == set(group["classes"])
    assert (done / "evaluation.png").read_bytes().startswith(b"\x89PNG")
    assert "/tmp" not in text and "--home" not in text


@pytest.mark.slow
def test_scores_rank_as_they_must(done: Path) -> None:
    (group,) = json.loads((done / "evaluation.json").read_text())["groups"]
    f1 = {
        row["name"]: row["scores"]["logistic"]["all"]["macro_f1"]["mean"] for row in group["rows"]
    }
    assert f1["astra"] > f1["random vectors"] + 0.2
    assert f1["side scalars + quantiles + Fourier"] > f1["random vectors"] + 0.2
    assert f1["astra"] > f1["astra, magnitudes zeroed"] + 0.2


@pytest.mark.slow
def test_matching_is_told(done: Path) -> None:
    (entry,) = json.loads((done / "evaluation.json").read_text())["matching"]
    assert entry["encoder"] == "astra"
    assert entry["as they are"]["mean"] > 3 * entry["chance"]
    assert entry["magnitudes zeroed"]["mean"] == pytest.approx(1 / 256, abs=0.005)


def test_two_encoders_are_rows_beside_each_other(sky: Observatory) -> None:
    folder = sky.home / "two"
    options = ("--no-controls", "--no-rivals", "--heads", "logistic", *QUICK)
    result = run(sky, "astra", "astra_clr", *options, "--output", str(folder))
    assert result.exit_code == 0, result.output
    (group,) = json.loads((folder / "evaluation.json").read_text())["groups"]
    assert [row["name"] for row in group["rows"]] == ["astra", "astra_clr"]


@pytest.mark.slow
def test_a_second_evaluation_finds_all_and_writes_the_same(
    sky: Observatory, done: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import astra.evaluation.contenders as contenders
    import astra.evaluation.scoring as scoring

    for module, name in ((scoring, "predict"), (contenders, "embed")):
        monkeypatch.setattr(module, name, lambda *_: pytest.fail("made again"))
    folder = sky.home / "second"
    heads = ("--heads", "logistic,neighbours")
    options = ("--leakage", *heads, *QUICK, "--output", str(folder))
    assert run(sky, "astra", *options).exit_code == 0
    for name in FILES:
        assert (folder / name).read_bytes() == (done / name).read_bytes(), name


def test_validation_and_a_part_of_the_objects(sky: Observatory) -> None:
    folder = sky.home / "validation"
    options = ("--validation", "--objects", "450", "--no-controls", "--no-rivals")
    one = ("--heads", "logistic", "--labels", "all", "--seeds", "1")
    result = run(sky, "astra_clr", *options, *one, "--output", str(folder))
    assert result.exit_code == 0, result.output
    found = json.loads((folder / "evaluation.json").read_text())
    split = found["groups"][0]["splits"][0]
    assert split["learnt"] + split["tested"] < 0.8 * 450
    assert found["matching"] == found["leakage"] == []
    assert "**Validation**" in (folder / "evaluation.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("no_such_encoder",), "no run, encoder or weights 'no_such_encoder'.*come with Astra"),
        (("astra_clr", "--group", "css"), "no group 'css'; there are sky"),
        (("astra_clr", "--survey", "elsewhere"), "no survey 'elsewhere'.*there are sky"),
        (("astra_clr", "--labels", "20,many"), "'many' is neither 'all' nor a positive number"),
        (("astra_clr", "--labels", "0"), "'0' is neither"),
        (("astra_clr", "--heads", "svm"), "no head 'svm'; there are logistic"),
    ],
)
def test_what_cannot_be_evaluated_is_refused(
    sky: Observatory, arguments: tuple[str, ...], message: str
) -> None:
    result = run(sky, *arguments)
    assert isinstance(result.exception, AstraError)
    assert re.search(message, str(result.exception))
    assert not (sky.home / "evaluations" / "sky").exists()


def test_a_survey_without_classes_is_refused(tmp_path: Path) -> None:
    observatory = Observatory(tmp_path)
    simulate_survey(observatory, "sky", 60, seed=1, labelled=0.0)
    result = run(observatory, "astra_clr")
    assert isinstance(result.exception, AstraError)
    assert "no objects with a class" in str(result.exception)


def test_stopped_half_way_it_leaves_no_report(
    sky: Observatory, monkeypatch: pytest.MonkeyPatch
) -> None:
    import astra.evaluation.scoring as scoring

    def stopped(head: str, lesson: Lesson, vectors: np.ndarray, classes: int):
        raise KeyboardInterrupt

    monkeypatch.setattr(scoring, "predict", stopped)
    folder = sky.home / "stopped"
    options = ("--heads", "forest", "--labels", "20", "--output", str(folder))
    assert run(sky, "astra_clr", *options).exit_code != 0
    assert not folder.exists()


def test_the_command_line_starts_without_torch() -> None:
    script = "import sys, astra.cli.__main__; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert not {"torch", "sklearn", "matplotlib"} & set(done.stdout.split())
