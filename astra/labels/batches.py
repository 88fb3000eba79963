"""The rows of the label log: batches, and the events that each holds."""

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from astra.labels.label import Label

Action = Literal["label", "undo", "redo"]
EventRow = tuple[Any, ...]
EVENT_COLUMNS = "object_id, label, run, view, origin, comment, confidence, prediction_shown"
_BATCH_COLUMNS = "id, annotator, action, target, first_event, size"


class BatchRow(NamedTuple):
    """One batch; its events have the ids ``first_event`` to ``first_event + size - 1``."""

    id: int
    annotator: str
    action: Action
    target: int | None
    first_event: int
    size: int


def now() -> str:
    """Time as the log keeps it: ISO 8601, UTC, milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def find_batch(connection: sqlite3.Connection, uuid: str) -> BatchRow | None:
    """Batch of that name, or None."""
    query = f"SELECT {_BATCH_COLUMNS} FROM batch WHERE uuid = ?"
    row = connection.execute(query, (uuid,)).fetchone()
    return BatchRow(*row) if row else None


def append_batch(
    connection: sqlite3.Connection,
    uuid: str,
    annotator: str,
    action: Action,
    target: int | None = None,
    size: int = 0,
) -> BatchRow:
    """Append a batch, to which the next ``size`` events will belong."""
    row = connection.execute(
        "INSERT INTO batch (uuid, time, annotator, action, target, first_event, size)"
        " VALUES (?, ?, ?, ?, ?, (SELECT coalesce(max(id), 0) + 1 FROM event), ?)"
        f" RETURNING {_BATCH_COLUMNS}",
        (uuid, now(), annotator, action, target, size),
    ).fetchone()
    return BatchRow(*row)


def event_row(label: Label) -> EventRow:
    """Row of a label, without its id and batch."""
    return (
        label.object_id,
        label.label,
        label.run,
        label.view,
        label.origin,
        label.comment,
        label.confidence,
        label.prediction_shown,
    )


def append_events(
    connection: sqlite3.Connection, batch: BatchRow, rows: Sequence[EventRow]
) -> None:
    """Append the events of a batch."""
    connection.executemany(
        f"INSERT INTO event (id, batch, {EVENT_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        ((event, batch.id, *row) for event, row in enumerate(rows, batch.first_event)),
    )


def events_of(connection: sqlite3.Connection, batch: BatchRow) -> list[EventRow]:
    """Rows of a batch, in their order."""
    return connection.execute(
        f"SELECT {EVENT_COLUMNS} FROM event WHERE id >= ? AND id < ? ORDER BY id",
        (batch.first_event, batch.first_event + batch.size),
    ).fetchall()
