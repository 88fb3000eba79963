"""Two runs side by side: what changed for every object, and where each lies on either map.

Objects are those that both runs have, in the order of A's map. Shared by all visitors, read-only.
"""

from collections.abc import Sequence
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.categories import Category
from app.drawing.palette import ClassStyle, ClassStyles
from app.opened_runs import OpenedRun, opened
from astra.data.observatory import Observatory
from astra.runs.comparisons import Comparison
from astra.runs.tables import column

MOST_CLASSES = 24
LEVELS = 4
MEASURES = ("change", "moved")
COLOURS = ("class", "change", "flip")
LAYOUTS = ("aligned", "frozen", "own")
TOP = 200
_STILL = 1e-3
# Steps of the accent, from near the floor to the top.
_STEPS = (
    ("#5563b8", "#9aa4ea"),
    ("#7486e6", "#6873d8"),
    ("#a3b2ff", "#3c49bd"),
    ("#e0e5ff", "#1d2680"),
)


class Coloured(NamedTuple):
    """What colours of both maps stand for: a class for each object of A's and of B's map."""

    a: Category
    b: Category
    styles: dict[str, ClassStyle]


class Placed(OpenedRun):
    """A run whose objects lie at other places than on its own map.

    Parameters
    ----------
    base : OpenedRun
    places : float32 [objects, 2]
        Map order of the run; NaN for objects that have no place here.
    """

    def __init__(self, base: OpenedRun, places: NDArray[np.float32]) -> None:
        super().__init__(base.run)
        self.x = np.ascontiguousarray(places[:, 0], np.float32)
        self.y = np.ascontiguousarray(places[:, 1], np.float32)


