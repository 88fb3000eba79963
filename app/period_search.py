"""Searches for periods off the document's thread: one at a time, cancelled once nobody waits."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from app.background import Latest
from astra.data.errors import AstraError
from astra.data.light_curves import LightCurve

if TYPE_CHECKING:  # the search is loaded with its first light curve, and may not be installed
    from astra.periods.found import Candidate, Period

KEPT = 32
INSTALL = "pip install 'astra-observatory[formats]'"


class Searched(NamedTuple):
    """What a search gave: a period and how long it took [ms], or why there is none."""

    period: "Period | None"
    milliseconds: float = 0.0
    problem: str = ""


class PeriodSearches:
    """The searches of one visitor, who waits for one light curve at a time.

    Parameters
    ----------
    deliver : callable
        Called with what was searched on the document's thread, if somebody still waits for it.
    """

    def __init__(self, deliver: Callable[[Searched], None]) -> None:
        self._deliver = deliver
        self._latest = Latest()
        self._kept: OrderedDict[tuple[str, ...], Searched] = OrderedDict()
        self._wanted: tuple[str, ...] = ()

    def ask(self, key: tuple[str, ...], light_curve: LightCurve) -> None:
        """Search a light curve in place of any other; ``key`` names it."""
        self._wanted = key
        if key in self._kept:
            self._deliver(self._kept[key])
            return
        self._latest.ask(
            partial(_searched, light_curve, lambda: self._wanted == key),
            partial(self._finish, key),
            partial(self._fail, key),
        )

    def cancel(self) -> None:
        """Wait for nothing any more."""
        self._wanted = ()

    def _finish(self, key: tuple[str, ...], outcome: Any) -> None:
        if outcome is None:
            return
        self._kept[key] = outcome
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        if key == self._wanted:
            self._deliver(outcome)

    def _fail(self, key: tuple[str, ...], error: Exception) -> None:
        if key == self._wanted:
            self._deliver(Searched(None, problem=f"the period search failed: {error}"))


def _searched(light_curve: LightCurve, is_wanted: Callable[[], bool]) -> Searched | None:
    """Search; None where nobody waited to the end."""
    try:
        from astra.periods.finding import SearchCancelledError, find_period
    except ImportError as error:
        return Searched(None, problem=f"the period search needs {error.name}: {INSTALL}")
    started = time.perf_counter()
    try:
        found = find_period(light_curve, is_wanted)
    except SearchCancelledError:
        return None
    except AstraError as error:
        return Searched(None, problem=str(error))
    return Searched(found, 1e3 * (time.perf_counter() - started))


def refined(light_curve: LightCurve, days: float) -> "Candidate":
    """Fit the period [d] that somebody points at.

    Raises
    ------
    NoPeriodError
        The light curve has too few usable observations.
    """
    from astra.periods.finding import fit_near

    return fit_near(light_curve, days)


def band_names(light_curve: LightCurve | None) -> list[str]:
    """Names of the observed bands."""
    if light_curve is None:
        return []
    return [light_curve.bands[code].name for code in np.unique(light_curve.band)]


def of_band(light_curve: LightCurve, name: str) -> LightCurve:
    """One band of a light curve, or all for no name."""
    if not name:
        return light_curve
    chosen = np.array([band.name == name for band in light_curve.bands])[light_curve.band]
    columns = ("mjd", "flux", "flux_error", "band", "flagged")
    return replace(
        light_curve, **{column: getattr(light_curve, column)[chosen] for column in columns}
    )
