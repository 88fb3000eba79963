"""The SQLite file behind the label log: every connection durable, every table append-only."""

import fcntl
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil

from astra.data.errors import StoreError
from astra.labels.schema import APPLICATION_ID, VERSION, make, upgrade

BUSY_TIMEOUT = 10_000

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

# Writers queue, threads at the one and processes at the lock of a file, where each is woken when
# its turn comes, and readers wait there while one writes; SQLite lets them try again and again, and
# the unlucky ones run out of time.
_ONE_WRITER = threading.Lock()


def prepare(path: Path) -> None:
    """Make the tables if they are not there, and bring those of an older version up to date.

    Raises
    ------
    StoreError
        The file is not a label log, is of a newer version, cannot be written, or is on a network
        file system.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _refuse_network_file_system(path.parent)
    with _turn(path, fcntl.LOCK_SH), _connection(path) as connection:
        version = _version(path, connection)
    if version == VERSION:
        return
    with writing(path) as connection:
        # Another process may have been first.
        version = _version(path, connection)
        if version == 0:
            make(connection)
        else:
            upgrade(connection, version)


def _version(path: Path, connection: sqlite3.Connection) -> int:
    """Version of the log; 0 for a new file, an error for any other file."""
    marks = (_value(connection, "application_id"), _value(connection, "user_version"))
    if marks[0] == APPLICATION_ID and 1 <= int(marks[1]) <= VERSION:
        return int(marks[1])
    if marks == (0, 0) and not connection.execute("SELECT 1 FROM sqlite_master").fetchone():
        return 0
    raise StoreError(
        f"{path}: not a label log of version 1 to {VERSION} (application {marks[0]}, version "
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
    with _turn(path, fcntl.LOCK_SH), _connection(path) as connection:
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
    with _ONE_WRITER, _turn(path, fcntl.LOCK_EX), _connection(path) as connection:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


@contextmanager
def _turn(path: Path, kind: int) -> Iterator[None]:
    """Wait for those who came before; a process that dies gives its turn away."""
    try:
        queue = path.with_name(f"{path.name}.lock").open("ab")
    except OSError:
        # In a folder that cannot be written nobody writes; SQLite says so to who tries.
        yield
        return
    with queue:
        fcntl.flock(queue, kind)
        yield


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
