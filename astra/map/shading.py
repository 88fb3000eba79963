"""Images of counts and values to one plane of palette indices, uint8.

Index 0 is the background. Without a selection every group of colours (one for density and values,
one a class) follows from index 1 on; with a selection the groups of the context come first, and
those of what is selected, as many again, after them. `astra.map.palettes` makes the palettes in
this order.

A level is a step of brightness or of a ramp. The levels of a count are set by thresholds: level 1
begins at a count of 1, and level k where `thresholds[k - 2]` is reached.
"""

from typing import Literal

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from astra.map.majority import choose

Scale = Literal["log", "linear", "eq_hist"]

COLOURS = 256
MOST_CLASS_LEVELS = 30
EXACT_BINS = 1 << 16
TABLE = 4096


def ramp_levels(with_selection: bool = False) -> int:
    """Levels of a ramp: 255, or 127 each for the context and what is selected."""
    return (COLOURS - 1) // (1 + with_selection)


def class_levels(classes: int, with_selection: bool = False) -> int:
    """Levels of one class: 30, or fewer where so many classes do not fit the palette.

    Raises
    ------
    ValueError
        When the palette has no colour for each class.
    """
    levels = min(MOST_CLASS_LEVELS, (COLOURS - 2) // max(classes * (1 + with_selection), 1))
    if levels == 0:
        raise ValueError(
            f"{classes} classes do not fit {COLOURS} colours; draw the largest and one for the rest"
        )
    return levels


def shade_density(
    count: NDArray[np.uint32],
    scale: Scale = "log",
    high: int | None = None,
    selected: NDArray[np.uint32] | None = None,
) -> NDArray[np.uint8]:
    """Palette indices, uint8 [height, width], of points per pixel.

    Parameters
    ----------
    count : uint32 [height, width]
        All points that are shown.
    scale : {"log", "linear", "eq_hist"}
        "eq_hist" spreads the levels evenly over the pixels that are not empty; it always refers
        to this view, and its levels are those of Datashader's `shade`.
    high : int, optional
        Count that takes the last level of "log" and "linear"; that of this view when None.
    selected : uint32 [height, width], optional
        Those of the points that are selected. A pixel with any takes its level from them, on the
        same scale, in the second half of the palette.
    """
    levels = ramp_levels(selected is not None)
    thresholds = _thresholds(count, scale, levels, high)
    plane = np.zeros(count.shape, np.uint8)
    _paint_levels(count, None, thresholds, 0, plane)
    if selected is not None:
        _paint_levels(selected, None, thresholds, levels, plane)
    return plane


def shade_values(
    mean: NDArray[np.floating],
    low: float,
    high: float,
    selected: NDArray[np.floating] | None = None,
) -> NDArray[np.uint8]:
    """Palette indices, uint8 [height, width], of values between `low` and `high`, NaN where empty.

    Values outside take the first or the last colour. `selected`, where given, holds the values of
    the selected points alone and is painted over with the second half of the palette.

    Raises
    ------
    ValueError
        When `low` is not below `high`.
    """
    if not low < high:
        raise ValueError(f"values from {low} to {high}: the range of a colour scale increases")
    low, high = float(low), float(high)
    levels = ramp_levels(selected is not None)
    plane = np.zeros(mean.shape, np.uint8)
    paint_values(mean.reshape(-1), low, high, 0, levels, plane.reshape(-1))
    if selected is not None:
        paint_values(selected.reshape(-1), low, high, levels, levels, plane.reshape(-1))
    return plane


def shade_classes(
    counts_by: NDArray[np.uint32],
    classes_shown: ArrayLike | None = None,
    high: int | None = None,
    selected_by: NDArray[np.uint32] | None = None,
    behind: int = -1,
) -> NDArray[np.uint8]:
    """Palette indices, uint8 [height, width]: class by majority, level by log of the whole count.

    The index is 1 + class * levels + level, level from 0, with `class_levels(classes)` levels; for
    what is selected classes * levels more. Of classes equally frequent in a pixel the first wins.

    Parameters
    ----------
    counts_by : uint32 [classes, height, width]
    classes_shown : bool [classes], optional
        False hides a class: it takes part neither in the majority nor in the count.
    high : int, optional
        Count that takes the last level; the highest of this view when None.
    selected_by : uint32 [classes, height, width], optional
        Those of the points that are selected; a pixel with any shows them alone.
    behind : int, optional
        Class that appears only where no other does: objects without a label, say.

    Raises
    ------
    ValueError
        ``classes_shown`` is of another number of classes.
    """
    classes = len(counts_by)
    shown = np.ones(classes, np.bool_) if classes_shown is None else np.asarray(classes_shown, bool)
    if shown.shape != (classes,):
        raise ValueError(f"classes_shown has shape {shown.shape} for {classes} classes")
    chosen = None if selected_by is None else _majority(selected_by, shown, behind)
    return shade_majority(*_majority(counts_by, shown, behind), classes, high, chosen)


def shade_majority(
    group: NDArray[np.uint8],
    total: NDArray[np.uint32],
    classes: int,
    high: int | None = None,
    selected: tuple[NDArray[np.uint8], NDArray[np.uint32]] | None = None,
) -> NDArray[np.uint8]:
    """Palette indices of pixels whose majority is known already, as `shade_classes` gives them.

    Parameters
    ----------
    group : uint8 [height, width]
        Most frequent class of each pixel.
    total : uint32 [height, width]
        Count of all classes.
    classes : int
        How many classes there are.
    high : int, optional
        Count that takes the last level; the highest of this view when None.
    selected : pair of group and total, optional
        Those of the points that are selected; a pixel with any shows them alone.
    """
    levels = class_levels(classes, selected is not None)
    thresholds = _thresholds(total, "log", levels, high)
    plane = np.zeros(total.shape, np.uint8)
    _paint_levels(total, group, thresholds, 0, plane)
    if selected is not None:
        _paint_levels(selected[1], selected[0], thresholds, classes * levels, plane)
    return plane


def _majority(
    counts_by: NDArray[np.uint32], shown: NDArray[np.bool_], behind: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint32]]:
    group, total = np.zeros(counts_by.shape[1:], np.uint8), np.zeros(counts_by.shape[1:], np.uint32)
    choose(counts_by, shown, behind, group, total)
    return group, total


