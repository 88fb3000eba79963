"""Box-shaped dips at frequencies that are plausible already, by astropy's box least squares [1]_.

A narrow eclipse is spread over more harmonics than a fit can have; a box has it whole.

References
----------
.. [1] Kovács, Zucker & Mazeh 2002, A&A 391, 369.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from astra.periods.nested import squares_of
from astra.periods.periodogram import needed
from astra.periods.series import Series

FEWEST = 30
"""Observations that boxes take."""

_DURATIONS = (0.03, 0.06, 0.12)
_FEWEST_INSIDE = 4
_PARAMETERS = 3
_SKEWED = 1.0


class Box(NamedTuple):
    """The best dip at and around one frequency.

    ``score`` and ``gain`` are to be compared with those of
    :func:`astra.periods.nested.best_near`.
    """

    frequency: float
    score: float
    gain: float


def looks_eclipsed(series: Series) -> bool:
    """Whether a few observations are much fainter than all others: a skewness above 1."""
    deviation = series.value - np.average(series.value, weights=series.weight)
    spread = np.sqrt(np.average(deviation**2, weights=series.weight))
    return bool(np.average(deviation**3, weights=series.weight) > _SKEWED * spread**3)


class Boxes:
    """Looks for dips in one series; what is the same at all frequencies is made once."""

    def __init__(self, series: Series) -> None:
        timeseries = needed("astropy.timeseries")
        self._series = series
        # Larger values are fainter, and the search is for what goes down.
        self._search = timeseries.BoxLeastSquares(series.time, -series.value, series.error)
        bands = series.bands
        self._squares = squares_of(bands.value, bands.weight, bands.starts)

    def near(self, frequency: float, step: float, steps: int = 4) -> Box:
        """Best dip at the frequencies ``frequency + k step``, ``k`` from ``-steps`` to ``steps``.

        Dips are 3, 6 or 12 % of the period long.
        """
        frequencies = frequency + step * np.arange(-steps, steps + 1)
        periods = 1 / frequencies[frequencies > step / 2]
        durations = np.array(_DURATIONS) * periods.min()
        found = self._search.power(periods, durations, objective="likelihood", oversample=4)
        falls = np.where(np.asarray(found.depth) > 0, np.asarray(found.power), -np.inf)
        best = int(np.argmax(falls))
        gain = self._gain(periods[best], found.transit_time[best], found.duration[best])
        n = len(self._series)
        score = n * np.log(1 - min(gain, 1 - 1e-9)) + _PARAMETERS * np.log(n)
        return Box(float(1 / periods[best]), float(score), gain)

    def _gain(self, period: float, time: float, duration: float) -> float:
        """Share of the weighted squares that two levels, inside the dip and outside, explain."""
        inside = self._inside(period, float(time), float(duration))
        weight, value = self._series.weight, self._series.value
        share = float(weight[inside].sum())
        if np.count_nonzero(inside) < _FEWEST_INSIDE or share >= 1:
            return 0.0
        here = float((weight * value)[inside].sum())
        total = float((weight * value).sum())
        depth = here / share - (total - here) / (1 - share)
        return max(0.0, depth**2 * share * (1 - share) / self._squares) if depth > 0 else 0.0

    def _inside(self, period: float, time: float, duration: float) -> NDArray[np.bool_]:
        phase = (self._series.time - time + period / 2) % period - period / 2
        return np.abs(phase) <= duration / 2
