"""Splits of the sky into a part to learn from and a part to be tested on.

What is split are *units*: cells of 2 degrees, joined where one sky group (an object under several
names) lies in two of them. No unit is ever on both sides.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from astra.data.catalogue import Catalogue, sky_cell
from astra.data.errors import AstraError
from astra.data.held_out import CELL_SIZE, FRACTION

FEWEST_LEARNT = 20
FEWEST_TESTED = 5
FEWEST_UNITS = 20
"""Fewer units than these make an interval that resamples them coarse."""

_TRIES = 300
_TESTED_SHARE = (0.2, 0.4)


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Rows to learn from and rows to be tested on, int64, ascending."""

    learn: NDArray[np.int64]
    test: NDArray[np.int64]


def sky_units(catalogue: Catalogue) -> NDArray[np.int64]:
    """Number of the unit that each object belongs to, int64 [objects], counted from 0.

    Objects without a position, and in no sky group with another, are units of their own; so are
    all objects where the catalogue has no positions.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    count = len(catalogue)
    cells = _numbered(_cells(catalogue))
    groups = _numbered(_sky_groups(catalogue))
    edges = (np.ones(count), (cells, groups + count))
    graph = coo_array(edges, shape=(2 * count, 2 * count))
    unit = connected_components(graph, directed=False)[1]
    return _numbered(unit[cells])


def _cells(catalogue: Catalogue) -> NDArray[np.int64]:
    if "ra" not in catalogue or "dec" not in catalogue:
        return np.arange(len(catalogue))
    ra, dec = (catalogue[name].to_numpy(np.float64, na_value=np.nan) for name in ("ra", "dec"))
    return sky_cell(ra, dec, CELL_SIZE)


def _sky_groups(catalogue: Catalogue) -> NDArray[np.int64]:
    alone = -1 - np.arange(len(catalogue))
    if "sky_group" not in catalogue:
        return alone
    groups = catalogue["sky_group"]
    codes = groups.astype("category").cat.codes.to_numpy(np.int64)
    return np.where(groups.isna(), alone, codes)


def _numbered(values: NDArray[np.integer]) -> NDArray[np.int64]:
    return np.unique(values, return_inverse=True)[1].astype(np.int64)


def draw_splits(
    units: NDArray[np.integer],
    codes: NDArray[np.integer],
    seeds: int | Sequence[int] = 3,
    rows: NDArray[np.integer] | None = None,
) -> list[Split]:
    """Draw splits with 30 % of the units for the test.

    Of many draws the first is taken that tests between 20 and 40 % of the objects and leaves the
    most classes with enough objects on both sides: with a handful of units, a blind draw would test
    a whole class, or nearly nothing. No two splits are alike, as long as there are others.

    Parameters
    ----------
    units : integer [objects]
    codes : integer [objects]
        Class of each object, -1 for objects that take no part.
    seeds : int or sequence of int
        Splits to draw, or their seeds.
    rows : integer [rows], optional
        Split these objects alone, such as the learnt part of another split.

    Raises
    ------
    AstraError
        There are fewer than two units.
    """
    chosen = codes >= 0
    if rows is not None:
        chosen = chosen & np.isin(np.arange(len(codes)), rows)
    part = np.flatnonzero(chosen)
    names = np.unique(units[part])
    if len(names) < 2:
        raise AstraError(
            f"{len(part)} objects with a class lie in {len(names)} sky cells: nothing to split by"
        )
    taken: set[bytes] = set()
    splits = []
    for seed in range(seeds) if isinstance(seeds, int) else seeds:
        tested = _draw(units[part], codes[part], names, np.random.default_rng(seed), taken)
        taken.add(tested.tobytes())
        splits.append(Split(part[~tested], part[tested]))
    return splits


def _draw(
    units: NDArray[np.integer],
    codes: NDArray[np.integer],
    names: NDArray[np.integer],
    generator: np.random.Generator,
    taken: set[bytes],
) -> NDArray[np.bool_]:
    """Which objects are tested, bool [objects]: the best of many draws."""
    count = int(np.clip(round(FRACTION * len(names)), 1, len(names) - 1))
    place = np.searchsorted(names, units)
    low, high = _TESTED_SHARE
    most = int((np.bincount(codes) >= FEWEST_LEARNT + FEWEST_TESTED).sum())
    best, best_rank = np.zeros(len(units), np.bool_), (-2, 0, 0.0)
    for _ in range(_TRIES):
        chosen = np.zeros(len(names), np.bool_)
        chosen[generator.permutation(len(names))[:count]] = True
        tested = chosen[place]
        share = float(tested.mean())
        classes = len(_classes(codes[~tested], codes[tested]))
        rank = (-int(tested.tobytes() in taken), classes, -abs(share - FRACTION))
        if rank[0] == 0 and classes == most and low <= share <= high:
            return tested
        if rank > best_rank:
            best, best_rank = tested, rank
    return best


def scorable(codes: NDArray[np.integer], splits: Sequence[Split]) -> NDArray[np.int64]:
    """Classes with 20 objects to learn from and 5 to be tested on in every split, int64 [classes].

    ``codes`` are the classes of the objects, int [objects].
    """
    common = [set(_classes(codes[s.learn], codes[s.test])) for s in splits]
    return np.array(sorted(set.intersection(*common)) if common else [], np.int64)


def _classes(learnt: NDArray[np.integer], tested: NDArray[np.integer]) -> list[int]:
    size = int(max(learnt.max(initial=-1), tested.max(initial=-1))) + 1
    learns = np.bincount(learnt[learnt >= 0], minlength=size)
    tests = np.bincount(tested[tested >= 0], minlength=size)
    return np.flatnonzero((learns >= FEWEST_LEARNT) & (tests >= FEWEST_TESTED)).tolist()


def restricted(split: Split, keep: NDArray[np.bool_]) -> Split:
    """Give a split without the objects that are not kept, bool [objects]."""
    return Split(split.learn[keep[split.learn]], split.test[keep[split.test]])
