"""The cells of the grid: where a point lies, and the counting sort by cell."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

SIDE = 512  # 256 makes a lasso slower and 1024 a full view, at 0.3 to 10 million points


class Cells(NamedTuple):
    """A square grid of `side` by `side` cells over the finite points.

    Cells are numbered row by row, so that a run of columns of one row is one run of points. The
    cell of a coordinate never decreases with the coordinate, rounding included: therefore the
    cells between those of two bounds hold every point between the bounds, exactly. What lies
    outside the grid belongs to its outermost cells.
    """

    x_low: float
    y_low: float
    x_scale: float
    """Cells per unit of x; 0 where all points share one x."""
    y_scale: float
    width: float
    """Of one cell, in units of x."""
    height: float
    side: int


def cells_of(extent: tuple[float, float, float, float]) -> Cells:
    """Cells that cover `extent` (x low, x high, y low, y high)."""
    x_low, x_high, y_low, y_high = extent
    width, height = (x_high - x_low) / SIDE, (y_high - y_low) / SIDE
    return Cells(
        x_low=x_low,
        y_low=y_low,
        x_scale=1 / width if width > 0 else 0.0,
        y_scale=1 / height if height > 0 else 0.0,
        width=width,
        height=height,
        side=SIDE,
    )


@njit(cache=True, nogil=True)
def cell_along(value, low, scale, side):
    """Cell of one coordinate along one axis; 0 for NaN.

    Kernels of other modules inline this, and their compiled code on disk does not notice when it
    changes: delete `__pycache__` then.
    """
    cell = (value - low) * scale
    if not cell > 0:
        return 0
    return int(cell) if cell < side else side - 1


@njit(cache=True, nogil=True)
def extent_of(x, y):
    """Lowest and highest x, then y, of the points with two finite coordinates; 0 without any."""
    x_low, x_high, y_low, y_high = np.inf, -np.inf, np.inf, -np.inf
    for i in range(x.size):
        if np.isfinite(x[i]) and np.isfinite(y[i]):
            x_low, x_high = min(x_low, x[i]), max(x_high, x[i])
            y_low, y_high = min(y_low, y[i]), max(y_high, y[i])
    if x_low > x_high:
        return 0.0, 0.0, 0.0, 0.0
    return x_low, x_high, y_low, y_high


@njit(cache=True, nogil=True)
def tally(x, y, cells):
    """First point of every cell in grid order, and whether the points lie in grid order already.

    Returns
    -------
    starts : int32 [side * side + 1]
        Cell c holds the points starts[c] to starts[c + 1] of the grid order. Points with a
        coordinate that is not finite come after the last cell.
    in_order : bool
    """
    starts = np.zeros(cells.side * cells.side + 1, np.int32)
    in_order, previous = True, 0
    for i in range(x.size):
        cell = cells.side * cells.side
        if np.isfinite(x[i]) and np.isfinite(y[i]):
            cell = cell_along(y[i], cells.y_low, cells.y_scale, cells.side) * cells.side
            cell += cell_along(x[i], cells.x_low, cells.x_scale, cells.side)
            starts[cell + 1] += 1
        in_order &= cell >= previous
        previous = cell
    for cell in range(cells.side * cells.side):
        starts[cell + 1] += starts[cell]
    return starts, in_order


@njit(cache=True, nogil=True)
def place(x, y, cells, starts):
    """Rows of the points in grid order, int32 [points]: by cell, and within a cell as given."""
    order = np.empty(x.size, np.int32)
    free = starts.copy()
    for i in range(x.size):
        cell = cells.side * cells.side
        if np.isfinite(x[i]) and np.isfinite(y[i]):
            cell = cell_along(y[i], cells.y_low, cells.y_scale, cells.side) * cells.side
            cell += cell_along(x[i], cells.x_low, cells.x_scale, cells.side)
        order[free[cell]] = i
        free[cell] += 1
    return order


def runs_of_cells(
    cells: Cells,
    starts: NDArray[np.int32],
    x_range: tuple[float, float],
    y_range: tuple[float, float],
) -> NDArray[np.int64]:
    """Runs of points, int64 [rows, 2] (first, after the last), of the cells two ranges touch."""
    left, right = (cell_along(x, cells.x_low, cells.x_scale, cells.side) for x in x_range)
    low, high = (cell_along(y, cells.y_low, cells.y_scale, cells.side) for y in y_range)
    rows = np.arange(low, high + 1, dtype=np.int64) * cells.side
    return np.stack([starts[rows + left], starts[rows + right + 1]], axis=1, dtype=np.int64)
