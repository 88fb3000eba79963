"""The canonical pair of Parquet files: one row per object, and one row per observation."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from astra.data.errors import RejectedFileError
from astra.readers.parquet import (
    BOOLEAN,
    IDENTIFIER,
    NUMBER,
    PLAIN,
    TEXT,
    ParquetTable,
    too_large,
)
from astra.readers.quarantine import Quarantine
from astra.readers.tables import Chunk, Paths, RawTables

OBJECT_COLUMNS = {"object_id": IDENTIFIER}
OPTIONAL_OBJECT_COLUMNS = {
    **dict.fromkeys(("survey", "label", "astra_class", "flux_kind"), TEXT),
    **dict.fromkeys(("ra", "dec", "period_days", "redshift"), NUMBER),
}
OBSERVATION_COLUMNS = {
    "object_id": IDENTIFIER,
    "mjd": NUMBER,
    "band": TEXT,
    "flux_ujy": NUMBER,
    "flux_err_ujy": NUMBER,
}
OPTIONAL_OBSERVATION_COLUMNS = {"flagged": BOOLEAN}

_ENDING = re.compile(r"(?P<prefix>.*?)(?P<table>objects|observations)\.parquet")
_COLUMN_NAME = re.compile(r"[^\W\d]\w{0,63}")


def find_pair(path: Paths) -> tuple[Path, Path]:
    """Object and observation file meant by either file, their folder or their common prefix.

    Raises
    ------
    RejectedFileError
        No pair is there, or more than one.
    """
    if isinstance(path, tuple):
        return path
    named = _ENDING.fullmatch(path.name)
    if named:
        return _pair(path.parent, named["prefix"])
    if path.is_dir():
        return _only_pair(path)
    if path.is_file():
        raise RejectedFileError(
            f"{path}: the name of a table must end in objects.parquet or observations.parquet"
        )
    prefix = path.name.rstrip("_")
    for joined in (f"{prefix}_", prefix):
        pair = _pair(path.parent, joined)
        if any(file.exists() for file in pair):
            return pair
    raise RejectedFileError(
        f"{path}: no such file or folder, and no files {prefix}_objects.parquet and "
        f"{prefix}_observations.parquet here"
    )


def is_half_of_pair(file: Path) -> bool:
    """Whether a file is a table of a canonical pair: by its name, and its partner or columns."""
    named = _ENDING.fullmatch(file.name)
    if not named:
        return False
    if all(half.is_file() for half in _pair(file.parent, named["prefix"])):
        return True
    try:
        names = set(pq.read_schema(file).names)
    except (OSError, pa.ArrowException, ValueError):
        return True
    if named["table"] == "observations":
        return names.issuperset(OBSERVATION_COLUMNS)
    return "object_id" in names and "mjd" not in names


def pairs_in(files: Sequence[Path]) -> list[tuple[Path, Path]]:
    """Canonical pairs among files, in their order."""
    there = set(files)
    found = {}
    for file in files:
        if named := _ENDING.fullmatch(file.name):
            pair = _pair(file.parent, named["prefix"])
            if there.issuperset(pair):
                found[pair] = None
    return list(found)


def _pair(folder: Path, prefix: str) -> tuple[Path, Path]:
    return folder / f"{prefix}objects.parquet", folder / f"{prefix}observations.parquet"


def _only_pair(folder: Path) -> tuple[Path, Path]:
    found = {named["prefix"] for f in folder.iterdir() if (named := _ENDING.fullmatch(f.name))}
    if len(found) != 1:
        names = ", ".join(sorted(f"{prefix}objects.parquet" for prefix in found)) or "no pair"
        raise RejectedFileError(
            f"{folder}: holds {names}; name one object table with its observations beside it"
        )
    return _pair(folder, found.pop())


def open_pair(path: Paths, memory: int, quarantine: Quarantine) -> RawTables:
    """Open a pair, check columns and sizes, and read the object table."""
    object_file, observation_file = map(ParquetTable, find_pair(path))
    object_file.check_columns(OBJECT_COLUMNS, OPTIONAL_OBJECT_COLUMNS)
    observation_file.check_columns(OBSERVATION_COLUMNS, OPTIONAL_OBSERVATION_COLUMNS)
    object_columns = _catalogue_columns(object_file, quarantine)
    known = {**OBSERVATION_COLUMNS, **OPTIONAL_OBSERVATION_COLUMNS}
    names = observation_file.schema.names
    _note_left_out(observation_file, [name for name in names if name not in known], quarantine)
    _note_coarse_time(observation_file, quarantine)
    observation_columns = [name for name in known if name in names]
    object_file.check_size(object_columns, memory)
    observation_file.check_size(observation_columns, memory)
    return RawTables(
        files=(object_file.path, observation_file.path),
        objects=_read_whole(object_file, object_columns, memory),
        observations=observation_file.chunks(observation_columns),
    )


def _catalogue_columns(file: ParquetTable, quarantine: Quarantine) -> list[str]:
    """Columns that the catalogue can hold: plain types, each name a word and there once."""
    names = file.schema.names
    kept = [
        field.name
        for field in file.schema
        if PLAIN.accepts(field.type)
        and _COLUMN_NAME.fullmatch(field.name)
        and names.count(field.name) == 1
    ]
    _note_left_out(file, [name for name in names if name not in kept], quarantine)
    return kept


def _note_left_out(file: ParquetTable, names: list[str], quarantine: Quarantine) -> None:
    if names:
        listed = ", ".join(repr(name[:64]) for name in names[:20])
        quarantine.note(f"{file.path}: {len(names)} columns are not kept: {listed}")


def _note_coarse_time(file: ParquetTable, quarantine: Quarantine) -> None:
    dtype = file.schema.field("mjd").type
    if pa.types.is_float32(dtype) or pa.types.is_float16(dtype):
        quarantine.note(
            f"{file.path}: column mjd has type {dtype}: times are good to some minutes only; "
            "write float64"
        )


def _read_whole(file: ParquetTable, columns: list[str], memory: int) -> Chunk:
    """Object table in one piece; its text is expanded, so its true size is checked as it grows."""
    tables, size = [], 0
    for chunk in file.chunks(columns):
        size += sum(_text_size(column) for column in chunk.table.columns)
        if size > memory:
            raise too_large(file.path, file.rows, size, memory)
        tables.append(_expand_text(chunk.table))
    return Chunk(file.path, 0, pa.concat_tables(tables))


def _text_size(column: pa.ChunkedArray) -> int:
    """Characters that a dictionary column takes as plain text."""
    if not pa.types.is_dictionary(column.type):
        return 0
    size = 0
    for part in column.chunks:
        lengths = np.array([*map(len, part.dictionary.to_pylist()), 0])
        size += int(lengths[part.indices.fill_null(-1).to_numpy()].sum())
    return size


def _expand_text(table: pa.Table) -> pa.Table:
    """Table with plain text in place of dictionaries, and one type for each column we know."""
    return table.cast(pa.schema([(f.name, _plain_type(f.name, f.type)) for f in table.schema]))


def _plain_type(name: str, dtype: pa.DataType) -> pa.DataType:
    if OPTIONAL_OBJECT_COLUMNS.get(name) is NUMBER or pa.types.is_decimal(dtype):
        return pa.float64()
    if name in OBJECT_COLUMNS or TEXT.accepts(dtype):
        return pa.large_string()
    return dtype
