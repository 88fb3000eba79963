"""What changed between two runs: how far objects moved, what flowed, and which moved most."""

from collections.abc import Callable
from typing import Any

import panel as pn

from app.background import Latest
from app.compared import Compared
from app.drawing.flows import flow_chart
from app.drawing.movement_chart import MovementChart
from app.markup import compare_html as html
from app.markup.compare_maps import CompareMaps
from app.markup.pressable import Pressable
from app.session import Session
from app.theme import stylesheet
from app.words import UNLABELLED

SHOWN = 7


class CompareChanges:
    """Of the objects that are chosen on the maps, or of all.

    Attributes
    ----------
    charts : Row
        Histogram of how far objects moved, and flows of predictions.
    movers : Column
        Those that moved most; the first are numbered on the maps.

    Parameters
    ----------
    session : Session
    maps : CompareMaps
    pressed : callable
        Takes what is pressed.
    """

    def __init__(self, session: Session, maps: CompareMaps, pressed: Callable[[str], None]) -> None:
        self._session, self._maps = session, maps
        self._compared: Compared | None = None
        self._measure = "change"
        self._movers: list[int] = []
        self._reading = Latest()
        self._chart = MovementChart(session.theme)
        styles: dict[str, Any] = {"stylesheets": [stylesheet("compare")]}
        self._movement_head = Pressable(pressed, **styles)
        self._flows_head, self._flows = Pressable(**styles), Pressable(**styles)
        self._flows.param.update(sizing_mode="stretch_both", styles={"position": "relative"})
        self._list, self._foot = Pressable(pressed, **styles), Pressable(pressed, **styles)
        chart = pn.pane.Bokeh(self._chart.figure, **_STRETCH)
        self.charts = pn.Row(
            pn.Column(self._movement_head, chart, styles=_CARD, **_STRETCH),
            pn.Column(self._flows_head, self._flows, styles=_CARD, **_STRETCH),
            styles={"gap": "8px", "height": "38%", "flex": "none", "overflow": "hidden"},
            **_STRETCH,
        )
        foot = pn.Column(self._foot, styles=_FOOT, sizing_mode="stretch_width", margin=0)
        self.movers = pn.Column(self._list, foot, styles=_DOCK, scroll="y-auto", **_STRETCH)

    def draw(self, compared: Compared, measure: str) -> None:
        """Look again at what changed, by one of `MEASURES`."""
        self._compared, self._measure, chosen = compared, measure, self._maps.chosen

        def read() -> Any:
            movers = compared.movers(measure, chosen)
            return movers, compared.flows(chosen), compared.corrected(movers)

        self._reading.ask(read, self._take, self._fail)

    def _take(self, made: Any) -> None:
        compared, measure, chosen = self._compared, self._measure, self._maps.chosen
        if compared is None:
            return
        movers, flows, corrected = made
        self._movers = [int(place) for place in movers]
        self._maps.number(self._movers[:SHOWN])
        values = compared.values(measure)
        moved = int(flows.sum() - flows.trace())
        with pn.io.hold():
            self._movement_head.html = html.movement_head(
                measure, None if chosen is None else int(chosen.sum())
            )
            self._chart.show(
                measure,
                values if chosen is None else values[chosen],
                compared.noise(measure),
                compared.threshold(measure),
                compared.facts["k"],
                compared.noise_told,
            )
            self._flows_head.html = html.flows_head(moved, int(flows.sum()))
            styles = {**compared.styles, "other": compared.styles[UNLABELLED]}
            self._flows.html = flow_chart(compared.classes, flows, styles, self._session.theme)
            self._foot.html = html.movers_foot(compared, corrected, chosen is not None)
            self.draw_movers()

    def draw_movers(self) -> None:
        """List and number those that moved most; mark the one that is looked at."""
        if self._compared is None:
            return
        shown, focus = self._movers[:SHOWN], self._maps.focus
        first = shown.index(focus) if focus in shown else None
        self._maps.number(shown)
        self._list.html = html.movers(
            self._compared, shown, self._measure, first, self._session.theme, len(self._movers)
        )

    def look_at(self, place: str) -> None:
        """Look at the mover at a place of the list."""
        if place.isdigit() and int(place) < len(self._movers):
            self._maps.focus_on(self._movers[int(place)])

    def restyle(self) -> None:
        """Take the colours of the session's theme; `draw` takes them for the rest."""
        self._chart.restyle(self._session.theme)

    def _fail(self, error: Exception) -> None:
        self._session.say(f"the comparison cannot be shown: {error}", warning=True)


_STRETCH: dict[str, Any] = {"sizing_mode": "stretch_both", "margin": 0}
_CARD = {"background": "var(--astra-surface)", "min-width": "0"}
_FOOT = {"padding": "8px 12px", "border-top": "1px solid var(--astra-line)"}
_DOCK = {
    "width": "332px",
    "flex": "none",
    "border-left": "1px solid var(--astra-line)",
    "background": "var(--astra-surface)",
}
