"""Labels on their way to the log: written off the document's thread, in order, never lost."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple
from uuid import uuid4

import numpy as np
import panel as pn
from numpy.typing import NDArray

from app.opened_runs import OpenedRun
from app.words import counted
from astra.data.errors import AstraError
from astra.labels.label import Label
from astra.labels.store import LabelStore

_FEW = 1_000
State = Literal["saving", "stored", "failed"]
# One at a time for all visitors: what was pressed first is in the log first.
_writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="labels")
_log = logging.getLogger(__name__)


@dataclass(eq=False)
class Commit:
    """One thing that a person did to labels, and whether it is in the log yet.

    Attributes
    ----------
    what : str
        In words: "312 objects as RRab".
    write : callable
        Does it, durably, and says what was done; may be called again after a failure.
    state, error : str
    milliseconds : float
        How long the log took.
    """

    what: str
    write: Callable[[], str]
    state: State = "saving"
    error: str = ""
    milliseconds: float = 0.0


@dataclass(frozen=True, eq=False)
class Gesture:
    """What is labelled at once: which objects, as what, by whom, where.

    Attributes
    ----------
    run : OpenedRun
    rows : integer [objects]
        Map rows.
    label : str or None
        None clears.
    annotator, view : str
    blind : bool
        Predictions are hidden.
    origin : str
        ``repeat`` or ``adjudication``; empty: a single object or a lasso, as there are rows.
    taxonomy : str or None
        Hash of the version in force.
    seconds : float or None
        How long the object was on screen.
    """

    run: OpenedRun
    rows: NDArray[np.integer]
    label: str | None
    annotator: str
    view: str
    blind: bool = False
    origin: str = ""
    taxonomy: str | None = None
    seconds: float | None = None

    @property
    def what(self) -> str:
        """The gesture in words."""
        objects = counted(len(self.rows), "object")
        return f"{objects} cleared" if self.label is None else f"{objects} as {self.label}"

    @property
    def object_ids(self) -> list[str]:
        """Ids of the objects."""
        return self.run.run.object_ids(self.rows)

    @property
    def said(self) -> Label:
        """What is said of every object, for the first; a single one keeps the prediction."""
        single = len(self.rows) == 1
        probed = single and not self.blind and "probes" in self.run.run.manifest.artefacts
        shown = self.run.predicted.name_of(int(self.rows[0])) if probed else None
        return Label(
            self.run.object_id(int(self.rows[0])),
            self.label,
            self.annotator,
            run=self.run.name,
            view=self.view,
            origin=self.origin or ("single" if single else "lasso"),  # pyright: ignore
            prediction_shown=shown,
            blind=self.blind,
            taxonomy=self.taxonomy,
            seconds=self.seconds if single else None,
        )


@dataclass
class Desk:
    """Takes what one visitor does to labels and has it written; watches until each is stored.

    Without a document, as in tests, it is written before the call returns.

    Parameters
    ----------
    store : LabelStore
    changed : callable
        Called with a commit on the document's thread when its state has changed.
    """

    store: LabelStore
    changed: Callable[[Commit], None]
    open: list[Commit] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._document = pn.state.curdoc

    def label(self, gesture: Gesture) -> Commit:
        """Store the labels of a gesture as one batch, once, however often it is tried."""
        batch_id = str(uuid4())

        def write() -> str:
            said = gesture.said
            if len(gesture.rows) <= _FEW:
                labels = [replace(said, object_id=name) for name in gesture.object_ids]
                self.store.append(labels, batch_id=batch_id)
            else:
                self.store.append_gesture(gesture.object_ids, said, batch_id=batch_id)
            return f"labelled {gesture.what}"

        return self._take(Commit(gesture.what, write))

    def append(self, labels: list[Label], what: str) -> Commit:
        """Store some labels as one batch, once, however often it is tried."""
        batch_id = str(uuid4())

        def write() -> str:
            self.store.append(labels, batch_id=batch_id)
            return what

        return self._take(Commit(what, write))

    def undo(self, annotator: str) -> Commit:
        """Withdraw the annotator's last gesture."""
        batch_id = str(uuid4())

        def write() -> str:
            batch = self.store.undo(annotator, batch_id=batch_id)
            done = None if batch is None else f"undid the labels of {counted(batch.size, 'object')}"
            return done or "nothing to undo"

        return self._take(Commit("undo", write))

    def redo(self, annotator: str) -> Commit:
        """Reinstate the gesture that the annotator undid last."""
        batch_id = str(uuid4())

        def write() -> str:
            batch = self.store.redo(annotator, batch_id=batch_id)
            done = None if batch is None else f"redid the labels of {counted(batch.size, 'object')}"
            return done or "nothing to redo"

        return self._take(Commit("redo", write))

    def retry(self, commit: Commit) -> None:
        """Try a failed commit again."""
        commit.state = "saving"
        self._write(commit)

    def forget(self, commit: Commit) -> None:
        """Give a failed commit up."""
        self.open = [other for other in self.open if other is not commit]
        self.changed(commit)

    def _take(self, commit: Commit) -> Commit:
        self.open.append(commit)
        self._write(commit)
        return commit

    def _write(self, commit: Commit) -> None:
        if self._document is None:
            self._finish(commit, _attempt(commit))
            return
        self.changed(commit)
        future = _writer.submit(_attempt, commit)
        future.add_done_callback(lambda done: self._hand_over(commit, done.result()))

    def _hand_over(self, commit: Commit, outcome: "Outcome") -> None:
        if self._document is not None:
            self._document.add_next_tick_callback(lambda: self._finish(commit, outcome))

    def _finish(self, commit: Commit, outcome: "Outcome") -> None:
        commit.state, commit.milliseconds = outcome.state, outcome.milliseconds
        commit.error = outcome.said if outcome.state == "failed" else ""
        if outcome.state == "stored":
            commit.what = outcome.said
            self.open = [other for other in self.open if other is not commit]
        self.changed(commit)


class Outcome(NamedTuple):
    """How an attempt to write ended."""

    state: State
    said: str
    milliseconds: float


def _attempt(commit: Commit) -> Outcome:
    started = time.perf_counter()
    state: State = "stored"
    try:
        said = commit.write()
    except AstraError as error:
        state, said = "failed", str(error)
    except Exception as error:  # a label that cannot be stored is shown, whatever the reason
        _log.exception("%s could not be stored", commit.what)
        state, said = "failed", f"{type(error).__name__}: {error}"
    return Outcome(state, said, 1e3 * (time.perf_counter() - started))
