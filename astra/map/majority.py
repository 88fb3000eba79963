"""Which class is the most frequent in each pixel, without an image a class.

The view is walked in bands of a few rows of pixels. The counts by class of one band fit the
second cache; the majority leaves it, one byte and one number a pixel, before the next band
begins. A band asks for the rows of cells that its rows of pixels can touch, with a margin for
rounding, and leaves out the points that turn out to lie in another: each point counts once, in
the pixel where `astra.map.aggregate` counts it.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from astra.map.aggregate import BLOCK, locate
from astra.map.cells import cell_along
from astra.map.spread import add_row, add_widened, half_widths

BAND_BYTES = 1 << 20


class Majority(NamedTuple):
    """Classes of the pixels of a view.

    Attributes
    ----------
    group : uint8 [height, width]
        Most frequent class; 0 where empty.
    total : uint32 [height, width]
        Points of all classes, but for that `behind` the others where there are others.
    number : uint32 [height, width]
        Points of all classes.
    """

    group: NDArray[np.uint8]
    total: NDArray[np.uint32]
    number: NDArray[np.uint32]


def rows_of_band(width: int, classes: int) -> int:
    """Rows of pixels in a band, so that its counts by class fit the second cache."""
    return max(8, BAND_BYTES // (4 * width * classes))


@njit(cache=True, nogil=True)
def majority(x, y, category, mask, starts, cells, view, classes, radius, behind, band_rows):
    """Arrays of a `Majority`, each class spread by `radius`."""
    group = np.zeros((view.height, view.width), np.uint8)
    total = np.zeros((view.height, view.width), np.uint32)
    number = np.zeros((view.height, view.width), np.uint32)
    widths, shown = half_widths(radius), np.ones(classes, np.bool_)
    source_rows = band_rows + 2 * radius
    counts = np.empty(classes * source_rows * view.width + 1, np.uint32)
    spreaded = np.empty((classes, band_rows, view.width), np.uint32)
    for first in range(0, view.height, band_rows):
        rows = min(band_rows, view.height - first)
        counts[:] = 0
        count_band(x, y, category, mask, starts, cells, view, first - radius, source_rows, counts)
        images = counts[:-1].reshape(classes, source_rows, view.width)
        if radius > 0:
            spreaded[:] = 0
            for one in range(classes):
                spread_band(images[one], widths, spreaded[one, :rows])
            images = spreaded
        stop = first + rows
        choose(images, shown, behind, group[first:stop], total[first:stop])
        add_up(images, number[first:stop])
    return group, total, number


@njit(cache=True, nogil=True)
def count_band(x, y, category, mask, starts, cells, view, first_row, rows, counts):
    """Count the points of `rows` rows of pixels from `first_row`: uint32 [classes * pixels + 1].

    The last element collects the points of other rows and of no class.
    """
    size = np.int64(rows * view.width)
    nowhere, skipped = counts.size - 1, np.int64(first_row) * view.width
    classes, pixels = nowhere // size, np.int64(view.width * view.height)
    pixel = np.empty(BLOCK, np.uint32)
    low, high = cell_rows(cells, view, first_row, rows)
    left = cell_along(view.x_low, cells.x_low, cells.x_scale, cells.side)
    right = cell_along(view.x_high, cells.x_low, cells.x_scale, cells.side)
    for row in range(low, high + 1):
        start, stop = starts[row * cells.side + left], starts[row * cells.side + right + 1]
        for first in range(start, stop, BLOCK):
            last = min(first + BLOCK, stop)
            locate(x[first:last], y[first:last], view, pixel)
            for i in range(last - first):
                one, place = np.int64(category[first + i]), np.int64(pixel[i])
                at = place - skipped
                kept = (place < pixels) & (at >= 0) & (at < size) & (one >= 0) & (one < classes)
                flat = one * size + at if kept else nowhere
                if mask is None:
                    counts[np.uint64(flat)] += np.uint32(1)
                else:
                    counts[np.uint64(flat)] += np.uint32(mask[first + i])


@njit(cache=True, nogil=True)
def cell_rows(cells, view, first_row, rows):
    """First and last row of cells whose points can lie in some rows of pixels."""
    margin = 1e-3 + 2e-15 * (abs(view.y_shift) + view.height)  # of a pixel: whatever is rounded
    y_low = max((first_row - margin - view.y_shift) / view.y_scale, view.y_low)
    y_high = min((first_row + rows + margin - view.y_shift) / view.y_scale, view.y_high)
    low = cell_along(y_low, cells.y_low, cells.y_scale, cells.side)
    return low, cell_along(y_high, cells.y_low, cells.y_scale, cells.side)


@njit(cache=True, nogil=True)
def spread_band(image, widths, result):
    """Spread a band with `radius` more rows at each end than `result`, which is 0 so far."""
    radius = widths.size - 1
    wide = np.empty((radius + 1, image.shape[1]), image.dtype)
    for row in range(result.shape[0] + 2 * radius):
        add_widened(image[row], row - radius, widths, wide, result)


@njit(cache=True, nogil=True)
def add_up(images, number):
    """Add the images of all classes to the rows of `number`."""
    for row in range(len(number)):
        for one in range(len(images)):
            add_row(images[one, row], number[row])


@njit(cache=True, nogil=True)
def choose(images, shown, behind, group, total):
    """Write the most frequent class to rows of `group`, the count of all to `total`, 0 so far.

    The class `behind` takes part only where there is no other.
    """
    classes, rows = len(images), len(group)
    most = np.zeros(group.shape[1], np.uint32)
    for row in range(rows):
        most[:] = 0
        for one in range(classes):
            if shown[one] and one != behind:
                add_class(images[one, row], one, most, group[row], total[row])
        if 0 <= behind < classes and shown[behind]:
            fill_gaps(images[behind, row], behind, group[row], total[row])


@njit(cache=True, nogil=True)
def add_class(count, one, most, group, total):
    """Take one class into the majority and the total of a row of pixels."""
    for i in range(count.size):
        group[i] = one if count[i] > most[i] else group[i]
        most[i] = max(most[i], count[i])
        total[i] += count[i]


@njit(cache=True, nogil=True)
def fill_gaps(count, one, group, total):
    """Show one class in the pixels of a row that are empty so far."""
    for i in range(count.size):
        if total[i] == 0 and count[i] > 0:
            group[i], total[i] = one, count[i]
