"""Charts that outlive what they show: the light curve's, made once and fed new points."""

from typing import Any, Literal

from bokeh.models import (
    BasicTicker,
    BoxAnnotation,
    CustomJS,
    CustomJSTickFormatter,
    DatetimeAxis,
    DatetimeTickFormatter,
    FixedTicker,
    LinearAxis,
    PanTool,
    Range1d,
    Span,
    WheelZoomTool,
)

from app.drawing.edges import EdgeArrows
from app.drawing.glyphs import CROWD, MARKER, SMALL_MARKER, BandGlyphs
from app.drawing.points import Drawing, asinh_ticks
from app.theme import chart, restyle, tokens

_TYPICAL_HEIGHT = 180
_USUAL_BANDS = 3
_DAY_TICKS = {"mantissas": [1, 2, 5], "desired_num_ticks": 6}
_PHASE_TICKS = {"mantissas": [2.5, 5, 10], "desired_num_ticks": 8}
MJD_OF_1970 = 40587.0
MS_PER_DAY = 86_400_000.0
_AXIS_STYLE = (
    "minor_tick_line_color",
    "major_tick_in",
    "major_tick_out",
    "major_label_text_font",
    "major_label_text_font_size",
    "axis_label_text_font",
    "axis_label_text_font_size",
    "axis_label_text_font_style",
    "axis_label_standoff",
)
# The axis is in magnitudes; its ticks are said as fluxes, in the unit that keeps them short.
_FLUX_TICK = """
const flux = 10 ** ((23.9 - tick) / 2.5), in_mJy = flux >= 1000;
return Number((in_mJy ? flux / 1000 : flux).toPrecision(2)) + (in_mJy ? " mJy" : " µJy");
"""


class PointsChart:
    """Light curve on one figure, against time or phase, whose renderers serve every object.

    Parameters
    ----------
    theme : str
        ``light`` or ``dark``.
    flux_axis : bool
        Say the magnitudes of the left axis as fluxes at the right.
    **options
        Size and name of the figure.
    """

    def __init__(self, theme: str, flux_axis: bool = False, **options: Any) -> None:
        wheel = WheelZoomTool(dimensions="width")
        self._x, self._y, self._dates = (Range1d(start=0, end=1) for _ in range(3))
        self.figure = chart(
            theme,
            x_range=self._x,
            y_range=self._y,
            tools=[PanTool(), wheel],
            min_border_right=16,
            **options,
        )
        self.figure.toolbar.active_scroll = wheel
        reset = CustomJS(args={"plot": self.figure}, code="plot.reset.emit()")
        self.figure.js_on_event("doubletap", reset)
        self._zero = Span(location=0, dimension="width", line_dash=[2, 3], level="underlay")
        self._halves = [
            BoxAnnotation(left=left, right=right, level="underlay", fill_alpha=0.45)
            for left, right in ((-0.5, 0), (1, 1.5))
        ]
        for shade in (self._zero, *self._halves):
            self.figure.add_layout(shade)
        # Slots are made before the page is: a renderer more makes Bokeh search all its models.
        self._edges = EdgeArrows(self.figure)
        self._slots: list[BandGlyphs] = []
        self._add_slots(_USUAL_BANDS)
        self._pixels = _TYPICAL_HEIGHT
        self.figure.on_change("inner_height", self._laid_out)
        self._add_axes(flux_axis)
        self.restyle(theme)

    def _add_slots(self, times: int) -> None:
        made = [BandGlyphs(self.figure) for _ in range(times)]
        self._slots += made
        if made:
            self._edges.follow([source for slot in made for source in slot.measured])

    def _add_axes(self, flux_axis: bool) -> None:
        self._ticker = BasicTicker()
        self.figure.xaxis.ticker = self._ticker
        self._value_ticker = BasicTicker(desired_num_ticks=4)
        self._asinh_ticker = FixedTicker()
        self.figure.yaxis.ticker = self._value_ticker
        self.figure.extra_x_ranges = {"dates": self._dates}
        days = DatetimeTickFormatter(days="%Y-%m-%d", months="%Y-%m-%d", years="%Y")
        self._date_axis = DatetimeAxis(x_range_name="dates", formatter=days)
        self._date_axis.ticker.desired_num_ticks = 4
        self._flux_axis = LinearAxis(ticker=BasicTicker(desired_num_ticks=4))
        self._flux_axis.formatter = CustomJSTickFormatter(code=_FLUX_TICK)  # pyright: ignore
        self._place(self._date_axis, "above")
        if flux_axis:
            self._place(self._flux_axis, "right")

    def _place(self, axis: LinearAxis | DatetimeAxis, where: Literal["above", "right"]) -> None:
        below = self.figure.below[0]
        axis.update(**{name: getattr(below, name) for name in _AXIS_STYLE})
        self.figure.add_layout(axis, where)

    def show(self, drawing: Drawing) -> None:
        """Draw another light curve."""
        bands = drawing.bands
        self._add_slots(max(0, len(bands) - len(self._slots)))
        size = MARKER if sum(len(band.x) for band in bands) <= CROWD else SMALL_MARKER
        low, high = drawing.y_range
        # Bars that hide behind the marker are left out.
        shortest = MARKER * (high - low) / self._pixels
        for band, slot in zip(bands, self._slots, strict=False):
            slot.fill(band, shortest, size, self._theme)
        for slot in self._slots[len(bands) :]:
            slot.clear()
        left, right = drawing.x_range
        _set_range(self._x, left, right)
        _set_range(self._y, *((high, low) if drawing.inverted else (low, high)))
        first = drawing.zero_mjd - MJD_OF_1970
        _set_range(self._dates, (first + left) * MS_PER_DAY, (first + right) * MS_PER_DAY)
        self.figure.below[0].update(axis_label=drawing.x_label)
        self._label_values(drawing)
        self._ticker.update(**(_PHASE_TICKS if drawing.folded else _DAY_TICKS))
        self._date_axis.visible = not drawing.folded
        self.figure.xgrid.visible = drawing.folded
        for half in self._halves:
            half.visible = drawing.folded
        self._flux_axis.visible = drawing.with_fluxes
        self._zero.visible = not drawing.inverted

    def _label_values(self, drawing: Drawing) -> None:
        axis = self.figure.left[0]
        if drawing.softening:
            said = asinh_ticks(drawing.softening, drawing.y_range)
            self._asinh_ticker.ticks = list(said)
            axis.update(major_label_overrides=said, ticker=self._asinh_ticker)
        else:
            axis.update(major_label_overrides={}, ticker=self._value_ticker)
        axis.update(axis_label=drawing.y_label)

    def _laid_out(self, _attribute: str, _old: int | None, new: int | None) -> None:
        self._pixels = new or self._pixels

    def restyle(self, theme: str) -> None:
        """Take the colours of a theme; points take theirs when they are next shown."""
        self._theme = theme
        restyle(self.figure, theme)
        # Painted over itself, an edge between two pixels keeps something of the theme before.
        self.figure.border_fill_color = None
        self._edges.restyle(theme)
        shades = tokens(theme)
        self._zero.line_color = shades.text_3
        for half in self._halves:
            half.update(fill_color=shades.map if theme == "dark" else shades.hover, line_color=None)


def _set_range(shown: Range1d, start: float, end: float) -> None:
    shown.update(start=start, end=end, reset_start=start, reset_end=end)
