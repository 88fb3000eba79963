import shutil

import numpy as np
import pytest
import shapely

from app.background import Latest
from app.colouring import colouring_of
from app.session import Session
from app.theme import tokens
from app.views.projection import ProjectionView
from astra.data.observatory import Observatory

SIZE = (912, 788)


@pytest.fixture
def view(session):
    view = ProjectionView(session)
    look(view)
    return view


def look(view, extent=None, size=SIZE, ratio=1.0):
    """What the browser tells when the figure is laid or moved."""
    x_low, x_high, y_low, y_high = extent or view.session.run.extent
    told = [x_low - 1, x_high + 1, y_low - 1, y_high + 1, *size, ratio]
    view.map._looked("data", {}, {"view": told})


def draw(view, polygon, mode="replace"):
    x, y = np.asarray(polygon, float).T
    view.map._drew("data", {}, {"x": list(x), "y": list(y), "mode": [mode] * len(x)})


def inside(run, polygon):
    return shapely.contains_xy(shapely.Polygon(polygon), run.x, run.y)


LASSO = [(-7.3, -3.1), (2.2, -7.7), (7.9, 1.3), (1.1, 0.9), (0.3, 8.1)]


def test_a_view_is_drawn_in_its_own_pixels_and_counted(view, session):
    assert view.frame.image.dtype == np.uint8
    assert view.frame.image.shape == SIZE[::-1]
    assert session.in_view == len(session.run)
    look(view, (0, 9, 0, 9))
    run = session.run
    expected = (run.x >= -1) & (run.x <= 10) & (run.y >= -1) & (run.y <= 10)
    assert session.in_view == expected.sum()


def test_the_first_frame_comes_with_the_page_and_has_every_object_in_it(session):
    view = ProjectionView(session)
    first, (x_low, x_high, y_low, y_high) = view.frame, session.run.extent
    assert session.in_view == len(session.run)
    assert first.viewport.x_low < x_low < x_high < first.viewport.x_high
    assert first.viewport.y_low < y_low < y_high < first.viewport.y_high
    assert view.map._raster.data["image"][0] is first.image
    assert session.view is None
    session.select(np.arange(len(session.run)) < 5, "lasso")
    assert view.frame is first
    look(view)
    assert view.frame.viewport == view.map.viewport


def test_the_figure_carries_one_raster_of_bytes_and_256_colours(view):
    source, mapper = view.map._raster, view.map._mapper
    assert source.data["image"][0].dtype == np.uint8
    assert len(mapper.palette) == 256
    assert (mapper.low, mapper.high) == (0, 255)


def test_a_lasso_selects_exactly_the_objects_inside(view, session):
    view.tool = "lasso"
    draw(view, LASSO)
    np.testing.assert_array_equal(session.selected, inside(session.run, LASSO))
    assert session.selection_description == "lasso"
    np.testing.assert_array_equal(session.selection_outline, LASSO)
    assert len(view.map._outline.data["xs"]) == 1
    assert session.latency is not None


def test_shift_adds_and_alt_subtracts(view, session):
    other = [(0, 0), (9, 0), (9, 9), (0, 9)]
    draw(view, LASSO)
    draw(view, other, "add")
    both = inside(session.run, LASSO) | inside(session.run, other)
    np.testing.assert_array_equal(session.selected, both)
    draw(view, LASSO, "subtract")
    np.testing.assert_array_equal(session.selected, both & ~inside(session.run, LASSO))
    assert not view.map._outline.data["xs"]


def test_a_hidden_class_leaves_the_lasso_and_that_is_said(view, session):
    session.hidden = frozenset({"EA"})
    draw(view, LASSO)
    classes = session.classes
    expected = inside(session.run, LASSO)
    hidden = classes.codes == classes.names.index("EA")
    np.testing.assert_array_equal(session.selected, expected & ~hidden)
    assert f"{(expected & hidden).sum()} hidden left out" in session.status
    assert session.in_view == (~hidden).sum()


@pytest.mark.parametrize("polygon", [[(0, 0)], [(0, 0), (9, 9)], [(0, 0), (0, 0), (0, 0)]])
def test_a_lasso_around_nothing_selects_nothing(view, session, polygon):
    draw(view, polygon)
    assert session.selected is None


