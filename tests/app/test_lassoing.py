"""A lasso tells what it holds while it is drawn, and its release changes no number."""

import numpy as np
import pytest
import shapely

from app.background import Latest
from app.views.projection import ProjectionView
from app.views.summary import SummaryView

LASSO = [(-7.3, -3.1), (2.2, -7.7), (7.9, 1.3), (1.1, 0.9), (0.3, 8.1)]
OTHER = [(-2.0, -9.0), (9.0, -9.0), (9.0, 4.0)]


@pytest.fixture
def view(session):
    return ProjectionView(session)


@pytest.fixture
def summary(session):
    return SummaryView(session)


def told(polygon, mode="replace"):
    x, y = np.asarray(polygon, float).T
    return {"x": list(x), "y": list(y), "mode": [mode] * len(x)}


def draw(view, polygon, mode="replace"):
    """What the browser tells while the hand moves."""
    view.map._sketch.data = told(polygon, mode)


def let_go(view, polygon, mode="replace"):
    view.map._gesture.data = told(polygon, mode)


def inside(run, polygon):
    return shapely.contains_xy(shapely.Polygon(polygon), run.x, run.y)


def test_numbers_follow_the_hand_and_nothing_is_selected_yet(view, session, summary):
    draw(view, LASSO)
    assert summary.tally.objects == inside(session.run, LASSO).sum()
    assert "In the lasso" in summary.head.object
    draw(view, OTHER)
    assert summary.tally.objects == inside(session.run, OTHER).sum()
    assert session.selected is None
    assert not session.can_undo


def test_the_browser_hears_that_it_may_send_the_next(view):
    draw(view, LASSO)
    assert not view.map._sketch.data["x"]


def test_a_sketch_that_cannot_be_looked_into_is_answered_and_said(view, session, monkeypatch):
    def fail(polygon):
        raise MemoryError("no room")

    monkeypatch.setattr(session.run.grid, "inside", fail)
    draw(view, LASSO)
    assert not view.map._sketch.data["x"]
    assert "no room" in session.status
    assert session.sketch is None


@pytest.mark.parametrize("before", [None, OTHER])
@pytest.mark.parametrize("mode", ["replace", "add", "subtract"])
@pytest.mark.parametrize("hidden", [frozenset(), frozenset({"EA"})])
def test_what_was_told_is_what_is_selected(view, session, summary, before, mode, hidden):
    session.hidden = hidden
    if before:
        let_go(view, before)
    shown = np.ones(len(session.run), bool) if session.shown is None else session.shown
    held = inside(session.run, LASSO) & shown
    was = np.zeros(len(held), bool) if before is None else inside(session.run, before) & shown
    expected = {"replace": held, "add": was | held, "subtract": was & ~held}[mode]

    draw(view, LASSO, mode)
    drawn = summary.tally
    assert drawn.objects == expected.sum()
    let_go(view, LASSO, mode)
    assert session.sketch is None
    assert session.n_selected == expected.sum()
    if expected.any():
        assert summary.tally.objects == expected.sum()
        np.testing.assert_array_equal(session.selected, expected)
        np.testing.assert_array_equal(session.chosen, expected)
        np.testing.assert_array_equal(summary.tally.mix, drawn.mix)
        assert (summary.tally.period, summary.tally.score) == (drawn.period, drawn.score)


def test_what_was_told_is_not_looked_for_again(view, session, monkeypatch):
    draw(view, LASSO)
    found = session.sketch.mask
    monkeypatch.setattr(session.run.grid, "inside", None)
    let_go(view, LASSO)
    assert session.selected is found
    assert session.status.startswith("lasso: ")


@pytest.mark.parametrize("changed", ["polygon", "mode", "hidden", "selected"])
def test_what_has_changed_since_is_looked_for_again(view, session, changed):
    draw(view, LASSO)
    if changed == "hidden":
        session.hidden = frozenset({"RRab"})
    if changed == "selected":
        session.select(np.ones(len(session.run), bool), "all")
    polygon = OTHER if changed == "polygon" else LASSO
    let_go(view, polygon, "add" if changed == "mode" else "replace")
    shown = True if session.shown is None else session.shown
    np.testing.assert_array_equal(session.selected, inside(session.run, polygon) & shown)


def test_a_sketch_that_comes_after_the_release_is_not_told(view, session, monkeypatch):
    asked = []
    monkeypatch.setattr(Latest, "ask", lambda _, work, deliver, fail: asked.append((work, deliver)))
    draw(view, LASSO)
    let_go(view, OTHER)
    (sketch, tell), (lasso, choose) = asked[:2]
    choose(lasso())
    tell(sketch())
    assert session.sketch is None
    assert session.n_selected == inside(session.run, OTHER).sum()
    assert not view.map._sketch.data["x"]


def test_a_sketch_of_a_run_that_was_left_is_not_told(view, session, monkeypatch):
    asked = []
    monkeypatch.setattr(Latest, "ask", lambda _, work, deliver, fail: asked.append((work, deliver)))
    draw(view, LASSO)
    work, tell = asked[0]
    other = next(run.name for run in session.runs if run.name != session.run.name)
    assert session.open_run(other)
    tell(work())
    assert session.sketch is None
    assert not view.map._sketch.data["x"]


def test_a_sketch_that_comes_after_escape_is_not_told(view, session, monkeypatch):
    asked = []
    monkeypatch.setattr(Latest, "ask", lambda _, work, deliver, fail: asked.append((work, deliver)))
    draw(view, LASSO)
    session.press("Escape")
    work, tell = asked[0]
    tell(work())
    assert session.sketch is None
    draw(view, LASSO)
    work, tell = asked[-1]
    tell(work())
    assert session.sketch is not None


def test_numbers_go_back_when_the_drawing_is_given_up(view, session, summary):
    draw(view, LASSO)
    session.clear_selection()
    assert summary.tally.objects == len(session.run)
    assert "All objects" in summary.head.object


def test_numbers_that_come_late_do_not_replace_newer_ones(view, session, summary, monkeypatch):
    asked = []
    monkeypatch.setattr(
        summary._counting, "ask", lambda work, deliver, fail: asked.append((work, deliver))
    )
    session.select(np.ones(len(session.run), bool), "all")
    let_go(view, OTHER)
    [(work, deliver)] = asked
    deliver(work())
    assert summary.tally.objects == inside(session.run, OTHER).sum()


def test_how_it_came_is_told_in_words(view, session):
    for mode in ("replace", "add", "subtract"):
        let_go(view, OTHER if mode == "subtract" else LASSO, mode)
    assert session.selection_description == "lasso and lasso without lasso"
