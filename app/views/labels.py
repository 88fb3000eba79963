"""Naming objects: the selection or the object in focus, one durable batch a gesture."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import panel as pn
import param
from numpy.typing import NDArray

from app.background import Latest
from app.bulk_label import Preview, preview
from app.curation import curation_of
from app.known_labels import Known
from app.labelling import Commit, Desk, Gesture
from app.markup import labels_html as html
from app.markup.pressable import Pressable
from app.opened_runs import OpenedRun
from app.session import Session
from app.theme import stylesheet
from astra.data.errors import AstraError
from astra.labels.label import check_name

ASK_BEYOND = 2_000
_LABELLING_SCREENS = ("explore", "inspect", "anomalies", "labels")


class LabelsView(pn.viewable.Viewer):
    """Class buttons, annotator, undo, and the log; labels are written off the page's thread.

    Parameters
    ----------
    session : Session
    screens : tuple of str
        Where it listens to the keys; several of these views may exist.
    with_log : bool
        What was done last stands below.
    """

    target = param.Selector(
        default="selection", objects=["selection", "object"], doc="What a label is given to."
    )

    def __init__(
        self,
        session: Session,
        screens: tuple[str, ...] = _LABELLING_SCREENS,
        with_log: bool = True,
        **params: Any,
    ) -> None:
        super().__init__(**params)
        self.session, self.screens, self.with_log = session, screens, with_log
        self.curation = curation_of(session)
        self._last: Commit | None = None
        self._message = ""
        self._preview: Preview | None = None
        self._previews, self._heads = Latest(), Latest(patient=True)
        self._seen = time.monotonic()
        self._desk = Desk(self.curation.store, self._committed)
        styles: dict[str, Any] = {"stylesheets": [stylesheet("labels")]}
        self._head = Pressable(self._pressed, **styles)
        self._buttons = Pressable(self._pressed, **styles)
        self._fields = Pressable(None, self._changed, html=html.fields(session.annotator), **styles)
        self._progress = Pressable(self._pressed, **styles)
        self._log = Pressable(**styles)
        session.param.watch(lambda *_: self._aim(), "selection_revision")
        session.param.watch(lambda *_: self._look(), "focus")
        session.param.watch(lambda *_: self._draw(), "theme")
        session.param.watch(lambda event: self._key(event.new.name), "key")
        self.curation.param.watch(lambda *_: self._draw(), ["known", "version", "new_classes"])
        self.curation.param.watch(lambda *_: self._ask(), "pending")
        self.curation.param.watch(lambda *_: self._draw(), ["deciding", "queue"])
        self.param.watch(lambda *_: self._draw(), "target")
        self._aim()
        self._ask()

    # What is labelled, and with what

    @property
    def known(self) -> Known | None:
        """What the log says of the run."""
        return self.curation.known  # pyright: ignore[reportReturnType]

    @property
    def pending(self) -> Gesture | None:
        """The gesture that waits for a yes."""
        return self.curation.pending  # pyright: ignore[reportReturnType]

    @property
    def rows(self) -> NDArray[np.int64]:
        """Map rows that a label would be given to."""
        return self._rows_of()()

    def _rows_of(self) -> Callable[[], NDArray[np.int64]]:
        """`rows` as they are now, to be had on any thread."""
        session = self.session
        # Who reads one object closely labels that one, whatever is selected on the map.
        if self.target == "selection" and session.screen != "inspect":
            chosen = None if session.selected is None else session.chosen
            return lambda: np.flatnonzero(() if chosen is None else chosen)
        focus = session.focus
        return lambda: np.array([] if focus is None else [focus], np.int64)

    @property
    def classes(self) -> list[str]:
        """Names on the buttons: those with keys, the run's, the log's, those just typed."""
        run = self.session.run
        names = []
        if run is not None:
            frequent = dict(zip(run.classes.names, run.classes.counts, strict=False))
            names = sorted(run.class_names, key=lambda name: (-frequent.get(name, 0), name))
        logged = [] if self.known is None else list(self.known.counts)
        keyed = [name for _, name in sorted(self.curation.keys.items())]
        return list(dict.fromkeys([*keyed, *names, *logged, *self.curation.new_classes]))

    @property
    def keys(self) -> dict[str, str]:
        """Key -> class: as the taxonomy says, or else in the order of the buttons."""
        ordered = {str(i): name for i, name in enumerate(self.classes[: html.KEYS], 1)}
        return self.curation.keys or ordered

    def _aim(self) -> None:
        self.target = "object" if self.session.selected is None else "selection"
        self._draw()

    def _look(self) -> None:
        self._seen = time.monotonic()
        self._draw()

    def read(self) -> None:
        """Read the log again."""
        self.curation.read()

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
        gesture = Gesture(
            run,
            self.rows.copy(),
            name,
            session.annotator,
            session.screen,
            blind=session.look.blind,
            origin=self.curation.origin if self.target == "object" else "",
            taxonomy=self.curation.taxonomy.hash,
            seconds=min(round(time.monotonic() - self._seen, 1), 3_600.0),
        )
        if len(gesture.rows) > ASK_BEYOND:
            session.screen = "labels"
            self.curation.pending = gesture
        else:
            self._commit(gesture)

    def confirm(self, keep_mine: bool = False) -> None:
        """Say yes to labelling very many objects, or to those that one has not labelled yet."""
        gesture, shown = self.pending, self._preview
        self.curation.pending = None
        if gesture is None:
            return
        if keep_mine and shown is not None:
            gesture = replace(gesture, rows=np.setdiff1d(gesture.rows, shown.mine))
        if len(gesture.rows):
            self._commit(gesture)

    def cancel(self) -> None:
        """Say no to it."""
        self.curation.pending = None

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
        named = [*self.curation.new_classes, name.strip()]
        self.curation.new_classes = list(dict.fromkeys(named))

    def _commit(self, gesture: Gesture) -> None:
        self._message = ""
        self.curation.deciding = False
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
            case "keep":
                self.confirm(keep_mine=True)
            case "target" if argument in self.param.target.objects:
                self.target = argument
            case "retry" | "forget" if argument.isdigit() and int(argument) < len(self._desk.open):
                getattr(self._desk, action)(self._desk.open[int(argument)])

    def _key(self, name: str) -> None:
        screen = self.session.screen
        if screen not in self.screens:
            return
        if name in self.keys:
            self.label(self.keys[name])
        elif screen == "labels":
            keys = {"0": "clear", "z": "undo", "Shift+z": "redo", "Escape": "cancel"}
            if name in keys:
                self._pressed(keys[name])

    # What is seen

    def _ask(self) -> None:
        gesture, self._preview = self.pending, None
        self._draw()
        if gesture is None:
            return
        store, theme = self.curation.store, self.session.theme

        def deliver(shown: Any) -> None:
            if gesture is self.pending:
                self._preview = shown
                self._draw()

        self._previews.ask(
            lambda: preview(gesture, store, theme), deliver, lambda error: self._say(str(error))
        )

    def _draw(self) -> None:
        session, run = self.session, self.session.run
        if run is None:
            return
        described = session.selection_description if self.target == "selection" else ""
        if self.target == "object" and session.focus is not None:
            described = run.object_id(session.focus)
        self._draw_head(run, described)
        with pn.io.hold():
            self._buttons.html = (
                html.buttons(run, self.classes, self.known, session.theme, self._styles)
                if self.pending is None
                else html.confirmation(self.pending.what, self._preview)
            )
            self._log.html = html.history(self.known)
            self._draw_progress()

    def _draw_head(self, run: OpenedRun, described: str) -> None:
        """Say of what is chosen what it is called already: millions of objects are gone through."""
        target, known, rows_of = self.target, self.known, self._rows_of()

        def deliver(head: object) -> None:
            if run is self.session.run:
                self._head.html = str(head)

        self._heads.ask(
            lambda: html.head(run, rows_of(), target, described, known),
            deliver,
            lambda error: self._say(str(error)),
        )

    @property
    def _styles(self) -> html.ButtonStyles:
        colours = {e.name: e.colour for e in self.curation.taxonomy.classes if e.colour}
        hints = {e.name: e.guideline for e in self.curation.taxonomy.classes if e.guideline}
        return html.ButtonStyles({name: key for key, name in self.keys.items()}, colours, hints)

    def _draw_progress(self) -> None:
        self._progress.html = html.progress(self._desk.open, self._last, self._message)

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Column(
            self._head,
            self._buttons,
            self._progress,
            self._fields,
            *([self._log] if self.with_log else []),
            css_classes=["astra-labels"],
            styles={"gap": "12px", "padding": "12px"},
            sizing_mode="stretch_width",
            margin=0,
        )
