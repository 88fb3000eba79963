"""Compile every kernel of the map, so that no visitor waits for the compiler."""

from itertools import product

import numpy as np

from astra.map.grid import PointGrid
from astra.map.shading import shade_classes, shade_density, shade_values
from astra.map.spread import crowding, spread, spread_radius

CATEGORIES = (np.int8, np.int16, np.int32)
VALUES = (np.float32, np.float64)


def warm() -> None:
    """Draw a map of four points in every way there is.

    The machine code is kept on disk beside the modules, or in `$NUMBA_CACHE_DIR`: the first call
    on a machine takes some ten seconds, later ones less than one.
    """
    x = np.array([1.0, 0.0, 1.0, 0.0], np.float32)
    grid = PointGrid(x, x[::-1])
    view = (grid.x_extent, grid.y_extent, 3, 2)
    some = np.array([True, False, True, True])
    grid.inside([(0, 0), (1, 0), (1, 1)])
    grid.in_view(*view[:2])
    grid.rows_in_view(*view[:2])
    for mask in (None, some):
        grid.nearest(0.5, 0.5, 1.0, mask=mask)
        grid.count(*view, mask=mask)
    for mask, category in product((None, some), CATEGORIES):
        grid.count_by(np.zeros(4, category), *view, mask=mask)
        grid.majority(np.zeros(4, category), *view, classes=2, mask=mask)
    for mask, values in product((None, some), VALUES):
        grid.mean(np.zeros(4, values), *view, mask=mask)
    _warm_shading(grid, view)


def _warm_shading(grid: PointGrid, view: tuple) -> None:
    count, mean = grid.count(*view), grid.mean(np.zeros(4, np.float32), *view)
    counts_by = grid.count_by(np.zeros(4, np.int8), *view)
    planes = [shade_density(count, scale) for scale in ("log", "linear", "eq_hist")]
    shade_values(mean, 0, 1)
    shade_classes(counts_by)
    spread_radius(count)
    crowding(count, 1)
    for image in (count, counts_by, mean, planes[0]):
        spread(image, 1)
