"""How often a period search finds what the catalogue has, beside plain Lomb-Scargle."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from astra.analysis.periods import NoPeriodError, find_period
from astra.data.errors import AstraError
from astra.data.light_curves import LightCurve
from astra.data.observatory import Observatory
from astra.data.surveys import Survey
from astra.evaluation.groups import at_most, open_survey
from astra.periods.harmonics import refine
from astra.periods.periodogram import lomb_scargle
from astra.periods.series import series_of
from astra.periods.spectrum import frequency_grid, highest_peaks

TOLERANCES = (0.001, 0.01)
CANDIDATES = 3
METHODS: tuple[str, ...] = ("find_period", "Lomb-Scargle")
_EITHER = (1.0, 0.5, 2.0)
_CLASS_COLUMNS = ("label", "astra_class")
_SEPARATION = 6


@dataclass(frozen=True, eq=False)
class PeriodicGroup:
    """Objects of one survey of the catalogue that have a period there.

    Attributes
    ----------
    name : str
    survey : Survey
    rows : int64 [objects]
        Rows in the survey, ascending.
    available : int
        Objects with a period, of which ``rows`` may be a sample.
    """

    name: str
    survey: Survey
    rows: NDArray[np.int64]
    available: int


@dataclass(frozen=True, eq=False)
class Recovery:
    """What was found for the objects of a group.

    Attributes
    ----------
    group : PeriodicGroup
    truth : float64 [objects]
        Period of the catalogue [d].
    classes : tuple of str [objects]
    found : mapping of method to float64 [objects, candidates]
        Periods [d], best first; NaN where there is none.
    seconds : mapping of method to float
        Processor time of one object.
    """

    group: PeriodicGroup
    truth: NDArray[np.float64]
    classes: tuple[str, ...]
    found: dict[str, NDArray[np.float64]]
    seconds: dict[str, float]


def groups_with_periods(
    observatory: Observatory,
    survey: str,
    names: Sequence[str] = (),
    most: int | None = None,
    seed: int = 0,
) -> list[PeriodicGroup]:
    """Find the objects that the catalogue of a survey gives a period.

    Parameters
    ----------
    observatory : Observatory
    survey : str
    names : sequence of str
        Values of the catalogue's column ``survey``; by default all that have periods.
    most : int, optional
        Objects of a group, drawn at random where there are more.
    seed : int

    Raises
    ------
    AstraError
        No such survey or group, or no periods in it.
    """
    opened = open_survey(observatory, survey)
    owner = _groups_of(opened, survey)
    there = sorted(set(owner) - {""})
    unknown = [name for name in names if name not in there]
    if unknown or not there:
        wanted = f"group {unknown[0]!r} of {survey}" if unknown else f"survey {survey}"
        raise AstraError(
            f"{wanted} has no periods; those of {', '.join(there) or 'none'} are known"
        )
    of_each = {name: np.flatnonzero(owner == name) for name in names or there}
    return [
        PeriodicGroup(name, opened, at_most(rows, most, seed), len(rows))
        for name, rows in of_each.items()
    ]


def _groups_of(survey: Survey, name: str) -> NDArray[np.object_]:
    """Group of each object, object array of str [objects]; empty without a period."""
    catalogue = survey.catalogue
    if "period_days" not in catalogue:
        raise AstraError(f"the catalogue of {name} has no column period_days to compare with")
    owner = np.full(len(catalogue), name, object)
    if "survey" in catalogue:
        owner = catalogue["survey"].astype(str).to_numpy(object)
    return np.where(catalogue["period_days"].to_numpy(np.float64) > 0, owner, "")


def recover(
    group: PeriodicGroup, tell: Callable[[int, int], None] = lambda done, total: None
) -> Recovery:
    """Search the periods of a group by every method; ``tell`` hears what is done of how many."""
    catalogue = group.survey.catalogue
    column = next((name for name in _CLASS_COLUMNS if name in catalogue), None)
    classes = ["all"] * len(group.rows)
    if column is not None:
        named = catalogue[column].astype("object").to_numpy()[group.rows]
        classes = [name if isinstance(name, str) and name else "none" for name in named]
    found = {name: np.full((len(group.rows), CANDIDATES), np.nan) for name in METHODS}
    seconds = dict.fromkeys(METHODS, 0.0)
    ways = dict(zip(METHODS, (_by_finding, _by_lomb_scargle), strict=True))
    for way in ways.values():  # compiled before the clock runs
        _periods(way, group.survey.light_curves[int(group.rows[0])])
    for i, row in enumerate(group.rows):
        light_curve = group.survey.light_curves[int(row)]
        for name, way in ways.items():
            started = time.process_time()
            periods = _periods(way, light_curve)
            seconds[name] += (time.process_time() - started) / len(group.rows)
            found[name][i, : len(periods)] = periods
        tell(i + 1, len(group.rows))
    truth = catalogue["period_days"].to_numpy(np.float64)[group.rows]
    return Recovery(group, truth, tuple(classes), found, seconds)


def _periods(way: Callable[[LightCurve], list[float]], light_curve: LightCurve) -> list[float]:
    try:
        return way(light_curve)[:CANDIDATES]
    except NoPeriodError:
        return []


def _by_finding(light_curve: LightCurve) -> list[float]:
    return [candidate.days for candidate in find_period(light_curve).candidates]


def _by_lomb_scargle(light_curve: LightCurve) -> list[float]:
    """Highest peaks of a single-harmonic Lomb-Scargle periodogram, each refined."""
    series = series_of(light_curve)
    grid = frequency_grid(series.span)
    power = lomb_scargle(series, grid)
    return [
        1 / refine(
            series.time, series.value, series.weight,
            (grid.first + int(peak)) * grid.step, grid.step / 12, 12, 1,
        )[0]
        for peak in highest_peaks(power, CANDIDATES, _SEPARATION)
    ]  # fmt: skip


def is_found(
    found: NDArray[np.float64],
    truth: NDArray[np.float64],
    tolerance: float,
    either: bool = False,
    candidates: int = 1,
) -> NDArray[np.bool_]:
    """Whether one of the first candidates is the period, bool [objects].

    Parameters
    ----------
    found : float64 [objects, candidates]
    truth : float64 [objects]
    tolerance : float
        Relative difference that is allowed.
    either : bool
        The half and the double of the period count too.
    candidates : int
        How many are looked at.
    """
    ratio = found[:, :candidates, None] / truth[:, None, None]
    wanted = np.array(_EITHER if either else _EITHER[:1])
    return np.asarray((np.abs(ratio / wanted - 1) < tolerance).any(axis=(1, 2)))
