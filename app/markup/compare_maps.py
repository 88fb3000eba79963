"""The two maps of Compare: side by side, one over the other, or one on its way to the other."""

from dataclasses import replace
from typing import Any

import numpy as np
import panel as pn
import param
from numpy.typing import NDArray

from app.background import Latest
from app.compared import Compared
from app.compared_look import SIDES, ComparedLook
from app.drawing.compare_map import CompareMap
from app.drawing.map_labels import MapLabel, place
from app.drawing.raster import Viewport, draw
from app.markup.compare_html import map_head
from app.markup.divider import Divider
from app.markup.facts import facts_of
from app.markup.hover_card import HoverCard, Rest, hover_html
from app.markup.pressable import Pressable
from app.session import Session
from app.theme import stylesheet
from app.words import counted

REACH, PICK = 8, 12


class CompareMaps(pn.viewable.Viewer):
    """Two maps that move together; what is chosen or looked at on one shows on both.

    Parameters
    ----------
    session : Session
    """

    chosen = param.Parameter(default=None, doc="Chosen common objects, bool [objects], or None.")
    focus = param.Integer(default=None, allow_None=True, doc="Common object looked at, or None.")

    def __init__(self, session: Session, **params: Any) -> None:
        super().__init__(**params)
        self.session = session
        self._look: ComparedLook | None = None
        self._numbered = np.empty(0, np.int64)
        self._to_fit = False
        self._frames = {side: Latest() for side in SIDES}
        self._named = {side: Latest() for side in SIDES}
        self._labels: dict[str, list[MapLabel]] = {side: [] for side in SIDES}
        self._picks, self._lassos = Latest(), Latest()
        self.maps: dict[str, CompareMap] = {}
        for side in SIDES:
            self.maps[side] = CompareMap(
                session.theme,
                lambda viewport, side=side: self._looked(side, viewport),
                lambda polygon, mode, side=side: self._drew(side, polygon, mode),
                lambda x, y, side=side: self._picked(side, x, y),
                f"astra-map-{side}",
                self.maps.get("a"),
            )
        self._cards = {
            side: HoverCard(
                lambda rest, side=side: self._rest(side, rest), plot=f"astra-map-{side}"
            )
            for side in SIDES
        }
        styles: dict[str, Any] = {"stylesheets": [stylesheet("compare")]}
        self._heads = {side: Pressable(**styles) for side in SIDES}
        self._divider = Divider(self._morphed, styles=_ABOVE, sizing_mode="stretch_both")
        self._columns = {side: self._column(side) for side in SIDES}
        session.param.watch(lambda *_: self._show_again(), "screen")

    def _column(self, side: str) -> pn.Column:
        pane = pn.pane.Bokeh(self.maps[side].plot, sizing_mode="stretch_both", margin=0)
        inside = pn.Column(
            pane,
            self._cards[side],
            styles={"position": "relative", "background": "var(--astra-map)"},
            sizing_mode="stretch_both",
            margin=0,
        )
        return pn.Column(
            self._heads[side],
            inside,
            css_classes=[f"astra-compare-{side}"],
            styles=_BESIDE,
            sizing_mode="stretch_both",
            margin=0,
        )

    # What is drawn

    def put(self, compared: Compared, mode: str, layout: str, colour: str, measure: str) -> None:
        """Draw a comparison."""
        before, was = self._look, "side" if self._look is None else self._look.mode
        share = before.share if before is not None and was == mode else 0.0
        look = self._look = ComparedLook(compared, mode, layout, colour, measure, share)
        if before is None or before.compared is not compared:
            run, selected = self.session.run, self.session.selected
            self.param.update(chosen=look.chosen_of(run, selected), focus=None)
            self.fit()
        if mode != was:
            self._to_fit = "side" in (mode, was)  # the maps become wider or narrower
            self._columns["b"].styles = {"slide": _OVER, "morph": _AWAY}.get(mode, _BESIDE)
        self._divider.mode = mode
        for side, head in look.heads().items():
            self._heads[side].html = map_head(*head)
            self._name(side)
            self._draw(side)
        self._mark()

    def _show_again(self) -> None:
        if self.session.screen == "compare":
            for side in SIDES:
                self._draw(side)

    def _looked(self, side: str, viewport: Viewport) -> None:
        if self._to_fit and viewport.is_visible and side == "a":
            self._to_fit = False
            self.fit()
        self._draw(side)

    def fit(self) -> None:
        """Bring all objects of both maps into view."""
        viewport = self.maps["a"].viewport
        self._to_fit = viewport is None or not viewport.is_visible
        if self._look is not None:
            self.maps["a"].fit(self._look.compared.extent)

    def _draw(self, side: str) -> None:
        look, chosen, theme = self._look, self.chosen, self.session.theme
        viewport = self.maps[side].viewport
        if look is None or viewport is None or not viewport.is_visible:
            return
        self._frames[side].ask(
            lambda: draw(look.scene(side, chosen, theme), viewport),
            lambda frame: self._take(side, frame),
            self._fail,
        )

    def _take(self, side: str, frame: Any) -> None:
        self.maps[side].show(frame)
        self._write_names(side)

    def _name(self, side: str) -> None:
        look = self._look
        if look is not None:
            self._named[side].ask(
                lambda: look.class_names(side),
                lambda labels: self._take_names(side, labels),
                self._fail,
            )

    def _take_names(self, side: str, labels: Any) -> None:
        self._labels[side] = labels
        self._write_names(side)

    def _write_names(self, side: str) -> None:
        look, viewport = self._look, self.maps[side].viewport
        if look is not None and viewport is not None and viewport.is_visible:
            labels = [] if look.is_between else self._labels[side]
            self.maps[side].write(place(labels, viewport))

    def _fail(self, error: Exception) -> None:
        self.session.say(f"the maps cannot be drawn: {error}", warning=True)

    def _morphed(self, share: float) -> None:
        if self._look is not None:
            self._look = replace(self._look, share=share)
            self._draw("a")
            self._mark()

    # What is chosen, numbered, looked at

    def number(self, places: list[int]) -> None:
        """Number these common objects on both maps."""
        self._numbered = np.array(places, np.int64)
        self._mark()

    def focus_on(self, place_: int | None) -> None:
        """Look at a common object, or at none."""
        self.focus = None if place_ == self.focus else place_
        self._mark()
        look, run = self._look, self.session.run
        if look is not None and self.focus is not None and run is not None:
            compared = look.compared
            rows = {compared.a.name: compared.rows_a, compared.b.name: compared.rows_b}
            if run.name in rows:
                self.session.focus = int(rows[run.name][self.focus])

    def _mark(self) -> None:
        look, focus = self._look, self.focus
        if look is None:
            return
        first = np.flatnonzero(self._numbered == (-1 if focus is None else focus))
        for side in SIDES:
            places = look.places(side)
            shown = places[self._numbered]
            self.maps[side].number(shown[:, 0], shown[:, 1], int(first[0]) if len(first) else None)
            ringed = None
            if focus is not None and not len(first):
                ringed = float(places[focus, 0]), float(places[focus, 1])
            self.maps[side].ring_focus(ringed)
        way = [None if focus is None else look.places_at_rest(side)[focus] for side in SIDES]
        self.maps["b"].draw_way(*way)

    def _drew(self, side: str, polygon: NDArray[np.float64], mode: str) -> None:
        look, before = self._look, self.chosen
        if look is None:
            return
        run = look.side(side)

        def work() -> NDArray[np.bool_]:
            mask = look.compared.of(side, run.grid.inside(polygon))
            if before is None or mode == "replace":
                return mask
            return before & ~mask if mode == "subtract" else before | mask

        self._lassos.ask(work, lambda mask: self._choose(side, polygon, mask), self._fail)

    def _choose(self, side: str, polygon: NDArray[np.float64] | None, mask: Any) -> None:
        if self._look is None:
            return
        self.chosen = mask if mask is not None and mask.any() else None
        for name in SIDES:
            self.maps[name].outline(polygon if name == side and self.chosen is not None else None)
            self._draw(name)
        run = self.session.run
        if self.chosen is None:
            return
        self.session.say(f"lasso: {counted(int(self.chosen.sum()), 'object')} on both maps")
        compared = self._look.compared
        for name, other in (("a", compared.a), ("b", compared.b)):
            if run is not None and run.name == other.name:
                self.session.select(compared.on(name, self.chosen), "lasso in Compare")

    def _picked(self, side: str, x: float, y: float) -> None:
        look, viewport = self._look, self.maps[side].viewport
        if look is None or viewport is None:
            return
        row = look.side(side).grid.nearest(x, y, PICK * viewport.per_pixel)
        if row >= 0:
            self.focus_on(look.compared.place_of(side, row))

    def _rest(self, side: str, rest: Rest) -> None:
        look, theme = self._look, self.session.theme
        if look is None or look.mode == "morph":
            return

        def find() -> tuple[int, str]:
            row = look.side(side).grid.nearest(rest.x, rest.y, REACH * rest.per_pixel)
            if row < 0:
                return -1, ""
            base = look.compared.a if side == "a" else look.compared.b
            return row, hover_html(base, facts_of(base, row), theme)

        self._picks.ask(find, lambda found: self._hover(side, rest, found), self._fail)

    def _hover(self, side: str, rest: Rest, found: Any) -> None:
        row, html = found
        self._cards[side].tell(rest, html)
        look, other = self._look, "b" if side == "a" else "a"
        if look is None:
            return
        spot = look.compared.place_of(side, row) if row >= 0 else None
        ring = np.empty(0) if spot is None else look.places_at_rest(other)[spot]
        self.maps[other].ring(ring[:1], ring[1:])

    def key(self, name: str) -> None:
        """Lasso, pan, or clear."""
        if name == "Escape":
            self._choose("a", None, None)
            return
        for side in SIDES:
            self.maps[side].use("lasso" if name == "l" else "pan")

    def restyle(self) -> None:
        """Take the colours of the session's theme."""
        for side in SIDES:
            self.maps[side].restyle(self.session.theme)
            self._draw(side)

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Row(
            self._columns["a"],
            self._columns["b"],
            self._divider,
            styles={"position": "relative", "gap": "8px", "min-height": "0"},
            css_classes=["astra-compare-maps"],
            sizing_mode="stretch_both",
            margin=0,
        )


_ABOVE = {
    "position": "absolute",
    "left": "0",
    "top": "0",
    "width": "100%",
    "height": "100%",
    "pointer-events": "none",
    "z-index": "4",
}
# Each names every property: one that is left out keeps its value.
_BESIDE = {
    "position": "relative",
    "inset": "auto",
    "clip-path": "none",
    "visibility": "visible",
    "flex": "1 1 0",
    "min-width": "0",
}
_OVER = {
    **_BESIDE,
    "position": "absolute",
    "inset": "0",
    "clip-path": "inset(30px 0 0 var(--astra-slide, 50%))",
}
_AWAY = {**_BESIDE, "position": "absolute", "inset": "0", "visibility": "hidden"}
