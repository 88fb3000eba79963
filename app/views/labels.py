"""Naming objects: the selection or the object in focus, one durable batch a gesture."""

from typing import Any

import numpy as np
import panel as pn
import param
from numpy.typing import NDArray

from app.background import Latest
from app.labelling import Commit, Desk, Gesture, Known, known_labels
from app.markup import labels_html as html
from app.markup.pressable import Pressable
from app.session import Session
from app.theme import stylesheet
from astra.data.errors import AstraError
from astra.labels.label import check_name
from astra.labels.store import LabelStore

ASK_BEYOND = 10_000
_LABELLING_SCREENS = ("explore", "anomalies", "labels")


class LabelsView(pn.viewable.Viewer):
    """Class buttons, annotator, undo, and the log; labels are written off the page's thread.

    Parameters
    ----------
    session : Session
    """

    target = param.Selector(
        default="selection", objects=["selection", "object"], doc="What a label is given to."
    )
    new_classes = param.List(default=[], doc="Names typed here that nothing carries yet.")
    pending = param.Parameter(default=None, doc="The Gesture that waits for a yes, or None.")

    def __init__(self, session: Session, **params: Any) -> None:
        super().__init__(**params)
        self.session = session
        self.known: Known | None = None
        self._last: Commit | None = None
        self._message = ""
        self._reader = Latest()
        self._desk = Desk(LabelStore(session.observatory.labels), self._committed)
        styles: dict[str, Any] = {"stylesheets": [stylesheet("labels")]}
        self._head = Pressable(self._pressed, **styles)
        self._buttons = Pressable(self._pressed, **styles)
        self._fields = Pressable(None, self._changed, html=html.fields(session.annotator), **styles)
        self._progress = Pressable(self._pressed, **styles)
        self._log = Pressable(**styles)
        session.param.watch(lambda *_: self._change_run(), "run")
        session.param.watch(lambda *_: self._aim(), "selection_revision")
        session.param.watch(lambda *_: self._draw(), "focus")
        session.param.watch(lambda *_: self.read(), "labels_revision")
        session.param.watch(lambda *_: self._draw(), "theme")
        session.param.watch(lambda event: self._key(event.new.name), "key")
        self.param.watch(lambda *_: self._draw(), ["target", "new_classes", "pending"])
        self._aim()
        self.read()

    # What is labelled, and with what

    @property
    def rows(self) -> NDArray[np.int64]:
        """Map rows that a label would be given to."""
        if self.target == "selection":
            return self.session.selected_rows
        focus = self.session.focus
        return np.array([] if focus is None else [focus], np.int64)

    @property
    def classes(self) -> list[str]:
        """Names on the buttons: the run's, most frequent first, the log's, those just typed."""
        run = self.session.run
        names = []
        if run is not None:
            frequent = dict(zip(run.classes.names, run.classes.counts, strict=False))
            names = sorted(run.class_names, key=lambda name: (-frequent.get(name, 0), name))
        logged = [] if self.known is None else list(self.known.counts)
        return list(dict.fromkeys([*names, *logged, *self.new_classes]))

    def _aim(self) -> None:
        self.target = "object" if self.session.selected is None else "selection"
        self._draw()

    def _change_run(self) -> None:
        self.known = None
        self.read()

    def read(self) -> None:
        """Read the log again."""
        run, store = self.session.run, self._desk.store

        def deliver(known: Any) -> None:
            # What was read for a run that is off the screen by now is of no use.
            if run is self.session.run:
                self.known = known
                self.session.given = known.given
                self._draw()

        if run is not None:
            self._reader.ask(lambda: known_labels(store, run), deliver, self._fail)

    def _fail(self, error: Exception) -> None:
        self._say(f"the label log cannot be read: {error}")

    # What a person does

    def label(self, name: str | None) -> None:
        """Give the objects a class, or None to clear; asks first where they are very many."""
        run, session = self.session.run, self.session
        if run is None or not len(self.rows):
            self._say("nothing to label: select objects on the map, or tap one")
            return
        try:
            check_name("annotator", session.annotator)
            if name is not None:
                check_name("label", name)
        except AstraError as error:
            self._say(str(error))
            return
        gesture = Gesture(run, self.rows.copy(), name, session.annotator, session.screen)
        if len(gesture.rows) > ASK_BEYOND:
            session.screen = "labels"
            self.pending = gesture
        else:
            self._commit(gesture)

    def confirm(self) -> None:
        """Say yes to labelling very many objects."""
        gesture, self.pending = self.pending, None
        if gesture is not None:
            self._commit(gesture)

    def cancel(self) -> None:
        """Say no to it."""
        self.pending = None

    def undo(self) -> None:
        """Withdraw the annotator's last gesture."""
        self._desk.undo(self.session.annotator)

    def redo(self) -> None:
        """Reinstate the gesture that was undone last."""
        self._desk.redo(self.session.annotator)

    def add_class(self, name: str) -> None:
        """Put a name on a button; nothing is labelled yet."""
        try:
            check_name("label", name)
        except AstraError as error:
            self._say(str(error))
            return
        self.new_classes = [*dict.fromkeys([*self.new_classes, name.strip()])]

    def _commit(self, gesture: Gesture) -> None:
        self._message = ""
        self._desk.label(gesture)

    def _committed(self, commit: Commit) -> None:
        if commit.state == "stored":
            self._last, self._message = commit, ""
            self.session.say(commit.what, latency=commit.milliseconds)
            self.session.labels_changed()
        elif commit.state == "failed" and commit in self._desk.open:
            self.session.say(f"not stored: {commit.what}: {commit.error}", warning=True)
        self._draw_progress()

    def _say(self, message: str) -> None:
        self._message = message
        self.session.say(message, warning=True)
        self._draw_progress()

    def _changed(self, field: str, text: str) -> None:
        if field == "annotator":
            self.session.annotator = text.strip()
        elif field == "class" and text.strip():
            self.add_class(text)
        self._fields.html = html.fields(self.session.annotator)
        self._fields.param.trigger("html")

    def _pressed(self, value: str) -> None:
        action, _, argument = value.partition(":")
        match action:
            case "label":
                self.label(argument)
            case "clear":
                self.label(None)
            case "undo" | "redo" | "confirm" | "cancel":
                getattr(self, action)()
            case "target" if argument in self.param.target.objects:
                self.target = argument
            case "retry" | "forget" if argument.isdigit() and int(argument) < len(self._desk.open):
                getattr(self._desk, action)(self._desk.open[int(argument)])

    def _key(self, name: str) -> None:
        screen = self.session.screen
        if name in "123456789" and screen in _LABELLING_SCREENS:
            if int(name) <= len(self.classes):
                self.label(self.classes[int(name) - 1])
        elif screen == "labels":
            keys = {"0": "clear", "z": "undo", "Shift+z": "redo", "Escape": "cancel"}
            if name in keys:
                self._pressed(keys[name])

    # What is seen

    def _draw(self) -> None:
        session, run = self.session, self.session.run
        if run is None:
            return
        described = session.selection_description if self.target == "selection" else ""
        if self.target == "object" and session.focus is not None:
            described = run.object_id(session.focus)
        with pn.io.hold():
            self._head.html = html.head(run, self.rows, self.target, described, self.known)
            self._buttons.html = (
                html.buttons(run, self.classes, self.known, session.theme)
                if self.pending is None
                else html.confirmation(self.pending.what)
            )
            self._log.html = html.history(self.known)
            self._draw_progress()

    def _draw_progress(self) -> None:
        self._progress.html = html.progress(self._desk.open, self._last, self._message)

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Column(
            self._head,
            self._buttons,
            self._progress,
            self._fields,
            self._log,
            css_classes=["astra-labels"],
            styles={"gap": "12px", "padding": "12px"},
            sizing_mode="stretch_width",
            margin=0,
        )
