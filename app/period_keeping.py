"""Periods that were saved with objects: read and written off the document's thread."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple
from uuid import uuid4

from app.background import Each, Latest
from app.session import Session
from astra.labels.annotations import PeriodNote, PeriodNotes


class Here(NamedTuple):
    """An object of a run."""

    run: str
    object_id: str


class PeriodKeeper:
    """What one visitor says of periods, and what was said before.

    Parameters
    ----------
    session : Session
    told : callable
        Called with the object, its note or None, and whether it was read (else it was written).
    fail : callable
        Called with the error of a note that could not be read.
    """

    def __init__(
        self,
        session: Session,
        told: Callable[[Here, PeriodNote | None, bool], None],
        fail: Callable[[Exception], None],
    ) -> None:
        self._session, self._told, self._fail = session, told, fail
        self._reads, self._writes = Latest(), Each()

    def read(self, here: Here) -> None:
        """Tell what was said last of an object."""
        path = self._session.observatory.labels

        def deliver(note: Any) -> None:
            self._told(here, note, True)

        self._reads.ask(lambda: PeriodNotes(path).latest(here.object_id), deliver, self._fail)

    def write(self, here: Here, days: float | None, how: str, **facts: Any) -> None:
        """Append a note, durably; ``days`` None takes the period of the object back.

        Parameters
        ----------
        here : Here
        days : float or None
        how : str
            Where it is from, in words.
        **facts
            Further fields of a `PeriodNote`.
        """
        path, uuid = self._session.observatory.labels, str(uuid4())
        note = PeriodNote(here.object_id, days, self._session.annotator, here.run, how, **facts)
        self._writes.ask(
            lambda: PeriodNotes(path).append(note, uuid), partial(self._written, here), self._lost
        )

    def _written(self, here: Here, note: Any) -> None:
        done = "period taken back" if note.days is None else f"period {note.days:.9g} d saved"
        self._session.say(f"{done}: {note.object_id}")
        self._told(here, None if note.days is None else note, False)

    def _lost(self, error: Exception) -> None:
        self._session.say(f"the period was not saved: {error}", warning=True)
