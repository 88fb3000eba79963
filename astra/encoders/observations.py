"""Photometry as an encoder may see it: magnitudes about each object's own level, flags left out.

Columns in, columns out; compiled, with no Python loop over objects.
"""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numba import njit
from numpy.typing import NDArray

from astra.data.light_curves import FLAGGED, LightCurves

MAGNITUDES_PER_NEPER = 2.5 / np.log(10)
ERROR_FLOOR = 0.02
LARGEST_ERROR = 1.0
LARGEST_VALUE = 8.0
LARGEST_LOG_ERROR = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class Observations:
    """Usable observations of many objects, in magnitudes about each object's own level.

    Attributes
    ----------
    value : float32 [observations], mag
        Magnitude minus the weighted mean over all bands, so that colour stays. Difference fluxes
        have no magnitude: asinh magnitude about zero flux, brighter is smaller here too.
    error : float32 [observations], mag
    log_error : float32 [observations]
        Natural log of error / median error of the object in that band: the error itself would
        tell how bright the object is, and the errors of two bands its colour.
    time : int32 [observations], ticks of 1e-5 d
    band : uint8 [observations]
    offsets : int64 [objects + 1]
    wavelength : float64 [bands], Angstrom
    """

    value: NDArray[np.float32]
    error: NDArray[np.float32]
    log_error: NDArray[np.float32]
    time: NDArray[np.int32]
    band: NDArray[np.uint8]
    offsets: NDArray[np.int64]
    wavelength: NDArray[np.float64]

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Observations of each object, int64 [objects]."""
        return np.diff(self.offsets)

    def with_value(self, value: NDArray[np.float32]) -> Self:
        """Give the same observations with other magnitudes, float32 [observations]."""
        return replace(self, value=value)

    def keep(self, kept: NDArray[np.bool_]) -> Self:
        """Give the observations where ``kept``, bool [observations], is true."""
        counted = np.concatenate([[0], np.cumsum(kept)])
        return replace(
            self,
            value=self.value[kept],
            error=self.error[kept],
            log_error=self.log_error[kept],
            time=self.time[kept],
            band=self.band[kept],
            offsets=counted[self.offsets],
        )


def usable_observations(
    light_curves: LightCurves, chosen: NDArray[np.bool_] | None = None
) -> Observations:
    """Standardise the observations that an encoder may see.

    Left out: flagged ones, non-finite ones, errors that are not positive and, of total fluxes,
    those without a magnitude or with an error of 1 mag or more. The level is the mean with weights
    1 / (error^2 + 0.02^2). Difference fluxes become asinh magnitudes (Lupton, Gunn & Szalay 1999,
    AJ 118, 1406) with a softening of the object's robust scale, 1.4826 MAD, or the median error
    where that is larger. Levels and scales are of all observations, also where only the
    ``chosen``, bool [observations], are given.
    """
    total = light_curves.n_observations
    value, error, log_error = (np.empty(total, np.float32) for _ in range(3))
    kept = np.empty(total, np.bool_)
    _standardise(
        light_curves.flux,
        light_curves.flux_error,
        light_curves.band_and_flag,
        light_curves.offsets,
        light_curves.is_difference,
        value,
        error,
        log_error,
        kept,
    )
    wavelength = np.array([band.wavelength for band in light_curves.bands], np.float64)
    everything = Observations(
        value,
        error,
        log_error,
        np.asarray(light_curves.time),
        light_curves.band,
        light_curves.offsets,
        wavelength,
    )
    return everything.keep(kept if chosen is None else kept & chosen)


@njit(cache=True, nogil=True)
def _standardise(
    flux, flux_error, band_and_flag, offsets, is_difference, value, error, log_error, kept
):
    for row in range(len(offsets) - 1):
        span = slice(offsets[row], offsets[row + 1])
        f = flux[span].astype(np.float64)
        e = flux_error[span].astype(np.float64)
        good = (band_and_flag[span] < FLAGGED) & np.isfinite(f) & np.isfinite(e) & (e > 0)
        if is_difference[row]:
            v, s = _asinh_magnitudes(f, e, good)
        else:
            good &= f > 0
            v, s = _centred_magnitudes(f, e, good)
        kept[span] = good
        if not good.any():
            continue
        relative_error = _relative_errors(s, band_and_flag[span], good)
        for k in range(len(f)):
            at = offsets[row] + k
            relative = np.log(relative_error[k])
            value[at] = min(max(v[k], -LARGEST_VALUE), LARGEST_VALUE)
            error[at] = s[k]
            log_error[at] = min(max(relative, -LARGEST_LOG_ERROR), LARGEST_LOG_ERROR)


@njit(cache=True, nogil=True)
def _centred_magnitudes(flux, flux_error, good):
    """Magnitudes minus their weighted mean, and errors; drops errors of 1 mag from ``good``."""
    value = np.zeros(len(flux))
    error = np.ones(len(flux))
    total, weights = 0.0, 0.0
    for k in range(len(flux)):
        if not good[k]:
            continue
        error[k] = MAGNITUDES_PER_NEPER * flux_error[k] / flux[k]
        if error[k] >= LARGEST_ERROR:
            good[k] = False
            continue
        value[k] = -MAGNITUDES_PER_NEPER * np.log(flux[k])
        weight = 1.0 / (error[k] ** 2 + ERROR_FLOOR**2)
        total += weight * value[k]
        weights += weight
    if weights > 0:
        value -= total / weights
    return value, error


@njit(cache=True, nogil=True)
def _asinh_magnitudes(flux, flux_error, good):
    """Asinh magnitudes about zero flux, and their errors."""
    scale = 1.0
    if good.any():
        chosen = flux[good]
        deviation = np.abs(chosen - np.median(chosen))
        scale = max(1.4826 * np.median(deviation), np.median(flux_error[good]))
    value = np.zeros(len(flux))
    error = np.ones(len(flux))
    for k in range(len(flux)):
        if good[k]:
            value[k] = -MAGNITUDES_PER_NEPER * np.arcsinh(flux[k] / (2 * scale))
            error[k] = MAGNITUDES_PER_NEPER * flux_error[k] / np.hypot(flux[k], 2 * scale)
    return value, error


@njit(cache=True, nogil=True)
def _relative_errors(error, band, good):
    """Errors in units of the median of their band; 1 where not good."""
    relative = np.ones(len(error))
    for code in np.unique(band[good]):
        of_band = good & (band == code)
        relative[of_band] = error[of_band] / np.median(error[of_band])
    return relative
