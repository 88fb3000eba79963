"""The SQLite file behind the label log: every connection durable, every table append-only."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil

from astra.data.errors import StoreError

SCHEMA_VERSION = 1
BUSY_TIMEOUT = 10_000
_APPLICATION_ID = 0x41535452

# Pragma: (what to set, what it must then say). SQLite before 3.51.3 can corrupt a file in WAL
# mode, hence a rollback journal; EXTRA makes even the journal's removal durable.
PRAGMAS: dict[str, tuple[str, str | int]] = {
    "busy_timeout": (str(BUSY_TIMEOUT), BUSY_TIMEOUT),
    "journal_mode": ("DELETE", "delete"),
    "synchronous": ("EXTRA", 3),
    "foreign_keys": ("ON", 1),
    "mmap_size": ("0", 0),
}

# Their locks and flushes do not always do what SQLite relies on.
_NETWORK_FILE_SYSTEMS = {"afs", "cifs", "fuse.sshfs", "ncpfs", "nfs", "nfs4", "smb3", "smbfs"}

# Threads of one process queue here, where each is woken when its turn comes; SQLite lets them try
# again and again, and the unlucky ones run out of time.
_ONE_WRITER = threading.Lock()

_TABLES = (
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
    """
    CREATE TABLE event (
        id INTEGER PRIMARY KEY,
        batch INTEGER NOT NULL REFERENCES batch (id),
        object_id TEXT NOT NULL,
        label TEXT,
        run TEXT NOT NULL,
        view TEXT NOT NULL,
        origin TEXT NOT NULL,
        comment TEXT NOT NULL,
        confidence REAL,
        prediction_shown TEXT
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
    """
    CREATE VIEW latest AS
        SELECT max(id) AS event FROM event
        WHERE batch NOT IN (SELECT batch FROM withdrawn) GROUP BY object_id""",
)
_APPEND_ONLY = tuple(
    f"""
    CREATE TRIGGER no_{verb}_of_{table} BEFORE {verb} ON {table}
    BEGIN SELECT RAISE(ABORT, 'the label log is append-only'); END"""
    for table in ("batch", "event", "selection")
    for verb in ("UPDATE", "DELETE")
)


def prepare(path: Path) -> None:
    """Make the tables if they are not there.

    Raises
    ------
    StoreError
        The file is not a label log, is of a newer version, cannot be written, or is on a network
        file system.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _refuse_network_file_system(path.parent)
    with _connection(path) as connection:
        made = _is_made(path, connection)
    if made:
        return
    with writing(path) as connection:
        # Another process may have made the tables meanwhile.
        if not _is_made(path, connection):
            for statement in (*_TABLES, *_APPEND_ONLY):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _is_made(path: Path, connection: sqlite3.Connection) -> bool:
    """Whether the tables are there; False for a new file, an error for any other file."""
    marks = (_value(connection, "application_id"), _value(connection, "user_version"))
    if marks == (_APPLICATION_ID, SCHEMA_VERSION):
        return True
    if marks == (0, 0) and not connection.execute("SELECT 1 FROM sqlite_master").fetchone():
        return False
    raise StoreError(
        f"{path}: not a label log of version {SCHEMA_VERSION} (application {marks[0]}, version "
        f"{marks[1]}); open it with the program that made it"
    )


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Connect for one call, and see one state of the log throughout.

    Raises
    ------
    StoreError
        SQLite cannot read the file.
    """
    with _connection(path) as connection:
        connection.execute("BEGIN")
        yield connection


@contextmanager
def writing(path: Path) -> Iterator[sqlite3.Connection]:
    """Connect for one call, alone; what the block wrote is durable when it has ended.

    Raises
    ------
    StoreError
        SQLite cannot write the file; nothing of the block is kept.
    """
    with _ONE_WRITER, _connection(path) as connection:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


@contextmanager
def _connection(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            for pragma, (setting, expected) in PRAGMAS.items():
                connection.execute(f"PRAGMA {pragma} = {setting}")
                found = _value(connection, pragma)
                if found != expected:
                    raise StoreError(f"{path}: SQLite says {pragma} = {found}, not {expected}")
            yield connection
    except sqlite3.Error as error:
        raise StoreError(f"{path}: {error}; nothing was changed in the label log") from error


def _value(connection: sqlite3.Connection, pragma: str) -> str | int:
    row = connection.execute(f"PRAGMA {pragma}").fetchone()
    # A build without memory mapping does not know mmap_size.
    return row[0] if row else 0


def _refuse_network_file_system(folder: Path) -> None:
    folder = folder.resolve()
    mounts = [m for m in psutil.disk_partitions(all=True) if folder.is_relative_to(m.mountpoint)]
    mount = max(mounts, key=lambda m: len(m.mountpoint), default=None)
    if mount and mount.fstype in _NETWORK_FILE_SYSTEMS:
        raise StoreError(
            f"{folder}: a network file system ({mount.fstype}) does not keep labels safe; "
            "set ASTRA_HOME to a folder on a local disk"
        )
