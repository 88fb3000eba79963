import re

import numpy as np
import pytest

from app.crossing import Brush
from app.markup import filter_strip as html
from app.markup.brushes import Brushes, ExpressionBox
from app.views.filters import FiltersView
from app.views.status import StatusView
from app.words import count
from astra.selections.crossing import BINS, Axis
from astra.selections.errors import ExpressionError


@pytest.fixture
def view(session):
    return FiltersView(session)


def bars(view, column, kind):
    """How many bars a histogram has."""
    plot = view._plots.html.split(f'data-brush="{column}"')[1].split("</svg>")[0]
    return re.search(f'class="{kind}" d="([^"]*)"', plot)[1].count("M")


def test_a_drag_brushes_a_column_in_its_own_unit(view, session):
    axis = session.run.binned("period").axis
    view.brush("period", 0.25, 0.5)
    brush = session.filters.brushes["period"]
    assert brush.low == pytest.approx(axis.at(0.25), rel=0.01)
    assert brush.high == pytest.approx(axis.at(0.5), rel=0.01)
    passing = (session.run.period >= np.float32(brush.low)) & (
        session.run.period <= np.float32(brush.high)
    )
    np.testing.assert_array_equal(session.shown, passing)


def test_a_brush_to_the_edge_is_open_there(view, session):
    view.brush("anomaly", 0.5, 1.0)
    assert session.filters.brushes["anomaly"] == (0.5, np.inf)
    view.brush("anomaly", 0.0, 0.25)
    assert session.filters.brushes["anomaly"] == (-np.inf, 0.25)
    view.brush("anomaly", 0.0, 1.0)
    assert session.filters.brushes == {}


def test_whole_numbers_are_brushed_in_whole_numbers(view, session):
    view.brush("n_obs", 0.123, 0.9)
    assert all(end == round(end) for end in session.filters.brushes["n_obs"])


@pytest.mark.parametrize("drag", [("nothing", 0, 1), ("period", 0.5, 0.5), ("period", 0.6, 0.2)])
def test_drags_that_mean_nothing_do_nothing(view, session, drag):
    view.brush(*drag)
    assert session.filters.brushes == {}


def test_the_strip_says_what_passes_and_a_chip_takes_a_filter_away(view, session):
    view.brush("period", 0.0, 0.5)
    view.entered("score < 0.5")
    passing, every = session.filters.objects(), len(session.run)
    assert f"<b>{count(passing)}</b> of {count(every)}" in view._count.html
    assert 'data-press="clear:period"' in view._head.html
    assert "score &lt; 0.5" in view._head.html
    status = StatusView(session)
    assert f"<b>{count(passing)}</b> of {count(every)} objects" in status._bar.html
    view.press("clear:period")
    view.press("remove:0")
    assert not session.filters.are_on
    assert session.shown is None


def test_all_filters_are_cleared_at_once(view, session):
    view.brush("period", 0.0, 0.5)
    view.entered("score < 0.5")
    view.press("clear-all")
    assert not session.filters.are_on


def test_bars_follow_the_other_filters_and_the_selection(view, session):
    every = bars(view, "period", "all")
    assert bars(view, "period", "pass") == every
    assert bars(view, "period", "sel") == 0
    view.brush("period", 0.0, 0.3)
    assert bars(view, "period", "pass") == every
    view.entered("predicted = LPV")
    assert 0 < bars(view, "period", "pass") < every
    assert bars(view, "period", "all") == every
    session.filters.clear_all()
    session.select(session.run.period < 1, "test")
    assert 0 < bars(view, "period", "sel") < every


def test_what_is_typed_is_answered_while_it_is_typed(view, session):
    view.typed("perod < 1")
    assert view._box.wrong
    assert "<b>p</b>erod &lt; 1" in view._box.html
    assert "did you mean period" in view._box.html
    view.typed("score < 2")
    assert not view._box.wrong
    every = count(len(session.run))
    assert f"<b>{every}</b> of {every}" in view._box.html
    assert session.filters.expressions == []


def test_an_expression_that_is_wrong_stays_in_the_field(view, session):
    view.entered("score <")
    assert view._box.wrong
    assert "astra-expression-error" in view._box.html
    assert session.filters.expressions == []
    view.entered("  ")
    assert session.filters.expressions == []


