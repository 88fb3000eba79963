"""How much a Parquet file unpacks to, from its footer, before anything is unpacked.

Arrow aborts the process on some damaged column metadata, so the footer (Thrift's compact protocol,
apache/parquet-format: FileMetaData 2 = schema, 4 = row groups, SchemaElement 2 = width, 5 =
children, RowGroup 1 = column chunks, ColumnChunk 3 = metadata, ColumnMetaData 1 = type, 5 = values,
6 = uncompressed bytes) is walked here.
"""

import struct
from pathlib import Path
from typing import Any

from astra.data.errors import RejectedFileError

_MAGIC = b"PAR1"
_LARGEST_FOOTER = 64 * 2**20
_STRUCT, _LIST, _SET, _MAP, _BINARY, _DOUBLE = 12, 9, 10, 11, 8, 7
_DEEPEST = 24
# Physical type: bytes a value; text is counted as a pointer, its bytes are in the pages.
_WIDTHS = {0: 1, 1: 4, 2: 8, 3: 12, 4: 4, 5: 8, 6: 8}
_FIXED = 7


def unpacked_size(path: Path) -> int:
    """Bytes that the values of a file take when decoded, or in its pages, whichever is more.

    Raises
    ------
    RejectedFileError
        It is not a whole Parquet file.
    """
    try:
        with path.open("rb") as file:
            file.seek(-8, 2)
            tail = file.read(8)
            (length,) = struct.unpack("<I", tail[:4])
            if tail[4:] != _MAGIC or length > min(_LARGEST_FOOTER, path.stat().st_size - 8):
                raise ValueError("no footer")
            file.seek(-8 - length, 2)
            footer = _Walker(file.read(length)).struct()
        size = 0
        leaves = [element for element in footer.get(2, []) if not element.get(5)]
        for group in footer.get(4, []):
            for chunk, leaf in zip(group.get(1, []), leaves, strict=True):
                about = chunk.get(3, {})
                fixed = max(8, leaf.get(2, 8)) if about.get(1) == _FIXED else 8
                width = _WIDTHS.get(about.get(1), fixed)
                size += max(width * about.get(5, 0), about.get(6, 0))
    except (OSError, ValueError, LookupError, AttributeError, TypeError) as error:
        raise RejectedFileError(
            f"{path}: not a whole Parquet file ({error}); export or copy it again"
        ) from error
    return size


class _Walker:
    """Reads Thrift's compact protocol into dicts of field number to value."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def byte(self) -> int:
        self.at += 1
        return self.data[self.at - 1]

    def varint(self) -> int:
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value
            if shift > 70:
                raise ValueError("damaged footer")

    def number(self) -> int:
        value = self.varint()
        return (value >> 1) ^ -(value & 1)

    def struct(self, depth: int = 0) -> dict[int, Any]:
        fields: dict[int, Any] = {}
        field = 0
        while (head := self.byte()) != 0:
            field = field + (head >> 4) if head >> 4 else self.number()
            kind = head & 0x0F
            fields[field] = kind == 1 if kind in (1, 2) else self.value(kind, depth)
        return fields

    def value(self, kind: int, depth: int) -> Any:
        if depth > _DEEPEST:
            raise ValueError("damaged footer")
        if kind in (1, 2, 3):
            return self.byte()
        if kind in (4, 5, 6):
            return self.number()
        if kind == _DOUBLE:
            self.at += 8
            return None
        if kind == _BINARY:
            length = self.varint()
            self.at += length
            return None
        if kind in (_LIST, _SET):
            head = self.byte()
            count = head >> 4 if head >> 4 < 15 else self.varint()
            if count > len(self.data):
                raise ValueError("damaged footer")
            return [self.value(head & 0x0F, depth + 1) for _ in range(count)]
        if kind == _STRUCT:
            return self.struct(depth + 1)
        raise ValueError("damaged footer")
