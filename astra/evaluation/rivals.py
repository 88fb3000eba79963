"""Rivals: numbers per object that nobody had to train, for a network to be better than.

Both are taken of the usable observations with bands merged: each band's mean is subtracted, so
neither brightness nor colour is in them.
"""

from collections.abc import Mapping

import numpy as np
from numba import njit
from numpy.typing import NDArray

from astra.data.light_curves import LightCurves
from astra.encoders.astra_inputs import LOG_PERIODS, SIDE
from astra.evaluation.needs import needed
from astra.periods import merge, quantiles
from astra.periods.harmonics import fit_at
from astra.periods.merging import rms_of, weight_of

FEATURES = "features + Lomb-Scargle period"
FOURIER = "side scalars + quantiles + Fourier"

HARMONICS = 5
_CHUNK = 2_048


def rival_numbers(
    light_curves: LightCurves, columns: Mapping[str, NDArray]
) -> dict[str, NDArray[np.float64]]:
    """Numbers of both rivals, float64 [objects, numbers]; NaN where one cannot be had.

    Parameters
    ----------
    light_curves : LightCurves
    columns : mapping
        Of the period search of these light curves.

    Raises
    ------
    AstraError
        The package light-curve is missing.
    """
    parts: dict[str, list[NDArray[np.float64]]] = {FEATURES: [], FOURIER: []}
    for start in range(0, max(len(light_curves), 1), _CHUNK):
        chunk = slice(start, start + _CHUNK)
        here = light_curves.take(chunk)
        found = {name: np.asarray(values[chunk], np.float64) for name, values in columns.items()}
        parts[FEATURES].append(statistical_features(here, found))
        parts[FOURIER].append(folded_numbers(here, found))
    return {name: np.concatenate(arrays) for name, arrays in parts.items()}


def statistical_features(
    light_curves: LightCurves, columns: Mapping[str, NDArray]
) -> NDArray[np.float64]:
    """25 statistical features, 32 numbers, with the Lomb-Scargle period [dex] and its gain.

    References
    ----------
    Malanchev et al. 2021, MNRAS 502, 5147 (the package light-curve).
    """
    extractor = _extractor()
    merged = merge(light_curves)
    triples = []
    for i in range(len(merged)):
        span = slice(merged.offsets[i], merged.offsets[i + 1])
        # The extractor refuses equal times; of observations at one time the first counts.
        time = merged.time[span]
        first = np.concatenate([[True], np.diff(time) > 0])[: len(time)]
        error = np.maximum(merged.error[span], 1e-4)
        triples.append((time[first], merged.value[span][first], error[first]))
    features = extractor.many(triples, fill_value=np.nan, sorted=True, check=True, n_jobs=1)
    period = np.log10(columns["period_lomb_scargle_days"])
    return _finite(np.column_stack([features, period, columns["gain_lomb_scargle"]]))


def folded_numbers(
    light_curves: LightCurves, columns: Mapping[str, NDArray]
) -> NDArray[np.float64]:
    """10 numbers of the period search, 11 of the spread, and Fourier coefficients at P and 2P.

    float64 [objects, 43]. The coefficients are the constant, 5 cosines and 5 sines, in units of the
    rms, with phase 0 where the curve is faintest.
    """
    merged = merge(light_curves)
    # Just what the encoder is shown of the period search, so that neither knows more.
    side = [np.log10(columns[n]) if n in LOG_PERIODS else columns[n] for n in SIDE]
    curves = _fourier(
        merged.time,
        merged.value,
        merged.error,
        merged.offsets,
        np.asarray(columns["period_days"], np.float64),
        np.asarray(columns["phase_zero_mjd"], np.float64) - merged.zero,
    )
    return _finite(np.column_stack([*side, quantiles(merged), curves]))


def _finite(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(np.isfinite(numbers), numbers, np.nan)


def _extractor():
    lc = needed("light_curve", "light-curve")
    return lc.Extractor(
        lc.Amplitude(),
        lc.AndersonDarlingNormal(),
        lc.BeyondNStd(1.0),
        lc.BeyondNStd(2.0),
        lc.Cusum(),
        lc.Eta(),
        lc.EtaE(),
        lc.InterPercentileRange(0.02),
        lc.InterPercentileRange(0.10),
        lc.InterPercentileRange(0.25),
        lc.Kurtosis(),
        lc.LinearFit(),
        lc.LinearTrend(),
        lc.MagnitudePercentageRatio(0.4, 0.05),
        lc.MagnitudePercentageRatio(0.2, 0.05),
        lc.MaximumSlope(),
        lc.MedianAbsoluteDeviation(),
        lc.MedianBufferRangePercentage(0.1),
        lc.OtsuSplit(),
        lc.PercentAmplitude(),
        lc.ReducedChi2(),
        lc.Roms(),
        lc.Skew(),
        lc.StandardDeviation(),
        lc.StetsonK(),
    )


@njit(cache=True, nogil=True)
def _fourier(time, value, error, offsets, period, zero):
    size = 2 * HARMONICS + 1
    out = np.full((len(period), 2 * size), np.nan)
    for i in range(len(period)):
        span = slice(offsets[i], offsets[i + 1])
        rms = rms_of(value[span], error[span])
        if not (period[i] > 0 and rms > 0):
            continue
        weight = np.array([weight_of(e) for e in error[span]])
        weight /= weight.sum()
        for k in range(2):
            frequency = 1 / ((k + 1) * period[i])
            found = fit_at(time[span] - zero[i], value[span], weight, frequency, HARMONICS)[0]
            out[i, k * size : (k + 1) * size] = found / rms
    return out
