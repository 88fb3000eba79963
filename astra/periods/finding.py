"""The period of one light curve: candidates by three ways, ranked by one criterion."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from astra.data.light_curves import LightCurve
from astra.periods import boxes
from astra.periods.aliases import is_daily, relation, rhythms
from astra.periods.found import Candidate, Period
from astra.periods.harmonics import faintest_phase, fit_at
from astra.periods.nested import best_near, most_harmonics, squares_of
from astra.periods.periodogram import Periodogram, false_alarm, periodogram
from astra.periods.proposals import mirrors, proposals
from astra.periods.refining import refined
from astra.periods.series import Series, series_of
from astra.periods.shape import SUFFICIENT, is_doubled, is_pulsation
from astra.periods.spectrum import MAX_FREQUENCY, SAMPLES_PER_PEAK

MOST_CANDIDATES = 5
"""Candidates that are told."""

LONG = 60.0
"""Longer periods [d] have at most two harmonics: giants vary nearly as sinusoids, but no two of
their cycles are alike, and more harmonics fit the differences. Nor are they doubled."""

_MULTIPLES = (3, 4, 5, 6)
_LONG_HARMONICS = 2
_FINE_STEPS = 24
_NEAR_STEPS = 3
_MIRRORED = 5
_REDUCED = 24
_BOXED, _ECLIPSED = 8, 24
_SAME_FAMILY = (1.0, 2.0, 0.5)
_PEAK_PLACE = 2


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
    period is taken in its place where it is nearly as good. The highest peak of the periodogram is
    among the first three. Of a period and its double, the double is taken where the two halves of
    the curve differ, unless the curve is that of a pulsation, or where it is that of two like
    eclipses. What is told is refined with weights that hold the scatter about the fit.

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
    frequency = _refined(series, frequency, harmonics)
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
        told = self.marked([self.candidate(fit) for fit in self.told(reduced, fits[0])])
        return Period(
            told,
            self.phase_zero(told[0]),
            len(self._series),
            self._series.span,
            self._periodogram,
        )

    def told(self, fits: Iterable[Fit], peak: Fit) -> list[Fit]:
        """Best fits, none of another's family, with the highest peak among the first three.

        Five harmonics can follow noise that a sinusoid cannot. What varies slowly, be it the star
        or the calibration, comes up near every whole number of cycles a day: of such fits the best
        is told in its place, others behind all else.
        """
        ranked = _distinct(fits, 2 * MOST_CANDIDATES, self._resolution, _SAME_FAMILY)
        daily = [fit for fit in ranked if is_daily(fit.frequency, self._resolution)]
        ranked = [fit for fit in ranked if fit not in daily[1:]] + daily[1:]
        kin = (
            fit
            for fit in ranked
            if _same(fit.frequency, peak.frequency, self._resolution, _SAME_FAMILY)
        )
        highest = next(kin, peak)
        if highest not in ranked[:_PEAK_PLACE]:
            ranked = [fit for fit in ranked if fit != highest]
            ranked.insert(_PEAK_PLACE, highest)
        return ranked[:MOST_CANDIDATES]

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
        """Take the shortest of a period's parts that is nearly as good as it is.

        No star has the third harmonic alone. Nearly as good by the criterion, not by what is
        explained: of few observations, five harmonics explain most at a third of any period.
        """
        best = fit
        if 2 * fit.frequency <= MAX_FREQUENCY:
            half = self.fit(2 * fit.frequency, fit.origin)
            if half.score <= fit.score or self._is_half(half, fit):
                best = half
        for multiple in _MULTIPLES:
            if multiple * fit.frequency <= MAX_FREQUENCY:
                part = self.fit(multiple * fit.frequency, fit.origin)
                if part.score <= SUFFICIENT * fit.score and part.frequency > best.frequency:
                    best = part
        return best

    def _is_half(self, half: Fit, fit: Fit) -> bool:
        """Whether half a period is the period although it fits worse."""
        if fit.frequency < 0.5 / LONG:
            return half.score <= SUFFICIENT * fit.score
        return is_pulsation(self._series, half.frequency, half.score, fit.score)

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
        ratio = 2.0
        double = self.fit(fit.frequency / 2, fit.origin)
        if fit.harmonics and is_doubled(self._series, fit.frequency, fit.score, double.score):
            fit, ratio = double, 0.5
        days = 1 / _refined(self._series, fit.frequency, fit.harmonics)
        return Candidate(
            days=days,
            error_days=_error_days(self._series, fit.frequency, fit.gain),
            power=fit.gain,
            score=fit.score,
            harmonics=fit.harmonics,
            origin=fit.origin,
            false_alarm=false_alarm(self._series, fit.gain, max(1, fit.harmonics), MAX_FREQUENCY),
            other_days=ratio * days,
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


def _refined(series: Series, frequency: float, harmonics: int) -> float:
    """Take a fit's frequency to the last digit; giants have two harmonics there.

    They rise faster than they fall, and a mean of cycles that are not alike shall not depend on
    whether the second harmonic is worth having.
    """
    if not harmonics:
        return frequency
    if frequency < 1 / LONG:
        most = _harmonics_at(frequency, len(series))
        return refined(series, frequency, most, _FINE_STEPS // 2)
    return refined(series, frequency, harmonics, _NEAR_STEPS)


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
