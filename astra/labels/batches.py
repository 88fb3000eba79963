"""The rows of the label log: batches, and the labels that each holds."""

import sqlite3
import zlib
from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any, Literal, NamedTuple

from astra.labels.label import Label

Action = Literal["label", "undo", "redo"]
SharedRow = tuple[Any, ...]
EventRow = tuple[Any, ...]

# What the labels of a gesture have in common, and with the object's id before it, an event.
SHARED = tuple(
    field.name for field in fields(Label) if field.name not in ("object_id", "annotator")
)
SHARED_COLUMNS = ", ".join(SHARED)
EVENT_COLUMNS = f"object_id, {SHARED_COLUMNS}"
# Below it, rows: an index finds them by their object.
COMPACT_FROM = 4096
_BATCH_COLUMNS = "id, annotator, action, target, first_event, size"
_shared_of = attrgetter(*SHARED)
_MARKS = ", ".join("?" * len(SHARED))


class BatchRow(NamedTuple):
    """One batch; its events have the ids ``first_event`` to ``first_event + size - 1``."""

    id: int
    annotator: str
    action: Action
    target: int | None
    first_event: int
    size: int


class Content(NamedTuple):
    """Labels of a batch: objects, and what is said of each, or once what is said of all."""

    object_ids: list[str]
    said: list[SharedRow]

    @property
    def rows(self) -> list[EventRow]:
        """The labels, one row an object."""
        alike = len(self.said) == 1
        said = self.said * len(self.object_ids) if alike else self.said
        return [(name, *shared) for name, shared in zip(self.object_ids, said, strict=True)]

    @property
    def is_compact(self) -> bool:
        """Whether the labels are kept as one gesture."""
        return len(self.said) == 1 and len(self.object_ids) >= COMPACT_FROM


def now() -> str:
    """Time as the log keeps it: ISO 8601, UTC, microseconds."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


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
    time: str | None = None,
    provenance: str | None = None,
) -> BatchRow:
    """Append a batch, to which the next ``size`` events will belong."""
    last = connection.execute(
        "SELECT first_event + size, time FROM batch ORDER BY id DESC LIMIT 1"
    ).fetchone()
    first, before = last or (1, "")
    row = connection.execute(
        "INSERT INTO batch (uuid, time, annotator, action, target, first_event, size, provenance)"
        f" VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING {_BATCH_COLUMNS}",
        (uuid, time or _after(before), annotator, action, target, first, size, provenance),
    ).fetchone()
    return BatchRow(*row)


def _after(before: str) -> str:
    """Now, or just after the batch before where the clock was set back: order is time."""
    time = now()
    if time > before:
        return time
    later = datetime.fromisoformat(before) + timedelta(microseconds=1)
    return later.isoformat(timespec="microseconds")


def content_of(labels: Sequence[Label]) -> Content:
    """Labels as rows; said once where all say the same."""
    said = list(map(_shared_of, labels))
    alike = all(row == said[0] for row in said)
    return Content([label.object_id for label in labels], said[:1] if alike else said)


def shared_row(label: Label) -> SharedRow:
    """What a label says, without whom and of what."""
    return _shared_of(label)


def append_content(connection: sqlite3.Connection, batch: BatchRow, content: Content) -> None:
    """Append the labels of a batch."""
    if content.is_compact:
        connection.execute(
            f"INSERT INTO gesture (batch, {SHARED_COLUMNS}, object_ids) VALUES (?, {_MARKS}, ?)",
            (batch.id, *content.said[0], packed(content.object_ids)),
        )
        return
    connection.executemany(
        f"INSERT INTO event (id, batch, {EVENT_COLUMNS}) VALUES (?, ?, ?, {_MARKS})",
        ((event, batch.id, *row) for event, row in enumerate(content.rows, batch.first_event)),
    )


def read_content(connection: sqlite3.Connection, batch: BatchRow) -> Content:
    """Labels of a batch, in their order."""
    query = f"SELECT object_ids, {SHARED_COLUMNS} FROM gesture WHERE batch = ?"
    row = connection.execute(query, (batch.id,)).fetchone()
    if row:
        return Content(unpacked(row[0]), [row[1:]])
    rows = connection.execute(
        f"SELECT {EVENT_COLUMNS} FROM event WHERE id >= ? AND id < ? ORDER BY id",
        (batch.first_event, batch.first_event + batch.size),
    ).fetchall()
    return Content([row[0] for row in rows], [row[1:] for row in rows])


def packed(object_ids: Sequence[str]) -> bytes:
    """Ids as compressed text, one a line; an id has no line break."""
    return zlib.compress("\n".join(object_ids).encode(), 1)


def unpacked(packed_ids: bytes) -> list[str]:
    """Ids of a gesture, in their order."""
    return zlib.decompress(packed_ids).decode().split("\n")
