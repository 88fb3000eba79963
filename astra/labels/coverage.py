"""What the labels cover: which objects have a label among their nearest in the embedding."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

NEAREST = 10
CELLS = 24
_CHUNK = 200_000


class Part(NamedTuple):
    """Objects of a class or of a place, and how many of them are covered."""

    name: str
    objects: int
    covered: int

    @property
    def share(self) -> float:
        """Share that is covered, 0 to 1."""
        return self.covered / self.objects if self.objects else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Coverage:
    """What the labels cover.

    Attributes
    ----------
    whole : Part
    by_class : tuple of Part
        By class as it is predicted, the least covered first.
    covered : bool [objects]
        Map order.
    cells : float32 [24, 24]
        Share of covered objects in each cell of the map, lowest y first; NaN where there are
        fewer than ten objects.
    """

    whole: Part
    by_class: tuple[Part, ...]
    covered: NDArray[np.bool_]
    cells: NDArray[np.float32]

    @property
    def blank(self) -> int:
        """Cells with ten objects or more of which none is covered."""
        return int(np.count_nonzero(self.cells == 0))


def covered_by(
    neighbours: NDArray[np.integer], labelled: NDArray[np.bool_], nearest: int = NEAREST
) -> NDArray[np.bool_]:
    """Whether an object, or one of its nearest, has a label, bool [objects].

    Parameters
    ----------
    neighbours : integer [objects, k]
        Rows of the nearest objects, nearest first.
    labelled : bool [objects]
        In the order of the rows.
    nearest : int
        How many of the neighbours count.
    """
    found = np.array(labelled, copy=True)
    for start in range(0, len(found), _CHUNK):
        near = np.asarray(neighbours[start : start + _CHUNK, :nearest])
        if near.shape[1]:
            found[start : start + _CHUNK] |= labelled[near].any(axis=1)
    return found


def coverage(
    covered: NDArray[np.bool_],
    projection: NDArray[np.floating],
    codes: NDArray[np.integer],
    names: tuple[str, ...],
) -> Coverage:
    """Sum up what is covered, as a whole, by class and by place on the map.

    Parameters
    ----------
    covered : bool [objects]
        Map order, as all that follows.
    projection : float [objects, 2]
    codes : integer [objects]
        Class of each object, an index into ``names``; negative without one.
    names : tuple of str
    """
    known = codes >= 0
    objects = np.bincount(codes[known], minlength=len(names))
    found = np.bincount(codes[known & covered], minlength=len(names))
    parts = [
        Part(name, int(n), int(c)) for name, n, c in zip(names, objects, found, strict=True) if n
    ]
    return Coverage(
        Part("all", len(covered), int(np.count_nonzero(covered))),
        tuple(sorted(parts, key=lambda part: (part.share, part.name))),
        covered,
        _cells(covered, projection),
    )


def _cells(covered: NDArray[np.bool_], projection: NDArray[np.floating]) -> NDArray[np.float32]:
    place = np.asarray(projection, np.float64)
    on_map = np.isfinite(place).all(axis=1)
    if not on_map.any():
        return np.full((CELLS, CELLS), np.nan, np.float32)
    low, high = place[on_map].min(axis=0), place[on_map].max(axis=0)
    scaled = (place[on_map] - low) / np.where(high > low, high - low, 1)
    column, row = np.minimum((scaled * CELLS).astype(np.int64), CELLS - 1).T
    cell, here = row * CELLS + column, covered[on_map]
    objects = np.bincount(cell, minlength=CELLS**2)
    found = np.bincount(cell, weights=here, minlength=CELLS**2)
    # A handful of objects at the edge is no blank part of the map.
    share = np.where(objects >= 10, found / np.maximum(objects, 1), np.nan)
    return share.reshape(CELLS, CELLS).astype(np.float32)
