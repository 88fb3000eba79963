import numpy as np
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from astra.cli.__main__ import app
from astra.runs.run import Run
from astra.selections import SelectionBook, where


@pytest.mark.slow
def test_objects_chosen_in_each_way_are_exported(demo, tmp_path):
    run = Run.open(next(demo.runs.glob("[!.]*")))
    ids = run.object_ids(np.array([3, 1, 2]))
    SelectionBook(demo).save("three", ids)
    (tmp_path / "ids.txt").write_text("\n".join([*ids, "nobody", ""]))
    expression = "n_obs > 100"
    wanted = {
        ("--selection", "three"): set(ids),
        ("--ids", str(tmp_path / "ids.txt")): set(ids),
        ("--filter", expression): set(run.object_ids(np.flatnonzero(where(run, expression)))),
    }
    for number, (way, expected) in enumerate(wanted.items()):
        out = tmp_path / f"{number}.parquet"
        done = CliRunner().invoke(
            app, ["export", run.name, *way, "--output", str(out), "--home", str(demo.home)]
        )
        assert done.exit_code == 0, done.output
        assert set(pq.read_table(out)["object_id"].to_pylist()) == expected
    assert "1 of the ids are not in run" in CliRunner().invoke(
        app,
        ["export", run.name, "--ids", str(tmp_path / "ids.txt"), "--format", "light-curves",
         "--output", str(tmp_path / "curves"), "--home", str(demo.home)],
    ).output  # fmt: skip
    assert (tmp_path / "curves" / "selection_observations.parquet").is_file()
