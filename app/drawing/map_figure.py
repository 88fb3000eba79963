"""The map's one Bokeh figure: a raster, and over it lasso, rings and names."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from bokeh.core.property.vectorization import value
from bokeh.events import SelectionGeometry, Tap
from bokeh.models import (
    BoxSelectTool,
    ColumnDataSource,
    CustomJS,
    Image,
    LassoSelectTool,
    LinearColorMapper,
    PanTool,
    Range1d,
    Scatter,
    Text,
    WheelZoomTool,
)
from bokeh.plotting import figure
from numpy.typing import NDArray

from app.drawing.map_labels import Box, MapLabel, box_at, way_out
from app.drawing.raster import Frame, Viewport
from app.theme import HALO, tokens

TOOLS = ("pan", "lasso", "box")
FIT_MARGIN = 1.08
_RINGED = 20.0, 20.0  # CSS px, of the ring in focus and some air
_FIRST_SIZE = 912, 657  # CSS px, of the map in a window of 1440 x 900
_GESTURE = ("x", "y", "mode")
_STATIC = Path(__file__).parent.parent / "static"


def _empty(*names: str) -> ColumnDataSource:
    return ColumnDataSource({name: [] for name in names})


class MapFigure:
    """Draws what it is given, and tells of views, gestures and picks; knows no session.

    Parameters
    ----------
    theme : str
        ``dark`` or ``light``.
    on_view : callable
        Called with the `Viewport` whenever ranges or size have changed.
    on_gesture : callable
        Called with a finished polygon, float64 [vertices, 2], and ``replace``, ``add`` or
        ``subtract``.
    on_pick : callable
        Called with the place of a click, x and y.
    name : str
        Of the figure in its document.
    beside : MapFigure, optional
        A map that this one moves and zooms with.
    on_sketch : callable, optional
        Called like ``on_gesture`` while a polygon is being drawn; the next one comes after
        `answer`.
    """

    def __init__(
        self,
        theme: str,
        on_view: Callable[[Viewport], None],
        on_gesture: Callable[[NDArray[np.float64], str], None],
        on_pick: Callable[[float, float], None],
        name: str = "astra-map",
        beside: "MapFigure | None" = None,
        on_sketch: Callable[[NDArray[np.float64], str], None] | None = None,
    ) -> None:
        self.viewport: Viewport | None = None
        self._on_view, self._on_gesture, self._on_sketch = on_view, on_gesture, on_sketch
        as_it_is_drawn = on_sketch is not None
        self._tools = {
            "pan": PanTool(name="astra-pan"),
            # Without renderers: who is inside is decided on the server, of all objects.
            "lasso": LassoSelectTool(name="astra-lasso", continuous=as_it_is_drawn, renderers=[]),
            "box": BoxSelectTool(name="astra-box", continuous=as_it_is_drawn, renderers=[]),
        }
        wheel = WheelZoomTool()
        self.plot = _figure(name, [*self._tools.values(), wheel])
        if beside is not None:
            self.plot.x_range, self.plot.y_range = beside.plot.x_range, beside.plot.y_range
        self.plot.toolbar.active_scroll = wheel
        self._add_glyphs()
        self._listen(on_pick)
        self.use("pan")
        self.restyle(theme)

    def _add_glyphs(self) -> None:
        self._mapper = LinearColorMapper(palette=["#000000"] * 256, low=0, high=255)
        self._raster = _empty("image", "x", "y", "dw", "dh")
        self._outline = _empty("xs", "ys")
        self._rings, self._focus = _empty("x", "y"), _empty("x", "y")
        self._names = _empty("x", "y", "name", "objects")
        plot = self.plot
        # Below the level that layers of others are on.
        plot.add_glyph(self._raster, Image(color_mapper=self._mapper), level="image")
        line: dict[str, Any] = {"source": self._outline, "fill_color": None, "line_join": "round"}
        self._halo = plot.patches("xs", "ys", line_width=HALO, **line).glyph
        self._lasso = plot.patches("xs", "ys", line_width=1.5, line_dash=[5, 3], **line).glyph
        self._ring_glyphs = [
            _ring(plot, source, size, width)
            for source, size, width in ((self._rings, 10, 1.25), (self._focus, 14, 2.0))
        ]
        bold: dict[str, Any] = {"text_font_size": "13px", "text_font_style": "bold", "y_offset": -6}
        small: dict[str, Any] = {"text_font_size": "11px", "y_offset": 9}
        # An outline is painted over its text: so there is one of the halo below one of the text.
        halo = {"text_outline_width": 5.0}
        self._name_halos, self._name_glyphs = (
            [
                _text(plot, self._names, "name", **bold, **outline),
                _text(plot, self._names, "objects", **small, **outline),
            ]
            for outline in (halo, {})
        )

    def _listen(self, on_pick: Callable[[float, float], None]) -> None:
        self._view = ColumnDataSource({"view": []})
        self._gesture, self._sketch = _empty(*_GESTURE), _empty(*_GESTURE)
        look = CustomJS(
            args={"plot": self.plot, "viewport": self._view},
            code=(_STATIC / "viewport.js").read_text(),
        )
        for name in ("inner_width", "inner_height"):
            self.plot.js_on_change(name, look)
        for axis in (self.plot.x_range, self.plot.y_range):
            axis.js_on_change("start", look)
            axis.js_on_change("end", look)
        drawn = CustomJS(
            args={"gesture": self._gesture, "sketch": self._sketch},
            code=(_STATIC / "gesture.js").read_text(),
        )
        self.plot.js_on_event(SelectionGeometry, drawn)
        self._sketch.js_on_change("data", drawn)
        self._view.on_change("data", self._looked)
        self._gesture.on_change("data", self._drew)
        self._sketch.on_change("data", self._draws)
        self.plot.on_event(Tap, partial(_pick, on_pick))

    def _looked(self, attr: str, old: object, new: dict) -> None:
        x_low, x_high, y_low, y_high, width, height, ratio = new["view"]
        self.viewport = Viewport(x_low, x_high, y_low, y_high, int(width), int(height), ratio)
        self._on_view(self.viewport)

    def _drew(self, attr: str, old: object, new: dict) -> None:
        if len(new["x"]):
            self._on_gesture(*_drawn(new))

    def _draws(self, attr: str, old: object, new: dict) -> None:
        if len(new["x"]) and self._on_sketch is not None:
            self._on_sketch(*_drawn(new))

    def answer(self) -> None:
        """Say that the polygon that is being drawn has been looked at: the next one may come."""
        self._sketch.data = {name: [] for name in _GESTURE}

    def use(self, tool: str) -> None:
        """Make dragging pan, or draw a lasso or a box."""
        self.plot.toolbar.active_drag = self._tools[tool]

    def show(self, frame: Frame) -> None:
        """Replace the raster."""
        if tuple(self._mapper.palette) != frame.palette:
            self._mapper.palette = list(frame.palette)
        view = frame.viewport
        self._raster.data = {
            "image": [frame.image],
            "x": [view.x_low],
            "y": [view.y_low],
            "dw": [view.x_high - view.x_low],
            "dh": [view.y_high - view.y_low],
        }

    def outline(self, polygon: NDArray[np.float64] | None) -> None:
        """Draw the outline of the selection, or none."""
        drawn = [] if polygon is None or len(polygon) < 3 else [polygon]
        self._outline.data = {"xs": [p[:, 0] for p in drawn], "ys": [p[:, 1] for p in drawn]}

    def ring(self, x: NDArray, y: NDArray) -> None:
        """Ring the objects of a list."""
        self._rings.data = {"x": np.asarray(x), "y": np.asarray(y)}

    def ring_focus(self, place: tuple[float, float] | None) -> None:
        """Ring the object in focus, or none."""
        x, y = ([], []) if place is None else ([place[0]], [place[1]])
        self._focus.data = {"x": x, "y": y}

    def write(self, labels: Sequence[MapLabel]) -> None:
        """Write names."""
        columns = {name: [getattr(label, name) for label in labels] for name in MapLabel._fields}
        if columns != self._names.data:
            self._names.data = dict(columns)

    def fit(self, extent: tuple[float, float, float, float]) -> None:
        """Bring an extent, x low, x high, y low, y high, into view."""
        x_low, x_high, y_low, y_high = extent
        width, height = (x_high - x_low) * FIT_MARGIN, (y_high - y_low) * FIT_MARGIN
        if self.viewport is not None and self.viewport.is_visible:
            scale = max(width / self.viewport.width, height / self.viewport.height)
            width, height = scale * self.viewport.width, scale * self.viewport.height
        self._set_ranges((x_low + x_high) / 2, (y_low + y_high) / 2, width or 1.0, height or 1.0)

    def zoom(self, factor: float) -> None:
        """Show ``factor`` times as much, about the middle."""
        if self.viewport is not None:
            (x_low, x_high), (y_low, y_high) = self.viewport.ranges
            width, height = factor * (x_high - x_low), factor * (y_high - y_low)
            self._set_ranges((x_low + x_high) / 2, (y_low + y_high) / 2, width, height)

    def centre(self, x: float, y: float) -> None:
        """Bring a place into the middle, unless it is in view already."""
        if self.viewport is not None:
            (x_low, x_high), (y_low, y_high) = self.viewport.ranges
            if not (x_low < x < x_high and y_low < y < y_high):
                self._set_ranges(x, y, x_high - x_low, y_high - y_low)

    def bare(self, x: float, y: float, taken: Sequence[Box]) -> None:
        """Move a place that is in view out from under what lies over the map, if it is there."""
        if self.viewport is not None and self.viewport.is_visible:
            box = box_at(x, y, _RINGED, self.viewport)
            across, down = way_out(box, self.viewport, taken) or (0.0, 0.0)
            if across or down:
                (x_low, x_high), (y_low, y_high) = self.viewport.ranges
                per_pixel = self.viewport.per_pixel
                middle = (x_low + x_high) / 2 - across * per_pixel
                height = (y_low + y_high) / 2 + down * per_pixel
                self._set_ranges(middle, height, x_high - x_low, y_high - y_low)

    def _set_ranges(self, x: float, y: float, width: float, height: float) -> None:
        self.plot.x_range.update(start=x - width / 2, end=x + width / 2)
        self.plot.y_range.update(start=y - height / 2, end=y + height / 2)

    def restyle(self, theme: str) -> None:
        """Take the colours of a theme; the raster's palette comes with its next frame."""
        t = tokens(theme)
        self.plot.background_fill_color = self.plot.border_fill_color = t.map
        self._halo.line_color = t.map
        self._lasso.update(line_color=t.accent, fill_color=t.accent, fill_alpha=0.055)
        for tool in ("lasso", "box"):
            self._tools[tool].overlay.update(
                line_color=t.accent, line_width=1.5, line_dash=[5, 3], fill_color=t.accent
            )
            self._tools[tool].overlay.fill_alpha = 0.055
        for halo, ring in self._ring_glyphs:
            halo.line_color, ring.line_color = t.map, t.ring
        for glyph, colour in zip(self._name_glyphs, (t.text_1, t.text_2), strict=True):
            glyph.text_color = colour
        for glyph in self._name_halos:
            glyph.update(text_color=t.map, text_outline_color=t.map)


