import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from astra.map.grid import PointGrid, grid_order

coordinates = st.one_of(
    st.floats(-3, 3, width=32), st.integers(-3, 3), st.sampled_from([np.nan, np.inf, -np.inf, 1e9])
)
pairs_of_coordinates = arrays(
    np.float32, st.tuples(st.integers(0, 60), st.just(2)), elements=coordinates
)


@given(pairs_of_coordinates)
def test_grid_order_is_a_permutation_that_the_grid_recognises(position):
    x, y = position.T
    order = grid_order(x, y)
    np.testing.assert_array_equal(np.sort(order), np.arange(len(x)))
    sorted_points = PointGrid(x[order], y[order])
    assert sorted_points.in_order
    np.testing.assert_array_equal(sorted_points.order, np.arange(len(x)))
    finite = np.isfinite(position).all(axis=1)
    assert finite[order][: finite.sum()].all()


def test_points_of_one_cell_stay_as_given():
    x = np.array([5, 0, 0, 9, 0], np.float32)
    np.testing.assert_array_equal(grid_order(x, np.zeros(5)), [1, 2, 4, 0, 3])


def test_points_in_grid_order_are_used_where_they_lie(tmp_path, points):
    order = grid_order(points.x, points.y)
    position = np.stack([points.x[order], points.y[order]])
    np.save(tmp_path / "position.npy", position)
    x, y = np.load(tmp_path / "position.npy", mmap_mode="r")
    grid = PointGrid(x, y)
    assert grid.in_order
    assert np.shares_memory(grid._x, x)
    assert np.shares_memory(grid._y, y)
    view = (grid.x_extent, grid.y_extent)
    assert grid.in_view(*view) == grid.count(*view, 10, 10).sum() == len(points.x)


def test_arrays_of_the_caller_stay_writeable(points):
    x, y = points.x.copy(), points.y.copy()
    given = [x, y, points.chosen]
    before = [array.copy() for array in given]
    PointGrid(x, y).count((0, 1), (0, 1), 2, 2, mask=points.chosen)
    for array, same in zip(given, before, strict=True):
        assert array.flags.writeable
        np.testing.assert_array_equal(array, same)


@settings(deadline=None)
@given(pairs_of_coordinates, st.lists(st.floats(-3, 3), min_size=4, max_size=4, unique=True))
def test_views_and_picks_find_what_a_full_search_finds(position, bounds):
    x, y = position.T.astype(np.float64)
    grid = PointGrid(*position.T)
    x_range, y_range = sorted(bounds[:2]), sorted(bounds[2:])
    inside = (x >= x_range[0]) & (x <= x_range[1]) & (y >= y_range[0]) & (y <= y_range[1])
    inside &= np.isfinite(position).all(axis=1)
    rows = grid.rows_in_view(tuple(x_range), tuple(y_range))
    np.testing.assert_array_equal(np.sort(rows), np.flatnonzero(inside))
    assert grid.in_view(tuple(x_range), tuple(y_range)) == inside.sum()

    at, radius, mask = (bounds[0], bounds[2]), (0.5, 2.0), np.arange(len(x)) % 3 > 0
    with np.errstate(invalid="ignore", over="ignore"):
        distance = ((x - at[0]) / radius[0]) ** 2 + ((y - at[1]) / radius[1]) ** 2
    within = np.isfinite(position).all(axis=1) & mask & (distance <= 1)
    row = grid.nearest(*at, radius, mask=mask)
    assert (row >= 0) == within.any()
    assert row < 0 or (within[row] and distance[row] == distance[within].min())


def test_points_that_are_not_finite_count_nowhere_and_keep_their_rows():
    x = np.array([np.nan, 1, 2, np.inf, 3], np.float32)
    y = np.array([0, 1, np.nan, 3, 3], np.float32)
    grid = PointGrid(x, y)
    assert len(grid) == 5
    assert (grid.x_extent, grid.y_extent) == ((1, 3), (1, 3))
    far = (-1e30, 1e30)
    assert grid.count(far, far, 4, 4).sum() == 2
    assert grid.mean(x, far, far, 1, 1) == 2
    around = [(-1e30, -1e30), (1e30, -1e30), (0, 1e30)]
    np.testing.assert_array_equal(grid.inside(around), [False, True, False, False, True])
    assert grid.nearest(3, 3, 1) == 4
    np.testing.assert_array_equal(grid.rows_in_view((0, 2), (0, 2)), [1])


@pytest.mark.parametrize("x", [[], [np.nan, np.nan], [7, 7]])
def test_degenerate_maps_are_drawn(x):
    grid = PointGrid(x, x)
    points = np.isfinite(x).sum()
    assert grid.count((0, 10), (0, 10), 5, 5).sum() == points
    assert grid.inside([(0, 0), (10, 0), (10, 10), (0, 10)]).sum() == points
    assert (grid.nearest(7, 7, 1) >= 0) == (points > 0)


def test_what_is_no_point_or_pick_is_refused():
    with pytest.raises(ValueError, match="x has 2 points and y 3"):
        PointGrid([0, 1], [0, 1, 2])
    with pytest.raises(ValueError, match=r"shape \(2, 1\)"):
        PointGrid([[0], [1]], [0, 1])
    with pytest.raises(ValueError, match="radius 0"):
        PointGrid([0, 1], [0, 1]).nearest(0, 0, 0)


def test_the_grid_needs_neither_datashader_nor_bokeh():
    program = (
        "import sys, astra.map.grid; print(*{'datashader', 'bokeh', 'pandas'} & {*sys.modules})"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert loaded.stdout.split() == []