def test_a_self_crossing_lasso_follows_the_even_odd_rule(view, session):
    draw(view, [(-9, -9), (9, 9), (9, -9), (-9, 9)])
    run = session.run
    np.testing.assert_array_equal(session.selected, np.abs(run.y) < np.abs(run.x))


def test_a_click_picks_the_nearest_object_that_is_shown(view, session):
    look(view, (-90, 90, -90, 90))
    run, x, y = session.run, float(session.run.x[17]) + 0.001, float(session.run.y[17])
    distance = np.hypot(run.x - x, run.y - y)
    view._picked(x, y)
    assert session.focus == np.argmin(distance) == 17
    session.hidden = frozenset({session.classes.name_of(17)})
    view._picked(x, y)
    assert session.focus == np.argmin(np.where(session.shown, distance, np.inf))


def test_a_click_far_from_everything_picks_nothing(view, session):
    view._picked(1e6, 1e6)
    assert session.focus is None


def test_the_objects_of_a_list_are_ringed_and_the_focus_apart(view, session):
    session.marked = np.array([3, 5, 8])
    session.focus = 5
    run = session.run
    np.testing.assert_array_equal(view.map._rings.data["x"], run.x[[3, 8]])
    assert view.map._focus.data == {"x": [run.x[5]], "y": [run.y[5]]}
    session.focus = None
    assert len(view.map._focus.data["x"]) == 0


def test_a_focus_out_of_view_is_brought_into_it(view, session):
    look(view, (100, 101, 100, 101))
    session.focus = 0
    run, ranges = session.run, (view.map.plot.x_range, view.map.plot.y_range)
    for value, axis in zip((run.x[0], run.y[0]), ranges, strict=True):
        assert axis.start < value < axis.end


def ring_in_pixels(view):
    """Where the ring in focus is [CSS px], from the left and the top of the map."""
    x, y = (view.map.plot.x_range, view.map.plot.y_range)
    (at_x,), (at_y,) = view.map._focus.data["x"], view.map._focus.data["y"]
    width, height = view.map.viewport.width, view.map.viewport.height
    return (at_x - x.start) / (x.end - x.start) * width, (y.end - at_y) / (y.end - y.start) * height


@pytest.mark.parametrize("across", [15, 60, 150, 215])
@pytest.mark.parametrize("down", [15, 40, 90, 130])
def test_a_focus_under_the_legend_comes_out_of_it_by_the_shortest_way(view, session, across, down):
    run, row, size = session.run, 7, 0.02
    _, _, right, bottom = view._legend_box()
    x_low, y_high = run.x[row] - across * size, run.y[row] + down * size
    told = [x_low, x_low + size * SIZE[0], y_high - size * SIZE[1], y_high, *SIZE, 1.0]
    view.map._looked("data", {}, {"view": told})
    session.marked = np.array([row])
    ranges = view.map.plot.x_range, view.map.plot.y_range
    ranges[0].update(start=told[0], end=told[1])
    ranges[1].update(start=told[2], end=told[3])
    session.focus = row
    now_across, now_down = ring_in_pixels(view)
    assert now_across > right or now_down > bottom
    moved = abs(now_across - across) + abs(now_down - down)
    assert moved == pytest.approx(min(right - across, bottom - down) + 11, abs=0.01)
    spans = [axis.end - axis.start for axis in ranges]
    assert spans == pytest.approx([told[1] - told[0], told[3] - told[2]], abs=1e-4)


def test_beside_a_folded_legend_the_focus_stays_where_it_is(view, session):
    run, row, size = session.run, 7, 0.02
    colouring_of(session).folded = True
    x_low, y_high = run.x[row] - 60 * size, run.y[row] + 100 * size
    told = [x_low, x_low + size * SIZE[0], y_high - size * SIZE[1], y_high, *SIZE, 1.0]
    view.map._looked("data", {}, {"view": told})
    before = view.map.plot.x_range.start
    session.focus = row
    assert view.map.plot.x_range.start == before


