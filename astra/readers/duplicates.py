"""Observations of one object, band and time that differ: the stated policies."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from astra.readers.rules import ObservationColumns


def coinciding(owner: NDArray[np.int32], mjd: NDArray[np.float64]) -> NDArray[np.int64]:
    """Places of observations that share object and time with a neighbour, int64, ascending.

    ``owner`` and ``mjd`` [d] are of the same observations, sorted by object and then by time.
    """
    same = (owner[1:] == owner[:-1]) & (mjd[1:] == mjd[:-1])
    return np.flatnonzero(np.append(same, False) | np.insert(same, 0, False))


def merge_coinciding(columns: ObservationColumns, policy: str) -> ObservationColumns:
    """One observation for each object, time and band, by a policy.

    Flagged ones count only where all are flagged.

    Parameters
    ----------
    columns : ObservationColumns
        Sorted by object, time and band.
    policy : str
        ``keep`` changes nothing; ``best`` keeps the smallest error; ``mean`` the mean flux weighted
        by 1 / error^2, with the error of that mean.
    """
    if policy == "keep" or len(columns.owner) < 2:
        return columns
    new = np.ones(len(columns.owner), bool)
    new[1:] = (
        (np.diff(columns.owner) != 0)
        | (np.diff(columns.mjd) != 0)
        | (columns.band[1:] != columns.band[:-1])
    )
    group = np.cumsum(new) - 1
    if group[-1] + 1 == len(group):
        return columns
    # In each group: unflagged first, then the smallest error, then the order that is there.
    order = np.lexsort((columns.flux_error, columns.flagged, group))
    first = order[np.flatnonzero(np.insert(np.diff(group[order]) != 0, 0, True))]
    best = columns.select(first)
    return best if policy == "best" else _with_means(columns, group, best)


def _with_means(
    columns: ObservationColumns, group: NDArray[np.int64], best: ObservationColumns
) -> ObservationColumns:
    counted = columns.flagged == best.flagged[group]
    error = columns.flux_error.astype(np.float64)
    weight = np.where(counted, error**-2.0, 0.0)
    total = np.bincount(group, weight)
    mean = np.bincount(group, weight * columns.flux) / total
    alone = np.bincount(group, counted) == 1
    return replace(
        best,
        flux=np.where(alone, best.flux, mean).astype(np.float32),
        flux_error=np.where(alone, best.flux_error, total**-0.5).astype(np.float32),
    )
