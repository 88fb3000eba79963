"""The tables of the label log, and how those of an older version become those of today.

A batch is what one person did at once. The labels of a small one are rows of ``event``; those of a
large one, which are alike but for the object, are one row of ``gesture`` whose ids are compressed
text. Both number their events from ``first_event`` on.
"""

import sqlite3

VERSION = 2
APPLICATION_ID = 0x41535452

_EVERY_LABEL = """
        label TEXT,
        run TEXT NOT NULL,
        view TEXT NOT NULL,
        origin TEXT NOT NULL,
        comment TEXT NOT NULL,
        confidence REAL,
        prediction_shown TEXT"""
_SINCE_2 = ("blind INTEGER NOT NULL DEFAULT 0", "taxonomy TEXT", "seconds REAL")

_FIRST_TABLES = (
    """
    CREATE TABLE batch (
        id INTEGER PRIMARY KEY,
        uuid TEXT NOT NULL UNIQUE,
        time TEXT NOT NULL,
        annotator TEXT NOT NULL,
        action TEXT NOT NULL CHECK (action IN ('label', 'undo', 'redo')),
        target INTEGER REFERENCES batch (id),
        first_event INTEGER NOT NULL,
        size INTEGER NOT NULL,
        CHECK ((action = 'label') = (target IS NULL))
    )""",
    "CREATE INDEX batch_of_annotator ON batch (annotator, action)",
    "CREATE INDEX batch_by_target ON batch (target) WHERE target IS NOT NULL",
    f"""
    CREATE TABLE event (
        id INTEGER PRIMARY KEY,
        batch INTEGER NOT NULL REFERENCES batch (id),
        object_id TEXT NOT NULL,{_EVERY_LABEL}
    )""",
    "CREATE INDEX event_of_object ON event (object_id, batch)",
    """
    CREATE TABLE selection (
        id INTEGER PRIMARY KEY,
        time TEXT NOT NULL,
        name TEXT NOT NULL,
        colour TEXT NOT NULL,
        recipe TEXT NOT NULL,
        object_ids TEXT NOT NULL
    )""",
    "CREATE INDEX selection_by_name ON selection (name)",
    # A batch is withdrawn while it was undone once more than redone; since the last of these.
    """
    CREATE VIEW withdrawn AS
        SELECT target AS batch, max(id) AS since FROM batch WHERE target IS NOT NULL
        GROUP BY target HAVING sum(CASE action WHEN 'undo' THEN 1 ELSE -1 END) > 0""",
)
_SECOND_TABLES = (
    "DROP VIEW IF EXISTS latest",
    *(f"ALTER TABLE event ADD COLUMN {column}" for column in _SINCE_2),
    # Where a batch came from that was not said here: a file, or another log.
    "ALTER TABLE batch ADD COLUMN provenance TEXT",
    f"""
    CREATE TABLE gesture (
        batch INTEGER PRIMARY KEY REFERENCES batch (id),{_EVERY_LABEL},
        {", ".join(_SINCE_2)},
        object_ids BLOB NOT NULL
    )""",
    """
    CREATE TABLE taxonomy (
        id INTEGER PRIMARY KEY,
        time TEXT NOT NULL,
        annotator TEXT NOT NULL,
        hash TEXT NOT NULL,
        content TEXT NOT NULL
    )""",
)


def make(connection: sqlite3.Connection) -> None:
    """Make the tables in an empty file."""
    _run(connection, (*_FIRST_TABLES, *_append_only("batch", "event", "selection")))
    upgrade(connection, 1)


def upgrade(connection: sqlite3.Connection, version: int) -> None:
    """Bring the tables of an older version up to date; what was said stays as it was said."""
    if version < 2:
        _run(connection, (*_SECOND_TABLES, *_append_only("gesture", "taxonomy")))
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {VERSION}")


def _append_only(*tables: str) -> tuple[str, ...]:
    return tuple(
        f"""
        CREATE TRIGGER no_{verb}_of_{table} BEFORE {verb} ON {table}
        BEGIN SELECT RAISE(ABORT, 'the label log is append-only'); END"""
        for table in tables
        for verb in ("UPDATE", "DELETE")
    )


def _run(connection: sqlite3.Connection, statements: tuple[str, ...]) -> None:
    for statement in statements:
        connection.execute(statement)