@pytest.mark.parametrize(("key", "tool"), [("l", "lasso"), ("r", "box"), ("v", "pan")])
def test_a_key_changes_the_tool(view, session, key, tool):
    session.press(key)
    assert view.tool == tool
    assert view.map.plot.toolbar.active_drag.name == f"astra-{tool}"


def test_zoom_and_fit_keep_the_aspect(view, session):
    plot = view.map.plot

    def scales():
        spans = [axis.end - axis.start for axis in (plot.x_range, plot.y_range)]
        return spans[0] / SIZE[0], spans[1] / SIZE[1]

    view._pressed("fit")
    before = scales()
    assert before[0] == pytest.approx(before[1])
    x_low, x_high, y_low, y_high = session.run.extent
    assert plot.x_range.start < x_low < x_high < plot.x_range.end
    assert plot.y_range.start < y_low < y_high < plot.y_range.end
    look(view, (plot.x_range.start, plot.x_range.end, plot.y_range.start, plot.y_range.end))
    session.press("+")
    assert scales()[0] < before[0]


def test_each_theme_has_its_own_background_and_palette(view, session):
    for theme in ("light", "dark"):
        session.theme = theme
        assert view.map.plot.background_fill_color == tokens(theme).map
        assert view.frame.palette[0] == tokens(theme).map
        assert view.map._mapper.palette == list(view.frame.palette)


@pytest.mark.parametrize("colour_by", ["density", "predicted", "anomaly", "amplitude"])
def test_every_colouring_is_drawn_and_its_scale_told(view, session, colour_by):
    session.colour_by = colour_by
    assert (session.scale is None) == (colour_by == "predicted")
    assert view.frame.image.any()


def test_every_column_that_can_colour_can_be_chosen(view, session):
    chosen = set(view._tools.colour.options.values())
    assert {"density", "class", "predicted", *session.run.numeric_columns} == chosen


def test_another_run_is_drawn_when_it_is_opened(view, session):
    before = view.frame
    session.open_run("second")
    assert view.frame is not before


def test_a_map_that_cannot_be_drawn_says_so_and_keeps_its_last_frame(view, session, monkeypatch):
    before = view.frame

    def fail(*_):
        raise MemoryError("no room")

    monkeypatch.setattr("app.views.projection.draw", fail)
    session.colour_by = "density"
    assert "no room" in session.status
    assert session.is_warning
    assert view.frame is before


def test_without_a_run_there_are_words_and_a_way_on(tmp_path, run_home):
    session = Session(Observatory(tmp_path / "home"))
    view = ProjectionView(session)
    assert view._message.visible
    assert "precompute" in view._message.html
    view._message.press("again")
    assert session.is_warning
    shutil.copytree(run_home, tmp_path / "home")
    view._message.press("again")
    assert session.run.name == "second"
    assert not view._message.visible


class Document:
    """Stands for Bokeh's: keeps what shall run at the next tick."""

    def __init__(self):
        self.ticks = []

    def add_next_tick_callback(self, callback):
        self.ticks.append(callback)


def test_of_requests_that_wait_only_the_latest_is_done(monkeypatch):
    started, tasks, delivered = [], [], []

    class Pool:
        def submit(self, function, *arguments):
            from concurrent.futures import Future

            future = Future()
            tasks.append(lambda: future.set_result(function(*arguments)))
            return future

    document = Document()
    monkeypatch.setattr("app.background._pool", Pool())
    latest = Latest()
    latest._document = document
    for name in "abcd":
        latest.ask(lambda name=name: started.append(name) or name, delivered.append, None)
    while tasks or document.ticks:
        (tasks or document.ticks).pop(0)()
    assert started == delivered == ["a", "d"]


def test_a_run_opened_while_the_map_is_hidden_is_fitted_when_it_shows(view, session):
    shown = view.map.viewport
    view._looked(shown._replace(width=0, height=0))
    view.map.viewport = shown._replace(width=0, height=0)
    session.param.trigger("run")
    # The browser brings back what was looked at before.
    view.map.plot.x_range.update(start=0.0, end=1e-6)
    view.map.viewport = shown
    view._looked(shown)
    x_low, x_high, _, _ = session.run.extent
    assert view.map.plot.x_range.start <= x_low
    assert view.map.plot.x_range.end >= x_high
