import json
import shutil

import numpy as np
import pyarrow as pa
import pytest

from app.categories import Category
from app.opened_runs import OpenedRun, opened
from app.session import Session
from astra.map.grid import grid_order
from astra.runs.run import Run
from astra.runs.tables import read_table, write_table


@pytest.fixture
def mirrored(observatory):
    """Name of a run of the same objects whose map is mirrored, so that its rows are others."""
    source, path = observatory.run("first"), observatory.run("mirrored")
    shutil.copytree(source, path)
    xy = np.load(path / "projection.npy")[:, ::-1] * np.float32([-1, 1])
    order = grid_order(np.ascontiguousarray(xy[:, 0]), np.ascontiguousarray(xy[:, 1]))
    assert (order != np.arange(len(order))).any()
    np.save(path / "projection.npy", xy[order])
    np.save(path / "rows.npy", np.load(path / "rows.npy")[order])
    np.save(path / "probabilities.npy", np.load(path / "probabilities.npy")[order])
    for table in ("catalogue", "probes", "anomalies"):
        rows = read_table(source / f"{table}.arrow").take(pa.array(order)).to_pandas()
        (path / f"{table}.arrow").unlink()
        write_table(path / f"{table}.arrow", rows)
    manifest = json.loads((path / "manifest.json").read_text())
    manifest["run"] = "mirrored"
    for artefact in manifest["artefacts"].values():
        for part in artefact["parts"]:
            part["bytes"] = (path / part["path"]).stat().st_size
    (path / "manifest.json").write_text(json.dumps(manifest))
    return "mirrored"


def mask_of(session, rows):
    mask = np.zeros(len(session.run), bool)
    mask[rows] = True
    return mask


def test_the_newest_run_is_first(session):
    assert [run.name for run in session.runs] == ["second", "first"]


def test_a_run_is_opened_once_for_all_visitors(observatory):
    one, other = Session(observatory), Session(observatory)
    one.open_run("first")
    other.open_run("first")
    assert one.run is other.run


def test_a_run_made_again_is_opened_again(observatory):
    path = observatory.run("first")
    before = opened(path)
    manifest = json.loads((path / "manifest.json").read_text())
    manifest["recipe"] = "another"
    (path / "manifest.json").write_text(json.dumps(manifest))
    assert opened(path) is not before


def test_a_run_that_is_not_there_is_said_and_the_other_stays(session):
    before = session.run
    assert not session.open_run("nothing")
    assert session.run is before
    assert session.is_warning
    assert "no run here" in session.status


def test_a_run_whose_file_is_cut_short_is_said(session, observatory):
    file = observatory.run("second") / "projection.npy"
    file.write_bytes(file.read_bytes()[:-8])
    assert not session.open_run("second")
    assert "projection.npy" in session.status


def test_a_run_name_never_leaves_the_folder_of_runs(session):
    assert not session.open_run("../surveys/sky")
    assert "run name" in session.status


@pytest.mark.parametrize(
    ("mode", "combine"),
    [
        ("replace", lambda a, b: b),
        ("add", lambda a, b: a | b),
        ("subtract", lambda a, b: a & ~b),
        ("intersect", lambda a, b: a & b),
    ],
)
def test_selections_combine_as_sets_do(session, mode, combine):
    one, other = mask_of(session, np.arange(0, 60)), mask_of(session, np.arange(40, 100))
    session.select(one, "lasso")
    session.select(other, "box", mode=mode)
    np.testing.assert_array_equal(session.selected, combine(one, other))
    np.testing.assert_array_equal(session.selected_rows, np.flatnonzero(combine(one, other)))


def test_subtracting_from_nothing_leaves_nothing_and_cannot_be_undone(session):
    session.select(mask_of(session, [3]), "lasso", mode="subtract")
    assert session.selected is None
    assert not session.can_undo


def test_a_selection_of_nothing_is_no_selection(session):
    session.select(mask_of(session, [1, 2]), "lasso")
    session.select(mask_of(session, []), "lasso")
    assert session.selected is None
    assert session.n_selected == 0


def test_undo_and_redo_walk_through_every_selection(session):
    generator = np.random.default_rng(3)
    masks = [generator.random(len(session.run)) < share for share in (0.1, 0.5, 0.9)]
    outline = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    for i, mask in enumerate(masks):
        session.select(mask, f"lasso {i}", outline * i)
    for i in (1, 0):
        session.undo_selection()
        np.testing.assert_array_equal(session.selected, masks[i])
        np.testing.assert_array_equal(session.selection_outline, outline * i)
        assert session.selection_description == f"lasso {i}"
    session.undo_selection()
    assert session.selected is None
    assert not session.can_undo
    for mask in masks:
        assert session.can_redo
        session.redo_selection()
        np.testing.assert_array_equal(session.selected, mask)
    assert not session.can_redo


def test_a_new_selection_ends_what_could_be_redone(session):
    session.select(mask_of(session, [1]), "one")
    session.undo_selection()
    session.select(mask_of(session, [2]), "two")
    assert not session.can_redo
    session.undo_selection()
    assert session.selected is None


def test_every_change_of_the_selection_has_a_new_revision(session):
    seen = []
    session.param.watch(lambda event: seen.append(event.new), "selection_revision")
    session.select(mask_of(session, [1]), "one")
    session.select(mask_of(session, [1]), "the same again")
    session.undo_selection()
    session.clear_selection()
    assert seen == sorted(set(seen))
    assert len(seen) == 4


