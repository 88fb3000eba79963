from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from astra.map.grid import PointGrid


def cast_rays(x, y, polygon):
    """The rule of `astra.map.lasso` on every point and every edge: the slow, obvious twin."""
    x, y = x.astype(np.float64), y.astype(np.float64)
    inside = np.zeros(x.size, bool)
    for (x1, y1), (x2, y2) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        if y1 == y2:
            continue
        with np.errstate(over="ignore", invalid="ignore"):
            crosses = x < (x2 - x1) * (y - y1) / (y2 - y1) + x1
        inside ^= ((y1 > y) != (y2 > y)) & crosses
    return inside


def lattice(spacing, size=21):
    """Points on a lattice, twice as close in the middle, so that edges and vertices hit them."""
    steps = (np.arange(size) - size // 2) * spacing
    coarse = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    return np.concatenate([coarse, coarse / 2]).astype(np.float32)


FAR = np.array([(-3e4, 2e4), (4e4, -3e4)], np.float32)  # makes all else lie within a few cells
CLOUDS = {
    "one point a cell": lattice(1.0),
    "many points a cell": np.concatenate([lattice(1.0), FAR]),
    "one line": lattice(1.0)[:21],
    "no lattice": np.random.default_rng(2).normal(0, 5, (800, 2)).astype(np.float32),
}


def random_polygon(rng, cloud):
    vertices = rng.integers(3, 14)
    match rng.integers(5):
        case 0:  # on points of the lattice, self-crossing, with horizontal and vertical edges
            return rng.integers(-11, 12, (vertices, 2)).astype(float)
        case 1:  # vertices are points, some of them twice
            return cloud[rng.integers(0, len(cloud), vertices)].astype(float)
        case 2:  # anywhere, far beyond the points too
            return rng.normal(0, 10.0 ** rng.integers(0, 5), (vertices, 2))
        case 3:  # edges that run through points
            return rng.integers(-22, 23, (vertices, 2)) / 2 + rng.choice([0, 1e-9, -1e-9])
        case _:  # a star with many edges in one cell
            angle = np.sort(rng.uniform(0, 2 * np.pi, 200))
            radius = rng.uniform(0.5, 12, 200)[:, None]
            return radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)


@pytest.mark.parametrize("name", CLOUDS)
def test_ten_thousand_polygons_choose_the_points_that_the_rule_chooses(name):
    rng = np.random.default_rng(7)
    cloud = CLOUDS[name][:: 1 if name == "one line" else 4]  # every fourth keeps the test fast
    x, y = cloud.T
    grid = PointGrid(x, y)
    chosen = enclosing = 0
    for i in range(2500):
        polygon = random_polygon(rng, cloud)[: i % 4 if i % 25 == 0 else None]
        inside = grid.inside(polygon)
        np.testing.assert_array_equal(inside, cast_rays(x, y, polygon), err_msg=repr(polygon))
        chosen, enclosing = chosen + inside.sum(), enclosing + inside.any()
    assert chosen > 0
    assert enclosing > 100


halves = st.integers(-24, 24).map(lambda number: number / 2)
anything = st.one_of(halves, st.floats(-1e300, 1e300), st.floats(-12, 12))


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(anything, anything), min_size=3, max_size=12))
@example([(-1e300, -1e300), (1e300, 0), (-1e300, 1e300)])
@example([(-11, -11), (1.7e308, 3), (-1.7e308, 4)])
@example([(1.7e308, -10), (-1.7e308, 10), (0, 3)])
@example([(0, 3), (-1.7e308, 10), (1.7e308, -10)])
@example([(1.7e308, 1e308), (-1.7e308, -1e308), (3, 3)])
@example([(0, 0), (0, 0), (2.1165138366584744e16, 8.493651700857724e291)])
@example([(0, 0), (0.3, 5e-324), (-0.3, 5e-324), (4, 4)])
def test_any_polygon_chooses_the_points_that_the_rule_chooses(polygon):
    for cloud in CLOUDS.values():
        x, y = cloud.T
        expected = cast_rays(x, y, np.array(polygon))
        np.testing.assert_array_equal(PointGrid(x, y).inside(polygon), expected)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(halves, halves), min_size=3, max_size=9))
def test_a_point_off_the_edges_lies_where_geometry_says(polygon):
    x, y = lattice(0.5).T
    edges = shapely.linestrings([*polygon, polygon[0]])
    odd = np.zeros(x.size, bool)
    for side in pairwise(polygon[1:]):  # even-odd, a polygon is the fan of its triangles
        triangle = shapely.Polygon([polygon[0], *side])
        if triangle.is_valid:  # has an area
            odd ^= shapely.intersects_xy(triangle, x, y)
    spokes = shapely.MultiLineString([(polygon[0], vertex) for vertex in polygon[1:]])
    off = ~shapely.intersects_xy(edges, x, y) & ~shapely.intersects_xy(spokes, x, y)
    np.testing.assert_array_equal(PointGrid(x, y).inside(polygon)[off], odd[off])


def test_of_two_neighbours_exactly_one_owns_a_point_on_their_edge():
    x, y = lattice(1.0).T
    grid = PointGrid(x, y)
    corners = np.array([(-7, -7), (8, -5), (6, 9), (-4, 6)], float)
    parts = sum(
        grid.inside([corners[k], corners[(k + 1) % 4], (1, 2)]).astype(int) for k in range(4)
    )
    np.testing.assert_array_equal(parts, grid.inside(corners))


def test_lower_and_left_edges_belong_to_a_square_and_the_others_do_not():
    x, y = (axis.ravel() for axis in np.meshgrid([0.0, 1, 2], [0.0, 1, 2]))
    inside = PointGrid(x, y).inside([(0, 0), (2, 0), (2, 2), (0, 2)])
    np.testing.assert_array_equal(inside, (x < 2) & (y < 2))


@pytest.mark.parametrize(
    "polygon",
    [
        [],
        np.empty((0, 2)),
        [(0, 0)],
        [(-1, -1), (1, 1)],
        [(0, 0), (0, 0), (0, 0)],
        [(-1, -1), (np.nan, 0), (1, 1)],
        [(np.nan, np.nan)] * 5,
        [(-3, -3), (np.inf, 0), (3, 3), (3, -np.inf)],
    ],
)
def test_what_encloses_nothing_chooses_nothing(polygon):
    x, y = lattice(1.0).T
    assert not PointGrid(x, y).inside(polygon).any()


def test_vertices_that_are_not_finite_are_left_out():
    x, y = lattice(1.0).T
    grid, triangle = PointGrid(x, y), [(-5, -5), (6, -3), (1, 7)]
    with_gaps = [(np.nan, 0), triangle[0], (3, np.inf), *triangle[1:]]
    assert grid.inside(triangle).sum() > 20
    np.testing.assert_array_equal(grid.inside(with_gaps), grid.inside(triangle))


def test_a_repeated_first_vertex_changes_nothing():
    x, y = lattice(1.0).T
    triangle = [(-5, -5), (6, -3), (1, 7)]
    closed = PointGrid(x, y).inside([*triangle, triangle[0]])
    np.testing.assert_array_equal(closed, PointGrid(x, y).inside(triangle))


def test_what_is_no_polygon_is_refused():
    with pytest.raises(ValueError, match=r"shape \(3,\)"):
        PointGrid([0, 1], [0, 1]).inside([1, 2, 3])