class Compared:
    """A comparison, opened.

    Attributes
    ----------
    found : Comparison
    a, b : OpenedRun
    rows_a, rows_b : int32 [objects]
        Map rows of each common object.
    """

    def __init__(self, found: Comparison, a: OpenedRun, b: OpenedRun) -> None:
        self.found, self.a, self.b = found, a, b
        self.rows_a, self.rows_b = self.values("row_a"), self.values("row_b")
        self.classes: list[str] = self.facts["classes"]
        self._placed: dict[str, OpenedRun] = {}
        self._coloured: dict[tuple[str, str], Coloured] = {}

    def __len__(self) -> int:
        return len(self.rows_a)

    @property
    def facts(self) -> dict:
        """Summary of the objects."""
        return self.found.summary("objects")

    @property
    def floor(self) -> dict:
        """Summary of the noise."""
        return self.found.summary("noise")

    def values(self, name: str) -> NDArray:
        """Column of the objects' table, [objects]."""
        return column(self.found.objects, name)

    def threshold(self, measure: str) -> float:
        """What 95 % of the changes that are noise do not exceed."""
        return float(self.floor[measure]["threshold"])

    def beyond(self, measure: str) -> NDArray[np.bool_]:
        """Objects that changed more than that, bool [objects]."""
        return self.values(measure) > self.threshold(measure)

    def noise(self, measure: str) -> NDArray[np.float32]:
        """Changes that are noise, float32, of some objects."""
        return np.load(self.found.path / f"noise_{measure}.npy", mmap_mode="r", allow_pickle=False)

    @property
    def noise_told(self) -> str:
        """What the noise was measured with."""
        if self.floor["kind"] == "twins":
            twins = len(self.floor["of"]) - 1
            return f"{twins} re-fit{'s' if twins > 1 else ''}, other seeds"
        return "a stand-in for other seeds"

    @cached_property
    def flipped(self) -> NDArray[np.bool_]:
        """Objects of which another class is predicted, bool [objects]."""
        return self.values("class_a") != self.values("class_b")

    @cached_property
    def extent(self) -> tuple[float, float, float, float]:
        """What both maps lie in: x low, x high, y low, y high."""
        one, other = self.a.extent, self.side("b", "aligned").extent
        lows, highs = np.minimum(one, other), np.maximum(one, other)
        return float(lows[0]), float(highs[1]), float(lows[2]), float(highs[3])

    # Places

    def side(self, name: str, layout: str) -> OpenedRun:
        """A or B with its objects at the places of a layout."""
        if name == "a":
            return self.a
        if layout not in self._placed:
            self._placed[layout] = self._laid(layout)
        return self._placed[layout]

    def _laid(self, layout: str) -> OpenedRun:
        if layout == "own" and self.found.own is not None:
            return Placed(self.b, self.found.own)
        if layout == "frozen":
            places = np.full((len(self.b), 2), np.nan, np.float32)
            places[self.rows_b] = self.places_a
            return Placed(self.b, places)
        turn, shift = np.array(self.facts["turn"]), np.array(self.facts["shift"])
        still = _STILL * self.facts["size"]
        if np.abs(turn - np.eye(2)).max() < _STILL and np.abs(shift).max() < still:
            return self.b
        return Placed(self.b, (self.b.run.projection @ turn + shift).astype(np.float32))

    @cached_property
    def places_a(self) -> NDArray[np.float32]:
        """Places on A's map, float32 [objects, 2]."""
        return np.column_stack([self.a.x, self.a.y])[self.rows_a]

    def places_b(self, layout: str) -> NDArray[np.float32]:
        """Places on B's map, float32 [objects, 2]."""
        side = self.side("b", layout)
        return np.column_stack([side.x[self.rows_b], side.y[self.rows_b]])

    def between(self, layout: str, share: float) -> OpenedRun:
        """A with its objects on their way to B's map: at 0 where A has them, at 1 where B has."""
        if share <= 0:
            return self.a
        places = np.full((len(self.a), 2), np.nan, np.float32)
        places[self.rows_a] = (1 - share) * self.places_a + share * self.places_b(layout)
        return Placed(self.a, places)

    def on(self, name: str, mask: NDArray[np.bool_] | None) -> NDArray[np.bool_] | None:
        """Common objects as objects of A or B: bool [objects of the run]."""
        if mask is None:
            return None
        full = np.zeros(len(self.a if name == "a" else self.b), bool)
        full[(self.rows_a if name == "a" else self.rows_b)[mask]] = True
        return full

    def of(self, name: str, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Objects of A or B as common ones, bool [objects]."""
        return mask[self.rows_a if name == "a" else self.rows_b]

    def place_of(self, name: str, row: int) -> int | None:
        """Common object of a map row of A or B, or None."""
        rows = self._places[name]
        return int(rows[row]) if rows[row] >= 0 else None

    @cached_property
    def _places(self) -> dict[str, NDArray[np.int32]]:
        found = {}
        for name, run, rows in (("a", self.a, self.rows_a), ("b", self.b, self.rows_b)):
            places = np.full(len(run), -1, np.int32)
            places[rows] = np.arange(len(rows), dtype=np.int32)
            found[name] = places
        return found

    # Colours

    @cached_property
    def styles(self) -> ClassStyles:
        """Colours of the classes of both runs."""
        names = {*self.a.class_names, *self.b.class_names, *self.classes}
        return ClassStyles(names, self.a.styles.colour_of)

    def coloured(self, colour: str, measure: str) -> Coloured:
        """What the colours of both maps stand for."""
        key = colour, measure if colour == "change" else ""
        if key not in self._coloured:
            self._coloured[key] = self._colour(*key)
        return self._coloured[key]

    def _colour(self, colour: str, measure: str) -> Coloured:
        if colour == "class":
            sides = [side.predicted.by_frequency(MOST_CLASSES) for side in (self.a, self.b)]
            return Coloured(sides[0], sides[1], self.styles)
        if colour == "flip":
            codes = np.where(self.flipped, self.values("class_b"), -1).astype(np.int16)
            names, styles = tuple(self.classes), dict(self.styles)
        else:
            codes, names = self._levels(measure)
            styles = {
                **self.styles,
                **{name: ClassStyle("circle", *_STEPS[i]) for i, name in enumerate(names)},
            }
        a, b = (np.full(len(run), -1, np.int16) for run in (self.a, self.b))
        a[self.rows_a] = codes
        b[self.rows_b] = codes
        return Coloured(Category(names, a), Category(names, b), styles)

    def _levels(self, measure: str) -> tuple[NDArray[np.int16], tuple[str, ...]]:
        """Level of each object beyond the floor, -1 within it, and what the levels are called."""
        values, floor = self.values(measure), self.threshold(measure)
        high = max(float(np.quantile(values, 0.999)), floor + 1e-6)
        edges = np.linspace(floor, high, LEVELS + 1)
        codes = np.clip(np.searchsorted(edges, values, side="left") - 1, -1, LEVELS - 1)
        names = tuple(f"{low:.3f} to {top:.3f}" for low, top in pairwise(edges))
        return np.where(values > floor, np.maximum(codes, 0), -1).astype(np.int16), names

    # Lists

    def movers(self, measure: str, chosen: NDArray[np.bool_] | None) -> NDArray[np.int64]:
        """Objects that changed most, beyond noise, most first, at most 200; of some, or of all."""
        beyond = self.beyond(measure)
        rows = np.flatnonzero(beyond if chosen is None else beyond & chosen)
        other = MEASURES[measure == "change"]
        key = self.values(measure)[rows] + 1e-3 * np.minimum(self.values(other)[rows], 1)
        if len(rows) > TOP:
            first = np.argpartition(-key, TOP)[:TOP]
            rows, key = rows[first], key[first]
        return rows[np.argsort(-key, kind="stable")]

    def flows(self, chosen: NDArray[np.bool_] | None) -> NDArray[np.int64]:
        """Objects by class in A and in B, int64 [classes, classes]; of some, or of all."""
        if chosen is None:
            return np.array(self.facts["flows"], np.int64).reshape(len(self.classes), -1)
        size = len(self.classes)
        a, b = (self.values(f"class_{side}")[chosen].astype(np.int64) for side in "ab")
        known = (a >= 0) & (b >= 0)
        return np.bincount(a[known] * size + b[known], minlength=size * size).reshape(size, size)

    def corrected(self, objects: NDArray[np.int64]) -> tuple[int, int]:
        """Labels among some objects that B predicts and A did not, and the other way round."""
        label = self.b.classes
        corrected = broken = 0
        for place in objects:
            named = label.name_of(int(self.rows_b[place]))
            was, is_ = (self.class_of(side, int(place)) == named for side in "ab")
            corrected += is_ and not was
            broken += was and not is_
        return corrected, broken

    def class_of(self, side: str, place: int) -> str:
        """Class that a run predicts for a common object; empty where it has no probe."""
        code = int(self.values(f"class_{side}")[place])
        return self.classes[code] if code >= 0 else ""


def open_compared(observatory: Observatory, found: Comparison) -> Compared:
    """Open a comparison and its runs, or give the one that is open already.

    Raises
    ------
    StoreError
        One of the runs is gone.
    """
    manifest = found.manifest
    paths = tuple(observatory.run(name) for name in (manifest.before, manifest.after))
    return _opened(found.path, tuple(sorted(part_hashes(found))), paths)


def part_hashes(found: Comparison) -> Sequence[str]:
    """Hashes of all that a comparison holds."""
    return [f"{name} {made.hash}" for name, made in found.manifest.artefacts.items()]


@lru_cache(2)
def _opened(path: Path, hashes: tuple[str, ...], runs: tuple[Path, Path]) -> Compared:
    return Compared(Comparison.open(path), opened(runs[0]), opened(runs[1]))