def test_an_expression_is_edited_in_the_field(view, session, monkeypatch):
    put = []
    monkeypatch.setattr(view._box, "put", lambda text, focus=False: put.append(text))
    view.entered("score < 0.5")
    view.press("edit:0")
    assert put == ["", "score < 0.5"]
    assert session.filters.expressions == []


@pytest.mark.parametrize("what", ["edit:9", "remove:x", "column:nothing", "clear:x", "boo", ""])
def test_presses_that_mean_nothing_do_nothing(view, session, what):
    columns = list(session.filters.columns)
    view.press(what)
    assert session.filters.columns == columns


def test_histograms_are_chosen_up_to_six(view, session):
    assert len(session.filters.columns) == 6
    view.press("column:ra")
    assert "ra" not in session.filters.columns
    view.press("column:n_obs")
    view.press("column:ra")
    assert session.filters.columns[-1] == "ra"
    assert 'data-brush="ra"' in view._plots.html
    assert 'data-brush="n_obs"' not in view._plots.html
    view.press("choose")
    assert 'aria-checked="true" data-press="column:ra"' in view._count.html


def test_the_strip_folds(view):
    view.press("fold")
    assert not view._plots.visible
    view.press("fold")
    assert view._plots.visible


def test_what_a_user_typed_is_text(view, session):
    hostile = "class = '<img src=x onerror=alert(1)>'"
    view.typed(hostile + " <")
    assert "<img" not in view._box.html
    view.entered(hostile)
    assert "<img" not in view._head.html


@pytest.mark.parametrize(
    ("brush", "said"),
    [(Brush(0.1, np.inf), "≥ 0.1"), (Brush(-np.inf, 3), "≤ 3"), (Brush(0.5, 1e3), "0.5 – 1000")],
)
def test_a_brush_in_words(brush, said):
    assert html.range_in_words(brush) == said


@pytest.mark.parametrize(
    "axis",
    [Axis(0, 1, False), Axis(0.04, 1200, True), Axis(-12.3, 45.6, False), Axis(3, 3.001, False)],
)
def test_ticks_are_few_round_and_on_the_axis(axis):
    ticks = html.ticks(axis)
    assert 1 <= len(ticks) <= 5
    assert all(axis.low <= tick <= axis.high for tick in ticks)


def test_a_histogram_without_any_object_is_drawn():
    drawn = html.plot("x", "X [d]", Axis(0, 1, False), np.zeros((3, BINS), np.int64), None)
    assert "data-from" not in drawn


@pytest.mark.parametrize(
    ("text", "word", "names"),
    [
        ("", "", ["period", "`p_SN Ia`", "n_obs"]),
        ("per", "per", ["period"]),
        ("n_obs > 3 and p", "p", ["period", "`p_SN Ia`"]),
        ("period <", "", []),
        ("period < 12", "12", []),
        ("class = 'a'", "", []),
        ("period", "period", []),
    ],
)
def test_names_complete_what_is_typed(text, word, names):
    assert html.completions(text, ["period", "p_SN Ia", "n_obs"]) == (word, names)


def test_the_character_that_is_wrong_is_marked_wherever_it_is():
    for at in (0, 3, 60, 70):
        drawn = html.wrong(ExpressionError("no <b>", "x" * 70, at))
        assert drawn.count("<b>") == 1
        assert "No &lt;b&gt;" in drawn


def test_messages_of_the_browser_reach_whoever_listens():
    heard = []
    strip = Brushes(heard.append, lambda *drag: heard.append(drag))
    strip._handle_msg({"brush": "period", "from": 0, "to": 0.5})
    strip._handle_msg({"press": "fold"})
    box = ExpressionBox(heard.append, heard.append)
    box._handle_msg({"live": "a"})
    box._handle_msg({"enter": "b"})
    assert heard == [("period", 0, 0.5), "fold", "a", "b"]


@pytest.mark.parametrize(
    "message",
    [None, {"brush": 3, "from": 0, "to": 1}, {"brush": "x"}, {"brush": "x", "from": "0", "to": 1},
     {"brush": "x", "from": float("nan"), "to": 1}, {"live": 3}],
)  # fmt: skip
def test_any_other_message_is_ignored(message):
    heard = []
    Brushes(heard.append, lambda *drag: heard.append(drag))._handle_msg(message)
    ExpressionBox(heard.append, heard.append)._handle_msg(message)
    assert heard == []
