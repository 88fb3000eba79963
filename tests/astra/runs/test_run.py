import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from astra.data.errors import StoreError
from astra.data.light_curves import LightCurves
from astra.data.surveys import new_survey, write_manifest
from astra.runs.manifest import MANIFEST
from astra.runs.run import Run, list_runs
from astra.runs.tables import codes, column, read_table, write_table


def test_map_and_survey_rows_lead_to_each_other(run: Run) -> None:
    assert len(run) == 6
    assert run.rows.tolist() == [5, 4, 3, 2, 1, 0]
    np.testing.assert_array_equal(run.map_row[run.rows], np.arange(6))
    np.testing.assert_array_equal(run.rows[run.map_row], np.arange(6))


def test_ids_lead_to_map_rows_and_back(run: Run) -> None:
    assert run.row_of("test:5") == 0
    assert run.rows_of(["test:0", "nobody", "test:3"]).tolist() == [5, -1, 2]
    assert run.rows_of(pd.Series(["test:0"])).tolist() == [5]
    assert run.object_ids(np.array([5, 0])) == ["test:0", "test:5"]
    with pytest.raises(KeyError, match="nobody"):
        run.row_of("nobody")


def test_arrays_are_mapped_and_cannot_be_changed(run: Run) -> None:
    assert isinstance(run.projection, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        run.projection[0, 0] = 9
    assert run.values("catalogue", "ra").tolist() == [1.5] * 6


def test_what_a_run_does_not_have_is_named(run: Run) -> None:
    assert run.summary("projection") == {"found": "projection"}
    with pytest.raises(StoreError, match="run first has no probes"):
        run.summary("probes")
    with pytest.raises(StoreError, match=r"embeddings\.npy is missing or damaged"):
        _ = run.embeddings
    with pytest.raises(StoreError, match=r"probes\.arrow: no table here"):
        _ = run.probes


def test_pickled_arrays_are_not_loaded(run: Run) -> None:
    np.save(run.path / "embeddings.npy", np.array([{"a": 1}]), allow_pickle=True)
    with pytest.raises(StoreError, match=r"embeddings\.npy is missing or damaged"):
        _ = run.embeddings


def test_a_run_knows_its_survey_and_no_other(
    run: Run, observatory, light_curves: LightCurves
) -> None:
    with pytest.raises(StoreError, match="no survey here"):
        _ = run.survey
    with new_survey(observatory.survey("sky")) as folder:
        light_curves.save(folder / "light_curves")
        write_manifest(folder, "sky", {})
    with pytest.raises(StoreError, match="made from another version of survey sky"):
        _ = run.survey
    path = observatory.survey("sky") / "manifest.json"
    manifest = {**json.loads(path.read_text()), "fingerprint": "f" * 64}
    path.write_text(json.dumps(manifest))
    assert run.survey.name == "sky"


def test_only_whole_runs_are_listed_newest_first(observatory, write_run) -> None:
    write_run(observatory, "old", "2026-01-01T00:00:00+00:00")
    write_run(observatory, "new", "2026-03-01T00:00:00+00:00")
    write_run(observatory, "middle", "2026-02-01T00:00:00+00:00")
    half = write_run(observatory, "half")
    (half / "rows.npy").unlink()
    unfinished = write_run(observatory, "unfinished")
    (unfinished / MANIFEST).unlink()
    building = write_run(observatory, "building")
    building.rename(building.with_name(".tmp-building"))
    assert [run.name for run in list_runs(observatory)] == ["new", "middle", "old"]


def test_an_empty_observatory_has_no_runs(observatory) -> None:
    assert list_runs(observatory) == []


@pytest.fixture
def table(tmp_path: Path):
    frame = pd.DataFrame(
        {
            "score": np.array([0.5, 1.5, -2.0], np.float32),
            "rank": np.array([3, 1, 2], np.int32),
            "label": ["RR", None, "CEP"],
        }
    )
    write_table(tmp_path / "table.arrow", frame)
    return read_table(tmp_path / "table.arrow")


def test_numbers_of_a_table_are_mapped_without_a_copy(table) -> None:
    score = column(table, "score")
    assert score.dtype == np.float32
    assert score.tolist() == [0.5, 1.5, -2.0]
    assert score.ctypes.data == table["score"].chunk(0).buffers()[1].address
    assert table.nbytes < 100


def test_text_of_a_table_becomes_codes_of_sorted_names(table) -> None:
    numbers, names = codes(table, "label")
    assert (numbers.tolist(), names) == ([1, -1, 0], ["CEP", "RR"])


def test_a_table_without_rows_is_a_table(tmp_path: Path) -> None:
    write_table(tmp_path / "empty.arrow", pd.DataFrame({"score": np.empty(0), "label": []}))
    table = read_table(tmp_path / "empty.arrow")
    assert column(table, "score").tolist() == []
    assert codes(table, "label")[1] == []


def test_a_damaged_table_is_named(tmp_path: Path) -> None:
    (tmp_path / "table.arrow").write_bytes(b"ARROW1 and then nothing")
    with pytest.raises(StoreError, match=r"table\.arrow: no table here"):
        read_table(tmp_path / "table.arrow")
