"""Data: the surveys, what was read and refused, what they cover, and what was made of them."""

from pathlib import PurePath
from typing import Any

import numpy as np
import panel as pn
import param

from app.asking import encoder_of
from app.background import Latest, Waiting
from app.coverage import coverage_of
from app.drawing.coverage import sky_figure, time_figure
from app.dropped import place
from app.markup import data_html as html
from app.markup.pressable import Pressable
from app.session import Session
from app.theme import CARD, stylesheet
from app.words import count, counted
from astra.data.errors import AstraError, StoreError
from astra.data.surveys import Survey
from astra.runs.run import list_runs

_STRETCH = {"sizing_mode": "stretch_both", "margin": 0}
_WIDE = {"sizing_mode": "stretch_width", "margin": 0}
_LIST = {"flex": "none", "border-right": "1px solid var(--astra-line)", "padding": "12px 16px"}
_PAGE = {"gap": "8px", "padding": "12px 16px", "background": "var(--astra-page)"}
_GRID = {
    "display": "grid",
    "gap": "8px",
    "grid-template-columns": "minmax(0, 1fr) minmax(0, 1fr)",
    "align-items": "start",
}


class DataView(pn.viewable.Viewer):
    """List of surveys at the left; the chosen one in cards.

    Parameters
    ----------
    session : Session
    """

    chosen = param.String(default="", doc="Name of the survey that is shown.")
    coverage = param.Parameter(default=None, doc="Its `Coverage`; None while it is counted.")
    placed = param.Parameter(default=None, doc="What became of a dropped file, `Placed`.")
    doing = param.String(default="", doc="What is done with a dropped file, in words.")
    error = param.String(default="", doc="Why a dropped file was not placed.")

    def __init__(self, session: Session, **params: Any) -> None:
        super().__init__(**params)
        self.session = session
        self.surveys: list[Survey] = []
        self._counting, self._placing = Latest(patient=True), Waiting()
        css: dict[str, Any] = {"stylesheets": [stylesheet("data")]}
        self._list = Pressable(self.press, **css)
        self._head = Pressable(**css)
        self._refused, self._bands = Pressable(**css), Pressable(**css)
        self._runs, self._drop = Pressable(self.press, **css), Pressable(**css)
        self._found = Pressable(self.press, **css)
        # Each is drawn anew: what changes in a figure while the page is laid would be lost.
        self._sky, self._time = pn.pane.Bokeh(**_WIDE), pn.pane.Bokeh(**_WIDE)
        self._sky_head, self._time_head = Pressable(**css), Pressable(**css)
        self._file = pn.widgets.FileInput(
            multiple=False, margin=0, stylesheets=[stylesheet("file")], css_classes=["astra-drop"]
        )
        self._file.param.watch(lambda *_: self._take_file(), "value")
        session.param.watch(lambda *_: self._draw_pictures(), "theme")
        session.param.watch(lambda *_: self._look(), ["runs", "screen"])
        session.param.watch(lambda *_: self._reopened(), "run")
        self.param.watch(lambda *_: self._show(), "chosen")
        self.param.watch(lambda *_: self._draw(), "coverage")
        self.param.watch(lambda *_: self._draw_drop(), ["placed", "doing", "error"])
        self._look()
        self._draw_drop()

    # What a person does

    def press(self, what: str) -> None:
        """Choose a survey, open a run, or select the neighbours of what was dropped."""
        action, _, number = what.partition(":")
        index = int(number) if number.isdigit() else -1
        if action == "survey" and 0 <= index < len(self.surveys):
            self.chosen = self.surveys[index].name
        elif action == "run" and 0 <= index < len(made := self._made()):
            self.session.switch_run(made[index].name)
        elif action in ("near", "near-all"):
            self._select(None if action == "near-all" else index)

    def _select(self, index: int | None) -> None:
        run, found = self.session.run, self.placed
        if run is None or found is None or (index is not None and index >= len(found.objects)):
            return
        objects = found.objects if index is None else found.objects[index : index + 1]
        mask = np.zeros(len(run), bool)
        for each in objects:
            mask[each.rows] = True
        words = objects[0].object_id if len(objects) == 1 else counted(len(objects), "object")
        self.session.select(mask, f"nearest to {words}")
        self.session.screen = "explore"

    def _take_file(self) -> None:
        content, run = self._file.value, self.session.run
        if not isinstance(content, bytes) or not content or run is None:
            return
        name = str(self._file.filename or "the file")
        encoder = encoder_of(run.run.path)
        ending = PurePath(name).suffix
        ending = ending if ending[1:].isalnum() and len(ending) < 12 else ""
        how = "embedding" if encoder.is_warm else "starting the encoder for"
        self.param.update(placed=None, error="", doing=f"{how} {name} …")

        def deliver(found: Any) -> None:
            if run is self.session.run:
                self.param.update(placed=found, doing="", error="")
                self.session.say(f"placed {counted(len(found.objects), 'object')} of {name}")

        def fail(error: Exception) -> None:
            said = str(error) if isinstance(error, AstraError) else type(error).__name__
            self.param.update(placed=None, doing="", error=said)

        self._placing.ask(lambda: place(run, encoder, content, ending, name), deliver, fail)

    # What is seen

    def _look(self) -> None:
        """Read which surveys there are."""
        if self.session.screen != "data":
            return
        found, observatory = [], self.session.observatory
        for name in observatory.survey_names():
            try:
                found.append(Survey.open(observatory.survey(name)))
            except AstraError:  # its folder has a name that none may have, or no manifest now
                continue
        self.surveys = found
        names = [survey.name for survey in found]
        if self.chosen not in names:
            run = self.session.run
            mine = "" if run is None else run.run.manifest.survey
            self.chosen = mine if mine in names else (names or [""])[0]
        self._draw()

    def _survey(self) -> Survey | None:
        return next((each for each in self.surveys if each.name == self.chosen), None)

    def _show(self) -> None:
        survey = self._survey()
        self.coverage = None
        self._draw()
        if survey is None:
            return

        def deliver(coverage: Any) -> None:
            if survey.name == self.chosen:
                self.coverage = coverage

        self._counting.ask(lambda: coverage_of(survey), deliver, self._fail)

    def _fail(self, error: Exception) -> None:
        said = str(error) if isinstance(error, StoreError) else f"{type(error).__name__}: {error}"
        self.session.say(f"the survey cannot be counted: {said}", warning=True)

    def _made(self) -> list[Any]:
        runs = list_runs(self.session.observatory)
        return [run for run in runs if run.manifest.survey == self.chosen]

    def _draw(self) -> None:
        survey, coverage = self._survey(), self.coverage
        self._list.html = html.surveys(self.surveys, self.chosen)
        self._cards.visible = survey is not None
        if survey is None:
            self._head.html = ""
            return
        run = self.session.run
        self._head.html = html.head(survey, coverage)
        self._refused.html = html.read_and_refused(survey)
        self._bands.html = html.bands(survey, coverage)
        self._runs.html = html.runs(self._made(), "" if run is None else run.name)
        placed = "counting …" if coverage is None else f"{count(coverage.placed)} with a position"
        self._sky_head.html = html.card_head("On the sky", f"{placed} · objects, log scale")
        self._time_head.html = html.card_head("In time", "observations")
        self._draw_pictures()

    def _draw_pictures(self) -> None:
        survey, coverage, theme = self._survey(), self.coverage, self.session.theme
        if survey is not None:
            scale = str(survey.manifest.get("time_scale", "unknown"))
            self._sky.object = sky_figure(theme, coverage)
            self._time.object = time_figure(theme, coverage, scale)

    def _reopened(self) -> None:
        self.param.update(placed=None, error="", doing="")
        self._draw_drop()
        self._look()

    def _draw_drop(self) -> None:
        run, found = self.session.run, self.placed
        self._drop.html = html.drop(run, self.doing, self.error)
        self._file.visible = run is not None
        self._found.html = "" if run is None or found is None else html.placed(run, found)

    @property
    def _cards(self) -> pn.Column:
        if not hasattr(self, "_laid"):
            self._laid = self._lay()
        return self._laid

    def _lay(self) -> pn.Column:
        def card(*parts: Any) -> pn.Column:
            return pn.Column(*parts, styles={**CARD, "min-width": "0"}, **_WIDE)

        pictures = pn.Column(
            card(self._sky_head, self._sky),
            card(self._time_head, self._time),
            card(self._bands),
            card(self._refused),
            styles=_GRID,
            **_WIDE,
        )
        return pn.Column(
            card(self._head),
            pictures,
            card(self._runs),
            card(self._drop, self._file, self._found),
            scroll="y-auto",
            styles=_PAGE,
            **_STRETCH,
        )

    def __panel__(self) -> pn.viewable.Viewable:
        surveys = pn.Column(
            self._list, width=280, scroll="y-auto", styles=_LIST, sizing_mode="stretch_height",
            margin=0,
        )  # fmt: skip
        return pn.Row(surveys, self._cards, css_classes=["astra-data"], **_STRETCH)
