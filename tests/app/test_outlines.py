import numpy as np
import pytest
from bokeh.plotting import figure

from app.drawing.map_labels import _overlap, box_at
from app.drawing.outlines import GAP, Outline, Outlines, _size
from app.drawing.raster import Viewport
from app.saved_selections import colour_on
from app.views.projection import ProjectionView
from app.views.selections import SelectionsView
from astra.selections import SelectionBook

VIEW = Viewport(0, 100, 0, 100, 800, 800)
SQUARE = np.array([[40.0, 40.0], [60.0, 40.0], [60.0, 60.0], [40.0, 60.0]])


@pytest.fixture
def projection(session):
    view = ProjectionView(session)
    x_low, x_high, y_low, y_high = session.run.extent
    told = [x_low - 2, x_high + 2, y_low - 2, y_high + 2, 912, 640, 1.0]
    view.map._looked("data", {}, {"view": told})
    return view


def save(session, name, polygon, rows=range(9), **recipe):
    ids = session.run.run.object_ids(np.array(rows))
    recipe = {"run": session.run.name, "polygon": polygon, **recipe}
    return SelectionBook(session.observatory).save(name, ids, recipe=recipe)


def show(session, *names):
    session.saved.refresh()
    session.saved.eyes = list(names)


def shapes(view):
    data = view._outlines._shapes.data
    return [np.column_stack(pair).tolist() for pair in zip(data["xs"], data["ys"], strict=True)]


def test_a_selection_that_is_shown_has_its_outline_in_its_colour(session, projection):
    save(session, "mine", SQUARE.tolist())
    save(session, "not shown", SQUARE.tolist())
    show(session)
    assert shapes(projection) == []
    for theme in ("dark", "light"):
        session.theme = theme
        show(session, "mine")
        colour = session.saved.heads[0].colour
        assert shapes(projection) == [SQUARE.tolist()]
        assert projection._outlines._shapes.data["colour"] == [colour_on(theme, colour)]
    session.saved.toggle("mine")
    assert shapes(projection) == []


def test_what_is_drawn_saved_and_shown_comes_back_as_it_was_drawn(session, projection):
    polygon = np.array([(-7.3, -3.1), (2.2, -7.7), (7.9, 1.3), (0.3, 8.1)])
    x, y = polygon.T
    projection.map._drew("data", {}, {"x": list(x), "y": list(y), "mode": ["replace"] * 4})
    panel = SelectionsView(session)
    panel.press("save")
    session.clear_selection()
    assert not projection.map._outline.data["xs"]
    panel.press(f"eye:{session.saved.heads[0].version}")
    assert shapes(projection) == [polygon.tolist()]


@pytest.mark.parametrize(
    "polygon",
    [
        None,
        [],
        [[0, 0], [1, 1]],
        [[0, 0], [1, 1], [2]],
        [[0, 0, 0]] * 3,
        "a square",
        {"x": 1},
        [[0, 0], [1, None], [2, 2]],
    ],
)
def test_what_is_no_polygon_is_not_drawn(session, projection, polygon):
    save(session, "odd", polygon)
    show(session, "odd")
    assert session.saved.overlay.names == ("odd",)
    assert shapes(projection) == []


def test_an_outline_belongs_to_the_map_it_was_drawn_on(session, projection, monkeypatch):
    save(session, "mine", SQUARE.tolist())
    show(session, "mine")
    session.open_run("second")  # of the same map
    assert shapes(projection) == [SQUARE.tolist()]
    maps = {"first": "one map", "second": "another"}
    monkeypatch.setattr("app.saved_selections._map_of", lambda run: maps[run.name])
    session.saved.refresh()
    assert session.saved.overlay.names == ("mine",)
    assert shapes(projection) == []


def test_an_outline_of_a_run_that_is_gone_is_not_drawn(session, projection):
    save(session, "old", SQUARE.tolist(), run="deleted")
    show(session, "old")
    assert shapes(projection) == []


def test_names_stand_beside_their_outlines_apart_from_each_other_and_what_is_taken():
    layer = Outlines(figure(), "dark")
    rng = np.random.default_rng(5)
    outlines = [
        Outline(name, SQUARE + rng.uniform(-35, 30, 2), "#93a5ff")
        for name in ("A", "RRab–EA bridge", "x" * 60, "B", "C", "a b")
    ]
    taken = [(0.0, 0.0, 220.0, 300.0)]
    boxes = layer.write(outlines, VIEW, taken)
    tags = layer._tags.data
    assert 4 <= len(tags["name"]) == len(boxes)
    assert all(len(name) <= 24 for name in tags["name"])
    for i, box in enumerate(boxes):
        assert not any(_overlap(box, other) for other in [*taken, *boxes[:i]])
        assert box[0] > 0 and box[2] < VIEW.width and box[1] > 0 and box[3] < VIEW.height


@pytest.mark.parametrize(
    ("taken", "side"),
    [
        ([], (1, 0)),
        ([(481.0, 0.0, 800.0, 800.0)], (0, 1)),
        ([(481.0, 0.0, 800.0, 800.0), (0.0, 0.0, 800.0, 319.0)], (-1, 0)),
    ],
)
def test_a_name_takes_the_first_side_that_is_free(taken, side):
    layer = Outlines(figure(), "light")
    # A rhomb: its ends are in the middle of its sides.
    rhomb = np.array([[40.0, 50.0], [50.0, 40.0], [60.0, 50.0], [50.0, 60.0]])
    one = Outline("A", rhomb, "#4150c6")
    layer.write([one], VIEW, taken)
    x, y = layer._tags.data["x"][0], layer._tags.data["y"][0]
    assert (np.sign(round(x - 50, 6)), np.sign(round(y - 50, 6))) == side
    box = box_at(x, y, _size(one), VIEW)
    if side == (1, 0):
        assert box[0] == pytest.approx(480 + GAP)


def test_class_names_leave_room_for_those_of_selections(session, projection):
    labels = projection._labels
    first = next(one for one in labels if one.name in projection.map._names.data["name"])
    viewport = projection.frame.viewport
    # Its name is to stand where that of the class does.
    right = np.array([first.x - (GAP + 8) * viewport.per_pixel, first.y])
    triangle = np.array([right, right - [0.5, 0.2], right - [0.5, -0.2]])
    save(session, "ZZ", triangle.tolist())
    show(session, "ZZ")
    assert projection._outlines._tags.data["name"] == ["ZZ"]
    assert first.name not in projection.map._names.data["name"]
