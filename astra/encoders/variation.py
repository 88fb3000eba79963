"""How a light curve varies beside its period: over which lags, and from band to band.

Compiled; plain arrays in and out.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from astra.data.light_curves import FLAGGED, LightCurves
from astra.periods.harmonics import fit_at
from astra.periods.merging import Merged, rms_of, weight_of

LAGS = (0.05, 0.3, 1.5, 5.0, 15.0, 50.0, 150.0, 500.0)
"""Edges between the lags [d]; one number for what is below, between and above them."""

LAG_NUMBERS = len(LAGS) + 1
BAND_NUMBERS = 3
SMALLEST_RMS = 1e-3

_ANCHORS = 128
_FEWEST_PAIRS = 6
_MOST = 4.0
_FEWEST_IN_BAND = 8
_NARROWEST = 0.04


def structure_function(
    merged: Merged, chosen: NDArray[np.bool_] | None = None
) -> NDArray[np.float32]:
    """Mean squared difference of values at each lag, over twice the variance.

    The structure function of Simonetti, Cordes & Heeschen (1985, ApJ 296, 46), normalised: 0 where
    values agree, 1 where they know nothing of each other. Of long light curves, pairs with 128
    evenly spaced observations count.

    Parameters
    ----------
    merged : Merged
    chosen : bool [observations], optional

    Returns
    -------
    float32 [objects, 9], from 0 to 4; 1 at lags with too few pairs, NaN for constant objects.
    """
    chosen = np.ones(len(merged.time), np.bool_) if chosen is None else chosen
    edges = np.array([*LAGS, np.inf])
    return _structure(merged.time, merged.value, merged.error, merged.offsets, chosen, edges)


def band_numbers(
    light_curves: LightCurves, period_days: NDArray[np.floating]
) -> NDArray[np.float32]:
    """Compare the bluest with the reddest band that has eight usable observations.

    Parameters
    ----------
    light_curves : LightCurves
    period_days : float [objects]

    Returns
    -------
    float32 [objects, 3]
        Difference of the mean magnitudes; log10 ratio of the rms; log10 ratio of the amplitudes of
        the first harmonic at the period (of the rms where there is no period); blue over red, each
        divided by log10 of the ratio of the wavelengths. NaN without two such bands, where
        neither varies, and for difference fluxes.
    """
    return _band_numbers(
        np.asarray(light_curves.time),
        np.asarray(light_curves.flux),
        np.asarray(light_curves.flux_error),
        np.asarray(light_curves.band_and_flag),
        np.asarray(light_curves.offsets),
        np.asarray(light_curves.is_difference),
        np.log10(np.array([band.wavelength for band in light_curves.bands], np.float64)),
        np.asarray(period_days, np.float64),
    )


@njit(cache=True, nogil=True)
def _structure(time, value, error, offsets, chosen, edges):
    out = np.full((len(offsets) - 1, len(edges)), np.nan, np.float32)
    for i in range(len(offsets) - 1):
        span = slice(offsets[i], offsets[i + 1])
        part = chosen[span]
        t, v, e = time[span][part], value[span][part], error[span][part]
        rms = rms_of(v, e)
        if not rms > 0 or len(t) < 2:
            continue
        squares, weights, pairs = np.zeros(len(edges)), np.zeros(len(edges)), np.zeros(len(edges))
        step = max(1, len(t) // _ANCHORS)
        for a in range(0, len(t), step):
            bin_ = 0
            for b in range(a + 1, len(t)):
                while t[b] - t[a] > edges[bin_]:
                    bin_ += 1
                weight = weight_of(np.hypot(e[a], e[b]))
                squares[bin_] += weight * (v[a] - v[b]) ** 2
                weights[bin_] += weight
                pairs[bin_] += 1
        for k in range(len(edges)):
            known = pairs[k] >= _FEWEST_PAIRS
            out[i, k] = min(squares[k] / weights[k] / (2 * rms * rms), _MOST) if known else 1.0
    return out


@njit(cache=True, nogil=True)
def _band_numbers(
    time, flux, flux_error, band_and_flag, offsets, is_difference, log_wavelength, period
):
    out = np.full((len(period), BAND_NUMBERS), np.nan, np.float32)
    for i in range(len(period)):
        if is_difference[i]:
            continue
        span = slice(offsets[i], offsets[i + 1])
        blue, red = _widest_pair(flux[span], flux_error[span], band_and_flag[span], log_wavelength)
        if blue < 0:
            continue
        facts = np.empty((2, BAND_NUMBERS))
        for k, code in enumerate((blue, red)):
            facts[k] = _band_facts(
                time[span], flux[span], flux_error[span], band_and_flag[span], code, period[i]
            )
        if facts[:, 1].max() > np.log10(SMALLEST_RMS):
            out[i] = (facts[0] - facts[1]) / (log_wavelength[red] - log_wavelength[blue])
    return out


@njit(cache=True, nogil=True)
def _is_usable(flux, flux_error, band_and_flag):
    return band_and_flag < FLAGGED and flux > 0 and 0 <= flux_error < 0.92 * flux


@njit(cache=True, nogil=True)
def _widest_pair(flux, flux_error, band_and_flag, log_wavelength):
    """Codes of the bluest and the reddest band with enough observations; -1 where too alike."""
    count = np.zeros(len(log_wavelength), np.int64)
    for j in range(len(flux)):
        if _is_usable(flux[j], flux_error[j], band_and_flag[j]):
            count[band_and_flag[j]] += 1
    blue = red = -1
    for code in range(len(count)):
        if count[code] >= _FEWEST_IN_BAND:
            if blue < 0 or log_wavelength[code] < log_wavelength[blue]:
                blue = code
            if red < 0 or log_wavelength[code] > log_wavelength[red]:
                red = code
    if blue < 0 or log_wavelength[red] - log_wavelength[blue] < _NARROWEST:
        return -1, -1
    return blue, red


@njit(cache=True, nogil=True)
def _band_facts(time, flux, flux_error, band_and_flag, code, period):
    """Mean magnitude, log10 rms and log10 amplitude of the first harmonic, of one band."""
    n = 0
    t, v, w = np.empty(len(flux)), np.empty(len(flux)), np.empty(len(flux))
    for j in range(len(flux)):
        if band_and_flag[j] == code and _is_usable(flux[j], flux_error[j], band_and_flag[j]):
            t[n] = 1e-5 * (time[j] - time[0])
            v[n] = -2.5 * np.log10(flux[j])
            w[n] = weight_of(1.0857 * flux_error[j] / flux[j])
            n += 1
    t, v, w = t[:n], v[:n], w[:n] / w[:n].sum()
    mean = (w * v).sum()
    rms = max(np.sqrt((w * (v - mean) ** 2).sum()), SMALLEST_RMS)
    amplitude = rms
    if period > 0:
        coefficients, _ = fit_at(t, v - mean, w, 1 / period, 1)
        amplitude = max(np.hypot(coefficients[1], coefficients[2]), 0.1 * rms)
    return np.array([mean, np.log10(rms), np.log10(amplitude)])
