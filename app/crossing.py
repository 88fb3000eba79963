"""The filters of one visitor over the rows of one run, kept as bits: the work behind the strip."""

from collections.abc import Hashable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from app.categories import Category
from app.opened_runs import OpenedRun
from astra.selections.columns import TableColumns, Texts
from astra.selections.crossing import MOST_FILTERS, clear, histogram, mark_not, mark_outside
from astra.selections.expression import Expression

Mask = NDArray[np.bool_]


class Brush(NamedTuple):
    """Closed range of values that pass; an end is infinite where it is open."""

    low: float
    high: float


class Asked(NamedTuple):
    """What a visitor asks of the objects of a run.

    Attributes
    ----------
    brushes : mapping of column to Brush
    expressions : sequence of str
    classes : Category
        What ``class`` means in an expression.
    seen : bool [objects] or None
        Objects whose class is not hidden.
    chosen : bool [objects] or None
        Objects that are selected.
    columns : sequence of str
        Columns whose histograms are on screen.
    """

    brushes: Mapping[str, Brush]
    expressions: Sequence[str]
    classes: Category
    seen: Mask | None
    chosen: Mask | None
    columns: Sequence[str]


class Answer(NamedTuple):
    """What passes.

    Attributes
    ----------
    passing : bool [objects] or None
        Objects that pass every brush and expression; None without any.
    objects : int
        How many these are.
    histograms : mapping of column to int64 [3, bins]
        See `astra.selections.crossing.histogram`.
    """

    passing: Mask | None
    objects: int
    histograms: Mapping[str, NDArray[np.int64]]


class Crossing:
    """Which filters each object does not pass; one thread at a time may ask.

    A filter that did not change since it was asked last is not looked at again.

    Parameters
    ----------
    run : OpenedRun
    """

    def __init__(self, run: OpenedRun) -> None:
        self._run = run
        self._failed = np.zeros(len(run), np.uint16)
        self._bits: dict[Hashable, int] = {}
        self._marked: dict[Hashable, object] = {}
        self._last: tuple[dict[Hashable, object], Mask | None] = ({}, None)

    def ask(self, asked: Asked) -> Answer:
        """Bring the bits up to date, and count."""
        self._update(asked)
        passing = self._passing(asked)
        objects = len(self._run) if passing is None else int(np.count_nonzero(passing))
        histograms = {
            name: histogram(
                self._run.binned(name).codes,
                self._failed,
                self._bits.get(("brush", name), 0),
                asked.chosen,
            )
            for name in asked.columns
        }
        return Answer(passing, objects, histograms)

    def _update(self, asked: Asked) -> None:
        wanted: dict[Hashable, object] = {("brush", n): b for n, b in asked.brushes.items()}
        wanted |= {("expression", text): asked.classes for text in asked.expressions}
        if asked.seen is not None:
            wanted["seen"] = asked.seen
        for key in [key for key in self._marked if key not in wanted]:
            clear(np.uint16(self._bits.pop(key)), self._failed)
            del self._marked[key]
        for key, what in wanted.items():
            if not _unchanged(self._marked.get(key), what):
                self._mark(key, what)
                self._marked[key] = what

    def _mark(self, key: Hashable, what: object) -> None:
        if key not in self._bits:
            taken = set(self._bits.values())
            self._bits[key] = next(1 << i for i in range(MOST_FILTERS) if 1 << i not in taken)
        bit = np.uint16(self._bits[key])
        if isinstance(what, Brush) and isinstance(key, tuple):
            # In the precision of the column, as an expression compares too.
            low, high = (float(np.float32(end)) for end in what)
            mark_outside(self._run.values(key[1]), low, high, bit, self._failed)
        elif isinstance(what, Category) and isinstance(key, tuple):
            expression = Expression(key[1], columns_of(self._run, what))
            mark_not(expression.mask(), bit, self._failed)
        else:
            mark_not(what, bit, self._failed)

    def _passing(self, asked: Asked) -> Mask | None:
        """Objects that pass; the same array while the filters are the same."""
        filters = {key: what for key, what in self._marked.items() if key != "seen"}
        same = filters.keys() == self._last[0].keys() and all(
            _unchanged(before, filters[key]) for key, before in self._last[0].items()
        )
        if not same:
            passing = None
            if filters:
                bits = sum(self._bits[key] for key in filters)
                passing = (self._failed & np.uint16(bits)) == 0
                passing.flags.writeable = False
            self._last = (filters, passing)
        return self._last[1]


def _unchanged(before: object, now: object) -> bool:
    return before is now or (isinstance(now, Brush) and before == now)


def columns_of(run: OpenedRun, classes: Category) -> TableColumns:
    """Columns that an expression may name, with the classes as they are now."""
    shared = run.columns
    columns = {name: partial(shared.column, name) for name in shared.names}
    texts = Texts(pa.array(classes.names, pa.large_string()), classes.codes)
    return TableColumns({**columns, "class": texts}, len(run))
