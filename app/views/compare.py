"""Compare: two runs side by side, what moved beyond noise, and which of them everybody sees."""

from typing import Any

import panel as pn
import param

from app.background import Latest
from app.compared import COLOURS, LAYOUTS, MEASURES, Compared, open_compared
from app.comparing import Comparing
from app.drawing.flows import flow_chart
from app.drawing.lineage_chart import lineage_chart
from app.drawing.movement_chart import MovementChart
from app.markup import compare_html as html
from app.markup.arrival import Arrival
from app.markup.compare_maps import CompareMaps
from app.markup.divider import MODES
from app.markup.pressable import Pressable
from app.session import Session
from app.theme import stylesheet
from app.words import UNLABELLED
from astra.data.errors import AstraError
from astra.runs.lineage import lineage
from astra.runs.pointers import Pointers, pointers, promote, roll_back

SHOWN = 7
_OPTIONS = {"mode": MODES, "layout": LAYOUTS, "colour": COLOURS, "measure": MEASURES}


class CompareView(pn.viewable.Viewer):
    """Choice of two runs; their maps; histogram, flows and movers; promotion.

    Parameters
    ----------
    session : Session
    """

    mode = param.Selector(default="side", objects=list(MODES))
    layout = param.Selector(default="aligned", objects=list(LAYOUTS))
    colour = param.Selector(default="class", objects=list(COLOURS))
    measure = param.Selector(default="change", objects=list(MEASURES))
    asks = param.Boolean(default=False, doc="Whether to promote is being asked.")
    shows_lineage = param.Boolean(default=False)

    def __init__(self, session: Session, **params: Any) -> None:
        super().__init__(**params)
        self.session, self.comparing = session, Comparing(session)
        self.compared: Compared | None = None
        self._movers: list[int] = []
        self._opening, self._lists, self._promoting = Latest(), Latest(), Latest()
        styles: dict[str, Any] = {"stylesheets": [stylesheet("compare")]}
        self._head = Pressable(None, self._changed, **styles)
        self._tools = Pressable(self._pressed, **styles)
        self._absent = Pressable(self._pressed, **styles)
        self._movement_head = Pressable(self._pressed, **styles)
        self._flows_head, self._flows = Pressable(**styles), Pressable(**styles)
        self._flows.param.update(sizing_mode="stretch_both", styles={"position": "relative"})
        self._list = Pressable(self._pressed, **styles)
        self._foot = Pressable(self._pressed, **styles)
        self._lineage = Pressable(visible=False, css_classes=["astra-lineage"], **styles)
        self.maps = CompareMaps(session)
        self._chart = MovementChart(session.theme)
        self._body = self._lay()
        self._draw_head()
        self._arrival = Arrival(self._begin)
        if pn.state.curdoc is None:
            self._begin()

    def _begin(self) -> None:
        self._watch()
        self._enter()

    def _watch(self) -> None:
        watch = self.session.param.watch
        watch(lambda *_: self._enter(), ["screen", "runs"])
        watch(lambda *_: self._restyle(), "theme")
        watch(lambda event: self._key(event.new.name), "key")
        self.comparing.param.watch(lambda *_: self._open(), "found")
        self.comparing.param.watch(lambda *_: self._draw_head(), ["before", "after", "state"])
        self.comparing.param.watch(lambda *_: self._draw_absent(), "revision")
        self.maps.param.watch(lambda *_: self._draw_lists(), "chosen")
        self.maps.param.watch(lambda *_: self._draw_movers(), "focus")
        self.param.watch(lambda *_: self._set(), ["mode", "layout", "colour", "measure"])
        self.param.watch(lambda *_: self._draw_tools(), "asks")
        self.param.watch(lambda *_: self._draw_lineage(), "shows_lineage")

    # What is compared

    def _enter(self) -> None:
        if self.session.screen == "compare":
            self.comparing.propose()
            self._draw_head()

    def _changed(self, name: str, run: str) -> None:
        chosen = {"before": self.comparing.before, "after": self.comparing.after}
        if name in chosen and run in [run.name for run in self.session.runs]:
            chosen[name] = run
            self.comparing.choose(**chosen)

    def _open(self) -> None:
        found = self.comparing.found
        if found is None:
            self.compared = None
            self._draw_head()
            return
        self._opening.ask(
            lambda: open_compared(self.session.observatory, found), self._take, self._fail
        )

    def _take(self, compared: Any) -> None:
        self.compared = compared
        if self.layout == "own" and compared.found.own is None:
            self.layout = "aligned"
        self.maps.put(compared, self.mode, self.layout, self.colour, self.measure)
        self._draw_head()
        self._draw_lists()

    def _fail(self, error: Exception) -> None:
        self.session.say(f"the comparison cannot be shown: {error}", warning=True)

    # What a person does

    def _pressed(self, value: str) -> None:
        action, _, argument = value.partition(":")
        if argument in _OPTIONS.get(action, ()):
            if argument == "own" and self.compared and self.compared.found.own is None:
                self.comparing.start(own=True)
            else:
                self.param.update(**{action: argument})
        elif action == "mover" and argument.isdigit() and int(argument) < len(self._movers):
            self.maps.focus_on(self._movers[int(argument)])
        elif action in _ACTIONS:
            _ACTIONS[action](self)

    def _key(self, name: str) -> None:
        if self.session.screen == "compare" and name in ("l", "v", "Escape"):
            self.maps.key(name)

    def _set(self) -> None:
        if self.compared is not None:
            self.maps.put(self.compared, self.mode, self.layout, self.colour, self.measure)
            self._draw_lists()
        self._draw_tools()

    def promote(self) -> None:
        """Check B, and make it the current run of its survey."""
        self.asks = False
        name, observatory = self.comparing.after, self.session.observatory
        self.session.say(f"checking run {name}")
        self._promoting.ask(
            lambda: promote(observatory, name, self.session.annotator),
            lambda _: self._promoted(name),
            lambda error: self.session.say(f"not promoted: {error}", warning=True),
        )

    def roll_back(self) -> None:
        """Make the run before the current one again."""
        if self.compared is None:
            return
        survey, observatory = self.compared.b.run.manifest.survey, self.session.observatory
        self._promoting.ask(
            lambda: roll_back(observatory, survey, self.session.annotator).current,
            lambda name: self._promoted(str(name)),
            lambda error: self.session.say(f"not rolled back: {error}", warning=True),
        )

    def _promoted(self, name: str) -> None:
        self.session.say(f"run {name} is current: every visitor is told")
        self.session.refresh_runs()
        self._draw_tools()

    def select_movers(self) -> None:
        """Select the top movers on B's own map, and go there."""
        if self.compared is None:
            return
        compared = self.compared
        rows = compared.rows_b[compared.movers(self.measure, self.maps.chosen)]
        if self.session.run is not compared.b and not self.session.open_run(compared.b.name):
            return
        mask = compared.on("b", None)
        mask = (compared.b.x != compared.b.x) if mask is None else mask
        mask[rows] = True
        self.session.select(mask, f"moved most from {compared.a.name}")

    def _go(self, screen: str) -> None:
        self.select_movers()
        self.session.screen = screen

    # What is seen

    def _draw_head(self) -> None:
        comparing, compared = self.comparing, self.compared
        with pn.io.hold():
            self._head.html = html.head(
                self.session.runs, comparing.before, comparing.after, compared
            )
            self._body.visible = self._tools.visible = compared is not None
            self._absent.visible = compared is None
            self._draw_tools()
            self._draw_absent()

    def _draw_absent(self) -> None:
        comparing, story = self.comparing, self.comparing.story
        self._absent.html = html.absent(
            comparing.before,
            comparing.after,
            comparing.state,
            comparing.told,
            0 if story is None else story.fraction,
        )

    def _draw_tools(self) -> None:
        own = self.compared is not None and self.compared.found.own is not None
        self._tools.html = html.tools(
            self.mode, self.layout, self.colour, own, self.asks, self.comparing.after, self._point()
        )

    def _point(self) -> Pointers:
        run = next((r for r in self.session.runs if r.name == self.comparing.after), None)
        try:
            return (
                Pointers()
                if run is None
                else pointers(self.session.observatory, run.manifest.survey)
            )
        except AstraError as error:
            self.session.say(str(error), warning=True)
            return Pointers()

    def _draw_lists(self) -> None:
        compared, chosen, measure = self.compared, self.maps.chosen, self.measure
        if compared is None:
            return

        def work() -> Any:
            movers = compared.movers(measure, chosen)
            return movers, compared.flows(chosen), compared.corrected(movers)

        self._lists.ask(work, self._take_lists, self._fail)

    def _take_lists(self, made: Any) -> None:
        compared = self.compared
        if compared is None:
            return
        movers, flows, corrected = made
        self._movers = [int(place) for place in movers]
        self.maps.number(self._movers[:SHOWN])
        chosen = self.maps.chosen
        values = compared.values(self.measure)
        moved = int(flows.sum() - flows.trace())
        with pn.io.hold():
            self._movement_head.html = html.movement_head(
                self.measure, None if chosen is None else int(chosen.sum())
            )
            self._chart.show(
                self.measure,
                values if chosen is None else values[chosen],
                compared.noise(self.measure),
                compared.threshold(self.measure),
                compared.facts["k"],
                compared.noise_told,
            )
            self._flows_head.html = html.flows_head(moved, int(flows.sum()))
            self._flows.html = flow_chart(
                compared.classes, flows, {**compared.styles, "other": compared.styles[UNLABELLED]},
                self.session.theme,
            )  # fmt: skip
            self._foot.html = html.movers_foot(compared, corrected, chosen is not None)
            self._draw_movers()

    def _draw_movers(self) -> None:
        if self.compared is None:
            return
        shown, focus = self._movers[:SHOWN], self.maps.focus
        first = shown.index(focus) if focus in shown else None
        self.maps.number(shown)
        self._list.html = html.movers(
            self.compared, shown, self.measure, first, self.session.theme, len(self._movers)
        )

    def _draw_lineage(self) -> None:
        self._lineage.visible = self.shows_lineage
        if self.shows_lineage:
            try:
                found = lineage(self.session.observatory, self.comparing.after)
                self._lineage.html = lineage_chart(found)
            except AstraError as error:
                self.session.say(str(error), warning=True)

    def _restyle(self) -> None:
        self._chart.restyle(self.session.theme)
        self.maps.restyle()
        self._draw_lists()

    def _lay(self) -> pn.Row:
        chart = pn.pane.Bokeh(self._chart.figure, **_STRETCH)
        below = pn.Row(
            pn.Column(self._movement_head, chart, styles=_CARD, **_STRETCH),
            pn.Column(self._flows_head, self._flows, styles=_CARD, **_STRETCH),
            styles={"gap": "8px", "height": "38%", "flex": "none", "overflow": "hidden"},
            **_STRETCH,
        )
        left = pn.Column(self._lineage, self.maps, below, styles=_LEFT, **_STRETCH)
        foot = pn.Column(self._foot, styles=_FOOT, sizing_mode="stretch_width", margin=0)
        right = pn.Column(self._list, foot, styles=_DOCK, scroll="y-auto", **_STRETCH)
        return pn.Row(left, right, styles={"min-height": "0", "min-width": "0"}, **_STRETCH)

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Column(
            pn.Column(self._head, self._tools, styles=_BAR, sizing_mode="stretch_width", margin=0),
            self._absent,
            self._body,
            self._arrival,
            css_classes=["astra-compare"],
            styles={"background": "var(--astra-page)", "min-width": "0", "overflow": "hidden"},
            **_STRETCH,
        )


