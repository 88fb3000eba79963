"""How far objects moved: a histogram, with the noise of seeds drawn over it."""

import numpy as np
from bokeh.models import BasicTicker, ColumnDataSource, Label, Line, Quad, Range1d, Span
from numpy.typing import NDArray

from app.theme import chart, restyle, tokens
from app.words import percent

BINS = 40
AXES = {
    "change": "Neighbourhood change, 1 − Jaccard of the {k} nearest in the embedding",
    "moved": "Distance on the map [size of the map]",
}


class MovementChart:
    """Bars, grey within noise; a dashed curve of what noise does; the line between.

    Parameters
    ----------
    theme : str
    """

    def __init__(self, theme: str) -> None:
        self._x, self._y = Range1d(start=0, end=1), Range1d(start=0, end=1)
        self.figure = chart(
            theme, x_range=self._x, y_range=self._y, sizing_mode="stretch_both", min_height=120
        )
        self.figure.yaxis.axis_label = "Objects [%]"
        self.figure.xaxis.ticker = BasicTicker(desired_num_ticks=6)
        self.figure.yaxis.ticker = BasicTicker(desired_num_ticks=4)
        self._bars = [ColumnDataSource({n: [] for n in ("left", "right", "top")}) for _ in "ab"]
        self._quads = [
            Quad(left="left", right="right", top="top", bottom=0, line_width=0) for _ in "ab"
        ]
        for source, quad in zip(self._bars, self._quads, strict=True):
            self.figure.add_glyph(source, quad)
        self._curve = ColumnDataSource({"x": [], "y": []})
        self._line = Line(x="x", y="y", line_width=1.6, line_dash=[4, 3])
        self.figure.add_glyph(self._curve, self._line)
        self._span = Span(dimension="height", location=0, line_width=1.4)
        text = {"text_font": "Inter", "text_font_size": "11px", "x_offset": 8}
        self._said = Label(x=0, y=0, text="", text_font_style="bold", y_offset=-6, **text)
        self._noise = Label(x=0, y=0, text="", y_offset=-22, **text)
        for part in (self._span, self._said, self._noise):
            self.figure.add_layout(part)
        for label in (self._said, self._noise):
            label.text_baseline = "top"
        self.restyle(theme)

    def show(
        self, measure: str, values: NDArray, noise: NDArray, floor: float, k: int, how: str
    ) -> None:
        """Draw the changes of some objects.

        Parameters
        ----------
        measure : str
            ``change`` or ``moved``.
        values, noise : float32
            Changes of the objects, and of what is noise.
        floor : float
            What 95 % of the noise does not exceed.
        k : int
            Neighbours.
        how : str
            What the noise was measured with.
        """
        edges = self._edges(measure, values, floor, k)
        shares = [_shares(part, edges) for part in (values, noise)]
        middles, widths = (edges[1:] + edges[:-1]) / 2, np.diff(edges)
        within = middles <= floor + 1e-9
        for source, rows in zip(self._bars, (within, ~within), strict=True):
            gap = 0.06 * widths[rows]
            source.data = {
                "left": edges[:-1][rows] + gap,
                "right": edges[1:][rows] - gap,
                "top": shares[0][rows],
            }
        self._curve.data = {"x": middles, "y": shares[1]}
        top = 1.12 * max(float(shares[0].max(initial=0)), float(shares[1].max(initial=0)), 1.0)
        self._x.update(start=float(edges[0]), end=float(edges[-1]))
        self._y.update(start=0, end=top)
        line = float(edges[np.searchsorted(edges, floor + 1e-9)]) if measure == "change" else floor
        self._span.location = line
        beyond = int(np.count_nonzero(values > floor))
        right = line > edges[0] + 0.55 * (edges[-1] - edges[0])
        for label in (self._said, self._noise):
            label.update(x=line, y=top, text_align="right" if right else "left")
            label.x_offset = -8 if right else 8
        self._said.text = f"{percent(beyond, len(values))} beyond noise"
        self._noise.text = f"95th percentile of {how}, {floor:.2f}"
        self.figure.xaxis.axis_label = AXES[measure].format(k=k)

    def _edges(self, measure: str, values: NDArray, floor: float, k: int) -> NDArray:
        if measure == "change":  # it takes few values: one bar each
            shared = np.arange(k + 1)
            levels = np.sort(1 - shared / (2 * k - shared))
            inner = (levels[1:] + levels[:-1]) / 2
            return np.concatenate([[-inner[0]], inner, [2 - inner[-1]]])
        top = max(float(np.quantile(values, 0.995)) if len(values) else 1.0, 1.3 * floor, 1e-3)
        return np.linspace(0, top, BINS + 1)

    def restyle(self, theme: str) -> None:
        """Take the colours of a theme."""
        restyle(self.figure, theme)
        t = tokens(theme)
        for quad, colour in zip(self._quads, (t.context, t.accent), strict=True):
            quad.fill_color = colour
        self._line.line_color = self._span.line_color = t.text_1
        self._said.text_color, self._noise.text_color = t.text_1, t.text_2
        for label in (self._said, self._noise):
            label.update(background_fill_color=t.surface, background_fill_alpha=0.8)


def _shares(values: NDArray, edges: NDArray) -> NDArray[np.float64]:
    counts, _ = np.histogram(values, edges)
    return 100 * counts / max(len(values), 1)
