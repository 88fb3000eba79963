"""Outlines of the saved selections that are on the map, each with its name."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from bokeh.core.property.vectorization import value
from bokeh.models import ColumnDataSource, Text
from bokeh.plotting import figure
from numpy.typing import NDArray

from app.drawing.map_labels import Box, box_at, fits, shortened
from app.drawing.raster import Viewport
from app.theme import HALO, tokens

GAP = 6
_LETTER, _LINE = 6.8, 18.0
_FILL = 0.055


class Outline(NamedTuple):
    """A saved selection on the map: its name, its polygon, float64 [vertices, 2], its colour."""

    name: str
    polygon: NDArray[np.float64]
    colour: str


class Outlines:
    """A layer between the raster of a map and all that is drawn above it.

    Parameters
    ----------
    plot : figure
        The map.
    theme : str
    """

    def __init__(self, plot: figure, theme: str) -> None:
        self._shapes = ColumnDataSource({"xs": [], "ys": [], "colour": []})
        self._tags = ColumnDataSource({"x": [], "y": [], "name": [], "colour": []})
        shape: dict[str, Any] = {
            "source": self._shapes,
            "line_join": "round",
            "level": "underlay",
        }
        halo = plot.patches("xs", "ys", line_width=HALO, fill_color=None, **shape).glyph
        plot.patches("xs", "ys", line_width=1.5, color="colour", fill_alpha=_FILL, **shape)
        text: dict[str, Any] = {
            "text": "name",
            "text_font": value("Inter"),
            "text_font_size": "12px",
            "text_font_style": "bold",
            "text_align": "center",
            "text_baseline": "middle",
        }
        name_halo = Text(text_outline_width=5.0, **text)
        for glyph in (name_halo, Text(text_color="colour", **text)):
            plot.add_glyph(self._tags, glyph)
        self._halos = halo, name_halo
        self.restyle(theme)

    def draw(self, outlines: Sequence[Outline]) -> None:
        """Draw outlines; those before are gone."""
        self._shapes.data = {
            "xs": [one.polygon[:, 0] for one in outlines],
            "ys": [one.polygon[:, 1] for one in outlines],
            "colour": [one.colour for one in outlines],
        }

    def write(
        self, outlines: Sequence[Outline], viewport: Viewport, taken: Sequence[Box]
    ) -> list[Box]:
        """Write the names beside the outlines, where there is room.

        Returns
        -------
        list of boxes
            What the names take of the map [CSS px].
        """
        boxes: list[Box] = []
        rows: list[tuple[float, float, str, str]] = []
        for one in outlines:
            for x, y in _places(one, viewport):
                box = box_at(x, y, _size(one), viewport)
                if fits(box, viewport, [*taken, *boxes]):
                    boxes.append(box)
                    rows.append((x, y, shortened(one.name), one.colour))
                    break
        names = ("x", "y", "name", "colour")
        columns = {name: [row[i] for row in rows] for i, name in enumerate(names)}
        if columns != self._tags.data:
            self._tags.data = dict(columns)
        return boxes

    def restyle(self, theme: str) -> None:
        """Take the colours of a theme; those of the outlines come with the next ones drawn."""
        shape, name = self._halos
        background = tokens(theme).map
        shape.update(line_color=background)
        name.update(text_color=background, text_outline_color=background)


def _places(one: Outline, viewport: Viewport) -> list[tuple[float, float]]:
    """Where the middle of a name may stand: right, above, left, below the outline; data units."""
    x, y = one.polygon.T
    across, along = ((length / 2 + GAP) * viewport.per_pixel for length in _size(one))
    ends = (np.argmax(x), np.argmax(y), np.argmin(x), np.argmin(y))
    steps = ((across, 0.0), (0.0, along), (-across, 0.0), (0.0, -along))
    return [
        (float(x[end] + right), float(y[end] + up))
        for end, (right, up) in zip(ends, steps, strict=True)
    ]


def _size(one: Outline) -> tuple[float, float]:
    """Width and height of a name [CSS px]."""
    return len(shortened(one.name)) * _LETTER, _LINE
