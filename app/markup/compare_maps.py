"""The two maps of Compare: side by side, one over the other, or one on its way to the other."""

from typing import Any

import numpy as np
import panel as pn
import param
from numpy.typing import NDArray

from app.background import Latest
from app.compared import Compared
from app.drawing.compare_map import CompareMap
from app.drawing.map_labels import MapLabel, peaks, place
from app.drawing.raster import Frame, Scene, Viewport, draw
from app.markup.compare_html import map_head
from app.markup.divider import Divider
from app.markup.facts import facts_of
from app.markup.hover_card import HoverCard, Rest, hover_html
from app.markup.pressable import Pressable
from app.session import Session
from app.theme import stylesheet
from app.words import counted

REACH, PICK = 8, 12
SIDES = ("a", "b")


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
        self.compared: Compared | None = None
        self._mode, self._layout, self._colour, self._measure = "side", "aligned", "class", "change"
        self._share, self._numbered = 0.0, np.empty(0, np.int64)
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
        new = compared is not self.compared
        self.compared, self._layout, self._colour, self._measure = compared, layout, colour, measure
        if new:
            self.param.update(chosen=self._chosen_there(compared), focus=None)
            self.fit()
        self._switch(mode)
        self._write_heads()
        for side in SIDES:
            self._name(side)
            self._draw(side)
        self._mark()

    def _chosen_there(self, compared: Compared) -> NDArray[np.bool_] | None:
        """What is selected on the run on screen, where that is one of the two."""
        run, selected = self.session.run, self.session.selected
        if run is None or selected is None:
            return None
        for side, other in (("a", compared.a), ("b", compared.b)):
            if run.name == other.name and len(selected) == len(other):
                mask = compared.of(side, selected)
                return mask if mask.any() else None
        return None

    def _switch(self, mode: str) -> None:
        if mode != self._mode:
            self._to_fit = "side" in (mode, self._mode)  # the maps become wider or narrower
            self._mode, self._share = mode, 0.0
            self._columns["b"].styles = {"slide": _OVER, "morph": _AWAY}.get(mode, _BESIDE)
        self._divider.mode = mode

    def _write_heads(self) -> None:
        compared = self.compared
        if compared is None:
            return
        a, b = compared.a.run, compared.b.run
        parent = f"made from {b.manifest.parent}" if b.manifest.parent else b.manifest.recipe
        told = {"own": "its own layout", "frozen": f"at the places of {a.name}"}
        how = told.get(self._layout, f"laid over {a.name}")
        if self._mode == "slide":
            self._heads["a"].html = map_head("A | B", a, f"left; right of the divider: {b.name}")
        elif self._mode == "morph":
            self._heads["a"].html = map_head("A → B", a, f"on the way to {b.name}")
        else:
            self._heads["a"].html = map_head("A", a, a.manifest.recipe)
        self._heads["b"].html = map_head("B", b, f"{parent} · {how}")

    def _show_again(self) -> None:
        if self.session.screen == "compare" and self.compared is not None:
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
        if self.compared is not None:
            self.maps["a"].fit(self.compared.extent)

    def _scene(self, side: str) -> Scene | None:
        compared = self.compared
        if compared is None:
            return None
        coloured = compared.coloured(self._colour, self._measure)
        if side == "a" and self._mode == "morph":
            run = compared.between(self._layout, self._share)
        else:
            run = compared.side(side, self._layout)
        return Scene(
            run,
            "class",
            coloured.a if side == "a" else coloured.b,
            None,
            compared.on(side, self.chosen),
            self.session.theme,
            coloured.styles,
        )

    def _draw(self, side: str) -> None:
        viewport = self.maps[side].viewport
        if viewport is None or not viewport.is_visible or self.compared is None:
            return

        def work() -> Frame | None:
            scene = self._scene(side)
            return None if scene is None else draw(scene, viewport)

        self._frames[side].ask(work, lambda frame: self._take(side, frame), self._fail)

    def _take(self, side: str, frame: object) -> None:
        if isinstance(frame, Frame):
            self.maps[side].show(frame)
            self._write_names(side)

    def _name(self, side: str) -> None:
        compared, layout = self.compared, self._layout
        if compared is None:
            return

        def work() -> list[MapLabel]:
            return peaks(
                compared.side(side, layout), compared.coloured("class", "").__getattribute__(side),
                frozenset(),
            )  # fmt: skip

        self._named[side].ask(work, lambda labels: self._take_names(side, labels), self._fail)

    def _take_names(self, side: str, labels: Any) -> None:
        self._labels[side] = labels
        self._write_names(side)

    def _write_names(self, side: str) -> None:
        viewport = self.maps[side].viewport
        if viewport is not None and viewport.is_visible:
            labels = [] if self._mode == "morph" and self._share > 0 else self._labels[side]
            self.maps[side].write(place(labels, viewport))

    def _fail(self, error: Exception) -> None:
        self.session.say(f"the maps cannot be drawn: {error}", warning=True)

    def _morphed(self, share: float) -> None:
        self._share = share
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
        compared, run = self.compared, self.session.run
        if compared is not None and self.focus is not None and run is not None:
            rows = {compared.a.name: compared.rows_a, compared.b.name: compared.rows_b}
            if run.name in rows:
                self.session.focus = int(rows[run.name][self.focus])

    def _mark(self) -> None:
        compared = self.compared
        if compared is None:
            return
        a, b = compared.places_a, compared.places_b(self._layout)
        at_a = a if self._mode != "morph" else (1 - self._share) * a + self._share * b
        focus = self.focus
        first = np.flatnonzero(self._numbered == (-1 if focus is None else focus))
        for side, places in (("a", at_a), ("b", b)):
            shown = places[self._numbered]
            self.maps[side].number(shown[:, 0], shown[:, 1], int(first[0]) if len(first) else None)
            ringed = None
            if focus is not None and not len(first):
                ringed = float(places[focus, 0]), float(places[focus, 1])
            self.maps[side].ring_focus(ringed)
        self.maps["b"].draw_way(*((None, None) if focus is None else (a[focus], b[focus])))

    def _drew(self, side: str, polygon: NDArray[np.float64], mode: str) -> None:
        compared, before = self.compared, self.chosen
        if compared is None:
            return
        run = compared.side(side, self._layout)

        def work() -> NDArray[np.bool_]:
            mask = compared.of(side, run.grid.inside(polygon))
            if before is None or mode == "replace":
                return mask
            return before & ~mask if mode == "subtract" else before | mask

        self._lassos.ask(work, lambda mask: self._choose(side, polygon, mask), self._fail)

    def _choose(self, side: str, polygon: NDArray[np.float64] | None, mask: Any) -> None:
        compared = self.compared
        if compared is None:
            return
        self.chosen = mask if mask is not None and mask.any() else None
        for name in SIDES:
            self.maps[name].outline(polygon if name == side and self.chosen is not None else None)
            self._draw(name)
        run = self.session.run
        if self.chosen is None:
            return
        self.session.say(f"lasso: {counted(int(self.chosen.sum()), 'object')} on both maps")
        for name, other in (("a", compared.a), ("b", compared.b)):
            if run is not None and run.name == other.name:
                self.session.select(compared.on(name, self.chosen), "lasso in Compare")

    def _picked(self, side: str, x: float, y: float) -> None:
        self._pick(side, x, y, PICK, self.focus_on)

    def _pick(self, side: str, x: float, y: float, reach: float, then: Any) -> None:
        compared, viewport = self.compared, self.maps[side].viewport
        if compared is None or viewport is None:
            return
        run = compared.side(side, self._layout)
        row = run.grid.nearest(x, y, reach * viewport.per_pixel)
        if row >= 0:
            then(compared.place_of(side, row))

    def _rest(self, side: str, rest: Rest) -> None:
        compared, theme = self.compared, self.session.theme
        if compared is None or self._mode == "morph":
            return
        run = compared.side(side, self._layout)

        def look() -> tuple[int, str]:
            row = run.grid.nearest(rest.x, rest.y, REACH * rest.per_pixel)
            if row < 0:
                return -1, ""
            base = compared.a if side == "a" else compared.b
            return row, hover_html(base, facts_of(base, row), theme)

        self._picks.ask(look, lambda found: self._hover(side, rest, found), self._fail)

    def _hover(self, side: str, rest: Rest, found: Any) -> None:
        row, html = found
        self._cards[side].tell(rest, html)
        compared = self.compared
        if compared is None:
            return
        other = "b" if side == "a" else "a"
        spot = compared.place_of(side, row) if row >= 0 else None
        places = compared.places_b(self._layout) if other == "b" else compared.places_a
        ring = np.empty(0) if spot is None else places[spot]
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
