"""What a lasso or a box holds while it is still being drawn."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.tally import Mask, Tally

_COMBINE = {
    "add": np.logical_or,
    "subtract": lambda one, other: one & ~other,
    "intersect": np.logical_and,
}


class Sketch(NamedTuple):
    """A polygon, and what would be selected if it were let go now.

    Attributes
    ----------
    tool, mode : str
        ``lasso`` or ``box``; how it is `combined` with what is selected.
    polygon : float64 [vertices, 2]
    selected, shown : bool [objects] or None
        What was selected, and what was shown, when it was looked at.
    mask : bool [objects]
        What would be selected.
    hidden : int
        Objects inside that hidden classes or filters leave out.
    tally : Tally
        What of it is shown, in numbers.
    """

    tool: str
    mode: str
    polygon: NDArray[np.float64]
    selected: Mask
    shown: Mask
    mask: NDArray[np.bool_]
    hidden: int
    tally: Tally

    def is_of(self, polygon: NDArray[np.float64], mode: str, selected: Mask, shown: Mask) -> bool:
        """Whether looking again would find the same."""
        now = self.mode == mode and self.selected is selected and self.shown is shown
        return now and np.array_equal(self.polygon, polygon)


def combined(selected: Mask, mask: NDArray[np.bool_], mode: str) -> NDArray[np.bool_]:
    """What is selected once a gesture is done, bool [objects].

    Parameters
    ----------
    selected : bool [objects] or None
        What was selected before.
    mask : bool [objects]
        What the gesture holds.
    mode : str
        ``replace``, ``add`` to, ``subtract`` from or ``intersect`` with what was selected.
    """
    if mode == "replace":
        return mask
    if selected is None:
        return np.zeros_like(mask) if mode == "subtract" else mask
    return _COMBINE[mode](selected, mask)
