"""Selections that were left, so that each can be undone and redone."""

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

DEPTH = 50


class Selection(NamedTuple):
    """One selection, an eighth of its mask's size.

    Attributes
    ----------
    bits : uint8 [objects / 8] or None
        The mask, packed; None where nothing was selected.
    description : str
    outline : float64 [vertices, 2] or None
    """

    bits: NDArray[np.uint8] | None
    description: str
    outline: NDArray[np.float64] | None

    @classmethod
    def of(
        cls,
        mask: NDArray[np.bool_] | None,
        description: str,
        outline: NDArray[np.float64] | None,
    ) -> Self:
        """Pack a selection."""
        return cls(None if mask is None else np.packbits(mask), description, outline)

    def mask(self, objects: int) -> NDArray[np.bool_] | None:
        """Chosen objects, bool [objects], or None."""
        if self.bits is None:
            return None
        return np.unpackbits(self.bits, count=objects).astype(bool)


class History:
    """The last fifty selections of one visitor in one run."""

    def __init__(self) -> None:
        self._undo: list[Selection] = []
        self._redo: list[Selection] = []

    @property
    def can_undo(self) -> bool:
        """Whether there is one to go back to."""
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        """Whether there is one to go forward to."""
        return bool(self._redo)

    def leave(self, now: Selection) -> None:
        """Remember a selection that a new one replaces."""
        self._undo = [*self._undo[1 - DEPTH :], now]
        self._redo = []

    def back(self, now: Selection) -> Selection | None:
        """Give the selection before, if there is one, and remember the present one."""
        return _step(self._undo, self._redo, now)

    def forward(self, now: Selection) -> Selection | None:
        """Give the selection that was undone last, if there is one."""
        return _step(self._redo, self._undo, now)


def _step(leave: list[Selection], keep: list[Selection], now: Selection) -> Selection | None:
    if not leave:
        return None
    keep.append(now)
    return leave.pop()
