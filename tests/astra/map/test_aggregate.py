from itertools import product

import datashader
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from astra.map.grid import PointGrid, grid_order

WIDTH, HEIGHT = 173, 131


VIEWS = {  # of the points' sorted coordinates
    "all, bounds on points": lambda x, y: ((x[0], x[-1]), (y[0], y[-1])),
    "bounds on points inside": lambda x, y: ((x[1000], x[-20]), (y[3000], y[-2000])),
    "zoom": lambda x, y: ((x[60000] - 0.2, x[60000] + 0.2), (y[60000] - 0.3, y[60000] + 0.1)),
    "deep zoom": lambda x, y: ((x[60000], x[60000] + 1e-4), (y[60000] - 1e-4, y[60000])),
    "half beside the points": lambda x, y: ((x[-1] - 1, x[-1] + 20), (-1e4, y[-1])),
    "beside the points": lambda x, y: ((x[-1] + 1, x[-1] + 2), (y[0], y[-1])),
    "far out": lambda x, y: ((-1e5, 1e5), (-1e7, 1e6)),
}


def view_of(points, name):
    return VIEWS[name](np.sort(points.x).tolist(), np.sort(points.y).tolist())


@pytest.fixture(scope="module", params=["in grid order", "in no order"])
def drawn(request, points):
    if request.param == "in grid order":
        order = grid_order(points.x, points.y)
        points = type(points)(*(values[order] for values in points))
    return points, PointGrid(points.x, points.y)


def draw_with_datashader(points, view, reduction, mask=None):
    frame = pd.DataFrame(points._asdict())
    frame["category"] = pd.Categorical.from_codes(points.category, range(7))
    canvas = datashader.Canvas(WIDTH, HEIGHT, *view)
    return canvas.points(frame if mask is None else frame[mask], "x", "y", reduction)


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("name", VIEWS)
def test_images_equal_those_of_datashader(drawn, name, masked):
    points, grid = drawn
    view = view_of(points, name)
    mask = points.chosen if masked else None
    count = grid.count(*view, WIDTH, HEIGHT, mask=mask)
    by = grid.count_by(points.category, *view, WIDTH, HEIGHT, classes=7, mask=mask)
    mean = grid.mean(points.values, *view, WIDTH, HEIGHT, mask=mask)

    of_datashader = draw_with_datashader(points, view, datashader.count(), mask)
    np.testing.assert_array_equal(count, of_datashader)
    # Datashader would add the objects without a class to the last class.
    classified = (points.category >= 0) & (True if mask is None else mask)
    of_datashader = draw_with_datashader(points, view, datashader.by("category"), classified)
    np.testing.assert_array_equal(by, of_datashader.transpose("category", "y", "x"))
    of_datashader = draw_with_datashader(points, view, datashader.mean("values"), mask)
    np.testing.assert_allclose(mean, of_datashader, rtol=1e-6, atol=1e-6)
    assert (count.dtype, by.dtype, mean.dtype) == (np.uint32, np.uint32, np.float32)


def test_any_other_reduction_is_left_to_datashader(drawn):
    points, grid = drawn
    columns = {"values": points.values}
    for name, reduction in product(
        ("zoom", "beside the points"), (datashader.std("values"), datashader.first("values"))
    ):
        view = view_of(points, name)
        ours = grid.reduce(reduction, columns, *view, WIDTH, HEIGHT)
        np.testing.assert_array_equal(ours, draw_with_datashader(points, view, reduction))


quarters = st.integers(-12, 12).map(lambda number: number / 4)
bounds = st.tuples(quarters, quarters).filter(lambda pair: pair[0] < pair[1])


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(quarters, quarters), max_size=40),
    bounds,
    bounds,
    st.integers(1, 12),
    st.integers(1, 12),
)
def test_points_on_the_edges_of_pixels_go_where_datashader_puts_them(
    positions, x_range, y_range, width, height
):
    x, y = np.array(positions, np.float32).reshape(-1, 2).T
    frame = pd.DataFrame({"x": x, "y": y})
    canvas = datashader.Canvas(width, height, x_range, y_range)
    count = PointGrid(x, y).count(x_range, y_range, width, height)
    np.testing.assert_array_equal(count, canvas.points(frame, "x", "y", datashader.count()))


def test_a_view_too_narrow_for_float64_is_drawn_without_harm():
    x = np.full(1000, 1e6, np.float32)
    narrow = (1e6, np.nextafter(1e6, 2e6))
    assert PointGrid(x, x).count(narrow, narrow, 500, 500).sum() == 1000


def test_number_of_classes_follows_from_the_categories():
    x = np.zeros(3)
    images = PointGrid(x, x).count_by(np.array([2, -5, 2]), (-1, 1), (-1, 1), 1, 1)
    np.testing.assert_array_equal(images.ravel(), [0, 0, 2])
    assert PointGrid(x, x).count_by([-1, -1, -1], (-1, 1), (-1, 1), 2, 3).shape == (0, 3, 2)


def test_a_category_beyond_the_classes_is_none():
    x = np.zeros(3)
    images = PointGrid(x, x).count_by([0, 1, 2], (-1, 1), (-1, 1), 1, 1, classes=2)
    np.testing.assert_array_equal(images.ravel(), [1, 1])


@pytest.mark.parametrize("bad", [(1, 1), (2, 1), (0, np.nan), (0, np.inf)])
def test_a_range_that_does_not_increase_is_refused(bad):
    grid = PointGrid([0, 1], [0, 1])
    with pytest.raises(ValueError, match="y_range"):
        grid.count((0, 1), bad, 3, 3)


def test_what_does_not_fit_the_points_is_refused():
    grid, view = PointGrid([0, 1], [0, 1]), ((0, 1), (0, 1), 3, 3)
    with pytest.raises(ValueError, match="at least one pixel"):
        grid.count((0, 1), (0, 1), 0, 3)
    with pytest.raises(ValueError, match="3 values for 2 points"):
        grid.mean([1, 2, 3], *view)
    with pytest.raises(ValueError, match="mask is bool"):
        grid.count(*view, mask=[0, 1])
    with pytest.raises(ValueError, match="category is an integer"):
        grid.count_by([0.0, 1.0], *view)
