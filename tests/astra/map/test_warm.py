import subprocess
import sys

import numpy as np
import pyarrow
from numba.core.dispatcher import Dispatcher

from astra.map import aggregate, cells, lasso, majority, shading, spread
from astra.map.grid import PointGrid, grid_order
from astra.map.warm import warm


def test_nothing_is_left_to_compile_for_the_first_visitor():
    visit = subprocess.run([sys.executable, __file__], capture_output=True, text=True)
    assert visit.returncode == 0, visit.stderr


def compiled():
    """Argument types for which each kernel of the map has machine code in this process."""
    return {
        f"{module.__name__}.{name}": list(kernel.signatures)
        for module in (aggregate, cells, lasso, majority, shading, spread)
        for name, kernel in vars(module).items()
        if isinstance(kernel, Dispatcher)
    }


def from_arrow(array):
    """Memory as a run maps it: read-only and not owned by numpy."""
    return pyarrow.array(array).to_numpy()


def visit():
    rng = np.random.default_rng(3)
    x, y, values = rng.normal(size=(3, 500)).astype(np.float32)
    order = grid_order(x, y)
    codes = from_arrow(rng.integers(-1, 5, 500).astype(np.int8))
    grid = PointGrid(from_arrow(x[order]), from_arrow(y[order]))
    view = (grid.x_extent, grid.y_extent, 40, 30)
    chosen = grid.inside([(-1, -1), (1, 0), (0, 1)])
    count, mean = grid.count(*view), grid.mean(from_arrow(values), *view)
    counts_by = grid.count_by(codes, *view)
    selected = grid.count(*view, mask=chosen)
    selected_by = grid.count_by(codes.astype(np.int32), *view, mask=chosen)
    selected_mean = grid.mean(values.astype(float), *view, mask=chosen)
    drawn = grid.majority(codes, *view, classes=5, radius=1, behind=4)
    of_chosen = grid.majority(codes.astype(np.int32), *view, classes=5, mask=chosen)
    shading.shade_majority(*drawn[:2], 5, 9, of_chosen[:2])
    radius = spread.spread_radius(count) + 1
    spread.crowding(count, 8)
    shading.quantile_of_filled(count, 0.9)
    for scale in ("log", "linear", "eq_hist"):
        shading.shade_density(spread.spread(count, radius), scale, selected=selected)
    shading.shade_values(spread.spread(mean, radius, "max"), 0, 1.5, selected_mean)
    shading.shade_classes(spread.spread(counts_by, radius), np.ones(5, bool), 9, selected_by, 0)
    grid.nearest(0, 0.5, (0.1, 0.2))
    grid.nearest(x[0].item(), 1, 1, mask=chosen)
    grid.rows_in_view((0, 1), (0.5, 1.5))
    grid.in_view((0, 1), (0.5, 1.5))


if __name__ == "__main__":
    warm()
    before = compiled()
    visit()
    after = compiled()
    assert sum(map(len, before.values())) > 30
    assert after == before, {name: after[name] for name in after if after[name] != before[name]}
