"""Time the map against Datashader and shapely: one thread, interleaved, minima and medians.

`python tests/bench/map.py --points 2100000`
"""

from collections.abc import Callable
from time import perf_counter
from typing import Annotated, Any

import datashader
import datashader.transfer_functions as tf
import numpy as np
import pandas as pd
import shapely
import typer
from numba import njit
from rich.console import Console
from rich.table import Table

from astra.map.grid import PointGrid, grid_order
from astra.map.shading import shade_classes, shade_density
from astra.map.spread import spread_radius
from astra.map.warm import warm

WIDTH, HEIGHT, CLASSES = 900, 700, 12


@njit(cache=True, nogil=True, fastmath=True)
def stream(x, y):
    """Read every coordinate once: no full scan can be faster."""
    sum_x, sum_y = np.float32(0), np.float32(0)
    for i in range(x.size):
        sum_x += x[i]
        sum_y += y[i]
    return sum_x + sum_y


def clusters(points: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Clustered points in no order, float32 [points] each."""
    rng = np.random.default_rng(seed)
    cluster = rng.integers(0, 30, points)
    centres, widths = rng.normal(0, 4, (30, 2)), rng.uniform(0.1, 1, 30)
    position = centres[cluster] + rng.normal(size=(points, 2)) * widths[cluster, None]
    x, y = position.T.astype(np.float32)
    return x, y


def densest_tenth(x: np.ndarray, y: np.ndarray) -> tuple[tuple[float, float], tuple[float, float]]:
    """The fullest of 10 by 10 equal views."""
    counts, x_edges, y_edges = np.histogram2d(x, y, 10)
    i, j = np.unravel_index(counts.argmax(), counts.shape)
    return tuple(x_edges[i : i + 2].tolist()), tuple(y_edges[j : j + 2].tolist())


def star(grid: PointGrid, vertices: int = 100) -> np.ndarray:
    """A lasso over about a fifth of the map's area."""
    angle = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    jitter = np.random.default_rng(3).uniform(0.7, 1, vertices)
    radius = 0.3 * jitter * (1 + 0.2 * np.sin(7 * angle))
    axes = ((grid.x_extent, np.cos(angle)), (grid.y_extent, np.sin(angle)))
    return np.stack([np.mean(e) + (e[1] - e[0]) * radius * wave for e, wave in axes], axis=1)


Task = Callable[[], Any]


def tasks(points: int) -> dict[str, dict[str, Task]]:
    """What is timed, by group and name; the first of a group is what the others are held to."""
    x, y = clusters(points)
    category = np.random.default_rng(2).integers(0, CLASSES, points).astype(np.int8)
    frame = pd.DataFrame({"x": x, "y": y})
    frame["category"] = pd.Categorical.from_codes(category, range(CLASSES))
    order = grid_order(x, y)
    grid, codes = PointGrid(x[order], y[order]), category[order]
    chosen = np.random.default_rng(4).random(points) < 0.2

    size = (WIDTH, HEIGHT)
    full, zoom = (grid.x_extent, grid.y_extent), densest_tenth(x, y)
    canvases = {"full": datashader.Canvas(*size, *full), "zoom": datashader.Canvas(*size, *zoom)}
    polygon = star(grid)
    outline = shapely.Polygon(polygon)
    shapely.prepare(outline)
    count_there = canvases["full"].points(frame, "x", "y")
    by_there = canvases["full"].points(frame, "x", "y", datashader.by("category"))
    count, by = grid.count(*full, *size), grid.count_by(codes, *full, *size, classes=CLASSES)

    def datashader_by(view: str) -> Task:
        return lambda: canvases[view].points(frame, "x", "y", datashader.by("category"))

    return {
        "count, full view": {
            "datashader": lambda: canvases["full"].points(frame, "x", "y"),
            "stream of x, y": lambda: stream(x, y),
            "astra": lambda: grid.count(*full, *size),
            "astra, 20 % selected": lambda: grid.count(*full, *size, mask=chosen),
        },
        "count, 10 % x 10 %": {
            "datashader": lambda: canvases["zoom"].points(frame, "x", "y"),
            "astra": lambda: grid.count(*zoom, *size),
        },
        f"count by {CLASSES} classes, full view": {
            "datashader": datashader_by("full"),
            "astra": lambda: grid.count_by(codes, *full, *size, classes=CLASSES),
        },
        f"count by {CLASSES} classes, 10 % x 10 %": {
            "datashader": datashader_by("zoom"),
            "astra": lambda: grid.count_by(codes, *zoom, *size, classes=CLASSES),
        },
        "lasso, 100 vertices": {
            "shapely, prepared": lambda: shapely.contains_xy(outline, x, y),
            "stream of x, y": lambda: stream(x, y),
            "astra": lambda: grid.inside(polygon),
        },
        "shade, eq_hist": {
            "datashader": lambda: tf.shade(count_there, how="eq_hist"),
            "astra": lambda: shade_density(count, "eq_hist"),
        },
        "shade, log": {
            "datashader": lambda: tf.shade(count_there, how="log"),
            "astra": lambda: shade_density(count, "log"),
        },
        f"shade {CLASSES} classes": {
            "datashader": lambda: tf.shade(by_there, how="log"),
            "astra": lambda: shade_classes(by),
        },
        "radius of dots": {
            "datashader": lambda: tf.dynspread(count_there, max_px=1),
            "astra": lambda: spread_radius(count),
        },
    }


def interleaved(group: dict[str, Task], repeats: int) -> dict[str, np.ndarray]:
    """Milliseconds of every repeat; the tasks take turns, so that a busy machine hits them all."""
    times = {name: np.empty(repeats) for name in group}
    for task in group.values():
        task()
    for repeat in range(repeats):
        for name, task in group.items():
            start = perf_counter()
            task()
            times[name][repeat] = 1e3 * (perf_counter() - start)
    return times


def main(
    points: Annotated[int, typer.Option(help="Points on the map.")] = 2_100_000,
    repeats: Annotated[int, typer.Option(help="Repeats of every task.")] = 9,
) -> None:
    """Print how long each step of a frame takes, and by its minimum how many times less."""
    warm()
    table = Table(title=f"{points:,} points, {WIDTH} x {HEIGHT} pixels, {repeats} repeats")
    table.add_column("step")
    for column in ("minimum / ms", "median / ms", "times faster"):
        table.add_column(column, justify="right")
    for title, group in tasks(points).items():
        times = interleaved(group, repeats)
        slowest = next(iter(times.values())).min()
        table.add_section()
        table.add_row(f"[bold]{title}", "", "", "")
        for name, taken in times.items():
            ratio = f"{slowest / taken.min():.1f}"
            table.add_row(f"  {name}", f"{taken.min():.2f}", f"{np.median(taken):.2f}", ratio)
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)
