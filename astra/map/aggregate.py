"""Kernels that turn visible points into images, pixel for pixel as Datashader does.

Each kernel walks runs of points that lie together in memory, in blocks: the pixels of a block are
computed in one loop without branches, which the compiler turns into vector instructions, and then
counted in another. Points of one run fall on few rows of pixels, so that the image they touch
stays in the fastest cache.

The arithmetic is that of `datashader.glyphs.points.Point` in float64: a point belongs to the view
when both its coordinates lie within the closed ranges, and the upper edge belongs to the last
pixel.
"""

from typing import NamedTuple, Self

import numpy as np
from numba import njit

BLOCK = 2048


class View(NamedTuple):
    """Ranges of a view, its size in pixels, and the map from coordinate to pixel."""

    x_scale: float
    """Pixels per unit of x."""
    x_shift: float
    y_scale: float
    y_shift: float
    x_low: float
    x_high: float
    y_low: float
    y_high: float
    width: int
    height: int

    @classmethod
    def of(
        cls, x_range: tuple[float, float], y_range: tuple[float, float], width: int, height: int
    ) -> Self:
        """View of two ranges in `width` by `height` pixels.

        Raises
        ------
        ValueError
            When a range is not finite or does not increase, or when there is no pixel.
        """
        for axis, (low, high) in (("x", x_range), ("y", y_range)):
            if not -np.inf < low < high < np.inf:
                raise ValueError(
                    f"{axis}_range ({low}, {high}): a range of the map is finite and increases"
                )
        if width < 1 or height < 1:
            raise ValueError(f"{width} x {height} pixels: a view has at least one pixel each way")
        x_low, x_high, y_low, y_high = (float(bound) for bound in (*x_range, *y_range))
        x_scale, y_scale = width / (x_high - x_low), height / (y_high - y_low)
        shift = (-x_low * x_scale, -y_low * y_scale)
        return cls(
            x_scale, shift[0], y_scale, shift[1], x_low, x_high, y_low, y_high, width, height
        )

    @property
    def pixels(self) -> int:
        """Number of pixels."""
        return self.width * self.height


@njit(cache=True, nogil=True)
def seen(x, y, view):
    """Whether a point lies in the view, edges included."""
    return (x >= view.x_low) & (x <= view.x_high) & (y >= view.y_low) & (y <= view.y_high)


@njit(cache=True, nogil=True)
def locate(x, y, view, pixel):
    """Write the flat pixel of every point to `pixel`; width * height where it is not in view."""
    nowhere = np.uint32(view.width * view.height)
    for i in range(x.size):  # the lower clamp matters to views that float64 hardly resolves
        column = min(max(np.int32(x[i] * view.x_scale + view.x_shift), 0), view.width - 1)
        row = min(max(np.int32(y[i] * view.y_scale + view.y_shift), 0), view.height - 1)
        pixel[i] = np.uint32(row * view.width + column) if seen(x[i], y[i], view) else nowhere


@njit(cache=True, nogil=True)
def count(x, y, mask, runs, view, image):
    """Add the points of `mask` (all when None) to `image`, uint32 [pixels + 1].

    The last element of the image collects what is not in view.
    """
    pixel = np.empty(BLOCK, np.uint32)
    for run in range(runs.shape[0]):
        for first in range(runs[run, 0], runs[run, 1], BLOCK):
            last = min(first + BLOCK, runs[run, 1])
            locate(x[first:last], y[first:last], view, pixel)
            for i in range(last - first):
                if mask is None:
                    image[pixel[i]] += np.uint32(1)
                else:  # adding 0 or 1 is faster than a branch that cannot be foreseen
                    image[pixel[i]] += np.uint32(mask[first + i])


@njit(cache=True, nogil=True)
def count_by(x, y, category, mask, runs, view, classes, images):
    """Add points to the image of their class; `images` is uint32 [(classes + 1) * pixels + 1].

    The image after the last class collects the points of no class, the last element what is not
    in view.
    """
    pixels = view.width * view.height
    nowhere = (classes + 1) * pixels
    pixel = np.empty(BLOCK, np.uint32)
    for run in range(runs.shape[0]):
        for first in range(runs[run, 0], runs[run, 1], BLOCK):
            last = min(first + BLOCK, runs[run, 1])
            locate(x[first:last], y[first:last], view, pixel)
            for i in range(last - first):
                one = np.int64(category[first + i])
                one = one if (one >= 0) & (one < classes) else classes
                flat = one * pixels + pixel[i] if pixel[i] < pixels else nowhere
                if mask is None:
                    images[np.uint64(flat)] += np.uint32(1)
                else:
                    images[np.uint64(flat)] += np.uint32(mask[first + i])


@njit(cache=True, nogil=True)
def add_up(x, y, values, mask, runs, view, total, number):
    """Add values that are not NaN to `total`, float64, and 1 to `number`, uint32 [pixels + 1]."""
    pixel = np.empty(BLOCK, np.uint32)
    for run in range(runs.shape[0]):
        for first in range(runs[run, 0], runs[run, 1], BLOCK):
            last = min(first + BLOCK, runs[run, 1])
            locate(x[first:last], y[first:last], view, pixel)
            for i in range(last - first):
                value = values[first + i]
                if np.isnan(value) or (mask is not None and not mask[first + i]):
                    continue
                total[pixel[i]] += value
                number[pixel[i]] += np.uint32(1)


@njit(cache=True, nogil=True, error_model="numpy")
def divide(total, number, image):
    """Write total / number to `image`, float32; NaN where nothing was added."""
    for i in range(image.size):
        image[i] = np.float32(total[i] / number[i])


@njit(cache=True, nogil=True)
def count_seen(x, y, runs, view):
    """Count the points in view."""
    number = 0
    for first, last in runs:
        number += count_seen_of(x[first:last], y[first:last], view)
    return number


@njit(cache=True, nogil=True)
def count_seen_of(x, y, view):
    """Count the points in view among some that lie together in memory."""
    number = 0
    for i in range(x.size):
        number += seen(x[i], y[i], view)
    return number


@njit(cache=True, nogil=True)
def list_seen(x, y, runs, view):
    """Rows of the points in view, int32, ascending in grid order."""
    rows = np.empty(count_seen(x, y, runs, view), np.int32)
    number = 0
    for run in range(runs.shape[0]):
        for i in range(runs[run, 0], runs[run, 1]):
            if seen(x[i], y[i], view):
                rows[number] = i
                number += 1
    return rows


@njit(cache=True, nogil=True)
def nearest(x, y, mask, runs, at_x, at_y, radius_x, radius_y):
    """Row of the point nearest to a position within an ellipse, first of equals; -1 without any."""
    row, closest = -1, 1.0
    for run in range(runs.shape[0]):
        for i in range(runs[run, 0], runs[run, 1]):
            if mask is not None and not mask[i]:
                continue
            distance = ((x[i] - at_x) / radius_x) ** 2 + ((y[i] - at_y) / radius_y) ** 2
            if distance < closest or (distance == closest and row < 0):
                row, closest = i, distance
    return row