def test_selection_and_focus_follow_their_objects_into_another_run(session, mirrored):
    rows = np.arange(10, 50)
    ids = session.run.run.object_ids(rows)
    session.select(mask_of(session, rows), "lasso", np.zeros((3, 2)))
    session.focus = 12
    focused = session.run.object_id(12)
    assert session.open_run(mirrored)
    assert sorted(session.run.run.object_ids(session.selected_rows)) == sorted(ids)
    assert session.run.object_id(session.focus) == focused
    assert session.selection_outline is None
    assert not session.can_undo


def test_the_catalogues_period_goes_before_the_one_found(session):
    catalogue = session.run.run.catalogue.to_pandas()
    assert catalogue["period_days"].isna().any()
    expected = catalogue["period_days"].fillna(catalogue["found_period_days"])
    np.testing.assert_allclose(session.run.period, expected, rtol=1e-6)


def test_a_run_with_few_labels_is_coloured_by_prediction(observatory):
    path = observatory.run("second")
    labels = read_table(path / "labels.arrow").to_pandas().iloc[:20]
    (path / "labels.arrow").unlink()
    write_table(path / "labels.arrow", labels)
    manifest = json.loads((path / "manifest.json").read_text())
    part = manifest["artefacts"]["labels"]["parts"][0]
    part["bytes"] = (path / "labels.arrow").stat().st_size
    (path / "manifest.json").write_text(json.dumps(manifest))
    session = Session(observatory)
    assert session.open_run("second")
    assert session.colour_by == session.category == "predicted"


def test_hidden_classes_and_the_unlabelled_can_leave(session):
    classes = session.classes
    session.hidden = frozenset({"EA"})
    np.testing.assert_array_equal(~session.shown, classes.codes == classes.names.index("EA"))
    session.hidden = frozenset({"unlabelled"})
    np.testing.assert_array_equal(session.shown, classes.codes >= 0)
    session.hidden = frozenset()
    assert session.shown is None


def test_colouring_by_another_category_lists_it_and_hides_nothing(session):
    session.hidden = frozenset({"EA"})
    session.colour_by = "predicted"
    assert session.category == "predicted"
    assert session.hidden == frozenset()
    session.hidden = frozenset({"LPV"})
    session.colour_by = "density"
    assert session.category == "predicted"
    assert session.hidden == frozenset({"LPV"})


def test_what_annotators_say_stands_above_the_snapshot(session):
    snapshot = session.run.classes
    given = np.full(len(session.run), -1, np.int16)
    given[:5], given[5:9] = 1, 0
    session.given = Category(("EA", "new kind"), given)
    now = session.category_now("class")
    for row in range(len(session.run)):
        expected = ("EA", "new kind")[given[row]] if given[row] >= 0 else snapshot.name_of(row)
        assert now.name_of(row) == expected
    assert session.run.classes is snapshot
    assert session.category_now("predicted") is session.run.predicted


def test_an_object_is_found_by_its_id(session):
    assert session.find("  sky:EA007 ")
    assert session.run.object_id(session.focus) == "sky:EA007"


def test_an_object_that_is_not_there_is_said_and_the_focus_stays(session):
    session.focus = 4
    assert not session.find("<img src=x onerror=alert(1)>")
    assert session.focus == 4
    assert session.is_warning
    assert "not found" in session.status


def test_the_same_key_twice_is_told_twice(session):
    heard = []
    session.param.watch(lambda event: heard.append(event.new.name), "key")
    session.press("z")
    session.press("z")
    assert heard == ["z", "z"]


def test_a_newest_run_that_is_damaged_gives_way_to_the_one_before(session, observatory):
    (observatory.run("second") / "rows.npy").write_bytes(b"")
    (observatory.run("second") / "projection.npy").write_bytes(b"")
    assert session.open_newest()
    assert session.run.name == "first"


def test_without_any_run_everything_can_be_asked(tmp_path):
    from astra.data.observatory import Observatory

    session = Session(Observatory(tmp_path))
    assert session.runs == []
    assert session.run is None
    assert session.shown is None
    assert session.n_selected == 0
    assert len(session.classes.names) == 0
    assert not session.find("x")
    session.undo_selection()
    session.clear_selection()


def test_the_annotators_label_stands_above_the_catalogues(observatory):
    path = observatory.run("first")
    labels = read_table(path / "labels.arrow").to_pandas()
    twice = labels.iloc[[0]].assign(label="LPV", annotator="me", source="annotator")
    (path / "labels.arrow").unlink()
    import pandas as pd

    write_table(path / "labels.arrow", pd.concat([twice, labels], ignore_index=True))
    run = OpenedRun(Run(path, Run.open(observatory.run("second")).manifest))
    row = run.find(labels["object_id"].iloc[0])
    assert run.classes.name_of(row) == "LPV"


def test_a_run_without_probes_labels_and_anomalies_still_opens(observatory, session):
    path = observatory.run("second")
    manifest = json.loads((path / "manifest.json").read_text())
    for name in ("probes", "labels", "anomalies"):
        del manifest["artefacts"][name]
    (path / "manifest.json").write_text(json.dumps(manifest))
    assert session.open_run("second")
    assert session.run.class_names == []
    assert not {"probability", "anomaly"} & set(session.run.numeric_columns)
