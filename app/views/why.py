"""Why here: what sets the selection apart from the rest, how it looks, who is typical of it."""

import time
from typing import Any

import panel as pn
import param

from app.background import Latest
from app.markup import why_html as html
from app.markup.pressable import Pressable
from app.session import Session
from app.theme import stylesheet
from app.why import contrast, portrait

_ASK = "Nothing selected. Draw a lasso on the map (L): here is said what its objects share."


class WhyView(pn.viewable.Viewer):
    """Panel of the dock; it is worked out when it is on, off the document's thread.

    First come classes and numbers, then what light curves must be read for.

    Parameters
    ----------
    session : Session
    """

    on = param.Boolean(default=False, doc="In sight: work it out.")

    def __init__(self, session: Session, **params: Any) -> None:
        super().__init__(**params)
        self.session = session
        self._comparing, self._looking = Latest(patient=True), Latest(patient=True)
        self._known: tuple[object, ...] = ()
        css: dict[str, Any] = {"stylesheets": [stylesheet("why")]}
        self._said = Pressable(css_classes=["astra-why"], **css)
        self._looks = Pressable(self._pressed, css_classes=["astra-why-looks"], **css)
        session.param.watch(
            lambda *_: self._ask(),
            ["run", "selection_revision", "shown_revision", "hidden", "given", "theme"],
        )
        session.look.param.watch(lambda *_: self._ask(), "blind")
        self.param.watch(lambda *_: self._ask(), "on")
        self._ask()

    def _ask(self) -> None:
        session, run, theme = self.session, self.session.run, self.session.theme
        labels, blind = session.category_now("class"), session.look.blind
        key = (run, session.selection_revision, session.shown, labels, theme, blind)
        if not self.on or (len(self._known) and all(map(_same, key, self._known))):
            return
        self._known = key
        chosen = session.chosen
        if run is None or session.selected is None or chosen is None or not chosen.any():
            self._said.html, self._looks.html = html.nothing(_ASK), ""
            return
        shown = session.shown
        others = ~chosen if shown is None else shown & ~chosen
        described = session.selection_description
        started = time.perf_counter()

        def compared(found: Any) -> None:
            if key is self._known:
                with pn.io.hold():
                    self._said.html = html.said(run, found, described, theme)
                session.say("what sets it apart", latency=1e3 * (time.perf_counter() - started))

        def looked(drawn: Any) -> None:
            if key is self._known:
                self._looks.html = drawn

        def look() -> str:
            found = portrait(run, chosen, theme)
            return html.shapes(found) + html.members(run, found, theme, blind)

        def compare() -> Any:
            return contrast(run, chosen, others, labels, blind)

        self._comparing.ask(compare, compared, self._fail)
        self._looking.ask(look, looked, self._fail)

    def _fail(self, error: Exception) -> None:
        self._said.html = html.nothing(f"This could not be worked out: {error}")

    def _pressed(self, value: str) -> None:
        action, _, row = value.partition(":")
        run = self.session.run
        if action == "focus" and run is not None and row.isdigit() and int(row) < len(run):
            self.session.focus = int(row)
            self.session.screen = "inspect"

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Column(
            self._said,
            self._looks,
            styles={"padding": "12px"},
            sizing_mode="stretch_width",
            margin=0,
        )


def _same(one: object, other: object) -> bool:
    return one is other or (isinstance(one, int | str) and one == other)
