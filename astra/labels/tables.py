"""The log as tables: everything that was said, what was done last, what was said of one object."""

import sqlite3

import numpy as np
import pandas as pd

from astra.labels.batches import EVENT_COLUMNS, SHARED_COLUMNS, unpacked

_BATCH = (
    "batch.uuid AS batch_id, batch.time, batch.annotator, batch.action, target.uuid AS target,"
    " batch.id IN (SELECT batch FROM withdrawn) AS withdrawn, batch.provenance"
)
_TARGET = " LEFT JOIN batch AS target ON target.id = batch.target"
_ORDER = ["place", "event"]
_TYPES = {
    **dict.fromkeys(("target", "provenance", "object_id", "label", "prediction_shown"), "str"),
    **dict.fromkeys(("run", "view", "origin", "comment", "taxonomy"), "str"),
    **dict.fromkeys(("withdrawn", "blind"), bool),
    **dict.fromkeys(("confidence", "seconds"), float),
    "event": "Int64",
}


def all_events(connection: sqlite3.Connection) -> pd.DataFrame:
    """Everything that was ever said and undone, in the order of the file."""
    singles = pd.read_sql_query(
        f"SELECT batch.id AS place, {_BATCH}, event.id AS event, {EVENT_COLUMNS}"
        f" FROM batch{_TARGET} LEFT JOIN event ON event.id >= batch.first_event"
        " AND event.id < batch.first_event + batch.size"
        " WHERE batch.id NOT IN (SELECT batch FROM gesture)",
        connection,
    )
    return _together([singles, *_gestures(connection)])


def events_of_object(connection: sqlite3.Connection, object_id: str) -> pd.DataFrame:
    """What was said of one object, in the order of the file."""
    singles = pd.read_sql_query(
        f"SELECT batch.id AS place, {_BATCH}, event.id AS event, {EVENT_COLUMNS}"
        f" FROM event JOIN batch ON batch.id = event.batch{_TARGET} WHERE object_id = ?",
        connection,
        params=[object_id],
    )
    return _together([singles, *_gestures(connection, object_id)])


def last_batches(connection: sqlite3.Connection, most: int) -> pd.DataFrame:
    """What was done last, newest first, without reading the labels of each batch."""
    return pd.read_sql_query(
        "SELECT batch.uuid AS batch_id, batch.time, batch.annotator, batch.action,"
        " coalesce(event.label, gesture.label) AS label,"
        " coalesce(event.origin, gesture.origin) AS origin,"
        " about.size, about.id IN (SELECT batch FROM withdrawn) AS withdrawn"
        " FROM batch JOIN batch AS about ON about.id = coalesce(batch.target, batch.id)"
        " LEFT JOIN event ON event.id = about.first_event AND event.batch = about.id"
        " LEFT JOIN gesture ON gesture.batch = about.id"
        f" ORDER BY batch.id DESC LIMIT {int(most)}",
        connection,
    ).astype({"withdrawn": bool, "label": "str", "origin": "str"})


def timed(table: pd.DataFrame) -> pd.DataFrame:
    """The table with its times as times (UTC)."""
    return table.assign(time=pd.to_datetime(table["time"], format="ISO8601", utc=True))


def _gestures(connection: sqlite3.Connection, object_id: str | None = None) -> list[pd.DataFrame]:
    """Each gesture as a table of its events, or of the one about an object."""
    cursor = connection.execute(
        f"SELECT object_ids, batch.first_event, batch.id AS place, {_BATCH}, {SHARED_COLUMNS}"
        f" FROM gesture JOIN batch ON batch.id = gesture.batch{_TARGET} ORDER BY batch.id"
    )
    names = [column[0] for column in cursor.description][2:]
    tables = []
    for packed_ids, first, *values in cursor:
        ids = np.array(unpacked(packed_ids), object)
        places = np.arange(len(ids)) if object_id is None else np.flatnonzero(ids == object_id)
        shared = dict(zip(names, values, strict=True))
        tables.append(pd.DataFrame({**shared, "event": first + places, "object_id": ids[places]}))
    return tables


def _together(parts: list[pd.DataFrame]) -> pd.DataFrame:
    columns = list(parts[0].columns)
    kept = [part[columns] for part in parts if len(part)] or parts[:1]
    kept = [part.assign(blind=part["blind"].fillna(0)).astype(_TYPES) for part in kept]
    whole = pd.concat(kept).sort_values(_ORDER, ignore_index=True)
    return timed(whole.drop(columns="place"))
