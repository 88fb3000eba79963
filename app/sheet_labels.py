"""Labels given on a contact sheet: what is on the buttons, and what has become of a press."""

from collections.abc import Callable, Sequence

import numpy as np

from app.curation import curation_of
from app.labelling import Commit, Desk, Gesture
from app.session import Session
from astra.data.errors import AstraError
from astra.labels.label import check_name
from astra.labels.store import LabelStore

KEYS = 9


class SheetLabels:
    """Gives objects a class through the desk, and tells when something has changed.

    Parameters
    ----------
    session : Session
    view : str
        Where it was done, for the log.
    changed : callable
        Called when a label was stored, was not, or is on its way.
    """

    def __init__(self, session: Session, view: str, changed: Callable[[], None]) -> None:
        self._session, self._view, self._changed = session, view, changed
        self._curation = curation_of(session)
        self._desk = Desk(LabelStore(session.observatory.labels), self._committed)
        self.last: Commit | None = None
        self.message = ""

    @property
    def open(self) -> list[Commit]:
        """What is on its way, or failed."""
        return self._desk.open

    @property
    def classes(self) -> list[str]:
        """Names on the buttons: those with keys, the run's, most frequent first, the log's."""
        run, known = self._session.run, self._curation.known
        if run is None:
            return []
        frequent = dict(zip(run.classes.names, run.classes.counts, strict=False))
        names = sorted(run.class_names, key=lambda name: (-frequent.get(name, 0), name))
        keyed = [name for _, name in sorted(self._curation.keys.items())]
        logged = [] if known is None else list(known.counts)
        return list(dict.fromkeys([*keyed, *names, *logged, *self._curation.new_classes]))

    @property
    def keys(self) -> dict[str, str]:
        """Key -> class: as the taxonomy says, or else in the order of the buttons."""
        ordered = {str(i): name for i, name in enumerate(self.classes[:KEYS], 1)}
        return self._curation.keys or ordered

    def give(self, rows: Sequence[int], name: str | None) -> None:
        """Give objects, by their map rows, a class, or None to clear."""
        run, annotator = self._session.run, self._session.annotator
        if run is None or not len(rows):
            return
        try:
            check_name("annotator", annotator)
            if name is not None:
                check_name("label", name)
        except AstraError as error:
            self.message = str(error)
            self._changed()
            return
        self.message = ""
        blind = self._session.look.blind
        gesture = Gesture(run, np.array(sorted(rows)), name, annotator, self._view, blind)
        self._desk.label(gesture)

    def undo(self) -> None:
        """Withdraw the annotator's last gesture."""
        self._desk.undo(self._session.annotator)

    def redo(self) -> None:
        """Reinstate the gesture that was undone last."""
        self._desk.redo(self._session.annotator)

    def retry(self, place: int) -> None:
        """Try again what could not be stored."""
        if 0 <= place < len(self.open):
            self._desk.retry(self.open[place])

    def _committed(self, commit: Commit) -> None:
        if commit.state == "stored":
            self.last = commit
            self._session.say(commit.what, latency=commit.milliseconds)
            self._session.labels_changed()
        elif commit.state == "failed" and commit in self.open:
            self._session.say(f"not stored: {commit.what}: {commit.error}", warning=True)
        self._changed()
