"""Labels from files, and from another log: each batch once, however often it is brought."""

import hashlib
import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from astra.labels.batches import (
    SHARED,
    Action,
    BatchRow,
    Content,
    append_batch,
    append_content,
    find_batch,
    read_content,
)
from astra.labels.database import prepare, reading, writing
from astra.labels.file_rows import FileRow, Refusal, checked_rows, read_cells
from astra.labels.label import LabelError
from astra.labels.store import LabelStore
from astra.labels.taxonomies import append_taxonomy
from astra.labels.taxonomy import Taxonomy

_TOLD = 5


class Imported(NamedTuple):
    """What an import or a merge did.

    Attributes
    ----------
    labels, batches : int
        Appended now.
    known : int
        Batches that were there before.
    refused : list of Refusal
        Rows that were left out.
    """

    labels: int
    batches: int
    known: int
    refused: list[Refusal]


class Incoming(NamedTuple):
    """A batch that comes from elsewhere."""

    uuid: str
    time: str
    annotator: str
    action: Action
    target: str
    content: Content
    provenance: str


def import_labels(
    store: LabelStore, path: Path, annotator: str | None = None, keep_valid: bool = False
) -> Imported:
    """Append the labels of a CSV or Parquet file in one transaction.

    Parameters
    ----------
    store : LabelStore
    path : Path
        Columns ``object_id`` and ``label``, and as far as they are known the others of
        `LabelStore.events`. Rows with a ``batch_id``, as Astra exports them, keep it and their
        times; others become one batch an annotator, named by the content of the file.
    annotator : str, optional
        Whose labels these are where the file does not say.
    keep_valid : bool
        Leave out rows that break a rule; by default the whole file is refused then.

    Raises
    ------
    LabelError
        The file cannot be read, rows break a rule, or a batch of that name holds other labels;
        nothing was imported.
    """
    rows: list[FileRow] = []
    refused: list[Refusal] = []
    for row in checked_rows(path, read_cells(path), annotator):
        (refused if isinstance(row, Refusal) else rows).append(row)  # pyright: ignore
    if refused and not keep_valid:
        raise LabelError(_told(refused))
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    done = _append_all(store.path, _batches(rows, path.name, digest))
    return done._replace(refused=refused)


def merge(store: LabelStore, path: Path) -> Imported:
    """Append what another label log holds and this one does not; doing it again changes nothing.

    Labels, undos and redos keep their names, times and annotators, and taxonomies come along.

    Raises
    ------
    LabelError
        There is no such file, it is this log itself, or a batch of one name holds other labels
        in the two; nothing was merged.
    StoreError
        The file is not a label log.
    """
    if not path.is_file():
        raise LabelError(f"{path}: no such label log")
    if path.resolve() == store.path.resolve():
        raise LabelError(f"{path}: a log cannot be merged into itself")
    prepare(path)
    with reading(path) as other:
        taxonomies = other.execute(
            "SELECT content, annotator, time, hash FROM taxonomy ORDER BY id"
        ).fetchall()
        done = _append_all(store.path, _batches_of_log(other, path))
    _append_taxonomies(store.path, taxonomies)
    return done


def _told(refused: list[Refusal]) -> str:
    lines = [str(refusal) for refusal in refused[:_TOLD]]
    if len(refused) > _TOLD:
        lines.append(f"... and {len(refused) - _TOLD:,} rows more")
    return "\n".join([*lines, "nothing was imported; --keep-valid imports the other rows"])


def _batches(rows: list[FileRow], name: str, digest: str) -> Iterable[Incoming]:
    groups: dict[str, list[FileRow]] = {}
    for row in rows:
        whose = f"{digest} {row.values['annotator']}"
        made = hashlib.sha256(whose.encode()).hexdigest()[:32]
        groups.setdefault(row.values.get("batch_id") or made, []).append(row)
    provenance = f"{name} sha256:{digest}"
    return [_incoming(uuid, group, provenance) for uuid, group in groups.items()]


