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
