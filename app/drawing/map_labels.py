"""Names on the map: each large class once, where it is densest, never one over another."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.categories import Category
from app.drawing.raster import Viewport
from app.opened_runs import OpenedRun
from app.words import short_count

MOST_LABELS = 12
SMALLEST_SHARE = 0.004
LONGEST_NAME = 24
_CELLS = 96
_LINE = 34
_LETTER = 8.0

Box = tuple[float, float, float, float]


class MapLabel(NamedTuple):
    """Name and count of a class at a place of the map, in data units."""

    x: float
    y: float
    name: str
    objects: str


def peaks(run: OpenedRun, category: Category, hidden: frozenset[str]) -> list[MapLabel]:
    """Large classes that are shown, most frequent first, each where it is densest."""
    x_low, x_high, y_low, y_high = run.extent
    if not (x_low < x_high and y_low < y_high):
        return []
    planes = run.grid.count_by(
        category.layers, (x_low, x_high), (y_low, y_high), _CELLS, _CELLS, len(category.names)
    )
    found = []
    for name, plane, count in zip(category.names, planes, category.counts, strict=False):
        if name in hidden or count < max(SMALLEST_SHARE * len(run), 1):
            continue
        row, column = np.unravel_index(np.argmax(_smooth(plane)), plane.shape)
        x = x_low + (column + 0.5) / _CELLS * (x_high - x_low)
        y = y_low + (row + 0.5) / _CELLS * (y_high - y_low)
        found.append(MapLabel(float(x), float(y), shortened(name), short_count(count)))
    return found


def shortened(name: str) -> str:
    """A name as it stands on the map."""
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"


def _smooth(plane: NDArray[np.uint32], reach: int = 3) -> NDArray[np.float64]:
    """Mean over a square of 2 reach + 1 cells a side, two times, so that a peak is a region's."""
    smooth = plane.astype(np.float64)
    for axis in (0, 1, 0, 1):
        padded = np.concatenate([np.zeros((1, _CELLS)), np.cumsum(smooth, axis=0)])
        if axis == 1:
            padded = np.concatenate([np.zeros((1, _CELLS)), np.cumsum(smooth.T, axis=0)])
        low = np.clip(np.arange(_CELLS) - reach, 0, _CELLS)
        high = np.clip(np.arange(_CELLS) + reach + 1, 0, _CELLS)
        smooth = padded[high] - padded[low]
        smooth = smooth.T if axis == 1 else smooth
    return smooth


def place(
    labels: Sequence[MapLabel], viewport: Viewport, taken: Sequence[Box] = ()
) -> list[MapLabel]:
    """Labels that fit: inside the view, apart from each other and from what is taken.

    Parameters
    ----------
    labels : sequence of MapLabel
        Those first in it go first.
    viewport : Viewport
    taken : sequence of boxes
        Left, top, right, bottom [CSS px] of what lies over the map.
    """
    boxes, placed = list(taken), []
    for label in labels:
        size = max(len(label.name) * _LETTER, 40), _LINE
        box = box_at(label.x, label.y, size, viewport)
        if fits(box, viewport, boxes):
            boxes.append(box)
            placed.append(label)
        if len(placed) == MOST_LABELS:
            break
    return placed


def box_at(x: float, y: float, size: tuple[float, float], viewport: Viewport) -> Box:
    """What text of a width and a height [CSS px] takes of the map, its middle at a place of it."""
    across = (x - viewport.x_low) / viewport.per_pixel
    down = (viewport.y_high - y) / viewport.per_pixel
    half_width, half_height = size[0] / 2, size[1] / 2
    return (across - half_width, down - half_height, across + half_width, down + half_height)


def fits(box: Box, viewport: Viewport, taken: Sequence[Box]) -> bool:
    """Whether a box lies within the view, and apart from what is taken."""
    inside = box[0] > 0 and box[1] > 0 and box[2] < viewport.width and box[3] < viewport.height
    return inside and not any(_overlap(box, other) for other in taken)


def way_out(box: Box, viewport: Viewport, taken: Sequence[Box]) -> tuple[float, float] | None:
    """Shortest way right and down [CSS px] that takes a box out from under what is taken.

    None where it is free, or where there is none along one axis that ends within the view.
    """
    over = [other for other in taken if _overlap(box, other)]
    ways = [(other[2] - box[0] + 1, 0.0) for other in over]
    ways += [(other[0] - box[2] - 1, 0.0) for other in over]
    ways += [(0.0, other[3] - box[1] + 1) for other in over]
    ways += [(0.0, other[1] - box[3] - 1) for other in over]
    left, top, right, bottom = box
    free = [
        (across, down)
        for across, down in ways
        if fits((left + across, top + down, right + across, bottom + down), viewport, taken)
    ]
    return min(free, key=lambda way: abs(way[0]) + abs(way[1]), default=None)


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
