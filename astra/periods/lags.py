"""How much an object changes in a given time: the structure function of merged observations."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from astra.periods.merging import SYSTEMATIC, Merged, rms_of

LAG_EDGES = (0.0, 0.02, 0.2, 1.5, 4.0, 10.0, 30.0, 100.0, 300.0, 1000.0, np.inf)
"""Edges of the bins of time between two observations [d]: exposures of a night, nights, seasons."""

MIN_PAIRS = 4
_MAX_SCATTER = 2.0


def lag_scatter(merged: Merged, chosen: NDArray[np.bool_] | None = None) -> NDArray[np.float32]:
    """Structure function of each object, with the noise left in.

    Pairs of observations are the 1st, 2nd, 3rd, 4th, 6th, 8th, 12th, ... neighbours in time, of the
    same band: all lags are met, and the work grows with the number of observations only.

    Parameters
    ----------
    merged : Merged
    chosen : bool [observations], optional
        Observations to use; all by default.

    Returns
    -------
    float32 [objects, 10]
        Root of the weighted mean of the squared difference, over sqrt(2) times the rms, in bins of
        the lag (``LAG_EDGES``), at most 2: 1 where the values have forgotten each other. NaN for
        bins with fewer than ``MIN_PAIRS`` pairs.
    """
    chosen = np.ones(len(merged.time), np.bool_) if chosen is None else chosen
    return _lag_scatter(
        merged.time,
        merged.value,
        merged.error,
        merged.band,
        merged.offsets,
        chosen,
        np.array(LAG_EDGES),
    )


@njit(cache=True, nogil=True)
def _lag_scatter(time, value, error, band, offsets, chosen, edges):
    out = np.full((len(offsets) - 1, len(edges) - 1), np.nan, np.float32)
    for i in range(len(offsets) - 1):
        part = offsets[i] + np.flatnonzero(chosen[offsets[i] : offsets[i + 1]])
        rms = rms_of(value[part], error[part])
        if not rms > 0:
            continue
        variance = error[part] ** 2 + SYSTEMATIC**2
        squares, weights, pairs = _sum_pairs(time[part], value[part], variance, band[part], edges)
        for b in range(len(pairs)):
            if pairs[b] >= MIN_PAIRS:
                scatter = np.sqrt(squares[b] / weights[b] / 2) / rms
                out[i, b] = min(scatter, _MAX_SCATTER)
    return out


@njit(cache=True, nogil=True)
def _sum_pairs(time, value, variance, band, edges):
    squares = np.zeros(len(edges) - 1)
    weights = np.zeros(len(edges) - 1)
    pairs = np.zeros(len(edges) - 1, np.int64)
    neighbour = 1
    while neighbour < len(time):
        for j in range(len(time) - neighbour):
            k = j + neighbour
            if band[j] == band[k]:
                lag = time[k] - time[j]
                b = 0
                while lag >= edges[b + 1]:
                    b += 1
                weight = 1 / (variance[j] + variance[k])
                squares[b] += weight * (value[k] - value[j]) ** 2
                weights[b] += weight
                pairs[b] += 1
        # 1, 2, 3, 4, 6, 8, 12, 16, ...: two steps an octave.
        power_of_two = neighbour & (neighbour - 1) == 0
        neighbour += max(1, neighbour // 2 if power_of_two else neighbour // 3)
    return squares, weights, pairs
