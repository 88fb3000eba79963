"""Arrows at the edge of a chart that say how many points lie beyond it."""

from pathlib import Path

from bokeh.core.properties import value
from bokeh.models import ColumnDataSource, CustomJS, Range1d, Text
from bokeh.plotting import figure

from app.theme import STATIC, tokens

_CODE = (Path(STATIC) / "edges.js").read_text()


class EdgeArrows:
    """Counts, in the browser and as it is zoomed, of the points above and below what is in sight.

    Parameters
    ----------
    figure : figure
        Its ranges are `Range1d`.
    """

    def __init__(self, figure: figure) -> None:
        self._texts = []
        self._sources = {}
        for edge, baseline in (("above", "top"), ("below", "bottom")):
            source = ColumnDataSource({"x": [], "y": [], "text": []})
            text = Text(
                x="x", y="y", text="text", text_font=value("Inter"), text_font_size="11px",
                text_font_style="bold", text_align="center", text_baseline=baseline,
            )  # fmt: skip
            figure.add_glyph(source, text).level = "overlay"
            self._texts.append(text)
            self._sources[edge] = source
        self._count = CustomJS(
            args={"x": figure.x_range, "y": figure.y_range, "points": [], **self._sources},
            code=_CODE,
        )
        for shown in (figure.x_range, figure.y_range):
            if isinstance(shown, Range1d):
                shown.js_on_change("start", self._count)
                shown.js_on_change("end", self._count)

    def follow(self, sources: list[ColumnDataSource]) -> None:
        """Count the points of these tables too."""
        self._count.args = {**self._count.args, "points": [*self._count.args["points"], *sources]}
        for source in sources:
            source.js_on_change("data", self._count)

    def restyle(self, theme: str) -> None:
        """Take the colours of a theme."""
        for text in self._texts:
            text.text_color = tokens(theme).text_2
