"""Avro object containers (Avro 1.11), measured before they are decoded."""

import bz2
import io
import lzma
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from astra.data.errors import RejectedFileError
from astra.readers.avro_schema import idle_values
from astra.readers.bounds import check_depth, parse_json

_MAGIC = b"Obj\x01"
_MOST_PACKETS = 1_000_000
# A value that takes no bytes takes as much memory as one of so many.
_BYTES_OF_NOTHING = 32
_STEP = 1 << 20


def read_avro(path: Path, content: bytes, memory: int) -> tuple[dict[str, Any], list[dict]]:
    """Schema and packets of an Avro object container.

    Raises
    ------
    RejectedFileError
        It is damaged, or would unpack to more than ``memory`` bytes.
    """
    fastavro = _fastavro(path)
    try:
        schema = _measure(path, content, memory)
        reader = fastavro.reader(io.BytesIO(content))
        packets = list(reader)
    except RejectedFileError:
        raise
    # fastavro raises whatever a damaged byte leads to.
    except Exception as error:
        raise RejectedFileError(
            f"{path}: not a whole Avro file ({type(error).__name__}: {str(error)[:120]}); "
            "copy it again"
        ) from error
    if not all(isinstance(packet, dict) for packet in packets) or not packets:
        raise RejectedFileError(f"{path}: no packets in this Avro file")
    return schema, packets


def read_packet(path: Path, content: bytes, schema_file: Path) -> dict[str, Any]:
    """One packet that came without its schema (Confluent's wire format), read with one given.

    Raises
    ------
    RejectedFileError
        The schema is none, or not that of the packet.
    """
    fastavro = _fastavro(path)
    try:
        schema = fastavro.schema.load_schema(schema_file)
        rest = io.BytesIO(content[5:])
        packet = fastavro.schemaless_reader(rest, schema, None)
    except Exception as error:
        raise RejectedFileError(
            f"{path}: the schema {schema_file} does not fit this packet "
            f"({type(error).__name__}: {str(error)[:120]}); its schema has number "
            f"{schema_id(content)}"
        ) from error
    if rest.read(1) or not isinstance(packet, dict):
        raise RejectedFileError(
            f"{path}: the schema {schema_file} leaves bytes of this packet unread; "
            f"its schema has number {schema_id(content)}"
        )
    return packet


def schema_id(content: bytes) -> int:
    """Number that a packet gives for its schema."""
    return int.from_bytes(content[1:5], "big")


def _fastavro(path: Path) -> Any:
    try:
        import fastavro
        import fastavro.schema
    except ImportError as error:
        raise RejectedFileError(
            f"{path}: reading Avro takes fastavro: pip install 'astra-observatory[formats]'"
        ) from error
    return fastavro


def _measure(path: Path, content: bytes, memory: int) -> dict[str, Any]:
    """Walk the blocks of a container; give its schema if all of it is of bounded size."""
    data = io.BytesIO(content)
    if data.read(4) != _MAGIC:
        raise ValueError("no Avro header")
    header = _header(data)
    schema = parse_json(path, header["avro.schema"])
    check_depth(path, schema)
    weight = 1 + _BYTES_OF_NOTHING * idle_values(path, schema)
    codec = header.get("avro.codec", b"null").decode()
    if codec not in _SIZES:
        raise RejectedFileError(
            f"{path}: packed with {codec[:40]!r}; write it with one of {', '.join(_SIZES)}"
        )
    sync = data.read(16)
    size, packets = 0, 0
    while data.tell() < len(content):
        count, length = _long(data), _long(data)
        block = data.read(length) if 0 <= length <= len(content) else b""
        if len(block) != length or data.read(16) != sync or not count >= 0:
            raise ValueError("a block is cut short")
        packets += count
        size += weight * _SIZES[codec](block, memory - size)
        if packets > min(_MOST_PACKETS, size + 1) or size > memory:
            raise RejectedFileError(
                f"{path}: {packets} packets of {size / 1e9:.1f} GB, more than the "
                f"{memory / 1e9:.1f} GB allowed; split it"
            )
    return schema


def _header(data: io.BytesIO) -> dict[str, bytes]:
    header: dict[str, bytes] = {}
    while (count := _long(data)) != 0:
        if count < 0:
            count, _ = -count, _long(data)
        if count > 1000:
            raise ValueError("damaged header")
        for _ in range(count):
            key = _bytes(data).decode()
            header[key] = _bytes(data)
    return header


def _plain_size(block: bytes, most: int) -> int:
    return len(block)


def _deflated_size(block: bytes, most: int) -> int:
    """Size of a block when unpacked; counting stops beyond ``most``, as in the others."""
    unpacker = zlib.decompressobj(-15)
    size, rest = 0, block
    while rest and not unpacker.eof and size <= most:
        size += len(unpacker.decompress(rest, _STEP))
        rest = unpacker.unconsumed_tail
    return size


def _streamed_size(
    unpacker_of: Callable[[], bz2.BZ2Decompressor | lzma.LZMADecompressor], block: bytes, most: int
) -> int:
    """The same where streams may follow each other in one block."""
    size, rest = 0, block
    while rest and size <= most:
        unpacker = unpacker_of()
        size += len(unpacker.decompress(rest, _STEP))
        while not unpacker.eof and size <= most:
            if unpacker.needs_input:
                raise ValueError("a block is cut short")
            size += len(unpacker.decompress(b"", _STEP))
        rest = unpacker.unused_data
    return size


def _size_ahead(block: bytes, most: int) -> int:
    """What lz4's blocks state in their first four bytes, by which they are unpacked."""
    return int.from_bytes(block[:4], "little")


def _length_ahead(block: bytes, most: int) -> int:
    """What snappy's blocks state in a number of seven bits a byte, by which they are unpacked."""
    size = shift = 0
    for byte in block[:5]:
        size |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    return size


_SIZES: dict[str, Callable[[bytes, int], int]] = {
    "null": _plain_size,
    "deflate": _deflated_size,
    "bzip2": partial(_streamed_size, bz2.BZ2Decompressor),
    "xz": partial(_streamed_size, lzma.LZMADecompressor),
    "lz4": _size_ahead,
    "snappy": _length_ahead,
}


def _long(data: io.BytesIO) -> int:
    value = shift = 0
    while True:
        byte = data.read(1)
        if not byte or shift > 63:
            raise ValueError("a number is cut short")
        value |= (byte[0] & 0x7F) << shift
        shift += 7
        if byte[0] < 0x80:
            return (value >> 1) ^ -(value & 1)


def _bytes(data: io.BytesIO) -> bytes:
    length = _long(data)
    if not 0 <= length <= len(data.getbuffer()):
        raise ValueError("damaged header")
    return data.read(length)
