"""Clustered points in a plane, and what is asked of them."""

from functools import cached_property

import numpy as np
import pandas as pd
from numba import njit
from numpy.typing import NDArray

from app.categories import Category
from app.opened_runs import OpenedRun
from astra.map.grid import grid_order

WIDTH, HEIGHT, CLASSES = 900, 700, 12

Ranges = tuple[tuple[float, float], tuple[float, float]]


class Clusters(OpenedRun):
    """Points of thirty clusters in grid order, each of one of twelve classes; no run on disk."""

    def __init__(self, points: int) -> None:
        x, y = clusters(points)
        order = grid_order(x, y)
        self.x, self.y = x[order], y[order]
        self.codes = np.random.default_rng(2).integers(0, CLASSES, points).astype(np.int16)
        self.shuffled = pd.DataFrame({"x": x, "y": y})
        codes = np.empty_like(self.codes)
        codes[order] = self.codes
        self.shuffled["category"] = pd.Categorical.from_codes(codes.astype(np.int8), self.names)

    @property
    def names(self) -> list[str]:
        """Names of the classes."""
        return [f"class {code}" for code in range(CLASSES)]

    @cached_property
    def classes(self) -> Category:
        """Class of each point."""
        return Category(tuple(self.names), self.codes)

    @cached_property
    def class_names(self) -> list[str]:
        """Names of the classes."""
        return self.names

    @property
    def full(self) -> Ranges:
        """View of all points."""
        return self.grid.x_extent, self.grid.y_extent

    @cached_property
    def zoomed(self) -> Ranges:
        """The fullest of 10 by 10 equal views."""
        counts, x_edges, y_edges = np.histogram2d(self.x, self.y, 10)
        i, j = np.unravel_index(counts.argmax(), counts.shape)
        (left, right), (low, high) = x_edges[i : i + 2].tolist(), y_edges[j : j + 2].tolist()
        return (left, right), (low, high)

    def star(self, vertices: int) -> NDArray[np.float64]:
        """A lasso over about a fifth of the map's area."""
        angle = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
        jitter = np.random.default_rng(3).uniform(0.7, 1, vertices)
        radius = 0.3 * jitter * (1 + 0.2 * np.sin(7 * angle))
        axes = zip(self.full, (np.cos(angle), np.sin(angle)), strict=True)
        return np.stack([np.mean(e) + (e[1] - e[0]) * radius * wave for e, wave in axes], axis=1)


def clusters(points: int, seed: int = 1) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Clustered points in no order, float32 [points] each."""
    rng = np.random.default_rng(seed)
    cluster = rng.integers(0, 30, points)
    centres, widths = rng.normal(0, 4, (30, 2)), rng.uniform(0.1, 1, 30)
    position = centres[cluster] + rng.normal(size=(points, 2)) * widths[cluster, None]
    x, y = position.T.astype(np.float32)
    return x, y


@njit(cache=True, nogil=True, fastmath=True)
def stream(x, y):
    """Read every coordinate once: no full scan can be faster."""
    sum_x, sum_y = np.float32(0), np.float32(0)
    for i in range(x.size):
        sum_x += x[i]
        sum_y += y[i]
    return sum_x + sum_y
