"""Curves of a training: figures by epoch on a chart that is fed as they come."""

from collections.abc import Mapping, Sequence
from typing import Any

from bokeh.models import BasicTicker, ColumnDataSource, Label, Line, Range1d, Scatter, Span
from bokeh.plotting import figure

from app.theme import chart, restyle, tokens

Points = Sequence[tuple[float, float]]
MAIN_WIDTH, SECOND_WIDTH = 2.0, 1.2
_ROOM_FOR_NAMES = 1.4
# Curves whose ends are nearer than this fraction of the chart have names so many pixels apart.
_NEAR, _APART = 0.14, 7


class _Curve:
    """A line, the dot at its end, and its name beside the dot."""

    def __init__(self, figure: figure, name: str, width: float) -> None:
        self.points = ColumnDataSource({"x": [], "y": []})
        self.end = ColumnDataSource({"x": [], "y": []})
        self.line = Line(x="x", y="y", line_width=width)
        self.dot = Scatter(x="x", y="y", size=6, line_width=0)
        self.name = _label(name, x_offset=8, text_baseline="middle")
        self.last: float | None = None
        figure.add_glyph(self.points, self.line)
        figure.add_glyph(self.end, self.dot)
        figure.add_layout(self.name)

    def show(self, points: Points) -> None:
        self.points.data = {"x": [x for x, _ in points], "y": [y for _, y in points]}
        last = list(points[-1:])
        self.last = last[0][1] if last else None
        self.end.data = {"x": [x for x, _ in last], "y": [y for _, y in last]}
        self.name.visible = bool(last)
        if last:
            self.name.update(x=last[0][0], y=last[0][1])

    def restyle(self, line: str, text: str, background: str) -> None:
        self.line.line_color = self.dot.fill_color = line
        self.name.text_color, self.name.background_fill_color = text, background


def _label(text: str, **options: Any) -> Label:
    # Over the line that must be beaten, which would strike a name through.
    options |= {"level": "overlay", "background_fill_alpha": 0.85}
    return Label(
        x=0, y=0, text=text, text_font="Inter", text_font_size="11px", visible=False, **options
    )


class CurveChart:
    """Up to two curves by epoch, named at their ends, and a line that must be beaten.

    Parameters
    ----------
    theme : str
    label : str
        Text of the value axis.
    names : sequence of str
        Curves by the words that stand at their ends, the main one first.
    **options
        Size of the figure.
    """

    def __init__(self, theme: str, label: str, names: Sequence[str], **options: Any) -> None:
        self._x, self._y = Range1d(start=0, end=1), Range1d(start=0, end=1)
        self.figure = chart(theme, x_range=self._x, y_range=self._y, **options)
        self.figure.xaxis.axis_label, self.figure.yaxis.axis_label = "Epoch", label
        self.figure.xaxis.ticker = BasicTicker(desired_num_ticks=5)
        self.figure.yaxis.ticker = BasicTicker(desired_num_ticks=4)
        widths = (MAIN_WIDTH, SECOND_WIDTH)
        # The main curve lies over the other one.
        self._curves = {
            name: _Curve(self.figure, name, width)
            for name, width in reversed(list(zip(names, widths, strict=False)))
        }
        self._main = names[0]
        self._shown = list(self._curves.values())
        self._bar = Span(dimension="width", line_width=1.4, line_dash=[5, 3], visible=False)
        self._bar_name = _label("", x_offset=4)
        self._floor = Span(dimension="width", line_width=1, line_dash=[2, 3], visible=False)
        self._floor_name = _label("", x_offset=4, y_offset=2, text_baseline="bottom")
        for drawn in (self._bar, self._bar_name, self._floor, self._floor_name):
            self.figure.add_layout(drawn)
        self.restyle(theme)

    def show(
        self,
        curves: Mapping[str, Points],
        epochs: float,
        to_beat: tuple[str, float] | None = None,
        floor: tuple[str, float] | None = None,
    ) -> None:
        """Draw the curves as far as they are known.

        Parameters
        ----------
        curves : mapping of name to (epoch, value) pairs
            A name that is missing has no points yet.
        epochs : float
            How many there will be.
        to_beat, floor : (name, value), optional
            Lines across: what must be beaten, and what anybody reaches.
        """
        for name, curve in self._curves.items():
            curve.show(curves.get(name, ()))
        values = [y for points in curves.values() for _, y in points]
        low, high = _around(values + [line[1] for line in (to_beat, floor) if line])
        right = max(epochs, 1.0) * _ROOM_FOR_NAMES
        self._x.end = right
        self._y.update(start=low, end=high)
        self._part_names(high - low)
        self._floor.visible = self._floor_name.visible = floor is not None
        if floor is not None:
            self._floor.location = floor[1]
            self._floor_name.update(x=0, y=floor[1], text=floor[0])
        self._bar.visible = self._bar_name.visible = to_beat is not None
        if to_beat is not None:
            text, level = to_beat
            self._bar.location = level
            # The names of the curves are at the right; at the left, where a curve begins, the
            # name of the line takes the other side of it.
            begins = [points[0] for points in curves.values() if len(points)]
            is_above = not begins or min(begins)[1] < level
            self._bar_name.update(x=0, y=level, text=text, y_offset=4 if is_above else -4)
            self._bar_name.text_baseline = "bottom" if is_above else "top"

    def _part_names(self, height: float) -> None:
        """Keep apart the names of curves that end side by side."""
        ends = sorted((c.last, place) for place, c in enumerate(self._shown) if c.last is not None)
        near = len(ends) == 2 and ends[1][0] - ends[0][0] < _NEAR * height
        for rank, (_, place) in enumerate(ends):
            self._shown[place].name.y_offset = _APART * (2 * rank - 1) if near else 0

    def restyle(self, theme: str) -> None:
        """Take the colours of a theme."""
        restyle(self.figure, theme)
        shades = tokens(theme)
        for name, curve in self._curves.items():
            if name == self._main:
                curve.restyle(shades.accent, shades.accent, shades.surface)
            else:
                curve.restyle(shades.context, shades.text_3, shades.surface)
        self._bar.line_color = self._bar_name.text_color = shades.warn
        self._floor.line_color, self._floor_name.text_color = shades.context, shades.text_3
        for name in (self._bar_name, self._floor_name):
            name.background_fill_color = shades.surface


def _around(values: Sequence[float]) -> tuple[float, float]:
    if not values:
        return 0.0, 1.0
    low, high = min(values), max(values)
    margin = 0.08 * (high - low) or 0.1
    return low - margin, high + margin
