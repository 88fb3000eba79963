"""Usable observations of many objects, all bands merged into one series per object."""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from astra.data.light_curves import LightCurves

SYSTEMATIC = 0.02
"""Error [mag] added in quadrature: no photometry is better calibrated than this."""

MAX_ERROR = 1.0
"""Observations with a magnitude error [mag] of this or more say nothing."""

MIN_RMS = 1e-6
"""Less variation [mag] than this is the rounding of float32 fluxes: the object is constant."""

_MAG_PER_RELATIVE_FLUX = 2.5 / np.log(10)


@dataclass(frozen=True, slots=True, eq=False)
class Merged:
    """One series per object: each band's weighted mean is subtracted, then bands are joined.

    Object ``i`` owns ``offsets[i]:offsets[i + 1]``, sorted by time.

    Attributes
    ----------
    time : float64 [observations], days since ``zero``
    value : float64 [observations]
        Magnitude minus the mean magnitude of its band [mag]; of difference fluxes, minus the flux
        over the object's robust scale. Larger is fainter in either case.
    error : float64 [observations]
        One-sigma error of ``value``, without the systematic.
    offsets : int64 [objects + 1]
    source : int64 [observations]
        Where each is among the observations of the light curves that were merged.
    zero : float, MJD
    """

    time: NDArray[np.float64]
    value: NDArray[np.float64]
    error: NDArray[np.float64]
    offsets: NDArray[np.int64]
    source: NDArray[np.int64]
    zero: float

    def __len__(self) -> int:
        return len(self.offsets) - 1


def merge(light_curves: LightCurves) -> Merged:
    """Select and join the usable observations of each object.

    Left out are flagged observations, values or errors that are not finite, negative errors, and of
    total fluxes those that are not positive or whose magnitude error is ``MAX_ERROR`` or more.
    The weights of the means are ``1 / (error² + SYSTEMATIC²)``.
    """
    time, value, error, offsets, source = _merge(
        np.asarray(light_curves.time),
        np.asarray(light_curves.flux),
        np.asarray(light_curves.flux_error),
        np.asarray(light_curves.band_and_flag),
        np.asarray(light_curves.offsets),
        np.asarray(light_curves.is_difference),
    )
    return Merged(time, value, error, offsets, source, light_curves.mjd_zero)


@njit(cache=True, nogil=True)
def weight_of(error: float) -> float:
    """Weight of an observation, ``1 / (error² + SYSTEMATIC²)``."""
    return 1.0 / (error * error + SYSTEMATIC * SYSTEMATIC)


@njit(cache=True, nogil=True)
def rms_of(value, error):
    """Weighted rms about 0 of one object; 0 where it has no observations or is constant."""
    squares = weights = 0.0
    for j in range(len(value)):
        weight = weight_of(error[j])
        squares += weight * value[j] * value[j]
        weights += weight
    rms = np.sqrt(squares / weights) if weights > 0 else 0.0
    return rms if rms > MIN_RMS else 0.0


@njit(cache=True, nogil=True)
def _merge(time, flux, flux_error, band_and_flag, offsets, is_difference):
    total = offsets[-1] - offsets[0]
    out_time = np.empty(total)
    out_value = np.empty(total)
    out_error = np.empty(total)
    out_band = np.empty(total, np.uint8)
    out_source = np.empty(total, np.int64)
    out_offsets = np.zeros(len(offsets), np.int64)
    end = 0
    for i in range(len(offsets) - 1):
        start = end
        for j in range(offsets[i], offsets[i + 1]):
            value, error = _value_and_error(flux[j], flux_error[j], is_difference[i])
            if band_and_flag[j] < 128 and np.isfinite(value) and 0 <= error < np.inf:
                out_time[end] = 1e-5 * time[j]
                out_value[end] = value
                out_error[end] = error
                out_band[end] = band_and_flag[j]
                out_source[end] = j - offsets[0]
                end += 1
        if is_difference[i] and end > start:
            scale = _robust_scale(out_value[start:end])
            out_value[start:end] /= scale
            out_error[start:end] /= scale
        _subtract_band_means(out_value[start:end], out_error[start:end], out_band[start:end])
        out_offsets[i + 1] = end
    return out_time[:end], out_value[:end], out_error[:end], out_offsets, out_source[:end]


@njit(cache=True, nogil=True)
def _value_and_error(flux, flux_error, is_difference):
    if is_difference:
        return -float(flux), float(flux_error)
    if not flux > 0:
        return np.nan, np.nan
    error = _MAG_PER_RELATIVE_FLUX * flux_error / flux
    return -2.5 * np.log10(flux), error if error < MAX_ERROR else np.nan


@njit(cache=True, nogil=True)
def _robust_scale(values):
    """Interquartile range as a standard deviation; the standard deviation where that is 0."""
    low, high = np.percentile(values, np.array([25.0, 75.0]))
    scale = (high - low) / 1.349
    if scale == 0:
        scale = np.std(values)
    return scale if scale > 0 else 1.0


@njit(cache=True, nogil=True)
def _subtract_band_means(value, error, band):
    sums = np.zeros(128)
    weights = np.zeros(128)
    for j in range(len(value)):
        weight = weight_of(error[j])
        sums[band[j]] += weight * value[j]
        weights[band[j]] += weight
    for j in range(len(value)):
        value[j] -= sums[band[j]] / weights[band[j]]
