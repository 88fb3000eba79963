"""Avro object containers (Avro 1.11), measured before they are decoded."""

import io
import zlib
from pathlib import Path
from typing import Any

from astra.data.errors import RejectedFileError
from astra.readers.bounds import check_depth, parse_json

_MAGIC = b"Obj\x01"
_CODECS = ("null", "deflate", "snappy", "zstandard", "bzip2", "xz", "lz4")
_EMPTY = ("null",)
_MOST_PACKETS = 1_000_000


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
    _check_schema(path, schema, ())
    codec = header.get("avro.codec", b"null").decode()
    if codec not in _CODECS:
        raise ValueError(f"unknown codec {codec!r}")
    sync = data.read(16)
    size, packets = 0, 0
    while data.tell() < len(content):
        count, length = _long(data), _long(data)
        block = data.read(length) if 0 <= length <= len(content) else b""
        if len(block) != length or data.read(16) != sync or not count >= 0:
            raise ValueError("a block is cut short")
        packets += count
        size += _unpacked(path, block, codec, memory - size)
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


def _unpacked(path: Path, block: bytes, codec: str, memory: int) -> int:
    if codec == "null":
        return len(block)
    if codec != "deflate":
        # Their own libraries refuse damaged blocks; the ratio bounds what a whole one may hold.
        return 4 * len(block)
    unpacker = zlib.decompressobj(-15)
    size, rest = 0, block
    while rest and not unpacker.eof:
        size += len(unpacker.decompress(rest, 1 << 20))
        rest = unpacker.unconsumed_tail
        if size > memory:
            raise RejectedFileError(f"{path}: a block unpacks to more than {memory / 1e9:.1f} GB")
    return size


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


def _check_schema(path: Path, schema: Any, inside: tuple[str, ...]) -> None:
    """Refuse schemas by which few bytes may become endless: recursion, lists of nothing."""
    if isinstance(schema, list):
        for branch in schema:
            _check_schema(path, branch, inside)
    elif isinstance(schema, str) and schema.rpartition(".")[2] in inside:
        raise RejectedFileError(f"{path}: the Avro schema contains itself ({schema})")
    elif isinstance(schema, dict):
        _check_named(path, schema, inside)


def _check_named(path: Path, schema: dict, inside: tuple[str, ...]) -> None:
    kind = schema.get("type")
    if kind == "array" and _is_empty(schema.get("items")):
        raise RejectedFileError(f"{path}: the Avro schema has lists of nothing")
    name = str(schema.get("name", "")).rpartition(".")[2]
    deeper = (*inside, name) if kind in ("record", "error") else inside
    for inner in ("items", "values"):
        _check_schema(path, schema.get(inner), deeper)
    for field in schema.get("fields", ()) if isinstance(schema.get("fields"), list) else ():
        _check_schema(path, field.get("type") if isinstance(field, dict) else None, deeper)
    if isinstance(kind, (dict, list)):
        _check_schema(path, kind, inside)


def _is_empty(items: Any) -> bool:
    """Whether an element takes no bytes."""
    if isinstance(items, dict):
        if items.get("type") == "fixed":
            return not items.get("size")
        fields = items.get("fields")
        return items.get("type") in _EMPTY or (
            isinstance(fields, list)
            and all(_is_empty(f.get("type")) for f in fields if isinstance(f, dict))
        )
    return items in _EMPTY
