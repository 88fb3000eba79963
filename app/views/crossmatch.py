"""What SIMBAD, VSX, Gaia, ZTF and ALeRCE know of the object in focus; asked by a press only."""

from functools import partial
from typing import Any

import panel as pn
import param

from app.background import Waiting
from app.markup import crossmatch_html as html
from app.markup.crossmatch_html import Asked
from app.markup.facts import facts_of
from app.markup.pressable import Pressable
from app.session import Session
from app.theme import CARD, stylesheet
from astra.data.errors import AstraError
from astra.services.answers import Answer, Answers
from astra.services.crossmatch import RADIUS, SERVICES, ask, known, tns_link


class CrossmatchView(pn.viewable.Viewer):
    """Each service with a state of its own; answers that are kept are shown without asking.

    Parameters
    ----------
    session : Session
    """

    asked = param.Dict(default={}, doc="Service -> `Asked`, of the object in focus.")

    def __init__(self, session: Session, **params: Any) -> None:
        super().__init__(**params)
        self.session = session
        self._answers = Answers(session.observatory)
        # One after the other would wait for the slowest.
        self._asking = {service: Waiting() for service in SERVICES}
        self._panel = Pressable(
            self.press,
            stylesheets=[stylesheet("crossmatch")],
            css_classes=["astra-crossmatch"],
            styles=CARD,
        )
        session.param.watch(self._refocus, ["run", "focus", "screen"])
        self.param.watch(lambda *_: self._draw(), "asked")
        self._place: tuple[float, float] | None = None
        self._refocus()

    def press(self, what: str) -> None:
        """Ask one service, or all that have not answered."""
        action, _, service = what.partition(":")
        if action == "ask" and service in SERVICES:
            self.ask(service)
        elif action == "all":
            for each in SERVICES:
                if self.asked[each].state in ("off", "unavailable"):
                    self.ask(each)

    def ask(self, service: str) -> None:
        """Send the position of the object in focus to a service."""
        place = self._place
        if place is None:
            return
        self._put(service, Asked("asking"))

        def deliver(answer: Any) -> None:
            if place == self._place:
                self._put(service, _answered(answer))

        def fail(error: Exception) -> None:
            said = str(error) if isinstance(error, AstraError) else type(error).__name__
            if place == self._place:
                self._put(service, Asked("unavailable", said=said))

        work = partial(ask, self._answers, service, *place, RADIUS)
        self._asking[service].ask(work, deliver, fail)

    def _put(self, service: str, asked: Asked) -> None:
        self.asked = {**self.asked, service: asked}

    def _refocus(self, *_: param.parameterized.Event) -> None:
        run, row = self.session.run, self.session.focus
        self._panel.visible = run is not None and row is not None
        if run is None or row is None or self.session.screen != "inspect":
            return
        facts = facts_of(run, row)
        place = None if facts.ra is None or facts.dec is None else (facts.ra, facts.dec)
        if place == self._place and self.asked:
            return
        self._place = place
        self.asked = {service: self._known(service) for service in SERVICES}

    def _known(self, service: str) -> Asked:
        answer = None if self._place is None else known(self._answers, service, *self._place)
        return Asked() if answer is None else _answered(answer)

    def _draw(self) -> None:
        link = "" if self._place is None else tns_link(*self._place)
        self._panel.html = html.table(self.asked, RADIUS, self._place is not None, link)

    def __panel__(self) -> pn.viewable.Viewable:
        return self._panel


def _answered(answer: Answer) -> Asked:
    return Asked("answered", answer.matches, f"asked {answer.time:%Y-%m-%d %H:%M} UTC")
