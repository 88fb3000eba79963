import json

import numpy as np
import pytest

from app.sheets import draw_page, fold_first, in_order, periods_of
from app.views.sheet import SheetView
from astra.labels.store import LabelStore


@pytest.fixture
def view(session):
    session.screen = "sheet"
    return SheetView(session)


def drawn_rows(view):
    return json.loads(view._grid.page)["rows"]


def captions(view):
    return [words for _, words in json.loads(view._grid.captions)]


def test_a_page_holds_the_first_objects_in_the_order_asked_for(view, session):
    entropy = session.run.values("entropy")
    expected = np.argsort(-entropy, kind="stable")[:48]
    np.testing.assert_array_equal(drawn_rows(view), expected)
    assert captions(view)[0].startswith(session.run.object_id(int(expected[0])))
    view.gestures.changed("sort", "amplitude")
    assert not view.descending or view.key == "amplitude"


def test_only_what_is_selected_and_shown_is_on_the_sheet(view, session):
    mask = np.zeros(len(session.run), bool)
    mask[10:70] = True
    session.select(mask, "lasso")
    assert set(drawn_rows(view)) <= set(range(10, 70))
    assert len(view.rows) == 60
    assert view.pages == 2
    session.hidden = frozenset({"RRab"})
    assert len(view.rows) == int((mask & session.shown).sum()) < 60
    assert "lasso" in view._bars.title.html.lower()


def test_pages_turn_and_stop_at_the_ends(view, session):
    first = drawn_rows(view)
    view.turn(1)
    second = drawn_rows(view)
    assert not set(first) & set(second)
    assert list(first) + list(second) == list(view.rows[:96])
    view.turn(99)
    assert view.page == view.pages == 5
    view.gestures.pressed("size:96")
    assert (view.page, len(drawn_rows(view))) == (1, 96)


def test_sorted_by_distance_from_the_mean_the_typical_come_first(session):
    run = session.run
    chosen = np.zeros(len(run), bool)
    chosen[:60] = True
    rows = in_order(run, session.named, chosen, "centre", False)
    vectors = np.asarray(run.run.embeddings, float)[run.run.rows]
    scaled = vectors / np.asarray(run.run.embeddings, float).std(axis=0)
    distances = np.linalg.norm(scaled - scaled[:60].mean(axis=0), axis=1)
    np.testing.assert_array_equal(rows, np.argsort(distances[:60], kind="stable"))


def test_periods_are_the_catalogues_or_the_one_found(session):
    run = session.run
    rows = np.arange(len(run))
    known = periods_of(run, rows, "known")
    catalogue, found = periods_of(run, rows, "catalogue"), periods_of(run, rows, "found")
    assert None in catalogue
    assert None not in found
    assert known == [a or b for a, b in zip(catalogue, found, strict=True)]
    assert fold_first(run)


def test_a_digit_labels_all_that_are_picked_and_z_takes_it_back(view, session):
    rows = drawn_rows(view)[3:8]
    view.gestures.told("picked", rows)
    name = view.labels.classes[1]
    view.gestures.told("key", "2")
    store = LabelStore(session.observatory.labels)
    current = store.current()
    assert set(current["object_id"]) == set(session.run.run.object_ids(np.array(rows)))
    assert set(current["label"]) == {name}
    assert view.picked == rows
    view.gestures.told("key", "z")
    assert not len(store.current())


def test_without_a_pick_the_object_in_focus_is_labelled(view, session):
    row = drawn_rows(view)[5]
    view.gestures.told("focus", row)
    view.gestures.pressed(f"label:{view.labels.classes[0]}")
    current = LabelStore(session.observatory.labels).current()
    assert list(current["object_id"]) == [session.run.object_id(row)]


def test_labels_of_annotators_stand_in_the_captions(view, session):
    row = drawn_rows(view)[0]
    codes = np.full(len(session.run), -1, np.int16)
    codes[row] = 0
    session.given = type(session.run.classes)(("Odd <b>",), codes)
    html, words = json.loads(view._grid.captions)[0]
    assert "label Odd <b>" in words
    assert "✓" in html
    assert (
        "<b>" not in html.replace('<b class="name">', "").replace("</b>", "") or "Odd" not in html
    )


def test_what_is_told_of_other_rows_is_ignored(view):
    view.gestures.told("picked", [10**9, "x", None, drawn_rows(view)[0]])
    assert view.picked == [drawn_rows(view)[0]]
    before = view.focused
    for what, value in (("focus", 10**9), ("open", [1]), ("nonsense", 1), ("key", {"a": 1})):
        view.gestures.told(what, value)
    assert view.focused == before


def test_opening_one_reads_it_closely_within_the_list(view, session):
    row = drawn_rows(view)[7]
    view.gestures.told("open", row)
    assert (session.focus, session.screen) == (row, "inspect")
    np.testing.assert_array_equal(session.listed, view.rows)


def test_a_blind_look_shows_no_prediction(view, session):
    assert any(name in captions(view)[0] for name in session.run.predicted.names)
    session.look.blind = True
    run = session.run
    unlabelled = [i for i, row in enumerate(drawn_rows(view)) if run.classes.codes[row] < 0]
    assert unlabelled
    for i in unlabelled:
        assert "no class" in captions(view)[i]
    assert "Predicted" not in view._side.focus.html


def test_time_and_phase_scales_and_bands_are_drawn_again(view):
    folded = view._grid.page
    assert json.loads(folded)["cells"][0]["folded"]
    view.gestures.pressed("time")
    assert not json.loads(view._grid.page)["cells"][0]["folded"]
    pages = {folded, view._grid.page}
    for press in ("common", "aligned", "errors", "band:g"):
        view.gestures.pressed(press)
        pages.add(view._grid.page)
    assert len(pages) == 6


def test_a_hidden_sheet_does_no_work(session):
    view = SheetView(session)
    assert view._grid.page == ""
    session.screen = "sheet"
    assert len(drawn_rows(view)) == 48
    session.screen = "explore"
    before = view._grid.page
    session.theme = "light"
    assert view._grid.page == before


def test_the_page_is_redrawn_in_the_theme_when_it_comes_back(session, view):
    session.screen = "explore"
    before = view._grid.page
    session.theme = "light" if session.theme == "dark" else "dark"
    session.screen = "sheet"
    assert json.loads(view._grid.page)["styles"] != json.loads(before)["styles"]


def test_draw_page_survives_an_object_without_observations(session, monkeypatch):
    from app.drawing.cells import SheetLook
    from app.opened_runs import OpenedRun
    from astra.data.errors import StoreError

    def gone(self, row):
        raise StoreError("the survey is gone")

    monkeypatch.setattr(OpenedRun, "light_curve", gone)
    page = draw_page(session.run, np.arange(3), 24, "known", SheetLook(), "words")
    assert json.loads(page.text)["cells"] == [None] * 3
    assert page.lengths == [0, 0, 0]
