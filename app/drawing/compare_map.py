"""One of the two maps of a comparison: a raster, numbered objects, and the way of one of them."""

from collections.abc import Callable
from typing import Any

import numpy as np
from bokeh.core.property.vectorization import value
from bokeh.models import ColumnDataSource
from numpy.typing import NDArray

from app.drawing.map_figure import MapFigure
from app.drawing.raster import Viewport
from app.theme import tokens


class CompareMap(MapFigure):
    """A map that also numbers objects and draws how far one has come.

    Parameters
    ----------
    theme, on_view, on_gesture, on_pick, name, beside
        As for `MapFigure`.
    """

    def __init__(
        self,
        theme: str,
        on_view: Callable[[Viewport], None],
        on_gesture: Callable[[NDArray[np.float64], str], None],
        on_pick: Callable[[float, float], None],
        name: str,
        beside: MapFigure | None = None,
    ) -> None:
        self._numbered = ColumnDataSource({"x": [], "y": [], "n": []})
        self._first = ColumnDataSource({"x": [], "y": [], "n": []})
        self._way = ColumnDataSource({"xs": [], "ys": []})
        self._marks: list[Any] = []
        super().__init__(theme, on_view, on_gesture, on_pick, name, beside)

    def _add_glyphs(self) -> None:
        super()._add_glyphs()
        plot = self.plot
        way = plot.multi_line("xs", "ys", source=self._way, line_width=1.2, line_dash=[2, 3])
        for source, size, weight in ((self._numbered, 17, 1.1), (self._first, 19, 2.0)):
            disc = plot.scatter("x", "y", source=source, size=size, line_width=weight).glyph
            text = plot.text(
                "x", "y", "n", source=source, text_font=value("Inter"), text_font_size="11px",
                text_font_style="bold", text_align="center", text_baseline="middle",
            ).glyph  # fmt: skip
            self._marks.append((disc, text))
        self._way_glyph = way.glyph

    def number(self, x: NDArray, y: NDArray, first: int | None) -> None:
        """Number objects from 1 on; the ``first``-th, if any, stands out."""
        numbers = np.arange(1, len(x) + 1)
        rest = numbers != (-1 if first is None else first + 1)
        rest &= np.isfinite(x)
        for source, rows in ((self._numbered, rest), (self._first, ~rest & np.isfinite(x))):
            source.data = {"x": x[rows], "y": y[rows], "n": [str(n) for n in numbers[rows]]}

    def draw_way(self, start: NDArray | None, end: NDArray | None) -> None:
        """Draw a dotted line from one place to another, or none."""
        known = start is not None and end is not None and np.isfinite([start, end]).all()
        if not known or start is None or end is None:
            self._way.data = {"xs": [], "ys": []}
            return
        self._way.data = {"xs": [[start[0], end[0]]], "ys": [[start[1], end[1]]]}

    def restyle(self, theme: str) -> None:
        """Take the colours of a theme."""
        super().restyle(theme)
        t = tokens(theme)
        self._way_glyph.line_color = t.ring
        for disc, text in self._marks:
            disc.update(fill_color=t.map, fill_alpha=0.85, line_color=t.ring)
            text.text_color = t.text_1
