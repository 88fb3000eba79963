"""Writes a selection as VOTable, a block of rows at a time, with astropy's own fields."""

import re
from io import BytesIO
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from astra.exchange.columns import ExchangeError, SelectionTable, meaning_of

arrow: Any = pyarrow.compute  # makes its functions when it is imported: no type is known

VERSION = "1.4"
# XML cannot hold these, however they are written; it reads a carriage return as a line feed.
_NOT_XML = r"[^\t\n\x{20}-\x{D7FF}\x{E000}-\x{FFFD}\x{10000}-\x{10FFFF}]"
_DATATYPES = {
    "bool": "boolean", "int8": "short", "uint8": "unsignedByte", "int16": "short",
    "uint16": "int", "int32": "int", "uint32": "long", "int64": "long",
    "float": "float", "double": "double",
}  # fmt: skip
_BEGIN, _END = b"<TABLEDATA>", b"</TABLEDATA>"


def write_votable(table: SelectionTable, file: IO[bytes]) -> None:
    """Write VOTable 1.4 with units, descriptions and UCDs; nulls are empty cells.

    Characters that XML cannot hold become U+FFFD.

    Raises
    ------
    ExchangeError
        Astropy is not installed, or a column has numbers that VOTable cannot hold (uint64).
    """
    votable, element = _frame(table)
    tail = b""
    for number, block in enumerate(table.blocks()):
        whole = _with_rows(votable, element, block)
        begin, end = whole.index(_BEGIN), whole.rindex(_END)
        if not number:
            file.write(whole[:begin] + _BEGIN)
        file.write(whole[begin + len(_BEGIN) : end])
        tail = whole[end:]
    file.write(tail or _with_rows(votable, element, None))


def _frame(table: SelectionTable) -> tuple[Any, Any]:
    try:
        from astropy.io.votable import tree
    except ImportError as error:
        raise ExchangeError(
            "VOTable needs astropy: pip install 'astra-observatory[formats]'"
        ) from error
    votable = tree.VOTableFile(version=VERSION)
    resource = tree.Resource(type="results")
    votable.resources.append(resource)
    # TOPCAT shows the name as the title; the text is not shown as XML anywhere.
    element = tree.TableElement(votable, ID="selection", name=_xml(table.name) or table.run.name)
    resource.tables.append(element)
    for place, (name, value) in enumerate(table.provenance().items()):
        element.params.append(
            tree.Param(
                votable,
                ID=f"p{place}",
                name=name,
                datatype="unicodeChar",
                arraysize="*",
                value=_xml(value),
            )
        )
    taken: set[str] = set()
    for field in table.schema:
        element.fields.append(_field(tree, votable, _identity(field.name, taken), field))
    return votable, element


def _field(tree: Any, votable: Any, identity: str, field: pa.Field) -> Any:
    means = meaning_of(field)
    is_text = pa.types.is_string(field.type)
    datatype = "unicodeChar" if is_text else _DATATYPES.get(str(field.type))
    if datatype is None:
        raise ExchangeError(f"column {field.name}: VOTable has no type for {field.type}")
    made = tree.Field(
        votable,
        ID=identity,
        name=_xml(field.name),
        datatype=datatype,
        unit=means.unit or None,
        ucd=means.ucd or None,
        **({"arraysize": "*"} if is_text else {}),
    )
    made.description = _xml(means.says)
    return made


def _identity(name: str, taken: set[str]) -> str:
    """An XML id like the name, which astropy calls the column by, and no other's."""
    plain = re.sub(r"[^A-Za-z0-9_.-]", "_", name)
    plain = plain if plain[:1].isalpha() else f"_{plain}"
    free = next(i for i in (plain, *(f"{plain}_{n}" for n in range(2, 9999))) if i not in taken)
    taken.add(free)
    return free


def _with_rows(votable: Any, element: Any, block: pa.RecordBatch | None) -> bytes:
    """Whole file with the rows of one block."""
    kinds = [(field.ID, field.converter.format) for field in element.fields]
    length = 0 if block is None else len(block)
    rows = np.zeros(length, dtype=kinds)
    unknown = np.zeros(length, dtype=[(name, bool) for name, _ in kinds])
    for (name, _), values in zip(kinds, [] if block is None else block.columns, strict=False):
        rows[name], unknown[name] = _values(values)
    element.array = np.ma.array(rows, mask=unknown)
    written = BytesIO()
    # Astropy 8.0's writer of rows in C writes a byte past the end of its buffer.
    votable.to_xml(written, tabledata_format="tabledata", _debug_python_based_parser=True)
    return written.getvalue()


def _values(values: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Values and which of them are unknown, arrays [rows]."""
    unknown = values.is_null().to_numpy(zero_copy_only=False)
    if pa.types.is_string(values.type):
        clean = arrow.replace_substring_regex(values.fill_null(""), _NOT_XML, "\ufffd")
        return np.array([*clean.to_pylist(), None], dtype=object)[:-1], unknown
    filler = pa.scalar(False if pa.types.is_boolean(values.type) else 0, values.type)
    return values.fill_null(filler).to_numpy(zero_copy_only=False), unknown


def _xml(text: str) -> str:
    return arrow.replace_substring_regex(pa.scalar(text), _NOT_XML, "\ufffd").as_py()
