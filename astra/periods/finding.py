"""The period of one light curve: candidates by three ways, ranked by one criterion."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from astra.data.light_curves import LightCurve
from astra.periods import boxes
from astra.periods.aliases import relation, rhythms
from astra.periods.found import Candidate, Period
from astra.periods.harmonics import faintest_phase, fit_at
from astra.periods.nested import best_near, most_harmonics, squares_of
from astra.periods.periodogram import Periodogram, false_alarm, periodogram
from astra.periods.proposals import mirrors, proposals
from astra.periods.series import Series, series_of
from astra.periods.shape import is_doubled
from astra.periods.spectrum import MAX_FREQUENCY, SAMPLES_PER_PEAK

MOST_CANDIDATES = 5
"""Candidates that are told."""

SUFFICIENT = 0.7
"""Share of what a period explains that a third to a sixth of it must explain to be taken instead:
no star has the third harmonic alone."""

LONG = 60.0
"""Longer periods [d] have at most two harmonics: giants vary nearly as sinusoids, but no two of
their cycles are alike, and more harmonics fit the differences. Nor are they doubled."""

_MULTIPLES = (3, 4, 5, 6)
_LONG_HARMONICS = 2
_FINE_STEPS = 24
_MIRRORED = 5
_REDUCED = 24
_BOXED, _ECLIPSED = 8, 24
_SAME_FAMILY = (1.0, 2.0, 0.5)


class Fit(NamedTuple):
    """A fit around one frequency [cycles/d]; ``harmonics`` is 0 for a box."""

    score: float
    frequency: float
    harmonics: int
    gain: float
    origin: str


class SearchCancelledError(Exception):
    """Nobody waits for the search any more."""


def find_period(light_curve: LightCurve, is_wanted: Callable[[], bool] = lambda: True) -> Period:
    """Find the period of one light curve, of any number of bands.

    Candidates are the peaks of a Lomb-Scargle periodogram of all bands and of its sums over
    harmonics, their mirrors in the day, and dips around them by box least squares. Each is fitted
    with one to five harmonics that all bands share, and a constant a band; the Bayesian
    information criterion chooses the harmonics and ranks the candidates. A third to a sixth of a
    period is taken in its place where it explains nearly as much. Of a period and its double, the
    double is taken where the two halves of the curve differ, or the curve is that of two like
    eclipses.

    Parameters
    ----------
    light_curve : LightCurve
        Flagged observations are left out; differences of flux are taken as they are.
    is_wanted : callable, optional
        Asked again and again during the search; once it says no, the search ends.

    Returns
    -------
    Period

    Raises
    ------
    NoPeriodError
        Too few usable observations, all at one time, or a constant object.
    SearchCancelledError
        ``is_wanted`` said no.
    """
    series = series_of(light_curve)
    return _Search(series, periodogram(series), is_wanted).period()


def fit_near(light_curve: LightCurve, days: float) -> Candidate:
    """Fit one period that somebody points at, and refine it within the width of its peak.

    Parameters
    ----------
    light_curve : LightCurve
    days : float
        The period [d].

    Raises
    ------
    NoPeriodError
        As :func:`find_period`.
    """
    series = series_of(light_curve)
    bands = series.bands
    step = 1 / (_FINE_STEPS * series.span)
    observations = (bands.time, bands.value, bands.weight, bands.starts)
    most = _harmonics_at(1 / days, len(series))
    frequency, score, harmonics, gain = best_near(*observations, 1 / days, step, 6, most)
    return Candidate(
        days=1 / frequency,
        error_days=_error_days(series, frequency, gain),
        power=gain,
        score=score,
        harmonics=harmonics,
        origin="chosen",
        false_alarm=false_alarm(series, gain, harmonics, MAX_FREQUENCY),
    )


class _Search:
    """One search; fits are remembered by their place on the grid of frequencies."""

    def __init__(self, series: Series, found: Periodogram, is_wanted: Callable[[], bool]) -> None:
        self._series, self._periodogram, self._is_wanted = series, found, is_wanted
        self._bands = series.bands
        self._squares = squares_of(self._bands.value, self._bands.weight, self._bands.starts)
        self._step = found.grid.step / 4
        self._resolution = 1 / series.span
        self._fits: dict[int, Fit] = {}

    def period(self) -> Period:
        fits = [self.fit(*proposal) for proposal in proposals(self._periodogram)]
        fits += [
            self.fit(frequency, "day mirror")
            for fit in _distinct(fits, _MIRRORED, self._resolution, (1.0,))
            for frequency in mirrors(fit.frequency)
        ]
        reduced = [
            self.fundamental(fit) for fit in _distinct(fits, _REDUCED, self._resolution, (1.0,))
        ]
        if len(self._series) >= boxes.FEWEST:
            boxed = _ECLIPSED if boxes.looks_eclipsed(self._series) else _BOXED
            reduced += self.dips(_distinct(reduced, boxed, self._resolution, _SAME_FAMILY))
        best = _distinct(reduced, MOST_CANDIDATES, self._resolution, _SAME_FAMILY)
        told = self.marked([self.candidate(fit) for fit in best])
        return Period(
            told,
            self.phase_zero(told[0]),
            len(self._series),
            self._series.span,
            self._periodogram,
        )

    def fit(self, frequency: float, origin: str) -> Fit:
        """Fit around a frequency, first coarsely, then finely."""
        if not self._is_wanted():
            raise SearchCancelledError
        place = round(frequency / self._step)
        if place not in self._fits:
            bands = (self._bands.time, self._bands.value, self._bands.weight, self._bands.starts)
            most = _harmonics_at(frequency, len(self._series))
            near = best_near(*bands, frequency, 2 * self._step, 2, most)[0]
            best, score, harmonics, gain = best_near(*bands, near, self._step / 2, 3, most)
            self._fits[place] = Fit(score, best, harmonics, gain, origin)
        return self._fits[place]

    def fundamental(self, fit: Fit) -> Fit:
        """Take the shortest of a period's parts that explains nearly as much as it does."""
        best = fit
        half = (
            self.fit(2 * fit.frequency, fit.origin) if 2 * fit.frequency <= MAX_FREQUENCY else fit
        )
        is_long = fit.frequency < 0.5 / LONG
        if half.score <= fit.score or (is_long and half.gain >= SUFFICIENT * fit.gain):
            best = half
        for multiple in _MULTIPLES:
            if multiple * fit.frequency <= MAX_FREQUENCY:
                part = self.fit(multiple * fit.frequency, fit.origin)
                if part.gain >= SUFFICIENT * fit.gain and part.frequency > best.frequency:
                    best = part
        return best

    def dips(self, fits: Iterable[Fit]) -> list[Fit]:
        """Boxes that are better than the harmonics at the same period, or at its double."""
        search, found = boxes.Boxes(self._series), []
        for fit in fits:
            for frequency in (fit.frequency, fit.frequency / 2):
                box = search.near(frequency, self._step / 2)
                if box.score < fit.score:
                    found.append(Fit(box.score, box.frequency, 0, box.gain, "box"))
        return found

    def candidate(self, fit: Fit) -> Candidate:
        """Say a fit as a candidate, at the period or at its double."""
        days, other = 1 / fit.frequency, 2 / fit.frequency
        double = self.fit(fit.frequency / 2, fit.origin)
        if fit.harmonics and is_doubled(self._series, fit.frequency, fit.score, double.score):
            fit, days, other = double, 1 / double.frequency, 0.5 / double.frequency
        return Candidate(
            days=days,
            error_days=_error_days(self._series, fit.frequency, fit.gain),
            power=fit.gain,
            score=fit.score,
            harmonics=fit.harmonics,
            origin=fit.origin,
            false_alarm=false_alarm(self._series, fit.gain, max(1, fit.harmonics), MAX_FREQUENCY),
            other_days=other,
        )

    def marked(self, candidates: list[Candidate]) -> tuple[Candidate, ...]:
        """Mark what may be an alias."""
        first, window = 1 / candidates[0].days, self._periodogram.window
        return tuple(
            replace(
                candidate,
                rhythms=rhythms(1 / candidate.days, self._resolution, window),
                relation=relation(1 / candidate.days, first, self._resolution, window)
                if place
                else "",
            )
            for place, candidate in enumerate(candidates)
        )

    def phase_zero(self, candidate: Candidate) -> float:
        """Time near the middle when the fitted curve is faintest [MJD]."""
        series, frequency = self._series, 1 / candidate.days
        harmonics = max(candidate.harmonics, 1)
        curve = fit_at(series.time, series.value, series.weight, frequency, harmonics)[0]
        return series.middle + faintest_phase(curve, harmonics)[0] * candidate.days


def _harmonics_at(frequency: float, observations: int) -> int:
    most = most_harmonics(observations)
    return min(most, _LONG_HARMONICS) if frequency < 1 / LONG else most


def _error_days(series: Series, frequency: float, gain: float) -> float:
    """Error of a period by its residuals (Montgomery & O'Donoghue 1999, DSSN 13, 28)."""
    spread = np.sqrt((1 - gain) / max(gain, 1e-9) / len(series))
    return float(np.sqrt(6) / np.pi * spread / series.span / frequency**2)


def _distinct(
    fits: Iterable[Fit], most: int, resolution: float, ratios: tuple[float, ...]
) -> list[Fit]:
    """Best fits of which none is another's frequency, or a ratio of it, within the resolution."""
    kept: list[Fit] = []
    for fit in sorted(fits):
        if len(kept) == most:
            break
        if not any(_same(fit.frequency, other.frequency, resolution, ratios) for other in kept):
            kept.append(fit)
    return kept


def _same(frequency: float, other: float, resolution: float, ratios: tuple[float, ...]) -> bool:
    return any(
        abs(frequency - other / ratio) * max(1.0, ratio) < 1.8 * resolution / SAMPLES_PER_PEAK
        for ratio in ratios
    )
