"""Dots that can be seen: a pixel spread over a small disc where a map is sparse."""

from typing import Literal

import numpy as np
from numba import njit
from numpy.typing import NDArray

How = Literal["sum", "max"]

ENOUGH_NEIGHBOURS = 0.5


def spread(image: NDArray, radius: int, how: How = "sum") -> NDArray:
    """Spread every pixel over the disc around it, as `datashader.transfer_functions.spread` does.

    Parameters
    ----------
    image : array [height, width] or [classes, height, width]
        Counts or palette indices, 0 where empty, or floats, NaN where empty.
    radius : int
        0 leaves the image as it is; 1 makes dots of 3 pixels, 2 of 5.
    how : {"sum", "max"}
        What becomes of discs that overlap. Counts add up; of means the highest is kept.
    """
    if radius == 0:
        return image
    offsets = np.arange(-radius, radius + 1)
    disc = np.hypot(offsets, offsets[:, None]) <= radius + 0.5
    empty = np.nan if image.dtype.kind == "f" else 0
    result = np.full(image.shape, empty, image.dtype)
    rows, columns = image.shape[-2:]
    layers = image.reshape(-1, rows, columns)
    for layer, target in zip(layers, result.reshape(layers.shape), strict=True):
        if how == "sum" and image.dtype.kind == "u":
            add_discs(layer, half_widths(radius), target)
        else:
            spread_discs(layer, disc, how == "sum", empty, target)
    return result


def spread_radius(count: NDArray, largest: int = 1) -> int:
    """Radius that keeps a dense map sharp and makes a sparse one visible.

    The rule of Datashader's `dynspread`: the radius grows until more than half of the pixels that
    are not empty have a neighbour within twice the radius, and stays below that one.

    Parameters
    ----------
    count : array [height, width]
        Counts, 0 where empty.
    largest : int
        The radius is not greater than this.
    """
    for radius in range(1, largest + 1):
        if share_with_neighbour(count, 2 * radius) > ENOUGH_NEIGHBOURS:
            return radius - 1
    return largest


@njit(cache=True, nogil=True)
def half_widths(radius):
    """Half the width of a disc, without its middle, by the distance from its middle row."""
    widths = np.empty(radius + 1, np.int64)
    for row in range(radius + 1):
        widths[row] = int(np.sqrt((radius + 0.5) ** 2 - row**2))
    return widths


@njit(cache=True, nogil=True)
def add_discs(image, widths, result):
    """Add a disc for each count of `image` to `result`, 0 so far: row by row, in vectors."""
    wide = np.empty((widths.size, image.shape[1]), image.dtype)
    for row in range(image.shape[0]):
        add_widened(image[row], row, widths, wide, result)


@njit(cache=True, nogil=True)
def add_widened(counts, at, widths, wide, result):
    """Add the discs of a row of counts to `result`, about its row `at`; `wide` is scratch."""
    if not counts.any():
        return
    radius = widths.size - 1
    wide[0] = counts
    for reach in range(1, radius + 1):
        widen(counts, reach, wide[reach - 1], wide[reach])
    for row in range(max(at - radius, 0), min(at + radius + 1, result.shape[0])):
        add_row(wide[widths[abs(row - at)]], result[row])


@njit(cache=True, nogil=True)
def widen(counts, reach, narrow, wide):
    """Write `narrow` and the counts `reach` pixels to the left and to the right to `wide`."""
    size = counts.size
    if size <= 2 * reach:
        for i in range(size):
            wide[i] = narrow[i]
            wide[i] += counts[i - reach] if i >= reach else counts.dtype.type(0)
            wide[i] += counts[i + reach] if i + reach < size else counts.dtype.type(0)
        return
    for i in range(reach):
        wide[i] = narrow[i] + counts[i + reach]
        wide[size - 1 - i] = narrow[size - 1 - i] + counts[size - 1 - i - reach]
    middle, left, right = wide[reach:-reach], counts[: -2 * reach], counts[2 * reach :]
    before = narrow[reach:-reach]
    for i in range(middle.size):
        middle[i] = before[i] + left[i] + right[i]


@njit(cache=True, nogil=True)
def add_row(counts, result):
    """Add one row to another."""
    for i in range(counts.size):
        result[i] += counts[i]


@njit(cache=True, nogil=True)
def spread_discs(image, disc, add, empty, result):
    """Stamp a disc onto `result`, `empty` so far, for each pixel of `image` that is not empty."""
    height, width = image.shape
    for row in range(height):
        for column in range(width):
            if not is_empty(image[row, column], empty):
                stamp(image[row, column], row, column, disc, add, empty, result)


@njit(cache=True, nogil=True)
def is_empty(value, empty):
    """Whether a value is `empty`, be it NaN."""
    return value == empty or value != value


@njit(cache=True, nogil=True)
def stamp(value, row, column, disc, add, empty, result):
    """Stamp a value onto the disc around a pixel, cut off at the border."""
    radius = disc.shape[0] // 2
    height, width = result.shape
    for i in range(max(row - radius, 0), min(row + radius + 1, height)):
        for j in range(max(column - radius, 0), min(column + radius + 1, width)):
            if not disc[i - row + radius, j - column + radius]:
                continue
            if is_empty(result[i, j], empty):
                result[i, j] = value
            else:
                result[i, j] = result[i, j] + value if add else max(result[i, j], value)


@njit(cache=True, nogil=True)
def crowding(count, side):
    """Points per pixel, in the squares of `side` by `side` pixels that hold any; 0 without any."""
    filled = points = 0
    width = count.shape[1] // side * side
    line = np.empty(width, count.dtype)
    for top in range(0, count.shape[0] - side + 1, side):
        line[:] = count[top, :width]
        for row in range(top + 1, top + side):
            add_row(count[row, :width], line)
        for left in range(0, width, side):
            here = 0
            for column in range(left, left + side):
                here += line[column]
            points += here
            filled += here > 0
    return points / (filled * side * side) if filled else 0.0


@njit(cache=True, nogil=True)
def share_with_neighbour(count, reach):
    """Share of the pixels that are not empty with another within `reach`; inf without any."""
    height, width = count.shape
    filled = accompanied = 0
    for row in range(height):
        for column in range(width):
            if count[row, column] != 0:
                filled += 1
                accompanied += has_neighbour(count, row, column, reach)
    return accompanied / filled if filled else np.inf


@njit(cache=True, nogil=True)
def has_neighbour(count, row, column, reach):
    """Whether another pixel within a square around one is not empty."""
    height, width = count.shape
    for i in range(max(row - reach, 0), min(row + reach + 1, height)):
        for j in range(max(column - reach, 0), min(column + reach + 1, width)):
            if count[i, j] != 0 and (i != row or j != column):
                return True
    return False
