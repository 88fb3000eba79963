"""Arrays that all visitors of a run share: read-only, and made without a sort where one can do."""

import numpy as np
from numpy.typing import NDArray


def rows_by_rank(rank: NDArray[np.integer]) -> NDArray[np.int32]:
    """Rows in the order of their ranks, which count from 1."""
    rows = np.full(len(rank), -1, np.int32)
    inside = (rank >= 1) & (rank <= len(rank))
    rows[rank[inside] - 1] = np.flatnonzero(inside)
    if rows.min(initial=0) < 0:  # some ranks are shared
        rows = np.argsort(rank, kind="stable").astype(np.int32)
    return rows


def sealed(array: NDArray) -> NDArray:
    """Make an array read-only."""
    array.flags.writeable = False
    return array
