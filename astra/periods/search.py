"""The period search: light curves in, a dozen numbers per object out."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from astra.data.light_curves import LightCurves
from astra.periods.harmonics import (
    curve_at,
    faintest_phase,
    fit_at,
    refine,
    usable_harmonics,
)
from astra.periods.merging import Merged, merge, rms_of, weight_of
from astra.periods.spectrum import (
    MAX_FREQUENCY,
    SAMPLES_PER_PEAK,
    frequency_grid,
    harmonic_sum,
    highest_peaks,
    power_spectrum,
)

PERIOD_COLUMNS: dict[str, str] = {
    "period_days": "d",
    "period_lomb_scargle_days": "d",
    "period_multiharmonic_days": "d",
    "phase_zero_mjd": "d",
    "gain_lomb_scargle": "",
    "gain_1": "",
    "gain_2": "",
    "gain_5": "",
    "double_period": "",
    "second_peak": "",
    "log_rms": "dex",
    "usable_observations": "",
}
"""Columns of :func:`search` and their units."""

MIN_OBSERVATIONS = 10
"""Objects with fewer usable observations get no period."""

SIGNIFICANT = 10.0
"""The Lomb-Scargle period is taken, if shorter, unless it fits worse by this much in n ln(chi²)."""

SIGNIFICANT_MULTIPLE = 20.0
"""The same for the half to the fifth of the best period: multiples of a period fit better by chance
more often than other periods do."""

_CHUNK = 1024
_SEPARATION = 2 * SAMPLES_PER_PEAK
_STEPS = 3
_FINE = 4


def search(light_curves: LightCurves) -> dict[str, NDArray[np.float64]]:
    """Find the period of each object.

    The recipe: a power spectrum of all bands merged; candidates from its peaks and from harmonic
    sums; each refitted with up to 5 harmonics; of the best (``period_multiharmonic_days``), its
    half, third and quarter, and the Lomb-Scargle period, the shortest that is not significantly
    worse is the *canonical* period, ``period_days``. An eclipsing binary whose eclipses differ
    gets its orbital period, one whose eclipses do not differ within the noise gets half of it:
    hence folds are made at the period and at twice the period.

    Parameters
    ----------
    light_curves : LightCurves

    Returns
    -------
    dict of float64 [objects], by the names and in the units of ``PERIOD_COLUMNS``
        ``period_days``, ``period_lomb_scargle_days``, ``period_multiharmonic_days``;
        ``phase_zero_mjd``, a time in the middle of the observations when the fitted curve is
        faintest (of the two minima in a double period, the fainter);
        ``gain_lomb_scargle``, fraction of the weighted squares explained by one harmonic at the
        Lomb-Scargle period; ``gain_1``, ``gain_2``, ``gain_5``, the same for so many harmonics at
        the canonical period (fewer than 5 below 24 observations);
        ``double_period``, signed log(1 + x) of x = n ln(chi²(P) / chi²(2P)), positive where the
        double period fits better; ``second_peak``, second highest peak over the highest;
        ``log_rms``, log10 of the weighted rms [mag, or robust scales of a difference flux];
        ``usable_observations``.
        All are NaN for objects with fewer than ``MIN_OBSERVATIONS`` usable observations, constant
        values or no span in time, except ``log_rms`` where it exists, and the count.
    """
    chunks = [
        search_merged(merge(light_curves.take(slice(start, start + _CHUNK))))
        for start in range(0, max(1, len(light_curves)), _CHUNK)
    ]
    return {name: np.concatenate([chunk[name] for chunk in chunks]) for name in PERIOD_COLUMNS}


def search_merged(merged: Merged) -> dict[str, NDArray[np.float64]]:
    """Search observations that are merged already: see :func:`search`."""
    table = np.full((len(merged), len(PERIOD_COLUMNS)), np.nan)
    for i in range(len(merged)):
        span = slice(merged.offsets[i], merged.offsets[i + 1])
        table[i] = _search_one(merged.time[span], merged.value[span], merged.error[span])
    columns = dict(zip(PERIOD_COLUMNS, np.ascontiguousarray(table.T), strict=True))
    columns["phase_zero_mjd"] += merged.zero
    return columns


def _search_one(
    time: NDArray[np.float64], value: NDArray[np.float64], error: NDArray[np.float64]
) -> NDArray[np.float64]:
    rms = rms_of(value, error)
    answer = np.full(len(PERIOD_COLUMNS), np.nan)
    answer[-2:] = np.log10(rms) if rms > 0 else np.nan, len(time)
    if len(time) < MIN_OBSERVATIONS or not rms > 0 or time[0] == time[-1]:
        return answer
    middle = (time[0] + time[-1]) / 2
    weight = _weights(error)
    grid = frequency_grid(time[-1] - time[0])
    power = power_spectrum(time - middle, value, weight, grid)
    answer[:-2] = _evaluate(time - middle, value, weight, power, grid.first, grid.step)
    answer[3] += middle
    return answer


@njit(cache=True, nogil=True)
def _weights(error):
    """Weights of the observations, made to sum to 1."""
    weight = np.empty(len(error))
    for j in range(len(error)):
        weight[j] = weight_of(error[j])
    return weight / weight.sum()


@njit(cache=True, nogil=True)
def _candidates(power, first):
    """Indices, perhaps fractional, into the grid: peaks of the power and of harmonic sums."""
    singles = highest_peaks(power, 4, _SEPARATION)
    doubles = highest_peaks(harmonic_sum(power, first, 2), 3, _SEPARATION)
    combs = highest_peaks(harmonic_sum(power, first, 6), 3, _SEPARATION)
    multiples = first + np.concatenate((singles, doubles, combs)).astype(np.float64)
    related = np.array(
        [multiples[0] / 2, multiples[min(1, len(singles) - 1)] / 2, 2 * multiples[0]]
    )
    multiples = np.concatenate((multiples, related))
    return singles, multiples[multiples < first + len(power)]


@njit(cache=True, nogil=True)
def _evaluate(time, value, weight, power, first, step):
    """All columns but the last two, with the phase zero as time since the middle."""
    n = len(time)
    harmonics = usable_harmonics(n)
    fine = step / _FINE
    singles, multiples = _candidates(power, first)
    multi, residual_multi = multiples[0] * step, np.inf
    for multiple in multiples:
        frequency, residual = refine(time, value, weight, multiple * step, fine, _STEPS, harmonics)
        if residual < residual_multi:
            multi, residual_multi = frequency, residual
    single, residual_single = refine(time, value, weight, multiples[0] * step, fine, _STEPS, 1)
    canonical = _canonical(time, value, weight, (multi, residual_multi, single), fine, harmonics)
    canonical, residual = refine(time, value, weight, canonical, fine / 5, 4, harmonics)
    residual_double = fit_at(time, value, weight, canonical / 2, harmonics)[1]
    ratio = n * np.log(residual / residual_double)
    squares = (weight * value * value).sum()
    second = power[singles[1]] / power[singles[0]] if len(singles) > 1 else 0.0
    return np.array(
        [
            1 / canonical,
            1 / single,
            1 / multi,
            _phase_zero(time, value, weight, canonical, harmonics),
            1 - residual_single / squares,
            1 - fit_at(time, value, weight, canonical, 1)[1] / squares,
            1 - fit_at(time, value, weight, canonical, min(2, harmonics))[1] / squares,
            1 - residual / squares,
            np.sign(ratio) * np.log1p(abs(ratio)),
            second,
        ]
    )


@njit(cache=True, nogil=True)
def _canonical(time, value, weight, found, step, harmonics):
    """Highest of the related frequencies that does not fit significantly worse than the best."""
    multi, residual_multi, single = found
    canonical = multi
    for divisor in (1, 2, 3, 4, 5):
        frequency = multi * divisor if divisor > 1 else single
        allowed = SIGNIFICANT_MULTIPLE if divisor > 1 else SIGNIFICANT
        refined, residual = refine(time, value, weight, frequency, step, _STEPS, harmonics)
        worse = len(time) * np.log(residual / residual_multi)
        if canonical < refined <= MAX_FREQUENCY and worse < allowed:
            canonical = refined
    return canonical


@njit(cache=True, nogil=True)
def _phase_zero(time, value, weight, frequency, harmonics):
    """Time when the curve is faintest, near time 0; of two in a double period, the fainter one."""
    curve = fit_at(time, value, weight, frequency, harmonics)[0]
    phase = faintest_phase(curve, harmonics)[0]
    double = fit_at(time, value, weight, frequency / 2, harmonics)[0]
    here = curve_at(double, harmonics, phase / 2)
    there = curve_at(double, harmonics, phase / 2 + 0.5)
    return (phase if here >= there else phase - 1) / frequency
