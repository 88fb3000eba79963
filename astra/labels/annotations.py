"""Periods that people accept for objects: append-only rows in the file of the label log."""

import math
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from astra.data.errors import AstraError
from astra.labels.batches import now
from astra.labels.database import prepare, reading, writing

_COLUMNS = (
    "object_id, days, annotator, run, how, error_days, phase_zero_mjd, power, false_alarm, time"
)
_TABLES = (
    """
    CREATE TABLE IF NOT EXISTS period (
        id INTEGER PRIMARY KEY,
        uuid TEXT NOT NULL UNIQUE,
        object_id TEXT NOT NULL,
        days REAL CHECK (days > 0),
        annotator TEXT NOT NULL,
        run TEXT NOT NULL,
        how TEXT NOT NULL,
        error_days REAL,
        phase_zero_mjd REAL,
        power REAL,
        false_alarm REAL,
        time TEXT NOT NULL
    )""",
    "CREATE INDEX IF NOT EXISTS period_of_object ON period (object_id, id)",
    *(
        f"""
        CREATE TRIGGER IF NOT EXISTS no_{verb}_of_period BEFORE {verb} ON period
        BEGIN SELECT RAISE(ABORT, 'annotations are append-only'); END"""
        for verb in ("UPDATE", "DELETE")
    ),
)


@dataclass(frozen=True, slots=True)
class PeriodNote:
    """A period that somebody accepted for an object, or took back.

    Attributes
    ----------
    object_id : str
    days : float or None
        The period [d]; None takes back what was said before.
    annotator, run : str
        Who said it, looking at which run.
    how : str
        Where the number came from: ``candidate 1, 3 harmonics``, ``typed``, ``catalogue`` ...
    error_days, phase_zero_mjd, power, false_alarm : float or None
        As far as the search gave them.
    time : str
        When, ISO 8601 in UTC; set by the store.
    """

    object_id: str
    days: float | None
    annotator: str
    run: str
    how: str
    error_days: float | None = None
    phase_zero_mjd: float | None = None
    power: float | None = None
    false_alarm: float | None = None
    time: str = ""


class PeriodNotes:
    """The accepted periods of an observatory.

    Parameters
    ----------
    path : Path
        The label log; table and file are made where they are missing.

    Raises
    ------
    StoreError
        The file is not a label log, or cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        prepare(path)
        with writing(path) as connection:
            for statement in _TABLES:
                connection.execute(statement)

    def append(self, note: PeriodNote, uuid: str) -> PeriodNote:
        """Store a note, durably; with a ``uuid`` that is there already nothing is done.

        Raises
        ------
        AstraError
            The period is not a positive number.
        """
        if note.days is not None and not (math.isfinite(note.days) and note.days > 0):
            raise AstraError(f"period {note.days} d of {note.object_id}: it must be above 0")
        marks = ", ".join("?" * (len(_COLUMNS.split(",")) + 1))
        values = [getattr(note, name.strip()) for name in _COLUMNS.split(",")[:-1]]
        with writing(self.path) as connection:
            connection.execute(
                f"INSERT OR IGNORE INTO period (uuid, {_COLUMNS}) VALUES ({marks})",
                (uuid, *values, now()),
            )
            query = f"SELECT {_COLUMNS} FROM period WHERE uuid = ?"
            return _note(connection.execute(query, (uuid,)).fetchone())

    def latest(self, object_id: str) -> PeriodNote | None:
        """What stands now for an object; None where nothing does."""
        history = self.history(object_id)
        return history[0] if history and history[0].days is not None else None

    def history(self, object_id: str) -> list[PeriodNote]:
        """All that was said of an object, the latest first."""
        query = f"SELECT {_COLUMNS} FROM period WHERE object_id = ? ORDER BY id DESC"
        with reading(self.path) as connection:
            return [_note(row) for row in connection.execute(query, (object_id,))]

    def current(self) -> list[PeriodNote]:
        """What stands now, one note an object, in the order in which they were said."""
        query = (
            f"SELECT {_COLUMNS} FROM period WHERE days IS NOT NULL AND id IN "
            "(SELECT max(id) FROM period GROUP BY object_id) ORDER BY id"
        )
        with reading(self.path) as connection:
            return [_note(row) for row in connection.execute(query)]


def _note(row: tuple | sqlite3.Row) -> PeriodNote:
    return PeriodNote(*row)
