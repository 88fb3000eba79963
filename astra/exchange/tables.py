"""Writers of a selection as one table: Parquet, VOTable, CSV, ECSV; a block of rows at a time."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from astra.exchange.columns import ExchangeError, SelectionTable, meaning_of
from astra.exchange.votable import write_votable

arrow: Any = pyarrow.compute  # makes its functions when it is imported: no type is known

_BREAKS = r"[\x00-\x1f\x7f-\x9f\x{2028}\x{2029}]"
_FORMULA = r"^([=+\-@\t\r])"
_TO_NUMPY = {"bool": "bool", "float": "float32", "double": "float64", "string": "str"}


def write_parquet(table: SelectionTable, file: IO[bytes]) -> None:
    """Write Parquet with page checksums; units, descriptions and UCDs are field metadata."""
    with pq.ParquetWriter(file, table.schema, compression="zstd", write_page_checksum=True) as out:
        for block in table.blocks():
            out.write_batch(block)


def write_csv(table: SelectionTable, file: IO[bytes]) -> None:
    """Write CSV in UTF-8 under a line of column names; nulls are empty, texts are quoted.

    A text that a spreadsheet would take for a formula gets an apostrophe before it; ids, which
    have no characters for that, never do.
    """
    with pa_csv.CSVWriter(file, table.schema) as out:
        for block in table.blocks():
            out.write_batch(_texts(block, _FORMULA, r"'\1"))


def write_ecsv(table: SelectionTable, file: IO[bytes]) -> None:
    """Write ECSV, which astropy reads back with types, units and descriptions.

    Control characters in texts, which it could not read back, become spaces; an empty text is
    read back as unknown.
    """
    file.write(_ecsv_head(table).encode())
    options = pa_csv.WriteOptions(include_header=False)
    # Astropy reads True and False, or 1 and 0, and Arrow writes true and false.
    schema = pa.schema(
        [f.with_type(pa.uint8()) if pa.types.is_boolean(f.type) else f for f in table.schema]
    )
    with pa_csv.CSVWriter(file, schema, write_options=options) as out:
        for block in table.blocks():
            out.write_batch(_texts(block, _BREAKS, " ").cast(schema))


FORMATS: dict[str, tuple[str, Callable[[SelectionTable, IO[bytes]], None]]] = {
    "parquet": (".parquet", write_parquet),
    "votable": (".vot", write_votable),
    "csv": (".csv", write_csv),
    "ecsv": (".ecsv", write_ecsv),
}
"""Name of each format -> ending of its files, and its writer."""


def write_table(table: SelectionTable, path: Path, form: str) -> None:
    """Write a selection as one file of a format of `FORMATS`.

    Raises
    ------
    ExchangeError
        The format needs astropy, and it is not installed.
    """
    with path.open("wb") as file:
        FORMATS[form][1](table, file)


def _texts(block: pa.RecordBatch, pattern: str, instead: str) -> pa.RecordBatch:
    """Replace a pattern in every text but the ids."""
    columns = [
        arrow.replace_substring_regex(values, pattern, instead)
        if pa.types.is_string(values.type) and field.name != "object_id"
        else values
        for field, values in zip(block.schema, block.columns, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, schema=block.schema)


def _unit(units: Any, text: str) -> Any:
    return units.Unit(text, parse_strict="silent") if text else None


def _ecsv_head(table: SelectionTable) -> str:
    """Everything before the rows, as astropy writes it for a table without any."""
    try:
        from astropy import units
        from astropy.table import Column, Table
    except ImportError as error:
        raise ExchangeError(
            "ECSV needs astropy: pip install 'astra-observatory[formats]'"
        ) from error
    empty = Table(meta=table.provenance())
    for field in table.schema:
        means, kind = meaning_of(field), str(field.type)
        empty[field.name] = Column(
            dtype=_TO_NUMPY.get(kind, kind),
            unit=_unit(units, means.unit),
            description=means.says,
            length=0,
        )
    written = StringIO()
    empty.write(written, format="ascii.ecsv", delimiter=",")
    return written.getvalue().rstrip("\n") + "\n"
