"""What an encoder sees of merged observations: the folded curve, and the spread of the values.

Both can be taken over a chosen part of the observations, such as half of the nights.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from astra.periods.merging import Merged, rms_of, weight_of

BINS = 64
"""Phase bins of a folded curve."""

QUANTILES = (0.02, 0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95, 0.98)

KERNEL_HALF_WIDTH = 1.5
_SHRINKAGE = 0.05
_SCATTER = 0.1
_MAX_VALUE = 5.0
_MAX_COVERAGE = 2.0
_MIN_ERROR = 1e-4


def fold(
    merged: Merged,
    period_days: NDArray[np.floating],
    phase_zero_mjd: NDArray[np.floating],
    chosen: NDArray[np.bool_] | None = None,
    bins: int = BINS,
) -> NDArray[np.float32]:
    """Fold each object at its period.

    Bin ``b`` is centred on phase ``b / bins``. An observation counts in the bins nearer than 1.5
    bins to its phase, falling linearly, with weight ``1 / (error² + 0.02² + (0.1 rms)²)``; the rms
    is that of the chosen observations. Means are shrunk to 0, where the observations are few, by
    5 % of the mean weight of a bin.

    Parameters
    ----------
    merged : Merged
    period_days, phase_zero_mjd : float [objects]
    chosen : bool [observations], optional
        Observations to fold; all by default.
    bins : int

    Returns
    -------
    float32 [objects, 2, bins]
        Value over rms, from -5 to 5, and the square root of the weight over its mean, at most 2.
        All 0 where the period is NaN, or no observation or no variation is there.
    """
    chosen = np.ones(len(merged.time), np.bool_) if chosen is None else chosen
    return _fold(
        merged.time,
        merged.value,
        merged.error,
        merged.offsets,
        np.asarray(period_days, np.float64),
        np.asarray(phase_zero_mjd, np.float64) - merged.zero,
        chosen,
        bins,
    )


def quantiles(merged: Merged, chosen: NDArray[np.bool_] | None = None) -> NDArray[np.float32]:
    """Describe the spread of the values of each object.

    Parameters
    ----------
    merged : Merged
    chosen : bool [observations], optional
        Observations to use; all by default.

    Returns
    -------
    float32 [objects, 11]
        log10 of the weighted rms; mean of log10 of the error; the ``QUANTILES`` of the values over
        the rms, each the nearest observation. All NaN where no observation or no variation is
        there.
    """
    chosen = np.ones(len(merged.time), np.bool_) if chosen is None else chosen
    levels = np.array(QUANTILES)
    return _quantiles(merged.value, merged.error, merged.offsets, chosen, levels)


@njit(cache=True, nogil=True)
def _fold(time, value, error, offsets, period, phase_zero, chosen, bins):
    folded = np.zeros((len(period), 2, bins), np.float32)
    sums = np.empty(bins)
    weights = np.empty(bins)
    for i in range(len(period)):
        part = chosen[offsets[i] : offsets[i + 1]]
        rms = rms_of(
            value[offsets[i] : offsets[i + 1]][part], error[offsets[i] : offsets[i + 1]][part]
        )
        if not (rms > 0 and period[i] > 0 and np.isfinite(phase_zero[i])):
            continue
        sums[:] = 0
        weights[:] = 0
        for j in range(offsets[i], offsets[i + 1]):
            if chosen[j]:
                cycles = (time[j] - phase_zero[i]) / period[i]
                weight = 1 / (1 / weight_of(error[j]) + (_SCATTER * rms) ** 2)
                _spread(sums, weights, (cycles - np.floor(cycles)) * bins, value[j] / rms, weight)
        mean = weights.mean()
        for b in range(bins):
            level = sums[b] / (weights[b] + _SHRINKAGE * mean)
            folded[i, 0, b] = min(max(level, -_MAX_VALUE), _MAX_VALUE)
            folded[i, 1, b] = min(np.sqrt(weights[b] / mean), _MAX_COVERAGE)
    return folded


@njit(cache=True, nogil=True)
def _spread(sums, weights, place, value, weight):
    """Add one observation to the bins around its place [bins]."""
    bins = len(sums)
    nearest = int(np.floor(place + 0.5))
    for b in range(nearest - 1, nearest + 2):
        share = weight * max(0.0, 1 - abs(place - b) / KERNEL_HALF_WIDTH)
        sums[b % bins] += share * value
        weights[b % bins] += share


@njit(cache=True, nogil=True)
def _quantiles(value, error, offsets, chosen, levels):
    out = np.full((len(offsets) - 1, 2 + len(levels)), np.nan, np.float32)
    for i in range(len(offsets) - 1):
        part = chosen[offsets[i] : offsets[i + 1]]
        ordered = np.sort(value[offsets[i] : offsets[i + 1]][part])
        errors = error[offsets[i] : offsets[i + 1]][part]
        rms = rms_of(value[offsets[i] : offsets[i + 1]][part], errors)
        if rms > 0:
            out[i, 0] = np.log10(rms)
            out[i, 1] = np.log10(np.maximum(errors, _MIN_ERROR)).mean()
            for k in range(len(levels)):
                out[i, 2 + k] = ordered[int(levels[k] * (len(ordered) - 1) + 0.5)] / rms
    return out
