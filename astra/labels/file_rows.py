"""Rows of a file of labels, each value checked: what is refused says where, what and why."""

import csv
import math
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from astra.labels.exporting import FORMATS, unescaped
from astra.labels.label import ORIGINS, LabelError, check_comment, check_name

MOST_ROWS = 5_000_000
MOST_COLUMNS = 200
_NEEDED = ("object_id", "label")
_TRUTHS = {"": False, "false": False, "0": False, "true": True, "1": True}
_ACTIONS = ("label", "undo", "redo")


class Refusal(NamedTuple):
    """One value that breaks a rule."""

    file: str
    row: int
    column: str
    value: str
    rule: str

    def __str__(self) -> str:
        return (
            f"{self.file}: row {self.row}, column {self.column}, value {self.value!r}: {self.rule}"
        )


class FileRow(NamedTuple):
    """One row: its place in the file, from 1, and its checked values by column."""

    row: int
    values: dict[str, Any]


def read_cells(path: Path) -> pd.DataFrame:
    """All cells of the known columns of a CSV or Parquet file as text; an empty one is "".

    Raises
    ------
    LabelError
        The file cannot be read, is too large, or lacks a column that is needed.
    """
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise LabelError(f"{path}: labels are read from {' or '.join(FORMATS)}")
    try:
        table = _read_csv(path) if suffix == ".csv" else _read_parquet(path)
    except (OSError, ValueError, UnicodeDecodeError, pa.ArrowException) as error:
        raise LabelError(f"{path}: cannot be read as {suffix[1:]}: {error}") from error
    missing = [name for name in _NEEDED if name not in table]
    if missing and not ("action" in table and len(table) == 0):
        raise LabelError(
            f"{path}: no column {missing[0]!r}; a file of labels has {' and '.join(_NEEDED)}, "
            f"and may have {', '.join(sorted(set(PARSERS) - set(_NEEDED)))}"
        )
    return table


def checked_rows(
    path: Path, cells: pd.DataFrame, annotator: str | None
) -> Iterator[FileRow | Refusal]:
    """Each row with its values, or the first of its values that breaks a rule.

    Parameters
    ----------
    path : Path
        The file, for what is said of a refusal.
    cells : DataFrame of str
        Of its columns, those that are none of `PARSERS` are passed over.
    annotator : str or None
        Whose labels these are where the file does not say.
    """
    columns = [name for name in PARSERS if name in cells]
    lines = zip(*(cells[name] for name in columns), strict=True)
    for row, line in enumerate(lines, 1):
        yield _checked(path, row, dict(zip(columns, line, strict=True)), annotator)


def _checked(
    path: Path, row: int, cells: Mapping[str, str], annotator: str | None
) -> FileRow | Refusal:
    values: dict[str, Any] = {}
    for column, text in cells.items():
        try:
            values[column] = PARSERS[column](text)
        except LabelError as error:
            return Refusal(path.name, row, column, text[:80], str(error))
    values["annotator"] = values.get("annotator") or annotator
    if not values["annotator"]:
        rule = "say who gave these labels: a column annotator, or --annotator"
        return Refusal(path.name, row, "annotator", "", rule)
    if values.get("action") in ("undo", "redo"):
        return FileRow(row, values)
    for column in _NEEDED:
        # In Astra's own files a label may be null: it clears what was said before.
        if not values[column] and (column == "object_id" or not values.get("batch_id")):
            rule = f"{column} is empty; give it, or leave the row out"
            return Refusal(path.name, row, column, "", rule)
    return FileRow(row, values)


def _read_csv(path: Path) -> pd.DataFrame:
    with path.open(encoding="utf-8-sig", newline="") as file:
        names = next(csv.reader(file), [])
    if len(names) > MOST_COLUMNS:
        raise ValueError(f"{len(names)} columns; at most {MOST_COLUMNS} are read")
    # A row with a cell too many or too few is an error here, never a guess.
    table = arrow_csv.read_csv(
        path,
        parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
        ),
    )
    _refuse_many(table.num_rows)
    known = [name for name in table.column_names if name in PARSERS]
    return pd.DataFrame({name: _texts(table[name]).map(unescaped) for name in known})


def _read_parquet(path: Path) -> pd.DataFrame:
    with pq.ParquetFile(path, page_checksum_verification=True) as file:
        _refuse_many(file.metadata.num_rows)
        names = file.schema_arrow.names
        if len(names) > MOST_COLUMNS:
            raise ValueError(f"{len(names)} columns; at most {MOST_COLUMNS} are read")
        if "object_id" in names and pa.types.is_floating(file.schema_arrow.field("object_id").type):
            raise ValueError("object_id is a column of floats, which change long ids; write text")
        table = file.read([name for name in names if name in PARSERS])
    return pd.DataFrame({name: _texts(table[name]) for name in table.column_names})


def _texts(column: pa.ChunkedArray) -> pd.Series:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    values = ("" if v is None else _text(v) for v in column.to_pylist())
    return pd.Series(list(values), dtype="str")


def _text(value: Any) -> str:
    if isinstance(value, float) and math.isnan(value):
        return ""
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _refuse_many(rows: int) -> None:
    if rows > MOST_ROWS:
        raise ValueError(f"more than {MOST_ROWS:,} rows; split the file")


def _name(what: str) -> Callable[[str], str]:
    return lambda text: check_name(what, text) if text else ""


def _number(low: float, high: float) -> Callable[[str], float | None]:
    def parse(text: str) -> float | None:
        if not text:
            return None
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise LabelError(f"use a number from {low:g} to {high:g}, or leave it empty")
        return value

    return parse


def _one_of(choices: tuple[str, ...]) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text and text not in choices:
            raise LabelError(f"use one of {', '.join(choices)}, or leave it empty")
        return text

    return parse


def _truth(text: str) -> bool:
    if text.lower() not in _TRUTHS:
        raise LabelError("use true or false, or leave it empty")
    return _TRUTHS[text.lower()]


def _time(text: str) -> str:
    if not text:
        return ""
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise LabelError("use ISO 8601 with the time zone: 2026-01-31T12:00:00+00:00") from error
    if time.tzinfo is None:
        raise LabelError("the time zone is missing: write 2026-01-31T12:00:00+00:00")
    return time.astimezone(UTC).isoformat(timespec="microseconds")


PARSERS: dict[str, Callable[[str], Any]] = {
    **{name: _name(name) for name in ("object_id", "label", "annotator", "run", "view")},
    **{name: _name(name) for name in ("prediction_shown", "taxonomy", "batch_id", "target")},
    "origin": _one_of(ORIGINS),
    "action": _one_of(_ACTIONS),
    "comment": check_comment,
    "confidence": _number(0, 1),
    "seconds": _number(0, 86_399),
    "blind": _truth,
    "time": _time,
}
