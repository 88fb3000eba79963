import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from astra.map import grid as grid_module
from astra.map.grid import PointGrid, grid_order
from astra.map.majority import rows_of_band
from astra.map.spread import spread

SIZE = (173, 131)
KINDS = (np.uint8, np.uint32, np.uint32)


def slow_majority(grid, category, view, classes, radius, behind, mask):
    """By an image a class: counted, spread, compared."""
    images = spread(grid.count_by(category, *view, classes=classes, mask=mask), radius)
    front = images.copy()
    if 0 <= behind < classes:
        front[behind] = 0
    group, total = front.argmax(axis=0), front.sum(axis=0, dtype=np.uint32)
    number = images.sum(axis=0, dtype=np.uint32)
    if 0 <= behind < classes:
        only = (total == 0) & (images[behind] > 0)
        group[only], total[only] = behind, images[behind][only]
    return np.where(total > 0, group, 0), total, number


def views_of(points):
    x, y = np.sort(points.x).tolist(), np.sort(points.y).tolist()
    return {
        "all": ((x[0], x[-1]), (y[0], y[-1])),
        "bounds on points": ((x[1000], x[-20]), (y[3000], y[-2000])),
        "zoom": ((x[60000] - 0.2, x[60000] + 0.2), (y[60000] - 0.3, y[60000] + 0.1)),
        "deep zoom": ((x[60000], x[60000] + 1e-4), (y[60000] - 1e-4, y[60000])),
        "half beside": ((x[-1] - 1, x[-1] + 20), (-1e4, y[-1])),
        "beside": ((x[-1] + 1, x[-1] + 2), (y[0], y[-1])),
        "far out": ((-1e5, 1e5), (-1e7, 1e6)),
    }


@pytest.mark.parametrize("in_order", [True, False])
@pytest.mark.parametrize("band_rows", [None, 1, 8, 50])
def test_the_majority_is_that_of_an_image_a_class(points, in_order, band_rows, monkeypatch):
    if band_rows is not None:
        monkeypatch.setattr(grid_module, "rows_of_band", lambda *_: band_rows)
    if in_order:
        order = grid_order(points.x, points.y)
        points = type(points)(*(values[order] for values in points))
    grid = PointGrid(points.x, points.y)
    for i, ranges in enumerate(views_of(points).values()):
        for radius, behind, mask in ((0, -1, None), (1, 6, points.chosen), (i % 4, i - 1, None)):
            x_range, y_range = ranges
            view = (x_range, y_range, *SIZE)
            found = grid.majority(points.category, *view, 7, radius, behind, mask)
            slow = slow_majority(grid, points.category, view, 7, radius, behind, mask)
            for fast, expected, kind in zip(found, slow, KINDS, strict=True):
                np.testing.assert_array_equal(fast, expected)
                assert fast.dtype == kind


quarters = st.integers(-12, 12).map(lambda number: number / 4)
bounds = st.tuples(quarters, quarters).filter(lambda pair: pair[0] < pair[1])


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(quarters, quarters, st.integers(-1, 4)), max_size=40),
    bounds,
    bounds,
    st.integers(1, 12),
    st.integers(1, 30),
    st.integers(0, 3),
)
def test_points_on_the_edges_of_bands_count_once(objects, x_range, y_range, width, height, radius):
    x, y, category = np.array(objects, np.float32).reshape(-1, 3).T
    grid, category = PointGrid(x, y), category.astype(np.int16)
    view = (x_range, y_range, width, height)
    slow = slow_majority(grid, category, view, 4, radius, -1, None)
    for fast, expected in zip(grid.majority(category, *view, 4, radius), slow, strict=True):
        np.testing.assert_array_equal(fast, expected)


def test_a_view_too_narrow_for_float64_counts_every_point_once():
    x = np.full(1000, 1e6, np.float32)
    narrow = (1e6, np.nextafter(1e6, 2e6))
    drawn = PointGrid(x, x).majority(np.zeros(1000, np.int8), narrow, narrow, 50, 500, 1)
    assert drawn.number.sum() == drawn.total.sum() == 1000


def test_a_band_fits_the_cache_and_has_rows():
    assert rows_of_band(900, 13) * 900 * 13 * 4 <= 1 << 20
    assert rows_of_band(1600, 250) == 8


def test_what_has_no_majority_is_refused():
    grid = PointGrid([0, 1], [0, 1])
    for classes in (0, 257):
        with pytest.raises(ValueError, match=f"{classes} classes"):
            grid.majority([0, 0], (0, 1), (0, 1), 3, 3, classes)
    with pytest.raises(ValueError, match="category is an integer"):
        grid.majority([0.0, 0.5], (0, 1), (0, 1), 3, 3, 2)
