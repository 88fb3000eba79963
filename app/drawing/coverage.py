"""Pictures of what a survey covers: all of the sky, and all of its time."""

import numpy as np
from bokeh.models import (
    ColumnDataSource,
    DataRange1d,
    Image,
    LinearColorMapper,
    NumeralTickFormatter,
)
from bokeh.palettes import Cividis256
from bokeh.plotting import figure

from app.coverage import Coverage, hammer
from app.theme import chart, tokens


def sky_figure(theme: str, coverage: Coverage | None) -> figure:
    """The whole sky in Hammer's projection, objects by their number on a log scale."""
    t = tokens(theme)
    plot = chart(
        theme,
        height=230,
        sizing_mode="stretch_width",
        x_range=(-2.08, 2.08),
        y_range=(-1.06, 1.06),
        match_aspect=True,
    )
    plot.axis.visible = False
    plot.grid.visible = False
    xs, ys = _graticule()
    plot.multi_line("xs", "ys", source={"xs": xs, "ys": ys}, line_width=1, line_color=t.line)
    plot.line(*_edge(), line_width=1, line_color=t.line_strong)
    if coverage is not None:
        numbers = np.log10(np.where(coverage.sky > 0, coverage.sky, np.nan))
        high = float(np.nanmax(numbers)) if np.isfinite(numbers).any() else 1.0
        mapper = LinearColorMapper(
            palette=_palette(theme), nan_color="rgba(0,0,0,0)", low=0.0, high=max(high, 0.3)
        )
        plot.add_glyph(
            ColumnDataSource({"image": [numbers]}),
            Image(image="image", x=-2, y=-1, dw=4, dh=2, color_mapper=mapper),
        )
    hours = np.array([6, 12, 18])
    x, y = hammer(15.0 * hours, np.zeros(3))
    plot.text(
        x.tolist(),
        y.tolist(),
        [f"{each} h" for each in hours],
        x_offset=3,
        y_offset=-2,
        text_font="Inter",
        text_font_size="11px",
        text_color=t.text_3,
    )
    return plot


def time_figure(theme: str, coverage: Coverage | None, scale: str) -> figure:
    """Observations in each stretch of time; times are on a scale (UTC, TDB, unknown)."""
    plot = chart(theme, height=230, sizing_mode="stretch_width", y_range=DataRange1d(start=0))
    plot.xaxis.axis_label = f"MJD [d], time scale {scale}"
    plot.yaxis.axis_label = "Observations"
    plot.yaxis.formatter = NumeralTickFormatter(format="0[.]0 a")
    if coverage is not None:
        edges, gap = coverage.edges, 0.08 * np.diff(coverage.edges)
        plot.quad(
            left=edges[:-1] + gap,
            right=edges[1:],
            top=coverage.times / coverage.share,
            bottom=0,
            line_width=0,
            fill_color=tokens(theme).context,
        )
    return plot


def _palette(theme: str) -> list[str]:
    """Cividis; on a light page dense is dark."""
    colours: list[str] = [*Cividis256]
    return colours[30:] if theme == "dark" else colours[204::-1]


def _edge() -> tuple[np.ndarray, np.ndarray]:
    angle = np.linspace(0, 2 * np.pi, 181)
    return 2 * np.cos(angle), np.sin(angle)


def _graticule() -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Every 60 deg of right ascension, every 30 deg of declination."""
    along, up = np.linspace(0, 359.99, 181), np.linspace(-90, 90, 91)
    lines = [hammer(np.full(91, ra), up) for ra in (60.0, 120.0, 180.0, 240.0, 300.0)]
    lines += [hammer(along, np.full(181, dec)) for dec in (-60.0, -30.0, 0.0, 30.0, 60.0)]
    return [x for x, _ in lines], [y for _, y in lines]
