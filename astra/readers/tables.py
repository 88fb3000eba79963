"""What every format hands over: an object table, and observations chunk by chunk, unchecked."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from astra.readers.quarantine import Quarantine

Paths = Path | tuple[Path, Path]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some consecutive rows of a file.

    Attributes
    ----------
    file : Path
        File that messages name.
    first_row : int
        Row of the chunk's first row in that file, from 0.
    table : pyarrow.Table
        Text columns dictionary-encoded, numbers as the file has them.
    """

    file: Path
    first_row: int
    table: pa.Table


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
    """

    files: tuple[Path, ...]
    objects: Chunk
    observations: Iterator[Chunk]


@dataclass(frozen=True, slots=True)
class Format:
    """One file format.

    Attributes
    ----------
    name : str
    recognises : callable
        Whether the format is meant by a path or pair of paths.
    open : callable
        Paths, largest decoded size [bytes] and quarantine (for its notes) to tables; raises
        RejectedFileError where a file cannot be read at all.
    """

    name: str
    recognises: Callable[[Paths], bool]
    open: Callable[[Paths, int, Quarantine], RawTables]
