"""Whether others have written to the label log since one looked last; cheap to ask."""

from pathlib import Path
from typing import NamedTuple

from astra.labels.database import reading

Stamp = tuple[int, int]


class Revision(NamedTuple):
    """How far the log has grown.

    Attributes
    ----------
    selections : int
        The newest version of a named selection, or its deletion; 0 where none was ever saved.
    taxonomies : int
        Number of the taxonomy in force; 0 for the one that an observatory begins with.
    """

    selections: int
    taxonomies: int


def stamp(path: Path) -> Stamp | None:
    """Time and size of the file, which change whenever it is written to; None without a file.

    The file is not opened: closing it would give up the locks that SQLite holds in this process.
    """
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_size


def revision(path: Path) -> Revision:
    """How far the log has grown by now.

    Raises
    ------
    StoreError
        The log cannot be read.
    """
    with reading(path) as connection:
        row = connection.execute(
            "SELECT (SELECT coalesce(max(id), 0) FROM selection), (SELECT count(*) FROM taxonomy)"
        ).fetchone()
    return Revision(*row)
