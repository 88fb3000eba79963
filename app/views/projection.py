"""The map of a run: every object, drawn on the server for what is in view."""

from functools import partial
from typing import Any

import numpy as np
import panel as pn
import param
from numpy.typing import NDArray

from app.background import Latest
from app.colouring import colouring_of
from app.drawing.map_figure import TOOLS, MapFigure, first_viewport
from app.drawing.map_labels import Box, MapLabel, peaks, place
from app.drawing.outlines import Outline, Outlines
from app.drawing.overview import density_of, overview_of
from app.drawing.raster import Frame, Scene, Viewport, draw
from app.drawing.spokes import Spokes
from app.lassoing import Lassoing
from app.markup.map_tools import TOOL_KEYS, MapTools, no_run
from app.markup.overview_card import OverviewCard
from app.markup.pressable import Pressable
from app.opened_runs import CATEGORIES, OpenedRun
from app.session import Session
from app.theme import stylesheet

SCREENS = ("explore", "anomalies")
PICK_REACH = 12
ZOOM_STEP = 1.5
_LEGEND_HEAD, _LEGEND_ROWS = 42, 340  # CSS px
_MIDDLE = {"position": "absolute", "top": "35%", "left": "0", "text-align": "center"}


class ProjectionView(pn.viewable.Viewer):
    """Map with its tools and its choice of colour.

    A view, a colour or a selection that changes asks for a new frame; frames are drawn one at a
    time off the document's thread, and of those asked for meanwhile only the latest is drawn. The
    frame before stays, and moves with the hand, until then.

    Parameters
    ----------
    session : Session
    over : Viewer, optional
        What lies over the map, and hears of the pointer's movements there.
    """

    tool = param.Selector(default="pan", objects=list(TOOLS), doc="What dragging does.")
    frame = param.Parameter(default=None, doc="What is on screen.")

    def __init__(
        self, session: Session, over: pn.viewable.Viewer | None = None, **params: Any
    ) -> None:
        super().__init__(**params)
        self.session = session
        self.map = MapFigure(
            session.theme, self._looked, self._drew, self._picked, on_sketch=self._draws
        )
        self._spokes = Spokes(self.map.plot, session.theme)
        self._outlines = Outlines(self.map.plot, session.theme)
        self.overview = OverviewCard()
        self._frames, self._naming, self._small = Latest(), Latest(), Latest(patient=True)
        self._lassoing = Lassoing(session)
        self._to_fit, self._density = False, 1
        self._labels: list[MapLabel] = []
        self._tools = MapTools(self._pressed, self._recolour)
        self._over = [] if over is None else [over]
        self._message = Pressable(
            self._pressed,
            html=no_run(),
            stylesheets=[stylesheet("map_tools")],
            css_classes=["astra-map-message"],
            styles=_MIDDLE,
        )
        self._watch()
        self._open()
        self._tools.show_tool(self.tool)
        self._tools.show_overview(self.overview.shown)

    def _watch(self) -> None:
        watch = self.session.param.watch
        watch(lambda *_: self._open(), "run")
        watch(lambda *_: self._redraw(), ["colour_by", "selection_revision"])
        watch(
            lambda *_: self._reclass(), ["category", "hidden", "shown_revision", "given", "probed"]
        )
        self.session.saved.param.watch(lambda *_: self._redraw(), "overlay")
        self._colouring = colouring_of(self.session)
        self._colouring.param.watch(lambda *_: self._redraw(), "chosen")
        self._colouring.param.watch(lambda *_: self._write(), "folded")
        watch(lambda *_: self._mark(), ["marked", "screen"])
        watch(lambda *_: self._mark(bare=True), "focus")
        self.session.similar.param.watch(lambda *_: self._draw_spokes(), "found")
        watch(lambda *_: self._restyle(), "theme")
        watch(lambda event: self._key(event.new.name), "key")
        self.param.watch(lambda event: self._switch_tool(event.new), "tool")
        self.overview.param.watch(lambda *_: self._switch_overview(), "shown")

    # What changes the picture

    def _open(self) -> None:
        run = self.session.run
        self._message.visible = run is None
        self.overview.put(None)
        if run is None:
            return
        self._draw_overview()
        self._tools.offer(run.numeric_columns, self.session.colour_by)
        # Behind the Train screen the map has no size to be fitted to: it is fitted when it shows.
        viewport = self.map.viewport
        self._to_fit = viewport is not None and not viewport.is_visible
        self.map.fit(run.extent)
        self._reclass()
        self._mark()

    def _draw_overview(self) -> None:
        run, viewport = self.session.run, self.map.viewport
        self._density = density_of(1.0 if viewport is None else viewport.pixel_ratio)
        if run is not None:
            drawn = partial(overview_of, run, self._density)
            self._small.ask(drawn, self._show_overview, self._fail)

    def _show_overview(self, overview: Any) -> None:
        self.overview.put(overview)
        self._write()

    def _recolour(self, colour_by: str) -> None:
        self.session.colour_by = colour_by

    def _reclass(self) -> None:
        run, classes, hidden = self.session.run, self.session.classes, self.session.hidden
        if run is not None:
            self._naming.ask(lambda: peaks(run, classes, hidden), self._name, self._fail)
            self._redraw()

    def _name(self, labels: Any) -> None:
        self._labels = labels
        self._write()

    def _write(self) -> None:
        if self.frame is not None:
            viewport = self.frame.viewport
            taken = self._cards(viewport)
            taken += self._outlines.write(self._outlined(), viewport, taken)
            self.map.write(place(self._labels, viewport, taken))

    def _outlined(self) -> list[Outline]:
        """Saved selections on the map whose outline is known."""
        overlay, theme = self.session.saved.overlay, self.session.theme
        if overlay is None:
            return []
        return [
            Outline(name, polygon, overlay.styles[number].colour(theme))
            for number, name, polygon in zip(
                overlay.members.names, overlay.names, overlay.outlines, strict=True
            )
            if polygon is not None
        ]

    def _cards(self, viewport: Viewport) -> list[Box]:
        """What the cards over the map take of it."""
        return [self._legend_box(), *self.overview.boxes(viewport)]

    def _legend_box(self) -> Box:
        overlay, classes = self.session.saved.overlay, self.session.classes
        rows = len(classes.names) + 1 if overlay is None else len(overlay.names)
        has_rows = overlay is not None or self.session.colour_by in CATEGORIES
        height = min(rows * 21, _LEGEND_ROWS) + 80 if has_rows else 110
        height = _LEGEND_HEAD if self._colouring.folded else height
        return (0.0, 0.0, 220.0, 12.0 + height)

    def _restyle(self) -> None:
        self.map.restyle(self.session.theme)
        self._spokes.restyle(self.session.theme)
        self._outlines.restyle(self.session.theme)
        self._redraw()

    def _looked(self, viewport: Viewport) -> None:
        self.session.param.update(view=viewport[:4], map_height=viewport.height)
        if density_of(viewport.pixel_ratio) != self._density:
            self._draw_overview()
        if self._to_fit and self.session.run is not None and viewport.is_visible:
            self._to_fit = False
            self.map.fit(self.session.run.extent)
        self._redraw()

    def _redraw(self) -> None:
        session, viewport = self.session, self.map.viewport
        self.map.outline(session.selection_outline)
        self._outlines.draw(self._outlined())
        if viewport is None and self.frame is None and session.screen in SCREENS:
            viewport = None if session.run is None else first_viewport(session.run.extent)
        if session.run is None or viewport is None or not viewport.is_visible:
            return
        self._tools.colour.value = session.colour_by
        overlay = session.saved.overlay
        scene = Scene(
            session.run,
            session.colour_by,
            session.classes if overlay is None else overlay.members,
            session.shown,
            session.selected,
            session.theme,
            None if overlay is None else overlay.styles,
            self._colouring.kind,
        )
        self._frames.ask(lambda: draw(scene, viewport), self._show, self._fail)

    def _show(self, frame: object) -> None:
        if isinstance(frame, Frame):
            self.map.show(frame)
            self.frame = frame
            self._write()
            self.session.param.update(in_view=frame.in_view, scale=frame.scale)

    def _fail(self, error: Exception) -> None:
        self.session.say(f"the map could not be drawn: {error}", warning=True)

    def _mark(self, bare: bool = False) -> None:
        run, session = self.session.run, self.session
        if run is not None and session.screen in SCREENS:
            rows = session.marked[session.marked != session.focus]
            self.map.ring(run.x[rows], run.y[rows])
            place_of = None if session.focus is None else _place(run, session.focus)
            self.map.ring_focus(place_of)
            if place_of is not None:
                self.map.centre(*place_of)
                if bare and self.map.viewport is not None:
                    self.map.bare(*place_of, self._cards(self.map.viewport))

    def _draw_spokes(self) -> None:
        run, likes = self.session.run, self.session.similar.found
        if run is None or likes is None:
            self._spokes.draw(np.empty((0, 2)), None)
            return
        row = likes.query.row
        centre = None if row is None else _place(run, row)
        self._spokes.draw(np.column_stack([run.x[likes.rows], run.y[likes.rows]]), centre)

    # What the hand does

    @property
    def _drawn_with(self) -> str:
        return "box" if self.tool == "box" else "lasso"

    def _draws(self, polygon: NDArray[np.float64], mode: str) -> None:
        self._lassoing.draw(self._drawn_with, polygon, mode, self.map.answer)

    def _drew(self, polygon: NDArray[np.float64], mode: str) -> None:
        self._lassoing.finish(self._drawn_with, polygon, mode)

    def _picked(self, x: float, y: float) -> None:
        run, viewport = self.session.run, self.map.viewport
        if run is None or viewport is None:
            return
        row = run.grid.nearest(x, y, PICK_REACH * viewport.per_pixel, self.session.shown)
        if row >= 0:
            self.session.focus = row
            self.session.say(f"picked {run.object_id(row)}")

    def _key(self, name: str) -> None:
        if name in TOOL_KEYS:
            self.tool = TOOL_KEYS[name]
        elif name in ("+", "=", "-"):
            self.map.zoom(ZOOM_STEP if name == "-" else 1 / ZOOM_STEP)
        elif name == "o" and self.session.screen in ("explore", "anomalies"):
            self.overview.shown = not self.overview.shown

    def _pressed(self, what: str) -> None:
        if what in TOOLS:
            self.tool = what
        elif what == "again":
            self.session.open_newest()
        elif what == "fit" and self.session.run is not None:
            self.map.fit(self.session.run.extent)
        elif what in ("in", "out"):
            self.map.zoom(ZOOM_STEP if what == "out" else 1 / ZOOM_STEP)
        elif what == "overview":
            self.overview.shown = not self.overview.shown

    def _switch_overview(self) -> None:
        self._tools.show_overview(self.overview.shown)
        self._write()

    def _switch_tool(self, tool: str) -> None:
        self.map.use(tool)
        self._tools.show_tool(tool)

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Column(
            self._tools,
            pn.Column(
                pn.pane.Bokeh(self.map.plot, sizing_mode="stretch_both", margin=0),
                self._message,
                self.overview,
                *self._over,
                css_classes=["astra-map"],
                styles={"position": "relative", "background": "var(--astra-map)"},
                sizing_mode="stretch_both",
                margin=0,
            ),
            sizing_mode="stretch_both",
            margin=0,
        )


def _place(run: OpenedRun, row: int) -> tuple[float, float]:
    return float(run.x[row]), float(run.y[row])
