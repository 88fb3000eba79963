import runpy
import zipfile

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from astra.exchange import snippet
from astra.exchange.columns import SelectionTable
from astra.exchange.export import export
from astra.readers import read
from astra.selections import SelectionBook, where

MILLISECOND = 1 / 86_400_000


def chosen(run):
    return SelectionTable(run, np.array([3, 0, 5]), "three")


def original(run, object_id):
    return run.survey.light_curves[int(run.rows[run.row_of(object_id)])]


def test_exported_light_curves_are_imported_again_as_they_were(run, tmp_path):
    table = chosen(run)
    again = read(export(table, tmp_path / "out", "light-curves"))
    ids = run.object_ids(table.rows)
    assert again.catalogue.table["object_id"].tolist() == ids
    for i, object_id in enumerate(ids):
        before, after = original(run, object_id), again[i]
        np.testing.assert_allclose(after.mjd, before.mjd, rtol=0, atol=MILLISECOND)
        np.testing.assert_array_equal(after.flux, before.flux)
        np.testing.assert_array_equal(after.flux_error, before.flux_error)
        np.testing.assert_array_equal(after.flagged, before.flagged)
        names = [[curve.bands[c].name for c in curve.band] for curve in (before, after)]
        assert names[0] == names[1]


def test_times_in_the_file_are_exact_and_say_their_scale_and_unit(run, tmp_path, monkeypatch):
    monkeypatch.setattr("astra.exchange.light_curves.OBSERVATIONS_AT_ONCE", 5)
    path = export(chosen(run), tmp_path / "out", "light-curves")
    observations = pq.read_table(path / "selection_observations.parquet")
    metadata = observations.schema.field("mjd").metadata
    assert metadata[b"unit"] == b"d"
    assert b"TDB" in metadata[b"description"]
    assert observations.schema.field("flux_ujy").metadata[b"unit"] == b"uJy"
    table = observations.to_pandas()
    for object_id, rows in table.groupby("object_id", sort=False):
        difference = rows["mjd"].to_numpy() - original(run, object_id).mjd
        assert np.abs(difference).max() < MILLISECOND
    assert table["object_id"].drop_duplicates().tolist() == run.object_ids(chosen(run).rows)


@pytest.mark.parametrize("zipped", [False, True])
def test_one_csv_an_object_is_called_by_a_number_never_by_an_id(
    make_run, tmp_path, zipped, monkeypatch
):
    monkeypatch.setattr("astra.exchange.light_curves.OBSERVATIONS_AT_ONCE", 5)
    run = make_run(["x"] * 4, ["..", "-rf", "CON", "a:b"])
    table = SelectionTable(run, np.arange(4))
    path = export(table, tmp_path / ("out.zip" if zipped else "out"), "light-curves-csv")
    if zipped:
        with zipfile.ZipFile(path) as opened:
            assert opened.testzip() is None
            assert all(name.count("..") == 0 for name in opened.namelist())
            opened.extractall(path := tmp_path / "unzipped")
    index = pd.read_csv(path / "objects.csv", dtype={"object_id": str}, keep_default_na=False)
    files = sorted((path / "light_curves").iterdir())
    assert [f.name for f in files] == [f"{i:07d}.csv" for i in range(1, 5)]
    for file, object_id in zip(files, index["object_id"], strict=True):
        light_curve = pd.read_csv(file, dtype={"object_id": str})
        assert (light_curve["object_id"] == object_id).all()
        before = original(run, object_id)
        np.testing.assert_allclose(light_curve["mjd"], before.mjd, rtol=0, atol=MILLISECOND)
        np.testing.assert_array_equal(light_curve["flux_ujy"].astype(np.float32), before.flux)


def run_as_shown(text, tmp_path):
    script = tmp_path / "snippet.py"
    script.write_text(text)
    return runpy.run_path(str(script))


def test_a_snippet_gives_the_same_objects_and_their_light_curves(run, tmp_path, capsys):
    book = SelectionBook(run.path.parent.parent)
    ids = run.object_ids(np.array([1, 4]))
    book.save('it\'s "odd"\\', ids)
    texts = [
        snippet.by_name(run, 'it\'s "odd"\\'),
        snippet.by_ids(run, ids, "two\nobjects"),
        snippet.by_expressions(run, ["object_id in ({})".format(",".join(map(repr, ids)))]),
    ]
    for text in texts:
        made = run_as_shown(text, tmp_path)
        assert sorted(made["objects"]["object_id"]) == sorted(ids)
        assert len(made["light_curves"]) == 2
        first = original(run, made["objects"]["object_id"][0])
        np.testing.assert_array_equal(made["first"].mjd, first.mjd)
        assert made["objects"]["object_id"][0] in capsys.readouterr().out


def test_a_snippet_of_filters_is_what_the_filters_let_pass(run, tmp_path):
    text = snippet.by_expressions(run, ["n_obs >= 2 or known"], {"period": (-np.inf, 5.0)})
    rows = run_as_shown(text, tmp_path)["rows"]
    expected = where(run, "(n_obs >= 2 or known) and period <= 5.0")
    np.testing.assert_array_equal(rows, np.flatnonzero(expected))
    assert 0 < len(rows) < len(run)


def test_too_many_ids_are_refused_for_a_snippet(run):
    with pytest.raises(ValueError, match="save the selection"):
        snippet.by_ids(run, ["x"] * 2001)


def test_without_filters_a_snippet_is_of_all(run, tmp_path):
    assert len(run_as_shown(snippet.by_expressions(run, []), tmp_path)["rows"]) == len(run)
