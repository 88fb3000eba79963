"""What a search finds in one light curve: its period, and what else may be it."""

from dataclasses import dataclass

from astra.periods.periodogram import Periodogram


@dataclass(frozen=True, slots=True)
class Candidate:
    """A period that may be the one.

    Attributes
    ----------
    days, error_days : float
        The period and its one-sigma error [d].
    power : float
        Share of the weighted squares, about the mean of each band, that is explained.
    score : float
        Bayesian information criterion against a constant; lower is better.
    harmonics : int
        Of the fit; 0 for a box.
    origin : str
        ``periodogram``, ``2 harmonics`` (a peak of the sum over so many), ``multiple of a peak``,
        ``day mirror`` (another candidate, turned by the day), or ``box`` (box least squares).
    false_alarm : float
        Probability that noise alone explains so much anywhere on the grid.
    rhythms : tuple of str
        What it cannot be told from: see :func:`astra.periods.aliases.rhythms`.
    relation : str
        How it comes from the first candidate: see :func:`astra.periods.aliases.relation`.
    other_days : float
        The half or the double of ``days``, whichever was weighed against it and lost [d].
    """

    days: float
    error_days: float
    power: float
    score: float
    harmonics: int
    origin: str
    false_alarm: float
    rhythms: tuple[str, ...] = ()
    relation: str = ""
    other_days: float = float("nan")

    @property
    def is_suspect(self) -> bool:
        """Whether a rhythm of observing may have made it."""
        return bool(self.rhythms) or "/d" in self.relation or "window" in self.relation


@dataclass(frozen=True, eq=False)
class Period:
    """What was found in one light curve.

    Attributes
    ----------
    candidates : tuple of Candidate
        Best first, except that the highest peak of the periodogram is among the first three, and
        but for one, those near whole cycles a day come last; none the half or double of another;
        at most :data:`astra.periods.finding.MOST_CANDIDATES`.
    phase_zero_mjd : float
        A time in the middle of the observations when the fitted curve is faintest [MJD].
    observations : int
        Usable observations.
    span : float
        From the first to the last of them [d].
    periodogram : Periodogram
    """

    candidates: tuple[Candidate, ...]
    phase_zero_mjd: float
    observations: int
    span: float
    periodogram: Periodogram

    @property
    def days(self) -> float:
        """The period [d]."""
        return self.candidates[0].days

    @property
    def power(self) -> float:
        """Share of the weighted squares that it explains."""
        return self.candidates[0].power

    @property
    def false_alarm(self) -> float:
        """Probability that noise alone explains so much."""
        return self.candidates[0].false_alarm
