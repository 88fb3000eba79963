"""The periodogram: one canvas in the browser that outlives what it shows."""

import base64
import json
from collections.abc import Callable
from functools import partial
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import param
from numpy.typing import NDArray
from panel.custom import JSComponent

from app.background import soon
from app.theme import STATIC, tokens
from app.words import counted

if TYPE_CHECKING:  # the search is loaded with its first light curve, and may not be installed
    from astra.periods.found import Period

Gesture = Literal["tap", "drag", "dropped"]

GESTURES = ("tap", "drag", "dropped")
_BINS = 900
_HEADROOM = 1.35
_MOST_DAYS = 8
_SNAP = 0.012
_FILES = ("chart_pen.js", "chart_scales.js", "period_chart.js")


class PeriodChart(JSComponent):
    """Power against frequency, or against the logarithm of the period.

    A tap chooses the highest peak nearby, a drag moves the fold; the wheel zooms. Places on its
    axis are frequencies [cycles/d], or logarithms of periods [d].

    Parameters
    ----------
    theme : str
    on_choose : callable
        Called with a frequency [cycles/d] and the gesture: ``tap``, ``drag`` or ``dropped``.
    """

    marks = param.String(default="", doc="JSON of peaks, rhythms and level; empty: none.")
    curve = param.String(default="", doc="Places, then powers, of what is seen: float32, base64.")
    view = param.List(default=[0.0, 1.0], doc="Places between which the browser is to look.")
    fold = param.Number(default=None, allow_None=True, doc="Place of the period of the fold.")
    in_days = param.Boolean(default=False, doc="The axis says periods.")
    colours = param.Dict(default={})

    _esm = "\n".join((Path(STATIC) / name).read_text() for name in _FILES)
    _stylesheets = [(Path(STATIC) / "light_curve_chart.css").read_text()]

    def __init__(
        self, theme: str, on_choose: Callable[[float, Gesture], None], **params: Any
    ) -> None:
        super().__init__(**{"margin": 0, **params})
        self._on_choose = on_choose
        self._period: Period | None = None
        self._days: float | None = None
        self._home = self.seen = (0.0, 1.0)
        self.restyle(theme)

    def draw(self, period: "Period | None", scale: str) -> None:
        """Draw another periodogram, or none, from its start."""
        self._period, self.in_days = period, scale == "period"
        if period is None:
            self.param.update(marks="", curve="")
            return
        self._home = self.seen = self._whole(period)
        self._look(*self._home)
        self.param.update(curve=self._curve(), marks=self._marks(period))
        self.mark_fold(self._days)

    def mark_fold(self, days: float | None) -> None:
        """Mark the period [d] of the fold."""
        self._days = days
        self.fold = None if days is None else float(self._place(1 / days))

    def zoom_to(self, days: float) -> None:
        """Show the neighbourhood of a period [d]: twenty widths of its peak."""
        if self._period is not None:
            frequency, width = 1 / days, 10 / self._period.span
            lowest, highest = self._limits(self._period)
            ends = (max(frequency - width, lowest), min(frequency + width, highest))
            low, high = sorted(float(self._place(end)) for end in ends)
            self._look(low, high)

    @property
    def is_zoomed(self) -> bool:
        """Whether less than everything is seen."""
        return self.seen != self._home

    def zoom_out(self) -> None:
        """Show everything again."""
        self._look(*self._home)

    def restyle(self, theme: str) -> None:
        """Take the colours of a theme."""
        t = tokens(theme)
        self.colours = {
            "text": t.text_2,
            "quiet": t.text_3,
            "name": t.text_1,
            "ground": t.surface,
            "line": t.line_strong,
            "grid": t.grid,
            "warn": t.warn,
            "accent": t.accent,
        }

    # What is drawn

    def _whole(self, period: "Period") -> tuple[float, float]:
        """All that is worth seeing: up to three times the highest candidate, or all periods."""
        frequency = period.periodogram.frequency
        if self.in_days:
            return -float(np.log10(frequency[-1])), -float(np.log10(frequency[0]))
        highest = max(1 / candidate.days for candidate in period.candidates[:3])
        return 0.0, min(float(frequency[-1]), max(1.6 * highest, 3.2))

    def _curve(self) -> str:
        """Highest power in each of so many bins of what is seen."""
        if self._period is None:
            return ""
        found = self._period.periodogram
        x, power = binned(self._place(found.frequency), found.power, *self.seen)
        return base64.b64encode(np.concatenate([x, power]).astype("<f4").tobytes()).decode()

    def _marks(self, period: "Period") -> str:
        found, candidates = period.periodogram, period.candidates
        top = _HEADROOM * max(float(found.power.max()), found.level)
        days = np.arange(1, _MOST_DAYS + 1, dtype=np.float64)
        rhythms = np.concatenate([days, found.window[found.window < 0.9]])
        limits = sorted(float(self._place(end)) for end in self._limits(period))
        return json.dumps(
            {
                # A colour and a hollow mark: no candidate is told by its colour alone.
                "peaks": [
                    {
                        "x": float(self._place(1 / candidate.days)),
                        "y": found.at(1 / candidate.days),
                        "suspect": candidate.is_suspect,
                    }
                    for candidate in candidates
                ],
                "rhythms": [float(self._place(rhythm)) for rhythm in rhythms],
                "level": found.level,
                "top": top,
                "home": self._home,
                "limits": [min(limits[0], self._home[0]), limits[1]],
                "words": f"Periodogram with {counted(len(candidates), 'candidate')}",
            }
        )

    def _place(self, frequency: Any) -> Any:
        return -np.log10(frequency) if self.in_days else frequency

    def _frequency(self, place: float) -> float:
        return 10**-place if self.in_days else place

    @staticmethod
    def _limits(period: "Period") -> tuple[float, float]:
        frequency = period.periodogram.frequency
        return float(frequency[0]), float(frequency[-1])

    # What the hand does

    def _handle_msg(self, data: Any) -> None:
        if not isinstance(data, dict):
            return
        seen, gesture = data.get("seen"), data.get("gesture")
        x: Any = data.get("x")
        if isinstance(seen, list) and len(seen) == 2 and all(_is_number(end) for end in seen):
            soon(partial(self._looked, float(seen[0]), float(seen[1])))
        elif gesture in GESTURES and _is_number(x):
            soon(partial(self.choose, x, gesture))

    def choose(self, place: float, gesture: Gesture) -> None:
        """Tell of the frequency at a place, or of the highest peak near a tap."""
        if self._period is not None:
            frequency = self._frequency(self._snapped(place) if gesture == "tap" else place)
            lowest, highest = self._limits(self._period)
            self._on_choose(min(max(frequency, lowest), highest), gesture)

    def _snapped(self, place: float) -> float:
        """Place of the highest power near a place."""
        if self._period is None:
            return place
        found = self._period.periodogram
        reach = _SNAP * (self.seen[1] - self.seen[0])
        x = self._place(found.frequency)
        near: NDArray[np.int64] = np.flatnonzero(np.abs(x - place) <= reach)
        return float(x[near[found.power[near].argmax()]]) if len(near) else place

    def _look(self, low: float, high: float) -> None:
        self.view = [low, high]
        # The browser may have zoomed since, and would not hear of a view that has not changed.
        self._send_msg({"view": self.view})
        self._looked(low, high)

    def _looked(self, low: float, high: float) -> None:
        if low < high and (low, high) != self.seen:
            self.seen = (low, high)
            self.curve = self._curve()


def binned(
    x: NDArray[np.float64], power: NDArray[np.float64], low: float, high: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Cut a curve to what lies between two places, and keep the highest of each of 900 bins.

    Parameters
    ----------
    x : float64 [points], in order, rising or falling
    power : float64 [points]
    low, high : float
    """
    seen = (x >= low) & (x <= high)
    x, power = x[seen], power[seen]
    if len(x) <= 2 * _BINS:
        return x, power
    bins = np.minimum(((x - low) / (high - low) * _BINS).astype(np.int64), _BINS - 1)
    starts = np.flatnonzero(np.diff(bins, prepend=-1))
    return x[starts], np.maximum.reduceat(power, starts)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
