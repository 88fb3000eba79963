import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import typer
from typer.testing import CliRunner, Result

from astra.cli.import_survey import import_survey
from astra.data.errors import RejectedFileError, StoreError
from astra.data.observatory import Observatory
from astra.data.surveys import Survey


@pytest.fixture
def tables(tmp_path: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    objects = pd.DataFrame({"object_id": ["a", "b"], "flux_kind": ["total", "difference"]})
    observations = pd.DataFrame(
        {
            "object_id": ["a", "a", "b", "b", "b"],
            "mjd": [58_000.0, 58_001.5, 58_000.25, 58_002.0, 58_003.0],
            "band": ["ztf_g", "ztf_r", "ztf_g", "ztf_g", "ztf_r"],
            "flux_ujy": np.array([100, 200, 50, -3, 7.5], np.float32),
            "flux_err_ujy": np.array([1, 2, 3, 4, 5], np.float32),
        }
    )
    return objects, observations


def run(folder: Path, tables: tuple[pd.DataFrame, pd.DataFrame], *options: str) -> Result:
    for table, name in zip(tables, ("objects", "observations"), strict=True):
        pq.write_table(
            pa.Table.from_pandas(table, preserve_index=False), folder / f"{name}.parquet"
        )
    app = typer.Typer()
    app.command()(import_survey)
    arguments = [str(folder), "--survey", "mine", "--home", str(folder / "home"), *options]
    return CliRunner().invoke(app, arguments)


def imported(folder: Path) -> Survey:
    return Survey.open(Observatory(folder / "home").survey("mine"))


def test_a_survey_is_written_and_counted(tmp_path: Path, tables) -> None:
    result = run(tmp_path, tables)
    assert result.exit_code == 0, result.output
    survey = imported(tmp_path)
    assert survey.catalogue["object_id"].tolist() == ["a", "b"]
    assert survey.light_curves[1].flux.tolist() == [50, -3, 7.5]
    assert survey.light_curves.is_difference.tolist() == [False, True]
    assert survey.manifest["observations"] == 5
    assert survey.manifest["bands"] == ["ztf_g", "ztf_r"]
    assert len(survey.manifest["origin"]["imported"]) == 2
    assert not (survey.path / "quarantine.parquet").exists()
    words = result.output.split()
    assert words[words.index("objects") + 1] == "2"
    assert words[words.index("observations") + 1] == "5"


def test_what_is_refused_is_told_and_kept_beside(tmp_path: Path, tables) -> None:
    tables[1].loc[3, "flux_err_ujy"] = 0
    tables[1].loc[4, "band"] = "[bold]ztf[/]"
    result = run(tmp_path, tables)
    assert result.exit_code == 0, result.output
    assert "row 3 (object b), column flux_err_ujy, value 0.0, breaks rule" in result.output
    assert "value [bold]ztf[/], breaks rule known_band" in result.output
    survey = imported(tmp_path)
    assert survey.manifest["observations"] == 3
    assert survey.manifest["quarantine"]["refused_by_rule"] == {
        "flux_error_positive": 1,
        "known_band": 1,
    }
    quarantine = pd.read_parquet(survey.path / "quarantine.parquet")
    assert quarantine["row"].tolist() == [3, 4]
    summary = json.loads((survey.path / "quarantine.json").read_text())
    assert summary == survey.manifest["quarantine"]


def test_strict_imports_nothing(tmp_path: Path, tables) -> None:
    tables[1].loc[3, "flux_err_ujy"] = 0
    result = run(tmp_path, tables, "--strict")
    assert isinstance(result.exception, RejectedFileError)
    assert "row 3" in result.output
    assert list((tmp_path / "home" / "surveys").iterdir()) == []


def test_a_survey_is_replaced_only_when_asked(tmp_path: Path, tables) -> None:
    assert run(tmp_path, tables).exit_code == 0
    before = imported(tmp_path).fingerprint
    tables[1].loc[0, "flux_ujy"] = 101
    refused = run(tmp_path, tables)
    assert isinstance(refused.exception, StoreError)
    assert imported(tmp_path).fingerprint == before
    assert run(tmp_path, tables, "--replace").exit_code == 0
    assert imported(tmp_path).fingerprint != before


def test_a_file_that_cannot_be_read_leaves_the_old_survey(tmp_path: Path, tables) -> None:
    assert run(tmp_path, tables).exit_code == 0
    before = imported(tmp_path).fingerprint
    result = run(tmp_path, (tables[0], tables[1].drop(columns="mjd")), "--replace")
    assert isinstance(result.exception, RejectedFileError)
    assert imported(tmp_path).fingerprint == before
