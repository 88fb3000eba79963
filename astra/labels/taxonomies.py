"""The taxonomies of an observatory: every version that was in force, in the label log."""

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from astra.labels.batches import now
from astra.labels.database import prepare, reading, writing
from astra.labels.label import LabelError, check_name
from astra.labels.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class Version:
    """A taxonomy, and when it came into force.

    Attributes
    ----------
    number : int
        From 1; 0 is the one that an observatory begins with.
    taxonomy : Taxonomy
    annotator : str
        Who saved it.
    time : datetime or None
        UTC; None for number 0.
    """

    number: int
    taxonomy: Taxonomy
    annotator: str
    time: datetime | None


class Taxonomies:
    """Versions of the taxonomy in a label log; nothing in it is ever changed or removed.

    Parameters
    ----------
    path : Path
        The label log; made if it is not there.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        prepare(self.path)

    def now(self) -> Version:
        """The version in force."""
        with reading(self.path) as connection:
            return _latest(connection)

    def versions(self) -> list[Version]:
        """Every version, oldest first, without the one that an observatory begins with."""
        with reading(self.path) as connection:
            rows = connection.execute(
                "SELECT id, content, annotator, time FROM taxonomy ORDER BY id"
            ).fetchall()
        return [_version(number, *row[1:]) for number, row in enumerate(rows, 1)]

    def of_hash(self, version: str) -> Taxonomy | None:
        """Taxonomy that labels name by its hash; None where the log does not hold it."""
        with reading(self.path) as connection:
            row = connection.execute(
                "SELECT content FROM taxonomy WHERE hash = ? ORDER BY id DESC", (version,)
            ).fetchone()
        if row:
            return Taxonomy.from_dict(json.loads(row[0]))
        first = Taxonomy.default()
        return first if first.hash == version else None

    def save(self, taxonomy: Taxonomy, annotator: str, instead_of: str) -> Version:
        """Put a taxonomy in force; it is on disk when this returns.

        Parameters
        ----------
        taxonomy : Taxonomy
        annotator : str
        instead_of : str
            Hash of the version that it was made from.

        Raises
        ------
        LabelError
            Another version came into force meanwhile.
        """
        check_name("annotator", annotator)
        with writing(self.path) as connection:
            before = _latest(connection)
            if before.taxonomy.hash == taxonomy.hash:
                return before
            if before.taxonomy.hash != instead_of:
                raise LabelError(
                    f"{before.annotator or 'someone'} saved version {before.number} of the "
                    "taxonomy meanwhile: look at it, then edit again"
                )
            append_taxonomy(connection, taxonomy, annotator, now())
            return _latest(connection)


def append_taxonomy(
    connection: sqlite3.Connection, taxonomy: Taxonomy, annotator: str, time: str
) -> None:
    """Append a version."""
    content = json.dumps(taxonomy.to_dict(), ensure_ascii=False)
    connection.execute(
        "INSERT INTO taxonomy (time, annotator, hash, content) VALUES (?, ?, ?, ?)",
        (time, annotator, taxonomy.hash, content),
    )


def _latest(connection: sqlite3.Connection) -> Version:
    row = connection.execute(
        "SELECT (SELECT count(*) FROM taxonomy), content, annotator, time FROM taxonomy"
        " ORDER BY id DESC LIMIT 1"
    ).fetchone()
    return _version(*row) if row else Version(0, Taxonomy.default(), "", None)


def _version(number: int, content: str, annotator: str, time: str) -> Version:
    taxonomy = Taxonomy.from_dict(json.loads(content))
    return Version(number, taxonomy, annotator, datetime.fromisoformat(time))
