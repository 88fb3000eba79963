"""Text tables: delimited by commas, semicolons or tabs, or columns apart by blanks."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv

from astra.data.errors import RejectedFileError
from astra.readers.columns import Columns

DELIMITERS = (",", ";", "\t", "|")
_LONGEST_LINE = 1 << 20
_MOST_COLUMNS = 2_000
_LARGEST_BLOCK = 16 << 20


def decode(path: Path, content: bytes) -> str:
    """Text of a file.

    Raises
    ------
    RejectedFileError
        It is not UTF-8; the message names the line.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte = content[error.start]
        raise RejectedFileError(
            f"{path}: line {line}: byte {byte:#04x} is not UTF-8 text; save it as UTF-8"
        ) from error


def split_head(text: str, mark: str = "#") -> tuple[str, str]:
    """Comment lines that begin a text, and what follows them."""
    start = 0
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end + 1
        line = text[start:end].strip()
        if line and not line.startswith(mark):
            break
        start = end
    return text[:start], text[start:]


def delimiter_of(line: str) -> str | None:
    """Delimiter of a table whose first line this is; None where blanks part the columns."""
    counts = {mark: line.count(mark) for mark in DELIMITERS}
    most = max(counts, key=counts.__getitem__)
    return most if counts[most] else None


def read_delimited(path: Path, text: str, delimiter: str, header: dict[str, str]) -> Columns:
    """Columns of a delimited table, all of them as text.

    Raises
    ------
    RejectedFileError
        It cannot be parsed, or has no rows.
    """
    torn: list[tuple[int, str]] = []

    def tear(row: "pyarrow.csv.InvalidRow") -> str:
        torn.append((row.number - 2, row.text[:200]))
        return "skip"

    first, *_ = text.split("\n", 1)
    names = [name.strip().strip('"').strip() for name in first.split(delimiter)]
    if len(names) > _MOST_COLUMNS or len(first) > _LONGEST_LINE:
        raise RejectedFileError(f"{path}: line 1 names {len(names)} columns; is this a table?")
    names = _distinct(names)
    content = text.encode()
    try:
        table = pyarrow.csv.read_csv(
            pa.BufferReader(content),
            read_options=pyarrow.csv.ReadOptions(
                use_threads=False,
                column_names=names,
                skip_rows=1,
                block_size=min(_LARGEST_BLOCK, len(content) + 1),
            ),
            parse_options=pyarrow.csv.ParseOptions(delimiter=delimiter, invalid_row_handler=tear),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except (pa.ArrowException, ValueError) as error:
        raise RejectedFileError(f"{path}: not a table of text: {str(error)[:200]}") from error
    torn_rows = {row for row, _ in torn}
    rows = [row for row in range(len(table) + len(torn)) if row not in torn_rows]
    if not rows:
        raise RejectedFileError(f"{path}: the table has no rows")
    frame = table.to_pandas()
    return Columns(path, frame, np.array(rows[: len(frame)], np.int64), header, {}, torn)


def read_blanks(
    path: Path,
    names: Sequence[str],
    lines: Sequence[str],
    header: dict[str, str],
    open_end: bool = False,
) -> Columns:
    """Columns of a table whose values are apart by blanks; comment lines are skipped.

    With ``open_end`` the last column may hold blanks itself, or nothing.

    Raises
    ------
    RejectedFileError
        It has no rows.
    """
    values, rows, torn, row = [], [], [], -1
    for line in lines:
        words = line.split(maxsplit=len(names) - 1) if open_end else line.split()
        if not words or words[0].startswith("#"):
            continue
        row += 1
        if open_end and len(words) == len(names) - 1:
            words.append("")
        if len(words) == len(names):
            values.append(words)
            rows.append(row)
        else:
            torn.append((row, line.strip()[:200]))
    if row < 0:
        raise RejectedFileError(f"{path}: the table has no rows")
    frame = pd.DataFrame(values, columns=pd.Index(_distinct(list(names))), dtype=object)
    return Columns(path, frame, np.array(rows, np.int64), header, {}, torn)


def is_ipac(text: str) -> bool:
    """Whether a text begins as IPAC's tables do: keywords after backslashes, names between bars."""
    first = next((line for line in text.splitlines() if not line.startswith("\\")), "")
    return first.startswith("|") and first.rstrip().endswith("|")


def read_ipac(path: Path, text: str) -> Columns:
    """Columns of an IPAC table (irsa.ipac.caltech.edu/applications/DDGEN/Doc/ipac_tbl.html).

    Raises
    ------
    RejectedFileError
        It cannot be parsed, or has no rows.
    """
    try:
        from astropy.table import Table
    except ImportError as error:
        raise RejectedFileError(
            f"{path}: reading IPAC tables takes astropy: pip install 'astra-observatory[formats]'"
        ) from error
    try:
        table = Table.read(text.splitlines(), format="ascii.ipac")
    # The parser raises whatever a damaged line leads to.
    except Exception as error:
        raise RejectedFileError(
            f"{path}: not an IPAC table that can be read ({type(error).__name__}: "
            f"{str(error)[:160]})"
        ) from error
    if not len(table):
        raise RejectedFileError(f"{path}: the table has no rows")
    frame = table.to_pandas()
    return Columns(path, frame, np.arange(len(frame)))


def _distinct(names: Sequence[str]) -> list[str]:
    """Names of which none occurs twice: the second ``mjd`` is called ``mjd.2``."""
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name}.{seen[name]}")
    return found
