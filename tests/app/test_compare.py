"""The screen Compare, without a browser: two runs written as `precompute` would, and compared."""

import re

import numpy as np
import pytest

from app.compared import open_compared
from app.current_watch import CurrentNotice, first_run
from app.drawing.flows import flow_chart
from app.drawing.palette import ClassStyles
from app.drawing.raster import Viewport
from app.views.compare import CompareView
from astra.runs.comparisons import find_comparison
from astra.runs.pointers import pointers, promote
from precompute.comparing import compare


@pytest.fixture
def view(observatory, session):
    compare(observatory, "first", "second")
    session.open_run("second")
    session.screen = "compare"
    return CompareView(session)


@pytest.fixture
def compared(observatory):
    compare(observatory, "first", "second")
    found = find_comparison(observatory, "first", "second")
    assert found is not None
    return open_compared(observatory, found)


def test_the_run_on_screen_is_compared_with_its_parent(view):
    assert (view.comparing.before, view.comparing.after) == ("first", "second")
    assert view.compared is not None
    assert "macro-F1" in view._head.html


def test_a_lasso_on_one_map_chooses_on_both_and_in_the_session(view, session):
    view.maps._looked("a", Viewport(-8, 8, -8, 8, 400, 400))
    run = session.run
    polygon = np.array([[0, -8], [8, -8], [8, 8], [0, 8]], float)
    view.maps._drew("b", polygon, "replace")
    inside = run.grid.inside(polygon)
    np.testing.assert_array_equal(session.selected, inside)
    chosen = view.maps.chosen
    ids = view.compared.a.run.object_ids(view.compared.rows_a[chosen])
    assert set(ids) == set(run.run.object_ids(np.flatnonzero(inside)))


def test_objects_on_their_way_are_between_their_places(compared):
    a, b = compared.places_a, compared.places_b("aligned")
    half = compared.between("aligned", 0.5)
    np.testing.assert_allclose(half.x[compared.rows_a], (a[:, 0] + b[:, 0]) / 2, rtol=1e-5)
    np.testing.assert_array_equal(compared.places_b("frozen"), a)


def test_only_movement_beyond_noise_has_a_colour(compared):
    for measure in ("change", "moved"):
        coloured = compared.coloured("change", measure)
        beyond = compared.beyond(measure)
        np.testing.assert_array_equal(coloured.a.codes[compared.rows_a] >= 0, beyond)
        np.testing.assert_array_equal(coloured.b.codes[compared.rows_b] >= 0, beyond)
        movers = compared.movers(measure, None)
        assert beyond[movers].all()
        assert (np.diff(compared.values(measure)[movers]) <= 2e-3).all()


def test_flows_leave_out_what_stayed_and_escape_names():
    names = ["<b>", "RR"]
    counts = np.array([[50, 7], [0, 9]])
    drawn = flow_chart(names, counts, ClassStyles(names), "dark")
    assert "<b>" not in drawn
    assert drawn.count("<path") == 1
    assert "to RR: 7" in drawn
    assert "No prediction" in flow_chart(names, np.diag([5, 5]), ClassStyles(names), "dark")


def test_every_visitor_is_told_of_another_current_run(observatory, session):
    notice = CurrentNotice(session)
    notice.look()
    assert not notice._line.visible
    promote(observatory, "second", "ada")
    notice.look()
    assert notice._line.visible
    assert "second" in notice._line.html
    notice._pressed("open")
    assert session.run.name == "second"
    assert not notice._line.visible


def test_a_new_visitor_sees_the_current_run(observatory, session):
    assert first_run(session) == "second"  # the newest
    promote(observatory, "first")
    assert first_run(session) == "first"


def test_promotion_asks_first(view, observatory):
    view._pressed("promote")
    assert pointers(observatory, "sky").current == ""
    view._pressed("promote-yes")
    assert pointers(observatory, "sky").current == "second"


def test_roll_back_is_one_press(view, observatory):
    promote(observatory, "first")
    view.promote()
    assert "Roll back to first" in view._tools.html
    view._pressed("rollback")
    assert pointers(observatory, "sky").current == "first"
    assert "Promote B" in view._tools.html


def test_names_beside_flows_neither_overlap_nor_leave_the_drawing():
    names = [f"class {i}" for i in range(9)]
    counts = np.ones((9, 9), np.int64)
    counts[0, 1:] = 5000
    drawn = flow_chart(names, counts, ClassStyles(names), "dark", 480, 200)
    for anchor in ("end", "start"):
        found = re.findall(rf'<text x="[^"]*" y="([^"]*)" text-anchor="{anchor}"', drawn)
        heights = np.array([float(y) for y in found])
        assert len(heights) == 9
        assert np.diff(heights).min() >= 13.9
        assert heights.min() >= 7 - 0.1 and heights.max() <= 193 + 0.1