def quantile_of_filled(count: NDArray[np.uint32], share: float) -> int:
    """Count that a share of the pixels that are not empty does not exceed; 0 without any.

    ``count`` is uint32 [height, width]. Exact below 65,536; above, to one part in 32,768.
    """
    highest = int(count.max(initial=0))
    shift = _shift(highest)
    pixels = np.cumsum(histogram(count.reshape(-1), shift, (highest >> shift) + 1))
    return int(np.searchsorted(pixels, share * pixels[-1])) << shift if highest else 0


def _shift(highest: int) -> int:
    return max(highest.bit_length() - EXACT_BINS.bit_length() + 1, 0)


def _thresholds(
    count: NDArray[np.uint32], scale: Scale, levels: int, high: int | None
) -> NDArray[np.float64]:
    """Counts at which the levels after the first begin, ascending [levels - 1]."""
    middles = (np.arange(1, levels) - 0.5) / max(levels - 1, 1)
    highest = max(int(count.max(initial=0)) if high is None or scale == "eq_hist" else high, 1)
    match scale:
        case "log":
            return highest**middles
        case "linear":
            return 1 + (highest - 1) * middles
        case "eq_hist":
            return _equal_shares(count, highest, middles)
        case _:
            raise ValueError(f"scale {scale!r}: the scales are log, linear and eq_hist")


def _equal_shares(
    count: NDArray[np.uint32], highest: int, middles: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Counts below which a share of the pixels that are not empty lies, as `eq_hist` counts them.

    Each count is a bin of its own up to `EXACT_BINS`; beyond, 2, 4, 8 ... counts share one.
    """
    shift = _shift(highest)
    pixels = histogram(count.reshape(-1), shift, (highest >> shift) + 1)
    filled = np.flatnonzero(pixels)
    if filled.size < 2:
        return np.ones_like(middles)
    share = np.cumsum(pixels[filled]) / pixels.sum()
    share = (share - share[0]) / (1 - share[0])
    return (filled[np.searchsorted(share, middles)] << shift).astype(np.float64)


def _paint_levels(
    count: NDArray[np.uint32],
    group: NDArray[np.uint8] | None,
    thresholds: NDArray[np.float64],
    first: int,
    plane: NDArray[np.uint8],
) -> None:
    table = np.searchsorted(thresholds, np.arange(TABLE), side="right").astype(np.uint8) + 1
    groups = None if group is None else group.reshape(-1)
    paint_levels(count.reshape(-1), groups, thresholds, table, first, plane.reshape(-1))


@njit(cache=True, nogil=True)
def paint_levels(count, group, thresholds, table, first, plane):
    """Paint the pixels that are not empty with `first` + group * levels + level, level from 1.

    `table` holds the levels of the counts below its length.
    """
    levels = thresholds.size + 1
    for i in range(count.size):
        if count[i] < table.size:
            level = np.int64(table[count[i]])
        else:
            level = np.searchsorted(thresholds, count[i], side="right") + 1
        index = first + level if group is None else first + group[i] * levels + level
        plane[i] = index if count[i] > 0 else plane[i]


@njit(cache=True, nogil=True)
def paint_values(values, low, high, first, levels, plane):
    """Paint the pixels that are not NaN with `first` + level, level from 1."""
    scale = (levels - 1) / (high - low)
    for i in range(values.size):
        step = min(max((values[i] - low) * scale + 0.5, 0.0), levels - 1.0)
        plane[i] = plane[i] if np.isnan(values[i]) else first + 1 + int(step)


@njit(cache=True, nogil=True)
def histogram(count, shift, bins):
    """Pixels per count, int64 [bins], of those that are not empty; 2**shift counts share a bin."""
    pixels = np.zeros(bins, np.int64)
    for i in range(count.size):
        if count[i] > 0:
            pixels[count[i] >> shift] += 1
    return pixels
