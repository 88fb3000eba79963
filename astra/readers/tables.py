"""What every format hands over: an object table, and observations chunk by chunk, unchecked."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from astra.readers.options import Options
from astra.readers.quarantine import Quarantine

if TYPE_CHECKING:
    from astra.readers.opening import Opened

Paths = Path | tuple[Path, Path]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of a file, as canonical columns.

    Attributes
    ----------
    file : Path
        File that messages name.
    first_row : int
        Row of the chunk's first row in that file, from 0.
    table : pyarrow.Table
        Text columns dictionary-encoded, numbers as the file has them.
    rows : int64 [rows], optional
        Row of each in the file, where they are not consecutive.
    given : mapping of canonical name to (name, values)
        What the file calls a column, and what it says there, for messages.
    files : object array of Path [rows], optional
        File of each row, where rows of several files are together.
    """

    file: Path
    first_row: int
    table: pa.Table
    rows: NDArray[np.int64] | None = None
    given: Mapping[str, tuple[str, pd.Series]] = field(default_factory=dict)
    files: NDArray[np.object_] | None = None

    def file_rows(self, rows: NDArray[np.integer]) -> NDArray[np.int64]:
        """Rows in the file of rows of the chunk."""
        return self.first_row + rows.astype(np.int64) if self.rows is None else self.rows[rows]

    def by_file(self, rows: NDArray[np.integer]) -> Iterator[tuple[Path, NDArray[np.integer]]]:
        """Rows of the chunk, file by file."""
        if self.files is None:
            yield self.file, rows
            return
        of_row = self.files[rows]
        for file in dict.fromkeys(of_row):
            yield file, rows[of_row == file]


@dataclass(frozen=True, slots=True)
class RawTables:
    """One survey as a format gives it: right columns and types, rows unchecked.

    Attributes
    ----------
    files : tuple of Path
        Everything that is read.
    objects : Chunk
        The whole object table: ``object_id`` and any of the catalogue's columns.
    observations : iterator of Chunk
        ``object_id``, ``mjd``, ``band``, ``flux_ujy``, ``flux_err_ujy`` and optionally
        ``flagged``.
    overlapping : bool
        The same observations are expected in several files: repeated ones are noted, not refused.
    """

    files: tuple[Path, ...]
    objects: Chunk
    observations: Iterator[Chunk]
    overlapping: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """What a format needs beside its file: the choices, where to tell, how much memory."""

    options: Options
    quarantine: Quarantine
    memory: int


@dataclass(frozen=True, slots=True)
class Format:
    """One file format.

    Attributes
    ----------
    name : str
    recognises : callable
        Whether a file is of this format, by its content.
    read : callable
        Opened file and request to tables; raises RejectedFileError where it cannot be read.
    """

    name: str
    recognises: Callable[["Opened"], bool]
    read: Callable[["Opened", Request], RawTables]
