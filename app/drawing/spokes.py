"""What was found to be alike, on the map: a ring each, and a spoke from what was asked for."""

from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, Segment
from bokeh.plotting import figure
from numpy.typing import NDArray

from app.theme import tokens


class Spokes:
    """A layer over a map.

    Parameters
    ----------
    plot : figure
        The map.
    theme : str
    """

    def __init__(self, plot: figure, theme: str) -> None:
        self._lines = ColumnDataSource({"x": [], "y": [], "x1": [], "y1": []})
        self._ends = ColumnDataSource({"x": [], "y": []})
        self._halo, self._line = (
            plot.add_glyph(
                self._lines,
                Segment(x0="x", y0="y", x1="x1", y1="y1", line_width=width, line_cap="round"),
            ).glyph
            for width in (3.0, 1.0)
        )
        ring: dict[str, Any] = {"source": self._ends, "size": 9, "fill_color": None}
        self._ring_halo = plot.scatter("x", "y", line_width=3.5, **ring).glyph
        self._ring = plot.scatter("x", "y", line_width=1.5, **ring).glyph
        self.restyle(theme)

    def draw(self, ends: NDArray[np.floating], centre: tuple[float, float] | None) -> None:
        """Draw rings at the ends, float [found, 2], and spokes to them where there is a centre."""
        self._ends.data = {"x": ends[:, 0], "y": ends[:, 1]}
        to = ends if centre is not None else ends[:0]
        x, y = (0.0, 0.0) if centre is None else centre
        self._lines.data = {
            "x": np.full(len(to), x),
            "y": np.full(len(to), y),
            "x1": to[:, 0],
            "y1": to[:, 1],
        }

    def restyle(self, theme: str) -> None:
        """Take the colours of a theme."""
        t = tokens(theme)
        self._halo.update(line_color=t.map, line_alpha=0.7)
        self._line.update(line_color=t.accent, line_alpha=0.9)
        self._ring_halo.update(line_color=t.map)
        self._ring.update(line_color=t.accent)
