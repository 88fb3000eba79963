"""A light curve in a few numbers, for the table and the filters."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from astra.data.light_curves import LightCurves

SUMMARY_COLUMNS: dict[str, str] = {
    "n_obs": "",
    "span_days": "d",
    "mean_magnitude": "mag",
    "peak_magnitude": "mag",
    "amplitude": "mag",
}
"""Columns of :func:`summarise` and their units."""


def summarise(light_curves: LightCurves) -> dict[str, NDArray[np.float32]]:
    """Numbers that describe each light curve in the band that has most of its observations.

    Parameters
    ----------
    light_curves : LightCurves

    Returns
    -------
    dict of float32 [objects]
        ``n_obs``, unflagged observations in all bands; ``span_days``; and in the main band
        ``mean_magnitude`` of the weighted mean flux, ``peak_magnitude`` of the 95 % quantile of the
        flux, ``amplitude`` between the 5 % and 95 % quantiles. Magnitudes are AB, NaN where the
        flux is not positive; difference fluxes have only a peak.
    """
    table = np.full((len(light_curves), len(SUMMARY_COLUMNS)), np.nan)
    _summarise(
        light_curves.time,
        light_curves.flux,
        light_curves.flux_error,
        light_curves.band_and_flag,
        light_curves.offsets,
        light_curves.is_difference,
        table,
    )
    table[:, 1] *= 1e-5  # ticks to days
    return dict(zip(SUMMARY_COLUMNS, table.T.astype(np.float32), strict=True))


@njit(cache=True, nogil=True)
def _summarise(time, flux, error, band_and_flag, offsets, is_difference, table):
    for i in range(len(offsets) - 1):
        begin, end = offsets[i], offsets[i + 1]
        counts = np.zeros(256, np.int64)
        for j in range(begin, end):
            counts[band_and_flag[j]] += 1
        table[i, 0] = counts[:128].sum()
        main = np.argmax(counts[:128])
        if counts[main] == 0:
            continue
        table[i, 1] = np.float64(time[end - 1]) - np.float64(time[begin])
        values = np.empty(counts[main])
        weight, total, k = 0.0, 0.0, 0
        for j in range(begin, end):
            if band_and_flag[j] == main:
                values[k] = flux[j]
                w = 1.0 / np.float64(error[j]) ** 2
                weight += w
                total += w * values[k]
                k += 1
        values.sort()
        low, high = values[int(0.05 * (k - 1))], values[int(np.ceil(0.95 * (k - 1)))]
        table[i, 3] = _magnitude(high)
        if not is_difference[i]:
            table[i, 2] = _magnitude(total / weight)
            table[i, 4] = _magnitude(low) - _magnitude(high)


@njit(cache=True, nogil=True)
def _magnitude(flux):
    return 23.9 - 2.5 * np.log10(flux) if flux > 0 else np.nan
