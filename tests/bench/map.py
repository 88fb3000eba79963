"""Time the map against HoloViews, Datashader and shapely: one thread, interleaved.

    python tests/bench/map.py --points 2100000 [--repeats 9]

Every ratio is of one run. Points are clustered, and in no order for the libraries, since that is
how a table comes; Astra's are in the order in which a run stores them.
"""

import os
from typing import Annotated

import steps
import typer
from frames import frames
from points import CLASSES, HEIGHT, WIDTH, Clusters
from rich.console import Console
from timing import compare, comparison

from astra.map.warm import warm


def main(
    points: Annotated[int, typer.Option(help="Points on the map.")] = 2_100_000,
    repeats: Annotated[int, typer.Option(help="Repeats of every task.")] = 9,
) -> None:
    """Print how long each task takes, and how many times longer the others do."""
    warm()
    run = Clusters(points)
    views = {"full view": run.full, "10 % x 10 %": run.zoomed}
    load = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    table = comparison(f"{points:,} points, {WIDTH} x {HEIGHT}, {repeats} repeats, load {load}")
    for title, view in views.items():
        compare(table, f"event to image, {title}", frames(run, view, False), repeats)
        by_class = frames(run, view, True)
        compare(table, f"event to image, {CLASSES} classes, {title}", by_class, repeats)
    for title, view in views.items():
        compare(table, f"count, {title}", steps.count(run, view), repeats)
        compare(table, f"count by {CLASSES}, {title}", steps.count_by(run, view), repeats)
    for vertices in steps.VERTICES:
        compare(table, f"lasso, {vertices} vertices", steps.lasso(run, vertices), repeats)
    for title, group in steps.shading(run).items():
        compare(table, title, group, repeats)
    console = Console(width=100)
    console.print(table)
    for title, view in views.items():
        count, by = steps.pixels_that_differ(run, view)
        console.print(f"pixels unlike Datashader's, {title}: {count} of count, {by} by class")


if __name__ == "__main__":
    typer.run(main)
