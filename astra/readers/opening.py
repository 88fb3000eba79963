"""A file whose container is known by its first bytes; what it holds is decoded when asked for."""

from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from astra.data.errors import RejectedFileError
from astra.readers.bounds import ARCHIVES, parse_json, read_bytes, read_head
from astra.readers.columns import Columns, columns_of
from astra.readers.expanding import text_size
from astra.readers.footer import unpacked_size
from astra.readers.nested import frame_of, is_flat
from astra.readers.text import decode, delimiter_of, is_ipac, read_delimited, read_ipac, split_head

_MAGIC = {b"PAR1": "parquet", b"Obj\x01": "avro", b"SIMP": "fits"}
_UNREADABLE = (OSError, pa.ArrowException, ValueError, KeyError, OverflowError)
# Text is held as bytes, as text and as columns at once.
_TEXT_SHARE = 8


class Opened:
    """One file, its container recognised by content, decoded at most once.

    Parameters
    ----------
    path : Path
    memory : int
        Largest decoded size [bytes].

    Attributes
    ----------
    kind : str
        ``parquet``, ``avro``, ``packet`` (Avro without its schema), ``fits``, ``votable``,
        ``json``, ``text``, ``archive`` or ``unknown``.

    Raises
    ------
    RejectedFileError
        The file is missing or empty.
    """

    def __init__(self, path: Path, memory: int) -> None:
        if not path.is_file():
            raise RejectedFileError(f"{path}: no such file")
        if path.stat().st_size == 0:
            raise RejectedFileError(f"{path}: the file is empty; export or copy it again")
        self.path = path
        self.memory = memory
        self.head = read_head(path)
        self.kind = _kind_of(self.head)

    @cached_property
    def content(self) -> bytes:
        """Bytes of the file, unpacked if it is gzip."""
        return read_bytes(self.path, self.memory // _TEXT_SHARE)

    @cached_property
    def text(self) -> str:
        """Text of the file."""
        return decode(self.path, self.content)

    @cached_property
    def json(self) -> Any:
        """Value of a JSON file."""
        return parse_json(self.path, self.content)

    @cached_property
    def avro(self) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Schema and packets of an Avro file."""
        from astra.readers.avro import read_avro

        return read_avro(self.path, self.content, self.memory)

    @cached_property
    def fits(self) -> list[Columns]:
        """Binary tables of a FITS file."""
        from astra.readers.fits_tables import read_fits

        return read_fits(self.path, self.content)

    @cached_property
    def schema(self) -> pa.Schema:
        """Schema of a Parquet file.

        Raises
        ------
        RejectedFileError
            It is damaged.
        """
        try:
            schema = pq.read_schema(self.path)
            str(schema.remove_metadata())
            return schema
        except _UNREADABLE as error:
            raise RejectedFileError(
                f"{self.path}: not a whole Parquet file ({_first_line(error)}); "
                "export or copy it again"
            ) from error

    @cached_property
    def names(self) -> list[str]:
        """Names of the columns of a table; none for other files."""
        if self.kind == "parquet":
            return self.schema.names
        if self.kind in ("votable", "fits"):
            return self.columns.names
        if self.kind == "text":
            return self._header_names()
        return []

    def has(self, *names: str) -> bool:
        """Whether a table has all these columns."""
        return set(names) <= set(self.names)

    @cached_property
    def columns(self) -> Columns:
        """Columns of a plain table: text, Parquet, VOTable, or the first of FITS.

        Raises
        ------
        RejectedFileError
            It is damaged, too large, or text that is no table.
        """
        if self.kind == "parquet":
            flat = [field.name for field in self.schema if is_flat(field.type)]
            return columns_of(self.path, frame_of(self.arrow(flat)), units=units_of(self.schema))
        if self.kind == "votable":
            from astra.readers.votable import read_votable

            return read_votable(self.path, self.content)
        if self.kind == "fits":
            return self.fits[0]
        if is_ipac(self.text):
            return read_ipac(self.path, self.text)
        above, body = split_head(self.text)
        delimiter = delimiter_of(body.split("\n", 1)[0])
        if delimiter is None:
            raise RejectedFileError(f"{self.path}: the first line names one column; is it a table?")
        return read_delimited(self.path, body, delimiter, {"comments": above})

    def arrow(self, names: list[str]) -> pa.Table:
        """Columns of a Parquet file, page checksums checked.

        Raises
        ------
        RejectedFileError
            The file is damaged, or larger than allowed when decoded.
        """
        self._check_size(unpacked_size(self.path))
        try:
            self._check_size(text_size(self.path, names, self.memory))
            file = pq.ParquetFile(self.path, page_checksum_verification=True)
            # What pandas wrote about its index is not needed, and may be damaged unseen.
            table = file.read(names, use_threads=False).replace_schema_metadata(None)
            table.validate(full=True)
        except _UNREADABLE as error:
            raise RejectedFileError(
                f"{self.path}: cannot be decoded ({_first_line(error)}); "
                "the file is damaged, export or copy it again"
            ) from error
        if not len(table):
            raise RejectedFileError(f"{self.path}: the table has no rows")
        return table

    def _check_size(self, size: int) -> None:
        if size > self.memory:
            raise RejectedFileError(
                f"{self.path}: {size / 1e9:.1f} GB when decoded, more than the "
                f"{self.memory / 1e9:.1f} GB allowed; split it into smaller files"
            )

    def _header_names(self) -> list[str]:
        text = self.head.decode("utf-8", "ignore").removeprefix("\ufeff")
        if is_ipac(text):
            return self.columns.names
        line = split_head(text)[1].split("\n", 1)[0]
        delimiter = delimiter_of(line)
        return [name.strip().strip('"').strip() for name in line.split(delimiter)] if line else []


def _kind_of(head: bytes) -> str:
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            return kind
    if head[:4] in ARCHIVES:
        return "archive"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith((b"{", b"[")):
        return "json"
    if start.startswith(b"<"):
        return "votable" if b"VOTABLE" in head else "unknown"
    # Confluent's wire format: a zero byte and the number of a schema, four bytes.
    if head.startswith(b"\x00") and len(head) > 5:
        return "packet"
    return "unknown" if b"\x00" in head[:4096] else "text"


def units_of(schema: pa.Schema) -> dict[str, str]:
    """Units that the fields of a Parquet file state, as HATS catalogues do."""
    found = {field.name: (field.metadata or {}).get(b"unit", b"") for field in schema}
    return {name: unit.decode("utf-8", "replace") for name, unit in found.items() if unit}


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