def _incoming(uuid: str, rows: list[FileRow], provenance: str) -> Incoming:
    first = rows[0].values
    for row in rows:
        for column in ("annotator", "action", "time"):
            if row.values.get(column) != first.get(column) and (column != "time" or first["time"]):
                raise LabelError(
                    f"{provenance.split(' sha256')[0]}: row {row.row}, column {column}, value "
                    f"{row.values.get(column)!r}: one batch ({uuid}) has one {column}, "
                    f"and row {rows[0].row} says {first.get(column)!r}; nothing was imported"
                )
    action = first.get("action") or "label"
    said = [] if action != "label" else [_shared(row.values) for row in rows]
    alike = all(one == said[0] for one in said)
    ids = [row.values["object_id"] for row in rows] if said else []
    content = Content(ids, said[:1] if said and alike else said)
    time, target = first.get("time") or "", first.get("target") or ""
    return Incoming(uuid, time, first["annotator"], action, target, content, provenance)


def _shared(values: dict[str, Any]) -> tuple[Any, ...]:
    usual = {"run": "", "view": "", "origin": "import", "comment": "", "blind": False}
    said = {**usual, **{name: value for name, value in values.items() if value not in ("", None)}}
    return tuple(said.get(name) for name in SHARED)


def _batches_of_log(other: sqlite3.Connection, path: Path) -> Iterable[Incoming]:
    rows = other.execute(
        "SELECT batch.uuid, batch.time, target.uuid, batch.provenance, batch.id, batch.annotator,"
        " batch.action, batch.target, batch.first_event, batch.size FROM batch"
        " LEFT JOIN batch AS target ON target.id = batch.target ORDER BY batch.id"
    ).fetchall()
    for uuid, time, target, provenance, *batch in rows:
        row = BatchRow(*batch)
        content = read_content(other, row) if row.action == "label" else Content([], [])
        came = provenance or f"log {path.name}"
        yield Incoming(uuid, time, row.annotator, row.action, target or "", content, came)


def _append_all(path: Path, batches: Iterable[Incoming]) -> Imported:
    labels, appended, known = 0, 0, 0
    with writing(path) as connection:
        for batch in batches:
            if _append_one(connection, batch):
                labels, appended = labels + len(batch.content.object_ids), appended + 1
            else:
                known += 1
    return Imported(labels, appended, known, [])


def _append_one(connection: sqlite3.Connection, batch: Incoming) -> bool:
    known = find_batch(connection, batch.uuid)
    if known is not None:
        same = (known.annotator, known.action) == (batch.annotator, batch.action)
        if not same or read_content(connection, known).rows != batch.content.rows:
            raise LabelError(
                f"{batch.provenance}: batch {batch.uuid!r} of {batch.annotator} is in the log "
                "already and holds other labels; nothing was imported"
            )
        return False
    target = None
    if batch.action != "label":
        found = find_batch(connection, batch.target)
        if found is None or found.action != "label":
            raise LabelError(
                f"{batch.provenance}: {batch.action} {batch.uuid!r} is of batch {batch.target!r}, "
                "which is neither in the file nor in the log; nothing was imported"
            )
        target = found.id
    size = len(batch.content.object_ids)
    row = append_batch(
        connection,
        batch.uuid,
        batch.annotator,
        batch.action,
        target,
        size,
        batch.time or None,
        batch.provenance,
    )
    if size:
        append_content(connection, row, batch.content)
    return True


def _append_taxonomies(path: Path, rows: list[tuple[str, str, str, str]]) -> None:
    """Keep taxonomies that labels name; the one in force here stays in force."""
    with writing(path) as connection:
        here = connection.execute("SELECT content, annotator, time, hash FROM taxonomy").fetchall()
        missing = [row for row in rows if row[3] not in {known[3] for known in here}]
        last = connection.execute(
            "SELECT content, annotator, time, hash FROM taxonomy ORDER BY id DESC LIMIT 1"
        ).fetchone()
        for row in [*missing, *([last] if last and missing else [])]:
            _append_row(connection, row)


def _append_row(connection: sqlite3.Connection, row: tuple[str, str, str, str]) -> None:
    content, annotator, time, _ = row
    append_taxonomy(connection, Taxonomy.from_dict(json.loads(content)), annotator, time)
