"""The periodogram of one light curve: what is drawn, what is said of chance, and the window's own.

Lomb-Scargle with a floating mean, by nifty-ls [1]_; false alarms by astropy [2]_.

References
----------
.. [1] Garrison et al. 2024, RNAAS 8, 250.
.. [2] Baluev 2008, MNRAS 385, 1279.
"""

from dataclasses import dataclass
from importlib import import_module
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from astra.data.errors import AstraError
from astra.periods.series import Series
from astra.periods.spectrum import FrequencyGrid, frequency_grid, highest_peaks, power_spectrum

FALSE_ALARM_LEVEL = 0.01
"""Probability of the level that is drawn."""

WINDOW_PEAK = 0.2
"""A peak of the window function of this power or more makes aliases."""

_MOST_WINDOW_PEAKS = 12
_WINDOW_END = 3.1


@dataclass(frozen=True, eq=False)
class Periodogram:
    """Power against frequency.

    Attributes
    ----------
    grid : FrequencyGrid
    power : float64 [grid.count]
        Share of the weighted squares that a sinusoid explains.
    level : float
        Power that noise reaches anywhere with the probability ``FALSE_ALARM_LEVEL``.
    window : float64 [peaks]
        Frequencies [cycles/d] at which the times themselves repeat, most of all first.
    """

    grid: FrequencyGrid
    power: NDArray[np.float64]
    level: float
    window: NDArray[np.float64]

    @property
    def frequency(self) -> NDArray[np.float64]:
        """Frequencies [cycles/d], float64 [grid.count]."""
        return (self.grid.first + np.arange(self.grid.count, dtype=np.float64)) * self.grid.step

    def at(self, frequency: float) -> float:
        """Power at the place of the grid next to a frequency; 0 beyond its ends."""
        place = round(frequency / self.grid.step) - self.grid.first
        return float(self.power[place]) if 0 <= place < self.grid.count else 0.0


def periodogram(series: Series) -> Periodogram:
    """Compute the periodogram of a series, and where its window function peaks."""
    grid = frequency_grid(series.span)
    power = lomb_scargle(series, grid)
    level = _lomb_scargle_of(series).false_alarm_level(
        FALSE_ALARM_LEVEL, method="baluev", maximum_frequency=grid.step * (grid.first + grid.count)
    )
    return Periodogram(grid, power, float(level), window_peaks(series))


def lomb_scargle(series: Series, grid: FrequencyGrid) -> NDArray[np.float64]:
    """Share of the weighted squares that one sinusoid explains, float64 [grid.count].

    Raises
    ------
    AstraError
        nifty-ls is not installed.
    """
    found = needed("nifty_ls").lombscargle(
        series.time,
        series.value,
        series.error,
        fmin=grid.first * grid.step,
        fmax=(grid.first + grid.count - 1) * grid.step,
        Nf=grid.count,
        backend="finufft",
        nthreads=1,
    )
    return np.nan_to_num(found.power, nan=0.0, posinf=0.0)


def false_alarm(series: Series, gain: float, harmonics: int, highest: float) -> float:
    """Probability that noise explains so much with so many harmonics, anywhere on the grid.

    The naive estimate of Baluev (2008), with as many independent frequencies as there are cycles
    of the ``highest`` frequency [cycles/d] in the span, and the distribution of the share explained
    by ``2 harmonics`` parameters rather than 2 (Schwarzenberg-Czerny 1998, MNRAS 301, 831).
    For one harmonic and one band it is astropy's "naive" method.
    """
    from scipy.special import betaincc

    bands = len(series.bands.starts) - 1
    free = len(series) - bands - 2 * harmonics
    if free < 1:
        return 1.0
    once = betaincc(harmonics, free / 2, min(max(gain, 0.0), 1.0))
    return float(-np.expm1(max(1.0, highest * series.span) * np.log1p(-min(once, 1 - 1e-16))))


def window_peaks(series: Series) -> NDArray[np.float64]:
    """Frequencies [cycles/d] up to 3.1 at which the window function peaks, highest first."""
    grid = frequency_grid(series.span)
    count = min(grid.count, int(_WINDOW_END / grid.step))
    grid = FrequencyGrid(grid.first, grid.step, max(count, 1))
    power = power_spectrum(series.time, np.ones(len(series)), series.weight, grid) / 2
    main_lobe = int(np.ceil(2 / (series.span * grid.step)))
    beyond = power[max(0, main_lobe - grid.first) :]
    if not len(beyond):
        return np.empty(0)
    peaks = highest_peaks(beyond, _MOST_WINDOW_PEAKS, main_lobe)
    peaks = peaks[beyond[peaks] >= WINDOW_PEAK]
    return (peaks + max(grid.first, main_lobe)).astype(np.float64) * grid.step


def _lomb_scargle_of(series: Series):
    timeseries = needed("astropy.timeseries")
    return timeseries.LombScargle(series.time, series.value, series.error)


def needed(module: str) -> ModuleType:
    """Import a module that only the search for one period needs.

    Raises
    ------
    AstraError
        It is not installed; the message says how to install it.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise AstraError(
            f"a period search needs the package {module.partition('.')[0].replace('_', '-')}: "
            "pip install 'astra-observatory[formats]'"
        ) from error
