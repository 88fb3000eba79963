"""Classes of objects, and scales of numbers: what colours stand for."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from app.words import UNLABELLED
from astra.selections.summing import Chosen, count_by

OTHER = "other"
KINDS = ("log", "equal", "linear")
KNOTS = 65


@dataclass(frozen=True, eq=False)
class Category:
    """A class for every object.

    Attributes
    ----------
    names : tuple of str
        Class names, sorted; never empty text.
    codes : int16 [objects]
        Index into ``names``, -1 where the object has no class; map order.
    """

    names: tuple[str, ...]
    codes: NDArray[np.int16]

    @classmethod
    def nothing(cls, objects: int) -> Self:
        """No object has a class."""
        return cls((), np.broadcast_to(np.int16(-1), objects))

    def below(self, other: "Category") -> "Category":
        """What ``other`` says, and where it says nothing what this one says."""
        if not (other.codes >= 0).any():
            return self
        names = tuple(sorted({*self.names, *other.names}))
        place = {name: i for i, name in enumerate(names)}
        mine = _recoded(self, place)
        theirs = _recoded(other, place)
        return Category(names, np.where(theirs < 0, mine, theirs))

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """Objects of each class, int64 [names + 1]; the last counts those without a class."""
        return self.count()

    def count(self, chosen: Chosen | None = None) -> NDArray[np.int64]:
        """Objects of each class among some, int64 [names + 1]; the last counts those without."""
        if chosen is not None:
            return count_by(self.codes, len(self.names), chosen)
        counted = np.bincount(self.codes.astype(np.int64) + 1, minlength=len(self.names) + 1)
        return np.roll(counted, -1)

    def by_frequency(self, most: int) -> "Category":
        """The same classes, most frequent first; from the ``most``-th on they become "other".

        Made once: visitors share it.
        """
        if most not in self._by_frequency:
            self._by_frequency[most] = self._sorted(most)
        return self._by_frequency[most]

    @cached_property
    def _by_frequency(self) -> dict[int, "Category"]:
        return {}

    def _sorted(self, most: int) -> "Category":
        order = np.argsort(-self.counts[:-1], kind="stable")
        kept = order if len(order) <= most else order[: most - 1]
        new_code = np.full(len(self.names) + 1, len(kept), np.int16)
        new_code[kept] = np.arange(len(kept))
        new_code[-1] = -1
        names = tuple(self.names[i] for i in kept)
        return Category(names if len(kept) == len(order) else (*names, OTHER), new_code[self.codes])

    @cached_property
    def layers(self) -> NDArray[np.int8]:
        """``codes`` with objects without a class as one more class, the last, int8 [objects]."""
        layers = np.where(self.codes < 0, len(self.names), self.codes).astype(np.int8)
        layers.flags.writeable = False
        return layers

    def name_of(self, row: int) -> str:
        """Class name of one object, or ``unlabelled``."""
        code = int(self.codes[row])
        return self.names[code] if code >= 0 else UNLABELLED

    def members(self, names: frozenset[str]) -> NDArray[np.bool_]:
        """Whether each object is of one of some classes (``unlabelled`` counts as one), bool."""
        wanted = np.array([name in names for name in (*self.names, UNLABELLED)])
        return wanted[self.codes]


@dataclass(frozen=True, slots=True)
class Scale:
    """Range of a colour scale in the column's unit, and how the colours are spread over it.

    Attributes
    ----------
    low, high : float
    kind : str
        "log", "equal" (every colour for as many objects, or pixels) or "linear".
    knots : tuple of float
        Values at equal shares of an "equal" scale, ascending.
    is_positive : bool
        It may be "log".
    """

    low: float
    high: float
    kind: str = "linear"
    knots: tuple[float, ...] = ()
    is_positive: bool = False

    @classmethod
    def of(
        cls, values: NDArray[np.float32], may_be_log: bool = True, kind: str | None = None
    ) -> Self:
        """1st to 99th percentile; of itself logarithmic for positive values over 1.5 decades."""
        known = values[np.isfinite(values)]
        if not len(known):
            return cls(0.0, 1.0)
        low, high = (float(end) for end in np.percentile(known, [1, 99]))
        if not low < high:
            low, high = low - 0.5, low + 0.5
        positive = may_be_log and bool(known.min() > 0) and low > 0
        if kind is None:
            kind = "log" if positive and high > 10**1.5 * low else "linear"
        knots = np.percentile(known, np.linspace(1, 99, KNOTS)) if kind == "equal" else ()
        return cls(low, high, kind, tuple(float(knot) for knot in knots), positive)

    def at(self, share: float) -> float:
        """Value at a share of the scale, 0 at ``low`` and 1 at ``high``."""
        if self.kind == "log":
            return self.low * (self.high / self.low) ** share
        if self.kind == "equal":
            return float(np.interp(share, np.linspace(0, 1, len(self.knots)), self.knots))
        return self.low + share * (self.high - self.low)

    def along(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Values as they lie along the scale, whose ends are `ends`; NaN where there is none."""
        if self.kind == "linear":
            return values
        with np.errstate(invalid="ignore", divide="ignore"):
            if self.kind == "log":
                values = np.log10(values)
                values[~np.isfinite(values)] = np.nan
                return values
            shares = np.linspace(0, 1, len(self.knots))
            known = np.where(np.isfinite(values), values, np.nan)
            return np.interp(known, self.knots, shares).astype(np.float32)

    @property
    def ends(self) -> tuple[float, float]:
        """Low and high end, as values lie `along` the scale."""
        if self.kind == "equal":
            return 0.0, 1.0
        if self.kind == "log":
            return float(np.log10(self.low)), float(np.log10(self.high))
        return self.low, self.high


def _recoded(category: Category, place: Mapping[str, int]) -> NDArray[np.int16]:
    new_code = np.array([*(place[name] for name in category.names), -1], np.int16)
    return new_code[category.codes]
