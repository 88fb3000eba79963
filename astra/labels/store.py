"""The label store: an append-only log of who called what what, and when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pandas as pd

from astra.labels.batches import (
    EVENT_COLUMNS,
    Action,
    append_batch,
    append_events,
    event_row,
    events_of,
    find_batch,
)
from astra.labels.database import prepare, reading, writing
from astra.labels.label import Label, LabelError, check_name
from astra.labels.selections import (
    Selection,
    append_selection,
    latest_selections,
    selection_row,
)


@dataclass(frozen=True, slots=True)
class Batch:
    """The labels that one call appended, which are undone and redone together."""

    batch_id: str
    annotator: str
    time: datetime
    size: int


class LabelStore:
    """Labels and selections in one SQLite file; nothing in it is ever changed or removed.

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
        rows = [event_row(label) for label in labels]
        uuid = str(uuid4()) if batch_id is None else check_name("batch_id", batch_id)
        with writing(self.path) as connection:
            known = find_batch(connection, uuid)
            if known is None:
                known = append_batch(connection, uuid, annotator, "label", size=len(rows))
                append_events(connection, known, rows)
            elif (known.annotator, known.action) != (annotator, "label") or rows != events_of(
                connection, known
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
            ``object_id``, ``label``, ``annotator``, ``time`` (UTC), sorted by object: the latest
            label of each object that is not withdrawn; no row where that clears it.
        """
        return self._table(
            "SELECT object_id, label, annotator, time"
            " FROM latest JOIN event ON event.id = latest.event JOIN batch ON batch.id = batch"
            " WHERE label IS NOT NULL ORDER BY object_id"
        )

    def counts(self) -> dict[str, int]:
        """Objects that carry each label now, most frequent label first."""
        with reading(self.path) as connection:
            return dict(
                connection.execute(
                    "SELECT label, count(*) FROM latest JOIN event ON event.id = latest.event"
                    " WHERE label IS NOT NULL GROUP BY label ORDER BY count(*) DESC, label"
                )
            )

    def events(self) -> pd.DataFrame:
        """Everything that was ever said and undone, oldest first.

        Returns
        -------
        DataFrame
            ``batch_id``, ``time`` (UTC), ``annotator``, ``action`` (label, undo or redo),
            ``target`` (the batch that is undone or redone), ``withdrawn`` (whether the batch is
            undone now), and for labels ``event`` (id), ``object_id``, ``label`` (null where it
            clears), ``run``, ``view``, ``origin``, ``comment``, ``confidence``,
            ``prediction_shown``.
        """
        return self._table(
            "SELECT batch.uuid AS batch_id, batch.time, batch.annotator, batch.action,"
            " target.uuid AS target,"
            " batch.id IN (SELECT batch FROM withdrawn) AS withdrawn,"
            f" event.id AS event, {EVENT_COLUMNS}"
            " FROM batch LEFT JOIN batch AS target ON target.id = batch.target"
            " LEFT JOIN event ON event.id >= batch.first_event"
            " AND event.id < batch.first_event + batch.size"
            " ORDER BY batch.id, event.id"
        ).astype(
            {"withdrawn": bool, "event": "Int64", "confidence": float, "prediction_shown": "str"}
        )

    def recent(self, most: int = 10) -> pd.DataFrame:
        """What was done last, newest first, without reading the labels of each batch.

        Returns
        -------
        DataFrame
            ``batch_id``, ``time`` (UTC), ``annotator``, ``action`` (label, undo or redo), and of
            the batch that was appended, undone or redone: ``label`` (of its first event; null where
            it clears), ``size``, ``withdrawn`` (whether it is undone now).
        """
        return self._table(
            "SELECT batch.uuid AS batch_id, batch.time, batch.annotator, batch.action, event.label,"
            " about.size, about.id IN (SELECT batch FROM withdrawn) AS withdrawn"
            " FROM batch JOIN batch AS about ON about.id = coalesce(batch.target, batch.id)"
            " LEFT JOIN event ON event.id = about.first_event"
            f" ORDER BY batch.id DESC LIMIT {int(most)}"
        ).astype({"withdrawn": bool})

    def save_selection(
        self, name: str, colour: str, recipe: Mapping[str, Any], object_ids: Sequence[str]
    ) -> None:
        """Store a selection; one of the same name is replaced by it.

        Parameters
        ----------
        name : str
        colour : str
            ``#rrggbb``.
        recipe : mapping
            How the selection was made (polygon, run, filters), as JSON has it.
        object_ids : sequence of str

        Raises
        ------
        LabelError
            The name or an id is not printable, the colour is not ``#rrggbb``, or the recipe is not
            JSON.
        """
        row = selection_row(name, colour, recipe, object_ids)
        with writing(self.path) as connection:
            append_selection(connection, row)

    def selections(self) -> list[Selection]:
        """Selections, each in its latest version, sorted by name."""
        with reading(self.path) as connection:
            return latest_selections(connection)

    def _table(self, query: str) -> pd.DataFrame:
        with reading(self.path) as connection:
            table = pd.read_sql_query(query, connection)
        return table.assign(time=pd.to_datetime(table["time"], format="ISO8601", utc=True))
