"""What draws the points of one band on a chart, whichever band it is."""

import numpy as np
from bokeh.core.properties import value
from bokeh.models import ColumnDataSource, Line, Scatter, Segment, Text
from bokeh.plotting import figure
from numpy.typing import NDArray

from app.drawing.bands import mix
from app.drawing.points import BandPoints
from app.theme import tokens

MARKER = 5.4
SMALL_MARKER = 3.6
CROWD = 1500
THRONG = 6000
_DARKER = 0.62


class BandGlyphs:
    """Glyphs and tables of one band at a time: points, hollow ones, dark ones, bars, limits, line.

    Surely negative fluxes are dark with the band's outline; upper limits are bars with an arrow
    down; neither is a marker of a band.
    """

    def __init__(self, figure: figure) -> None:
        self.bar = Segment(x0="x", y0="low", x1="x", y1="high", line_width=0.8, line_alpha=0.55)
        self.hollow = Scatter(x="x", y="y", fill_alpha=0, line_width=1)
        self.dark = Scatter(x="x", y="y", line_width=1)
        self.solid = Scatter(x="x", y="y", line_width=0.5)
        self.limit = Scatter(x="x", y="y", marker="dash", size=8, line_width=1)
        self.arrow = Text(
            x="x", y="y", text=value("↓"), text_font=value("Inter"), text_font_size="11px",
            text_align="center", text_baseline="top", y_offset=-1,
        )  # fmt: skip
        self.line = Line(x="x", y="y", line_width=1.6, line_alpha=0.9)
        self.bars = ColumnDataSource({"x": [], "low": [], "high": []})
        names = ("flagged", "negative", "points", "limits", "medians")
        tables = [ColumnDataSource({"x": [], "y": []}) for _ in names]
        self.flagged, self.negative, self.points, self.limits, self.medians = tables
        for source, glyph in (
            (self.bars, self.bar),
            (self.limits, self.limit),
            (self.limits, self.arrow),
        ):
            figure.add_glyph(source, glyph).level = "underlay"
        figure.add_glyph(self.flagged, self.hollow)
        figure.add_glyph(self.negative, self.dark)
        figure.add_glyph(self.points, self.solid)
        figure.add_glyph(self.medians, self.line)

    @property
    def measured(self) -> list[ColumnDataSource]:
        """Tables of the points that a range may leave out."""
        return [self.points, self.flagged, self.negative]

    def fill(self, band: BandPoints, shortest: float, size: float, theme: str) -> None:
        """Draw the points of a band; error bars only where longer than ``shortest`` [of y]."""
        style = band.style
        colour = style.colour if size >= MARKER else style.small
        outline = style.outline if size >= MARKER else None
        dark = mix(colour, tokens(theme).surface, _DARKER)
        alpha = 1.0 if size >= MARKER else 0.75
        self.solid.update(
            marker=style.marker,
            size=size,
            fill_color=colour,
            fill_alpha=alpha,
            line_color=outline,
        )
        self.hollow.update(marker=style.marker, size=size, line_color=colour)
        self.dark.update(marker=style.marker, size=size, fill_color=dark, line_color=colour)
        self.bar.update(line_color=colour)
        self.limit.update(line_color=colour)
        self.arrow.update(text_color=colour)
        self.line.update(line_color=mix(colour, tokens(theme).text_1, 0.25))
        solid = ~band.flagged & ~band.negative
        bars = band.high - band.low > shortest
        _replace(self.points, x=band.x[solid], y=band.y[solid])
        _replace(self.flagged, x=band.x[band.flagged], y=band.y[band.flagged])
        dark_ones = band.negative & ~band.flagged
        _replace(self.negative, x=band.x[dark_ones], y=band.y[dark_ones])
        _replace(self.limits, x=band.limit_x, y=band.limit_y)
        _replace(self.medians, x=band.median_x, y=band.median_y)
        _replace(self.bars, x=band.x[bars], low=band.low[bars], high=band.high[bars])

    def clear(self) -> None:
        """Draw nothing."""
        for source in (*self.measured, self.limits, self.medians, self.bars):
            _replace(source, **{name: np.empty(0) for name in source.column_names})


def _replace(source: ColumnDataSource, **columns: NDArray[np.float64]) -> None:
    if len(columns["x"]) or len(source.data["x"]):
        source.data = {**columns}