def first_viewport(extent: tuple[float, float, float, float]) -> Viewport:
    """What a window of common size will show of an extent: good for a frame sent with the page."""
    x_low, x_high, y_low, y_high = extent
    width, height = _FIRST_SIZE
    scale = FIT_MARGIN * max((x_high - x_low) / width, (y_high - y_low) / height) or 1 / width
    x, y = (x_low + x_high) / 2, (y_low + y_high) / 2
    half = scale * width / 2, scale * height / 2
    return Viewport(x - half[0], x + half[0], y - half[1], y + half[1], width, height)


def _drawn(gesture: dict) -> tuple[NDArray[np.float64], str]:
    polygon = np.column_stack([gesture["x"], gesture["y"]]).astype(np.float64)
    return polygon, str(gesture["mode"][0])


def _pick(on_pick: Callable[[float, float], None], event: Any) -> None:
    on_pick(event.x, event.y)


def _figure(name: str, tools: list) -> figure:
    plot = figure(
        name=name,
        x_range=Range1d(start=0, end=1),
        y_range=Range1d(start=0, end=1),
        x_axis_type=None,
        y_axis_type=None,
        tools=tools,
        toolbar_location=None,
        min_border=0,
        outline_line_color=None,
        sizing_mode="stretch_both",
        lod_timeout=20,
        stylesheets=[".bk-Canvas { --outline-width: 0px; }"],
        lod_threshold=None,
    )
    plot.grid.visible = False
    return plot


def _ring(
    plot: figure, source: ColumnDataSource, size: float, width: float
) -> tuple[Scatter, Scatter]:
    shape: dict[str, Any] = {"source": source, "size": size, "fill_color": None}
    return (
        plot.scatter("x", "y", line_width=width + 2, **shape).glyph,
        plot.scatter("x", "y", line_width=width, **shape).glyph,
    )


def _text(plot: figure, source: ColumnDataSource, field: str, **style: Any) -> Text:
    return plot.text(
        "x", "y", field, source=source, text_font=value("Inter"), text_outline_color=None,
        text_align="center", text_baseline="middle", **style,
    ).glyph  # fmt: skip
