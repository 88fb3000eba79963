"""What is alike: the nearest in the embedding to an object, a selection, or a given light curve."""

from typing import Any

import panel as pn
import param

from app.background import Latest, soon
from app.drawing.sparklines import sparkline
from app.markup import similar_html as html
from app.markup.facts import class_mark, facts_of
from app.markup.pressable import Pressable
from app.opened_runs import OpenedRun
from app.pasted import MOST_BYTES
from app.session import Session
from app.similar import COUNTS, Likes
from app.theme import stylesheet
from astra.data.errors import StoreError

_UPLOADED = ".csv,.tsv,.txt,.dat,.parquet"


class SimilarView(pn.viewable.Viewer):
    """Panel of the dock: asks, and lists what was found with light curves and true distances.

    Parameters
    ----------
    session : Session
    """

    pasting = param.Boolean(default=False, doc="The form for a light curve is open.")
    difference = param.Boolean(default=False, doc="What is pasted are difference fluxes.")

    def __init__(self, session: Session, **params: Any) -> None:
        super().__init__(**params)
        self.session, self.similar = session, session.similar
        self._text = ""
        self._drawing = Latest()
        self._pictures: dict[int, str] = {}
        css: dict[str, Any] = {"stylesheets": [stylesheet("similar")]}
        self._ways = Pressable(self._pressed, **css)
        self._form = Pressable(self._pressed, self._changed, **css)
        self._upload = pn.widgets.FileInput(
            accept=_UPLOADED,
            multiple=False,
            margin=0,
            css_classes=["astra-similar-upload"],
            stylesheets=[stylesheet("file")],
        )
        self._state = Pressable(css_classes=["astra-similar-state"], **css)
        self._head = Pressable(self._pressed, css_classes=["astra-similar-head"], **css)
        self._list = Pressable(self._pressed, **css)
        watch = session.param.watch
        watch(lambda *_: self._draw_ways(), ["run", "selection_revision", "shown_revision"])
        watch(lambda *_: self._refocus(), ["focus", "screen"])
        watch(lambda *_: self._draw_list(), "given")
        session.look.param.watch(lambda *_: self._draw_list(), "blind")
        watch(lambda *_: self._redraw(), "theme")
        watch(lambda event: self._key(event.new.name), "key")
        self.similar.param.watch(lambda *_: self._draw_state(), ["doing", "error"])
        self.similar.param.watch(lambda *_: self._redraw(), "found")
        self._upload.param.watch(lambda *_: soon(self._take_file), "value")
        self.param.watch(lambda *_: self._draw_ways(), ["pasting", "difference"])
        self._draw_ways()
        self._redraw()

    # What a person does

    def _pressed(self, value: str) -> None:
        action, _, argument = value.partition(":")
        run = self.session.run
        match action:
            case "object" | "selection" | "find" | "clear":
                _ASKS[action](self)
            case "paste":
                self.pasting = not self.pasting
            case "total" | "difference":
                self.difference = action == "difference"
            case "most" if argument.isdigit() and int(argument) in COUNTS:
                self.similar.most = int(argument)
            case "select" if argument in ("replace", "add"):
                self.similar.select(argument)
            case "sheet":
                self.similar.select()
                self.session.screen = "sheet"
            case "focus" if argument.isdigit() and run is not None and int(argument) < len(run):
                self.session.focus = int(argument)

    def _changed(self, field: str, text: str) -> None:
        if field == "text":
            self._text = text

    def _take_file(self) -> None:
        data = self._upload.value
        if isinstance(data, bytes) and data:
            if len(data) <= MOST_BYTES:
                self._upload.value = None
            self.similar.of_text(data, self.difference)

    def _key(self, name: str) -> None:
        if name == "t":
            self.session.find_similar()

    # What is seen

    def _draw_ways(self) -> None:
        session = self.session
        objects = session.n_selected
        self._ways.html = html.ways(session.focus is not None, objects, self.pasting)
        self._form.visible = self._upload.visible = self.pasting
        self._form.html = html.form(self.difference)

    def _refocus(self) -> None:
        if self.session.screen != "explore":
            return
        self._draw_ways()
        self._draw_list()

    def _draw_state(self) -> None:
        self._state.html = html.state(self.similar.doing, self.similar.error)

    def _redraw(self) -> None:
        run, likes, theme = self.session.run, self.similar.found, self.session.theme
        self._draw_state()
        if run is None or likes is None:
            self._head.html = self._list.html = ""
            return
        self._head.html = html.heading(likes, self.similar.most, len(run), theme)

        def deliver(pictures: Any) -> None:
            if likes is self.similar.found:
                self._pictures = pictures
                self._draw_list()

        self._drawing.ask(lambda: _pictures(run, likes, theme), deliver, self._fail)

    def _draw_list(self) -> None:
        run, likes = self.session.run, self.similar.found
        if run is None or likes is None:
            return
        classes, blind = self.session.category_now("class"), self.session.look.blind
        theme = self.session.theme
        every = {
            row: facts_of(run, row, classes, blind)
            for row in map(int, likes.rows)
            if row in self._pictures
        }
        farthest = float(likes.distances.max(initial=0)) or 1.0
        lines = "".join(
            html.line(
                every[int(row)],
                float(distance),
                float(distance) / farthest,
                (
                    self._pictures[int(row)],
                    class_mark(run, every[int(row)].predicted or every[int(row)].label, theme),
                ),
                int(row) == self.session.focus,
            )
            for row, distance in zip(likes.rows, likes.distances, strict=True)
            if int(row) in every
        )
        self._list.html = f'<div class="lines">{lines}</div>{html.rest(len(likes.rows))}'

    def _fail(self, error: Exception) -> None:
        self.session.say(f"the light curves could not be drawn: {error}", warning=True)

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Column(
            self._ways,
            self._form,
            self._upload,
            self._state,
            self._head,
            self._list,
            css_classes=["astra-similar"],
            styles={"gap": "8px", "padding": "12px"},
            sizing_mode="stretch_width",
            margin=0,
        )


def _pictures(run: OpenedRun, likes: Likes, theme: str) -> dict[int, str]:
    drawn = {}
    for row in likes.rows[: html.LISTED]:
        facts = facts_of(run, int(row))
        try:
            picture = sparkline(run.light_curve(int(row)), theme, 72, 36, facts.catalogue_period)
        except StoreError:  # the survey is gone; the run is whole without it
            picture = ""
        drawn[int(row)] = picture
    return drawn


_ASKS = {
    "object": lambda view: view.session.find_similar(),
    "selection": lambda view: view.similar.of_selection(),
    "find": lambda view: view.similar.of_text(view._text, view.difference),
    "clear": lambda view: view.similar.clear(),
}
