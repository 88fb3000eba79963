"""VOTable 1.x, without document types, with sizes that its bytes can bear, and all in one file."""

import io
import re
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from astra.data.errors import RejectedFileError
from astra.readers.columns import Columns, columns_of

_SIZES = re.compile(rb"\b(nrows|arraysize)\s*=\s*[\"']\s*([0-9x*s,() ]+)")
# Markup has no "<" within a tag. The parser would open whatever address stands there.
_ELSEWHERE = re.compile(rb"<(?:[^\s<>/]*:)?STREAM\b[^<]*?\bhref\s*=")
_LONGEST_ARRAY = 65_536


def read_votable(path: Path, content: bytes) -> Columns:
    """Columns of the first table; units are kept, masked values are missing.

    Raises
    ------
    RejectedFileError
        It is damaged, has a document type or entities, announces more than it holds, or keeps its
        data in another file.
    """
    _check(path, content)
    try:
        from astropy.io.votable import parse
    except ImportError as error:
        raise RejectedFileError(
            f"{path}: reading VOTable takes astropy: pip install 'astra-observatory[formats]'"
        ) from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            table = parse(io.BytesIO(content), verify="ignore").get_first_table()
            fields = {field.name or field.ID: field for field in table.fields}
            columns = {name: _values(table.array[f.ID]) for name, f in fields.items()}
            units = {name: str(f.unit) for name, f in fields.items() if f.unit}
    # The parser raises whatever a damaged element leads to.
    except Exception as error:
        raise RejectedFileError(
            f"{path}: not a VOTable that can be read ({type(error).__name__}: "
            f"{str(error)[:160]}); copy it again"
        ) from error
    if not columns or not len(table.array):
        raise RejectedFileError(f"{path}: the table has no rows")
    return columns_of(path, pd.DataFrame(columns, dtype=object), units=units)


def _check(path: Path, content: bytes) -> None:
    if b"\x00" in content:
        raise RejectedFileError(f"{path}: zero bytes, so this is not UTF-8 text; save it as UTF-8")
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise RejectedFileError(f"{path}: a document type or entity; VOTables need none")
    if _ELSEWHERE.search(content):
        raise RejectedFileError(
            f"{path}: its data are in another file (STREAM href), which is not opened; "
            "save them in the VOTable itself"
        )
    for name, value in _SIZES.findall(content):
        size = np.prod([float(number) for number in re.findall(rb"\d+", value)] or [0.0])
        if size > (len(content) if name == b"nrows" else _LONGEST_ARRAY):
            raise RejectedFileError(
                f"{path}: {name.decode()}={value.decode()!r} is more than the file can hold"
            )


def _values(column: np.ma.MaskedArray) -> list[object]:
    """Values of a column, None where masked.

    Through lists: text stands in the parser's packed rows as unaligned pointers, which pandas must
    not be given.
    """
    if column.ndim > 1 or column.dtype.kind not in "biufSUO":
        return [None] * len(column)
    return column.tolist()
