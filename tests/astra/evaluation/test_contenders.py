from pathlib import Path

import numpy as np
import pytest

from astra.data.errors import AstraError
from astra.data.observatory import Observatory
from astra.data.simulation.simulate import simulate_survey
from astra.data.surveys import Survey
from astra.encoders import embed, load, save
from astra.evaluation import contenders
from astra.evaluation.cache import Cache
from astra.evaluation.contenders import Workshop
from astra.periods import search


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    observatory = Observatory(tmp_path_factory.mktemp("home"))
    simulate_survey(observatory, "sky", 40, seed=1)
    return Workshop(observatory, Cache(observatory), "cpu")


@pytest.fixture(scope="module")
def survey(workshop: Workshop) -> Survey:
    return Survey.open(workshop.observatory.survey("sky"))


def test_vectors_are_those_of_the_encoder_and_made_once(
    workshop: Workshop, survey: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = np.array([3, 4, 11])
    (astra,) = workshop.encoders(["astra"])
    expected = embed(load("astra"), survey.light_curves.take(rows), "cpu")
    assert astra.vectors(survey, rows) == pytest.approx(expected, abs=1e-5)
    monkeypatch.setattr(contenders, "embed", lambda *_: pytest.fail("made twice"))
    assert astra.vectors(survey, rows) == pytest.approx(expected, abs=1e-5)


def test_periods_are_searched_where_no_run_has_them(workshop: Workshop, survey: Survey) -> None:
    rows = np.array([0, 7])
    found, expected = workshop.periods(survey, rows), search(survey.light_curves.take(rows))
    assert list(found) == list(expected)
    for name, values in expected.items():
        assert np.array_equal(found[name], values, equal_nan=True)


def test_a_run_gives_the_vectors_and_periods_it_has(demo: Observatory) -> None:
    workshop = Workshop(demo, Cache(demo), "cpu")
    (run,) = workshop.encoders(["sky-astra"])
    survey = Survey.open(demo.survey("sky"))
    rows = np.array([5, 1999])
    stored = np.load(demo.run("sky-astra") / "embeddings.npy")
    assert np.array_equal(run.vectors(survey, rows), stored[rows])
    assert not (demo.home / "evaluations").exists()
    assert np.isfinite(workshop.periods(survey, rows)["usable_observations"]).all()


def test_rows_of_one_name_are_told_apart(workshop: Workshop, tmp_path: Path) -> None:
    paths = [
        str(save(load("astra_clr"), tmp_path / folder / "a.safetensors", {})) for folder in "xy"
    ]
    assert [found.name for found in workshop.encoders(paths[:1])] == ["a"]
    both = workshop.encoders([*paths, "astra", "astra"])
    assert [found.name for found in both] == [*paths, "astra"]
    folder = save(load("astra_clr"), tmp_path / "trial", {})
    assert [found.name for found in workshop.encoders([str(folder)])] == ["trial"]


def test_what_is_not_there_is_named(workshop: Workshop) -> None:
    with pytest.raises(AstraError, match=r"'nothing'.*Runs here: none; .* astra, astra_clr"):
        workshop.encoders(["nothing"])
