"""The label store: an append-only log of who called what what, and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import pandas as pd

from astra.labels.batches import (
    Action,
    Content,
    append_batch,
    append_content,
    content_of,
    find_batch,
    read_content,
    shared_row,
)
from astra.labels.database import prepare, reading, writing
from astra.labels.folding import current_of, decisions_of, opinions_of, repeats_of, said_now
from astra.labels.label import Label, LabelError, check_name
from astra.labels.tables import all_events, events_of_object, last_batches, timed


@dataclass(frozen=True, slots=True)
class Batch:
    """The labels that one call appended, which are undone and redone together."""

    batch_id: str
    annotator: str
    time: datetime
    size: int


class LabelStore:
    """Labels in one SQLite file; nothing in it is ever changed or removed.

    Any number of processes and threads may use the file; each call has its own connection.

    Parameters
    ----------
    path : Path
        The file; made with its folder if it is not there.

    Raises
    ------
    StoreError
        From every method: SQLite cannot read or write the file, and nothing was changed.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        prepare(self.path)

    def append(self, labels: Sequence[Label], batch_id: str | None = None) -> list[int]:
        """Append labels in one transaction; they are on disk when this returns.

        Parameters
        ----------
        labels : sequence of Label
            All of one annotator.
        batch_id : str, optional
            Unique name of this batch, chosen by the caller. If the call fails or is cut off, it can
            be repeated with the same name: the labels are stored once.

        Returns
        -------
        list of int
            Ids of the events, in the order of ``labels``.

        Raises
        ------
        LabelError
            The labels are of several annotators, or other labels have this ``batch_id``.
        """
        if not labels:
            return []
        annotator = labels[0].annotator
        if any(label.annotator != annotator for label in labels):
            raise LabelError("one batch holds the labels of one annotator")
        return self._append(annotator, content_of(labels), batch_id)

    def append_gesture(
        self, object_ids: Sequence[str], label: Label, batch_id: str | None = None
    ) -> list[int]:
        """Append the same label of many objects, as :meth:`append` does, in less time and space.

        Parameters
        ----------
        object_ids : sequence of str
        label : Label
            What is said of each; the object that it names is not looked at.
        batch_id : str, optional

        Raises
        ------
        LabelError
            An id cannot name an object, or other labels have this ``batch_id``.
        """
        if not len(object_ids):
            return []
        for object_id in object_ids:
            check_name("object_id", object_id)
        content = Content(list(object_ids), [shared_row(label)])
        return self._append(label.annotator, content, batch_id)

    def _append(self, annotator: str, content: Content, batch_id: str | None) -> list[int]:
        uuid = str(uuid4()) if batch_id is None else check_name("batch_id", batch_id)
        size = len(content.object_ids)
        with writing(self.path) as connection:
            known = find_batch(connection, uuid)
            if known is None:
                known = append_batch(connection, uuid, annotator, "label", size=size)
                append_content(connection, known, content)
            elif (known.annotator, known.action) != (annotator, "label") or (
                content.rows != read_content(connection, known).rows
            ):
                raise LabelError(f"batch {uuid!r} exists already and holds other labels")
        return list(range(known.first_event, known.first_event + known.size))

    def undo(self, annotator: str, batch_id: str | None = None) -> Batch | None:
        """Withdraw an annotator's last batch that is not withdrawn; None if there is none.

        Objects show again what was said of them before and by others. ``batch_id`` names the undo
        itself, as in :meth:`append`.
        """
        return self._compensate(
            annotator,
            "undo",
            batch_id,
            "SELECT max(id) FROM batch WHERE annotator = ? AND action = 'label'"
            " AND id NOT IN (SELECT batch FROM withdrawn)",
        )

    def redo(self, annotator: str, batch_id: str | None = None) -> Batch | None:
        """Reinstate the batch that was undone last; None if there is none, or labels came since."""
        return self._compensate(
            annotator,
            "redo",
            batch_id,
            "SELECT min(id) FROM batch JOIN withdrawn ON batch = id WHERE annotator = ?1"
            " AND since > (SELECT max(id) FROM batch WHERE annotator = ?1 AND action = 'label')",
        )

    def _compensate(
        self, annotator: str, action: Action, batch_id: str | None, find_target: str
    ) -> Batch | None:
        uuid = str(uuid4()) if batch_id is None else check_name("batch_id", batch_id)
        with writing(self.path) as connection:
            known = find_batch(connection, uuid)
            if known is None:
                (target,) = connection.execute(find_target, (annotator,)).fetchone()
                if target is None:
                    return None
                known = append_batch(connection, uuid, annotator, action, target)
            elif (known.annotator, known.action) != (annotator, action):
                raise LabelError(f"batch {uuid!r} exists already and is another action")
            undone = "SELECT uuid, annotator, time, size FROM batch WHERE id = ?"
            name, by, time, size = connection.execute(undone, (known.target,)).fetchone()
        return Batch(name, by, datetime.fromisoformat(time), size)

    def current(self) -> pd.DataFrame:
        """What the objects are called now.

        Returns
        -------
        DataFrame
            ``object_id``, ``label``, ``annotator``, ``time`` (UTC), sorted by object: the last
            adjudication of each object, or else the last label; no row where that clears it.
            What is withdrawn does not count, nor do repeats and comments.
        """
        return timed(current_of(self._said()))

    def counts(self) -> dict[str, int]:
        """Objects that carry each label now, most frequent label first."""
        counts = current_of(self._said())["label"].value_counts().sort_index()
        ordered = counts.sort_values(ascending=False, kind="stable")
        return {str(label): int(count) for label, count in ordered.items()}

    def opinions(self) -> pd.DataFrame:
        """What each annotator calls each object now.

        Returns
        -------
        DataFrame
            ``object_id``, ``annotator``, ``label`` (null where they looked and cannot tell),
            ``confidence``, ``seconds``, ``time`` (UTC), sorted by object, then by time.
        """
        return timed(opinions_of(self._said()))

    def decisions(self) -> pd.DataFrame:
        """Adjudications that stand: ``object_id``, ``label``, ``annotator``, ``time`` (UTC)."""
        columns = ["object_id", "label", "annotator", "time"]
        return timed(decisions_of(self._said()).loc[:, columns])

    def repeats(self) -> pd.DataFrame:
        """What annotators said when asked again: ``object_id annotator label again``."""
        return repeats_of(self._said())

    def events(self) -> pd.DataFrame:
        """Everything that was ever said and undone, in the order of the log.

        Returns
        -------
        DataFrame
            ``batch_id``, ``time`` (UTC), ``annotator``, ``action`` (label, undo or redo),
            ``target`` (the batch that is undone or redone), ``withdrawn`` (whether the batch is
            undone now), ``provenance`` (file or log that it came from, null where it was said
            here), and for labels ``event`` (id) and the fields of `Label`.
        """
        with reading(self.path) as connection:
            return all_events(connection)

    def history(self, object_id: str) -> pd.DataFrame:
        """What was said of one object, oldest first, as :meth:`events` has it."""
        with reading(self.path) as connection:
            return events_of_object(connection, object_id)

    def size(self) -> int:
        """Number of labels that were ever given, the withdrawn among them."""
        last = "SELECT first_event + size - 1 FROM batch ORDER BY id DESC LIMIT 1"
        with reading(self.path) as connection:
            return (connection.execute(last).fetchone() or (0,))[0]

    def recent(self, most: int = 10) -> pd.DataFrame:
        """What was done last, newest first, without reading the labels of each batch.

        Returns
        -------
        DataFrame
            ``batch_id``, ``time`` (UTC), ``annotator``, ``action`` (label, undo or redo), and of
            the batch that was appended, undone or redone: ``label`` and ``origin`` (of its first
            event; a label is null where it clears), ``size``, ``withdrawn`` (whether it is undone
            now).
        """
        with reading(self.path) as connection:
            return timed(last_batches(connection, most))

    def _said(self) -> pd.DataFrame:
        with reading(self.path) as connection:
            return said_now(self.path, connection)