_ACTIONS = {
    "compare": lambda view: view.comparing.start(),
    "cancel": lambda view: view.comparing.cancel(),
    "promote": lambda view: view.param.update(asks=True),
    "promote-no": lambda view: view.param.update(asks=False),
    "promote-yes": CompareView.promote,
    "rollback": CompareView.roll_back,
    "lasso": lambda view: view.maps.key("l"),
    "fit": lambda view: view.maps.fit(),
    "lineage": lambda view: view.param.update(shows_lineage=not view.shows_lineage),
    "sheet": lambda view: view._go("sheet"),
    "select": lambda view: view._go("explore"),
}
_STRETCH = {"sizing_mode": "stretch_both", "margin": 0}
_BAR = {"background": "var(--astra-surface)", "border-bottom": "1px solid var(--astra-line)"}
_CARD = {"background": "var(--astra-surface)", "min-width": "0"}
# What the figures were laid out with before is no width to keep.
_LEFT = {"gap": "8px", "flex": "1 1 0", "width": "0", "min-width": "0", "overflow": "hidden"}
_FOOT = {"padding": "8px 12px", "border-top": "1px solid var(--astra-line)"}
_DOCK = {
    "width": "332px",
    "flex": "none",
    "border-left": "1px solid var(--astra-line)",
    "background": "var(--astra-surface)",
}
