"""The steps of a frame and of a lasso, each beside the library that would do it otherwise."""

import datashader
import datashader.transfer_functions as tf
import numpy as np
import shapely
from points import CLASSES, HEIGHT, WIDTH, Clusters, Ranges, stream
from timing import Group

from astra.map.shading import shade_classes, shade_density
from astra.map.spread import spread, spread_radius

SIZE = (WIDTH, HEIGHT)
VERTICES = (100, 500)


def count(run: Clusters, view: Ranges) -> Group:
    """Points per pixel, beside Datashader and the time that reading the coordinates takes."""
    canvas = datashader.Canvas(*SIZE, *view)
    chosen = np.random.default_rng(4).random(len(run)) < 0.2
    return {
        "datashader": lambda: canvas.points(run.shuffled, "x", "y"),
        "stream of all x, y": lambda: stream(run.x, run.y),
        "astra, 20 % selected": lambda: run.grid.count(*view, *SIZE, mask=chosen),
        "astra": lambda: run.grid.count(*view, *SIZE),
    }


def count_by(run: Clusters, view: Ranges) -> Group:
    """Points per class and pixel; `majority` is what a frame asks for instead."""
    canvas = datashader.Canvas(*SIZE, *view)
    by = datashader.by("category")
    return {
        "datashader": lambda: canvas.points(run.shuffled, "x", "y", by),
        "astra, majority only": lambda: run.grid.majority(run.codes, *view, *SIZE, CLASSES),
        "astra": lambda: run.grid.count_by(run.codes, *view, *SIZE, classes=CLASSES),
    }


def lasso(run: Clusters, vertices: int) -> Group:
    """Points inside a polygon over a fifth of the map."""
    polygon = run.star(vertices)
    outline = shapely.Polygon(polygon)
    shapely.prepare(outline)
    return {
        "shapely, prepared": lambda: shapely.contains_xy(outline, run.x, run.y),
        "stream of all x, y": lambda: stream(run.x, run.y),
        "astra": lambda: run.grid.inside(polygon),
    }


def shading(run: Clusters) -> dict[str, Group]:
    """Counts to colours: RGBA there, palette indices here."""
    canvas = datashader.Canvas(*SIZE, *run.full)
    there = canvas.points(run.shuffled, "x", "y")
    by_there = canvas.points(run.shuffled, "x", "y", datashader.by("category"))
    here = run.grid.count(*run.full, *SIZE)
    by_here = run.grid.count_by(run.codes, *run.full, *SIZE, classes=CLASSES)
    return {
        "shade, eq_hist": {
            "datashader": lambda: tf.shade(there, how="eq_hist"),
            "astra": lambda: shade_density(here, "eq_hist"),
        },
        "shade, log": {
            "datashader": lambda: tf.shade(there, how="log"),
            "astra": lambda: shade_density(here, "log"),
        },
        f"shade {CLASSES} classes": {
            "datashader": lambda: tf.shade(by_there, how="log"),
            "astra": lambda: shade_classes(by_here),
        },
        "radius of dots": {
            "datashader": lambda: tf.dynspread(there, max_px=1),
            "astra": lambda: spread_radius(here),
        },
        "dots of 5 pixels": {
            "datashader": lambda: tf.spread(there, 2, how="add"),
            "astra": lambda: spread(here, 2),
        },
    }


def pixels_that_differ(run: Clusters, view: Ranges) -> tuple[int, int]:
    """Pixels that are not Datashader's: of the count, and of the counts by class."""
    canvas = datashader.Canvas(*SIZE, *view)
    there = canvas.points(run.shuffled, "x", "y").to_numpy()
    by = canvas.points(run.shuffled, "x", "y", datashader.by("category"))
    here = run.grid.count(*view, *SIZE)
    by_here = run.grid.count_by(run.codes, *view, *SIZE, classes=CLASSES)
    by_there = by.transpose("category", "y", "x").to_numpy()
    return int((here != there).sum()), int((by_here != by_there).sum())
