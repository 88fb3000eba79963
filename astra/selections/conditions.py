"""What holds of an object, what fails, and what is unknown, by blocks of rows.

Kleene's three values, each of the two that are known written to its own mask, and only where it is
asked for: of ``not (a and b)`` nobody asks where ``a`` holds, and of ``a and b`` nobody where it
fails. That is half the work.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Rows = slice
Mask = NDArray[np.bool_]
Side = Callable[[Rows, Mask], None]  # writes its answer for the rows to the mask, bool [rows]
Quantity = Callable[[Rows], Any]  # numbers [rows], NaN where unknown, or one number for all


class Condition(NamedTuple):
    """Whether something holds of an object: neither where it is unknown, never both.

    Attributes
    ----------
    yes, no : Side
        Where it holds, and where it fails.
    """

    yes: Side
    no: Side

    def contrary(self) -> "Condition":
        """``not`` of it: what is unknown stays so."""
        return Condition(self.no, self.yes)


def every(parts: list[Condition]) -> Condition:
    """``and``: fails where one part does, whatever is unknown."""
    return Condition(
        partial(_joined, np.logical_and, [part.yes for part in parts]),
        partial(_joined, np.logical_or, [part.no for part in parts]),
    )


def either(parts: list[Condition]) -> Condition:
    """``or``: holds where one part does, whatever is unknown."""
    return every([part.contrary() for part in parts]).contrary()


def _joined(join: np.ufunc, sides: list[Side], rows: Rows, out: Mask) -> None:
    first, *others = sides
    first(rows, out)
    scratch = np.empty_like(out)
    for side in others:
        side(rows, scratch)
        join(out, scratch, out=out)


def compared(sign: np.ufunc, left: Quantity, right: Quantity) -> Side:
    """Where a comparison holds, other than ``!=``: nowhere where a side is NaN."""

    def ask(rows: Rows, out: Mask) -> None:
        sign(left(rows), right(rows), out=out)

    return ask


def equal(left: Quantity, right: Quantity) -> Condition:
    """``=`` of numbers."""

    def unlike(rows: Rows, out: Mask) -> None:
        one, other = left(rows), right(rows)
        np.not_equal(one, other, out=out)  # true of NaN as well
        for side in (one, other):
            if isinstance(side, np.ndarray | np.floating) and side.dtype.kind == "f":
                out &= side == side

    return Condition(compared(np.equal, left, right), unlike)


def unless(side: Side) -> Condition:
    """What fails where a side is true, and holds everywhere else: never unknown."""

    def ask(rows: Rows, out: Mask) -> None:
        side(rows, out)
        np.logical_not(out, out=out)

    return Condition(ask, side)


def is_true(values: Mask, known: Mask | None) -> Condition:
    """Flags, bool [objects], as a condition; ``known`` is None where all are known."""

    def yes(rows: Rows, out: Mask) -> None:
        out[:] = values[rows]

    def no(rows: Rows, out: Mask) -> None:
        np.logical_not(values[rows], out=out)

    if known is None:
        return Condition(yes, no)
    sure = is_known(known)
    return Condition(*(partial(_joined, np.logical_and, [side, sure]) for side in (yes, no)))


def is_known(known: Mask | None) -> Side:
    """Where a flag is known."""

    def ask(rows: Rows, out: Mask) -> None:
        out[:] = True if known is None else known[rows]

    return ask


def real(values: Any) -> Any:
    """Integers as float64, so that none overflows; numbers of an expression as Python has them."""
    if isinstance(values, int):
        return float(values)
    if isinstance(values, np.ndarray) and values.dtype.kind in "iub":
        return values.astype(np.float64)
    return values
