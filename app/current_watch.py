"""Tells a visitor that another run of the survey has become the current one."""

from typing import Any

import panel as pn

from app.background import soon
from app.markup.pressable import Pressable
from app.session import Session
from app.theme import stylesheet
from app.words import safe
from astra.data.errors import AstraError
from astra.runs.pointers import Pointers, pointers, run_to_show

PERIOD = 4000


class CurrentNotice(pn.viewable.Viewer):
    """A quiet line over the page, with a button that opens the run; it never opens by itself.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session, **params: Any) -> None:
        super().__init__(**params)
        self.session = session
        self._seen: Pointers | None = None
        self._survey = ""
        self._line = Pressable(
            self._pressed,
            visible=False,
            stylesheets=[stylesheet("notice")],
            css_classes=["astra-notice"],
            sizing_mode=None,
        )
        session.param.watch(lambda *_: self._begin(), "run")
        self._begin()
        if pn.state.curdoc is not None:
            pn.state.add_periodic_callback(lambda: soon(self.look), period=PERIOD)

    def _begin(self) -> None:
        """Take what is current of the survey on screen as known."""
        run = self.session.run
        survey = "" if run is None else run.run.manifest.survey
        if survey != self._survey:
            self._survey = survey
            self._seen = self._read()
        if run is not None and self._seen is not None and run.name == self._seen.current:
            self._line.visible = False

    def _read(self) -> Pointers | None:
        if not self._survey:
            return None
        try:
            return pointers(self.session.observatory, self._survey)
        except AstraError as error:
            self.session.say(str(error), warning=True)
            return self._seen

    def look(self) -> None:
        """Look whether something else is current since the last look."""
        now, run = self._read(), self.session.run
        if now is None or now == self._seen:
            return
        self._seen = now
        self.session.refresh_runs()
        there = run is not None and run.name == now.current
        self._line.visible = bool(now.current) and not there
        by = f" by {safe(now.by)}" if now.by else ""
        self._line.html = (
            f'<div class="line" role="status">Run <b>{safe(now.current)}</b> is the current one '
            f'now, made so{by}.<button class="control" data-press="open">Open</button>'
            '<button class="control" data-press="stay">Stay here</button></div>'
        )

    def _pressed(self, what: str) -> None:
        self._line.visible = False
        if what == "open" and self._seen is not None:
            self.session.switch_run(self._seen.current)

    def __panel__(self) -> pn.viewable.Viewable:
        return self._line


def first_run(session: Session) -> str:
    """Run that a new visitor sees: the current one of the survey of the newest run, or that."""
    try:
        return run_to_show(session.observatory, session.runs)
    except AstraError as error:
        session.say(str(error), warning=True)
        return session.runs[0].name
