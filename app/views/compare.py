"""Compare: two runs side by side, what moved beyond noise, and which of them everybody sees."""

from typing import Any

import numpy as np
import panel as pn
import param

from app.background import Latest
from app.compared import COLOURS, LAYOUTS, MEASURES, Compared, open_compared
from app.comparing import Comparing
from app.drawing.lineage_chart import lineage_chart
from app.markup import compare_html as html
from app.markup.arrival import Arrival
from app.markup.compare_changes import CompareChanges
from app.markup.compare_maps import CompareMaps
from app.markup.divider import MODES
from app.markup.pressable import Pressable
from app.session import Session
from app.theme import stylesheet
from astra.data.errors import AstraError
from astra.runs.lineage import lineage
from astra.runs.pointers import Pointers, pointers, promote, roll_back

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
        self._opening, self._promoting = Latest(), Latest()
        styles: dict[str, Any] = {"stylesheets": [stylesheet("compare")]}
        self._head = Pressable(None, self._changed, **styles)
        self._tools = Pressable(self._pressed, **styles)
        self._absent = Pressable(self._pressed, **styles)
        self._lineage = Pressable(visible=False, css_classes=["astra-lineage"], **styles)
        self.maps = CompareMaps(session)
        self.changes = CompareChanges(session, self.maps, self._pressed)
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
        self.maps.param.watch(lambda *_: self._draw_changes(), "chosen")
        self.maps.param.watch(lambda *_: self.changes.draw_movers(), "focus")
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
        self._draw_changes()

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
        elif action == "mover":
            self.changes.look_at(argument)
        elif action in _ACTIONS:
            _ACTIONS[action](self)

    def _key(self, name: str) -> None:
        if self.session.screen == "compare" and name in ("l", "v", "Escape"):
            self.maps.key(name)

    def _set(self) -> None:
        if self.compared is not None:
            self.maps.put(self.compared, self.mode, self.layout, self.colour, self.measure)
            self._draw_changes()
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
        mask = np.zeros(len(compared.b), bool)
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
        if run is None:
            return Pointers()
        try:
            return pointers(self.session.observatory, run.manifest.survey)
        except AstraError as error:
            self.session.say(str(error), warning=True)
            return Pointers()

    def _draw_changes(self) -> None:
        if self.compared is not None:
            self.changes.draw(self.compared, self.measure)

    def _draw_lineage(self) -> None:
        self._lineage.visible = self.shows_lineage
        if self.shows_lineage:
            try:
                found = lineage(self.session.observatory, self.comparing.after)
                self._lineage.html = lineage_chart(found)
            except AstraError as error:
                self.session.say(str(error), warning=True)

    def _restyle(self) -> None:
        self.changes.restyle()
        self.maps.restyle()
        self._draw_changes()

    def _lay(self) -> pn.Row:
        parts = (self._lineage, self.maps, self.changes.charts)
        left = pn.Column(*parts, styles=_LEFT, **_STRETCH)
        styles = {"min-height": "0", "min-width": "0"}
        return pn.Row(left, self.changes.movers, styles=styles, **_STRETCH)

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
# What the figures were laid out with before is no width to keep.
_LEFT = {"gap": "8px", "flex": "1 1 0", "width": "0", "min-width": "0", "overflow": "hidden"}
