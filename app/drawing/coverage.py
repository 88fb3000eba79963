"""Pictures of what a survey covers: all of the sky, and all of its time."""

import numpy as np
from bokeh.models import ColumnDataSource, DataRange1d, Image, LinearColorMapper
from bokeh.palettes import Cividis256
from bokeh.plotting import figure

from app.coverage import Coverage, hammer
from app.theme import chart, restyle, tokens


class SkyPicture:
    """The whole sky in Hammer's projection, objects by their number, log scale."""

    def __init__(self, theme: str) -> None:
        self._mapper = LinearColorMapper(palette=_palette(theme), nan_color="rgba(0,0,0,0)")
        self._image = ColumnDataSource({"image": [np.full((2, 2), np.nan)]})
        self.figure: figure = chart(
            theme,
            height=230,
            sizing_mode="stretch_width",
            x_range=(-2.08, 2.08),
            y_range=(-1.06, 1.06),
            match_aspect=True,
        )
        self.figure.axis.visible = False
        self.figure.grid.visible = False
        xs, ys = _graticule()
        self._lines = self.figure.multi_line("xs", "ys", source={"xs": xs, "ys": ys}, line_width=1)
        self._edge = self.figure.line(*_edge(), line_width=1)
        self.figure.add_glyph(
            self._image,
            Image(image="image", x=-2, y=-1, dw=4, dh=2, color_mapper=self._mapper),
        )
        names = {f"{hours} h": hammer(np.array([15.0 * hours]), np.zeros(1)) for hours in (6, 18)}
        names["12 h"] = hammer(np.array([180.0]), np.zeros(1))
        self._names = self.figure.text(
            x=[float(x[0]) for x, _ in names.values()],
            y=[float(y[0]) for _, y in names.values()],
            text=list(names),
            text_font="Inter",
            text_font_size="11px",
            x_offset=3,
            y_offset=-2,
        )
        self.restyle(theme)

    def show(self, coverage: Coverage) -> None:
        """Draw a survey."""
        image = np.where(coverage.sky > 0, coverage.sky, np.nan)
        logarithm = np.log10(image)
        high = float(np.nanmax(logarithm)) if np.isfinite(logarithm).any() else 1.0
        self._mapper.update(low=0.0, high=max(high, 0.3))
        self._image.data = {"image": [logarithm]}

    def restyle(self, theme: str) -> None:
        """Follow the theme."""
        restyle(self.figure, theme)
        t = tokens(theme)
        self._mapper.palette = _palette(theme)
        self._lines.glyph.line_color = t.line
        self._edge.glyph.line_color = t.line_strong
        self._names.glyph.text_color = t.text_3


class TimePicture:
    """Observations in each stretch of time."""

    def __init__(self, theme: str) -> None:
        self._bars = ColumnDataSource({"left": [], "right": [], "top": []})
        self.figure: figure = chart(
            theme, height=230, sizing_mode="stretch_width", y_range=DataRange1d(start=0)
        )
        self.figure.yaxis.axis_label = "Observations"
        self._drawn = self.figure.quad(
            left="left", right="right", top="top", bottom=0, line_width=0, source=self._bars
        )
        self.restyle(theme)

    def show(self, coverage: Coverage, scale: str) -> None:
        """Draw a survey whose times are on a scale (UTC, TDB, unknown)."""
        edges, gap = coverage.edges, 0.08 * np.diff(coverage.edges)
        self.figure.xaxis.axis_label = f"MJD [d], time scale {scale}"
        self._bars.data = {
            "left": edges[:-1] + gap,
            "right": edges[1:],
            "top": coverage.times / coverage.share,
        }

    def restyle(self, theme: str) -> None:
        """Follow the theme."""
        restyle(self.figure, theme)
        self._drawn.glyph.fill_color = tokens(theme).context


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
