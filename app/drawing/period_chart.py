"""The periodogram on one figure that outlives what it shows."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from bokeh.core.properties import value
from bokeh.events import Event, Pan, PanEnd, PanStart, RangesUpdate, Tap
from bokeh.models import (
    BasicTicker,
    ColumnDataSource,
    CustomJS,
    CustomJSTickFormatter,
    Line,
    Range1d,
    Scatter,
    Segment,
    Span,
    Text,
    WheelZoomTool,
)
from numpy.typing import NDArray

from app.theme import chart, restyle, tokens

if TYPE_CHECKING:  # the search is loaded with its first light curve, and may not be installed
    from astra.periods.found import Period

Gesture = Literal["tap", "drag", "dropped"]

_BINS = 900
_HEADROOM = 1.35
_MOST_DAYS = 8
_SNAP = 0.012
_TICK = """
const days = 10 ** tick;
return days >= 1000 || days < 0.001 ? days.toExponential(0) : String(Number(days.toPrecision(2)));
"""


class PeriodChart:
    """Power against frequency, or against the logarithm of the period.

    A tap chooses the highest peak nearby, a drag moves the fold; the wheel zooms.

    Parameters
    ----------
    theme : str
    on_choose : callable
        Called with a frequency [cycles/d] and the gesture: ``tap``, ``drag`` or ``dropped``.
    **options
        Size of the figure.
    """

    def __init__(
        self, theme: str, on_choose: Callable[[float, Gesture], None], **options: Any
    ) -> None:
        self._on_choose, self._theme = on_choose, theme
        self._period: Period | None = None
        self._scale = "frequency"
        self._top = 1.0
        self._home = self._seen = (0.0, 1.0)
        self._x, self._y = Range1d(start=0, end=1), Range1d(start=0, end=1)
        wheel = WheelZoomTool(dimensions="width")
        self.figure = chart(
            theme, x_range=self._x, y_range=self._y, tools=[wheel], min_border_right=10, **options
        )
        self.figure.toolbar.active_scroll = wheel
        self.figure.yaxis.ticker = BasicTicker(desired_num_ticks=3)
        self.figure.yaxis.axis_label = "Power"
        self._days = CustomJSTickFormatter(code=_TICK)  # pyright: ignore
        self._plain = self.figure.xaxis[0].formatter
        self._add_marks()
        self._listen()
        self.restyle(theme)

    def _add_marks(self) -> None:
        self._curve, self._peaks, self._aliases = (
            ColumnDataSource({name: [] for name in names})
            for names in (("x", "y"), ("x", "y", "number", "fill", "line"), ("x", "low", "high"))
        )
        self._line = Line(x="x", y="y", line_width=1)
        self._rhythm = Segment(
            x0="x", x1="x", y0="low", y1="high", line_width=1.2, line_dash=[2, 3]
        )
        self._mark = Scatter(
            x="x", y="y", marker="inverted_triangle", size=7, fill_color="fill", line_color="line"
        )
        self._number = Text(
            x="x", y="y", text="number", text_font=value("Inter"), text_font_size=value("11px"),
            text_align="center", text_baseline="bottom", y_offset=-5,
        )  # fmt: skip
        self._level = Span(dimension="width", line_width=1.2, line_dash=[5, 3], visible=False)
        self._fold = Span(dimension="height", line_width=1.5, visible=False)
        self.figure.add_glyph(self._aliases, self._rhythm).level = "underlay"
        self.figure.add_glyph(self._curve, self._line)
        for span in (self._level, self._fold):
            self.figure.add_layout(span)
        self.figure.add_glyph(self._peaks, self._mark)
        self.figure.add_glyph(self._peaks, self._number)

    def _listen(self) -> None:
        def on(kind: type[Event], act: Callable[[Any], None]) -> None:
            self.figure.on_event(kind, act)

        on(Tap, lambda event: self._choose(self._snapped(event.x), "tap"))
        on(PanStart, lambda event: self._choose(event.x, "drag"))
        on(Pan, lambda event: self._choose(event.x, "drag"))
        on(PanEnd, lambda event: self._choose(event.x, "dropped"))
        on(RangesUpdate, lambda event: self._zoomed(event.x0, event.x1))
        reset = CustomJS(args={"plot": self.figure}, code="plot.reset.emit()")
        self.figure.js_on_event("doubletap", reset)

    def show(self, period: "Period | None", scale: str) -> None:
        """Draw another periodogram, or none, from its start."""
        self._period, self._scale = period, scale
        self._level.visible = period is not None
        axis = self.figure.xaxis[0]
        axis.axis_label = "Frequency [1/d]" if scale == "frequency" else "Period [d]"
        axis.formatter = self._plain if scale == "frequency" else self._days
        if period is None:
            for source in (self._curve, self._peaks, self._aliases):
                source.data = {name: [] for name in source.column_names}
            return
        self._home = self._seen = self._whole(period)
        start, end = self._home
        self._x.update(start=start, end=end, reset_start=start, reset_end=end)
        top = max(float(period.periodogram.power.max()), period.periodogram.level)
        self._top = _HEADROOM * top
        self._y.update(start=0, end=self._top)
        self._level.location = period.periodogram.level
        self._draw_curve()
        self._draw_marks(period)

    def fold(self, days: float | None) -> None:
        """Mark the period [d] of the fold."""
        self._fold.visible = days is not None and self._period is not None
        if days is not None:
            self._fold.location = self._place(1 / days)

    def zoom_to(self, days: float) -> None:
        """Show the neighbourhood of a period [d]: twenty widths of its peak."""
        if self._period is None:
            return
        frequency, width = 1 / days, 10 / self._period.span
        lowest, highest = self._limits(self._period)
        low, high = max(frequency - width, lowest), min(frequency + width, highest)
        ends = sorted((self._place(low), self._place(high)))
        self._x.update(start=ends[0], end=ends[1])
        self._zoomed(*ends)

    @property
    def is_zoomed(self) -> bool:
        """Whether less than everything is seen."""
        return self._seen != self._home

    def zoom_out(self) -> None:
        """Show everything again."""
        self._x.update(start=self._home[0], end=self._home[1])
        self._zoomed(*self._home)

    def restyle(self, theme: str) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        restyle(self.figure, theme)
        t = tokens(theme)
        self._line.line_color = t.text_2
        self._rhythm.line_color = self._level.line_color = t.warn
        self._fold.line_color = t.accent
        self._number.text_color = t.text_1
        if self._period is not None:
            self._draw_marks(self._period)

    def _whole(self, period: "Period") -> tuple[float, float]:
        """All that is worth seeing: up to three times the highest candidate, or all periods."""
        frequency = period.periodogram.frequency
        if self._scale == "period":
            return -float(np.log10(frequency[-1])), -float(np.log10(frequency[0]))
        highest = max(1 / candidate.days for candidate in period.candidates[:3])
        return 0.0, min(float(frequency[-1]), max(1.6 * highest, 3.2))

    def _draw_curve(self) -> None:
        """Highest power in each of so many bins of what is seen."""
        if self._period is None:
            return
        found = self._period.periodogram
        x = self._place(found.frequency)
        low, high = self._seen
        seen = (x >= low) & (x <= high)
        x, power = x[seen], found.power[seen]
        if len(x) > 2 * _BINS:
            bins = np.minimum(((x - low) / (high - low) * _BINS).astype(np.int64), _BINS - 1)
            starts = np.flatnonzero(np.diff(bins, prepend=-1))
            x, power = x[starts], np.maximum.reduceat(power, starts)
        self._curve.data = {"x": x, "y": power}

    def _draw_marks(self, period: "Period") -> None:
        found, candidates, t = period.periodogram, period.candidates, tokens(self._theme)
        places = [float(self._place(1 / candidate.days)) for candidate in candidates]
        self._peaks.data = {
            "x": places,
            "y": [found.at(1 / candidate.days) for candidate in candidates],
            "number": [str(place + 1) for place in range(len(candidates))],
            # A colour and a hollow mark: no candidate is told by its colour alone.
            "fill": [t.surface if candidate.is_suspect else t.accent for candidate in candidates],
            "line": [t.warn if candidate.is_suspect else t.accent for candidate in candidates],
        }
        days = np.arange(1, _MOST_DAYS + 1, dtype=np.float64)
        rhythms = np.concatenate([days, found.window[found.window < 0.9]])
        self._aliases.data = {
            "x": self._place(rhythms),
            "low": np.zeros(len(rhythms)),
            "high": np.full(len(rhythms), self._top),
        }

    def _place(self, frequency: Any) -> Any:
        return frequency if self._scale == "frequency" else -np.log10(frequency)

    def _frequency(self, place: float) -> float:
        return place if self._scale == "frequency" else 10**-place

    def _snapped(self, place: float) -> float:
        """Place of the highest power near a place."""
        if self._period is None:
            return place
        found = self._period.periodogram
        reach = _SNAP * (self._seen[1] - self._seen[0])
        x = self._place(found.frequency)
        near: NDArray[np.int64] = np.flatnonzero(np.abs(x - place) <= reach)
        return float(x[near[found.power[near].argmax()]]) if len(near) else place

    def _choose(self, place: float, gesture: Gesture) -> None:
        if self._period is not None and place is not None:
            frequency = self._frequency(place)
            lowest, highest = self._limits(self._period)
            self._on_choose(min(max(frequency, lowest), highest), gesture)

    @staticmethod
    def _limits(period: "Period") -> tuple[float, float]:
        frequency = period.periodogram.frequency
        return float(frequency[0]), float(frequency[-1])

    def _zoomed(self, low: float, high: float) -> None:
        if low is not None and high is not None and (low, high) != self._seen:
            self._seen = (low, high)
            self._draw_curve()
