"""Columns of a file under the names that it gives them, read as numbers or as text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_NO_TEXT = frozenset({"", "null", "none", "nan", "--", "<na>"})


@dataclass(frozen=True, slots=True)
class Columns:
    """Rows of a file, whatever container they came in.

    Attributes
    ----------
    file : Path
        File that messages name.
    table : DataFrame
        Text, numbers or objects, as the file had them; integers keep all their digits.
    rows : int64 [rows]
        Row of each in the file, from 0.
    header : mapping
        What stands above the table: comments, keywords, metadata.
    units : mapping
        Unit of each column that states one.
    torn : sequence of (row, text)
        Rows that have not as many values as there are columns; they are not in ``table``.
    """

    file: Path
    table: pd.DataFrame
    rows: NDArray[np.int64]
    header: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    torn: Sequence[tuple[int, str]] = ()

    @property
    def names(self) -> list[str]:
        """Names of the columns."""
        return [str(name) for name in self.table.columns]

    def __len__(self) -> int:
        return len(self.table)

    def __contains__(self, name: str) -> bool:
        return name in self.table.columns

    def numbers(self, name: str) -> NDArray[np.float64]:
        """Numbers of a column, float64 [rows]; NaN where there is none."""
        if name not in self:
            return np.full(len(self), np.nan)
        column = pd.Series(self.table[name])
        if not pd.api.types.is_numeric_dtype(column.dtype):
            column = pd.Series(pd.to_numeric(column.map(_plain), errors="coerce"))
        if isinstance(column.dtype, np.dtype) and column.dtype.kind in "fiu":
            return column.to_numpy(np.float64)
        return column.astype("Float64").to_numpy(np.float64, na_value=np.nan)

    def texts(self, name: str) -> NDArray[np.object_]:
        """Text of a column, str or None [rows]; None for a missing column."""
        if name not in self:
            return np.full(len(self), None, object)
        column = self.table[name]
        try:
            # Millions of rows share few texts: each is looked at once.
            codes, distinct = pd.factorize(column, use_na_sentinel=True)
        except TypeError:  # lists and the like, which cannot be compared
            return np.array([_text(_plain(value)) for value in column], object)
        texts = np.array([*(_text(_plain(value)) for value in distinct), None], object)
        return texts[codes]

    def true(self, name: str) -> NDArray[np.bool_]:
        """Where a column says yes (true, t, 1, 1.0, yes), bool [rows]; false where it is null."""
        codes, distinct = pd.factorize(self.texts(name))
        said = np.array([*(text.lower() in _YES for text in distinct), False])
        return said[codes]

    def where(self, mask: NDArray[np.bool_]) -> Self:
        """Some of the rows."""
        return type(self)(
            self.file,
            self.table.loc[mask].reset_index(drop=True),
            self.rows[mask],
            self.header,
            self.units,
            self.torn,
        )


_YES = frozenset({"true", "t", "1", "1.0", "yes"})


def columns_of(file: Path, table: pd.DataFrame, **facts: object) -> Columns:
    """Columns of a table whose row i is row i of the file."""
    return Columns(file, table, np.arange(len(table)), **facts)  # pyright: ignore[reportArgumentType]


def _plain(value: object) -> object:
    """A value without its wrapping: bytes become text, lists nothing."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").strip()
    if isinstance(value, str):
        return value.strip()
    return None if isinstance(value, (list, dict, tuple, np.ndarray)) else value


def _text(value: object) -> str | None:
    if value is None or value is pd.NA:
        return None
    if isinstance(value, (float, np.floating)):
        if not np.isfinite(value):
            return None
        return str(int(value)) if value == int(value) and abs(value) < 2**53 else str(value)
    text = str(value)
    return None if text.lower() in _NO_TEXT else text
