"""Reads Parquet that may be hostile: checksums, bounded chunks, limits on the decoded size."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from astra.data.errors import RejectedFileError
from astra.readers.expanding import text_size
from astra.readers.tables import Chunk

ROWS_PER_CHUNK = 65_536
# Whatever Arrow raises on bytes that are not what they should be.
_UNREADABLE = (OSError, pa.ArrowException, ValueError, KeyError, OverflowError)


@dataclass(frozen=True, slots=True)
class Kind:
    """A family of column types: how messages call it, and its members in ``pyarrow.types``."""

    name: str
    members: tuple[str, ...]

    def accepts(self, dtype: pa.DataType) -> bool:
        """Whether a column type belongs to the family; an all-null column fits everywhere."""
        plain = dtype.value_type if pa.types.is_dictionary(dtype) else dtype
        tests = (getattr(pa.types, f"is_{member}") for member in self.members)
        return pa.types.is_null(plain) or any(test(plain) for test in tests)


_TEXT = ("string", "large_string")
TEXT = Kind("text", _TEXT)
IDENTIFIER = Kind(
    "text or an integer (floating-point numbers lose digits of long ids)", (*_TEXT, "integer")
)
NUMBER = Kind("a number", ("integer", "floating", "decimal"))
BOOLEAN = Kind("true or false", ("boolean",))
PLAIN = Kind("a plain value", (*_TEXT, *NUMBER.members, *BOOLEAN.members, "timestamp", "date"))


class ParquetTable:
    """One Parquet file, opened but not decoded.

    Parameters
    ----------
    path : Path

    Raises
    ------
    RejectedFileError
        The file is missing, empty, cut short or not Parquet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.is_file():
            raise RejectedFileError(f"{path}: no such file")
        if path.stat().st_size == 0:
            raise RejectedFileError(f"{path}: the file is empty; export or copy it again")
        try:
            schema = pq.read_schema(path)
            texts = [field.name for field in schema if TEXT.accepts(field.type)]
            self._file = pq.ParquetFile(
                path, read_dictionary=texts, page_checksum_verification=True
            )
        except _UNREADABLE as error:
            raise RejectedFileError(
                f"{path}: not a whole Parquet file ({_first_line(error)}); export or copy it again"
            ) from error
        self.schema: pa.Schema = self._file.schema_arrow
        self.rows: int = self._file.metadata.num_rows

    def check_columns(self, required: Mapping[str, Kind], optional: Mapping[str, Kind]) -> None:
        """Check that columns are there, once, with a fitting type.

        Raises
        ------
        RejectedFileError
            They are not.
        """
        names = self.schema.names
        missing = [name for name in required if name not in names]
        if missing:
            raise RejectedFileError(
                f"{self.path}: column {', '.join(missing)} is missing; "
                f"the columns are {', '.join(map(repr, names)) or 'none'}"
            )
        for name, kind in {**required, **optional}.items():
            if names.count(name) > 1:
                raise RejectedFileError(f"{self.path}: column {name} occurs more than once")
            if name in names and not kind.accepts(self.schema.field(name).type):
                raise RejectedFileError(
                    f"{self.path}: column {name} has type {self.schema.field(name).type}; "
                    f"it must be {kind.name}"
                )

    def check_size(self, columns: Sequence[str], memory: int) -> None:
        """Check rows times decoded width before decoding; a text counts as a code of 4 bytes.

        Raises
        ------
        RejectedFileError
            There are no rows, or they would take more than ``memory`` bytes.
        """
        if self.rows <= 0:
            raise RejectedFileError(f"{self.path}: the table has no rows")
        width = sum(_width(self.schema.field(name).type) for name in columns)
        size = self.rows * width
        if size > memory:
            raise too_large(self.path, self.rows, size, memory)

    def check_texts(self, columns: Sequence[str], memory: int) -> None:
        """Check what the texts of columns take when each is written out, not once for all rows.

        Raises
        ------
        RejectedFileError
            They would take more than ``memory`` bytes, or are damaged.
        """
        try:
            size = text_size(self.path, columns, memory)
        except _UNREADABLE as error:
            raise RejectedFileError(
                f"{self.path}: cannot be decoded ({_first_line(error)}); export or copy it again"
            ) from error
        if size > memory:
            raise too_large(self.path, self.rows, size, memory)

    def chunks(self, columns: Sequence[str]) -> Iterator[Chunk]:
        """Decode some columns, a bounded number of rows at a time.

        Raises
        ------
        RejectedFileError
            A page is damaged or text is not UTF-8; the message names rows and column.
        """
        first = 0
        for group in range(self._file.num_row_groups):
            try:
                for table in self._decode(group, columns):
                    yield Chunk(self.path, first, table)
                    first += table.num_rows
            except _UNREADABLE as error:
                column = self._damaged_column(group, columns)
                raise RejectedFileError(
                    f"{self.path}: row {first} and later, column {column}, cannot be decoded "
                    f"({_first_line(error)}); the file is damaged, export or copy it again"
                ) from error
        if first != self.rows:
            raise RejectedFileError(
                f"{self.path}: {self.rows} rows announced but {first} found; copy the file again"
            )

    def _decode(self, group: int, columns: Sequence[str]) -> Iterator[pa.Table]:
        for batch in self._file.iter_batches(ROWS_PER_CHUNK, [group], list(columns)):
            batch.validate(full=True)
            yield pa.Table.from_batches([batch])

    def _damaged_column(self, group: int, columns: Sequence[str]) -> str:
        """Name of the first column of a row group that cannot be decoded."""
        for column in columns:
            try:
                for _ in self._decode(group, [column]):
                    pass
            except _UNREADABLE:
                return column
        return ", ".join(columns)


def too_large(path: Path, rows: int, size: float, memory: int) -> RejectedFileError:
    """Error for a table that would not fit into ``memory`` bytes."""
    return RejectedFileError(
        f"{path}: {rows} rows take {size / 1e9:.1f} GB when decoded, more than the "
        f"{memory / 1e9:.1f} GB allowed; split the survey into smaller ones"
    )


def _width(dtype: pa.DataType) -> int:
    # Column metadata would tell the size of text, but pyarrow aborts the process on some damaged
    # ones; text is held in dictionaries of one chunk, and counted again where it is expanded.
    if TEXT.accepts(dtype):
        return 4
    return max(1, dtype.bit_width // 8)


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
