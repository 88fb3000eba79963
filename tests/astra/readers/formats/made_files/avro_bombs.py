"""Small Avro containers that would unpack to large ones; they are written byte by byte."""

import bz2
import json
import lzma
import zlib
from pathlib import Path

ZEROS = bytes(1 << 20)
FALSE_FOR_EACH_PACKET = 500_000


def write_container(path: Path, schema: dict, block: bytes, count: int, codec: bytes) -> None:
    def number(value: int) -> bytes:
        value, out = value << 1, bytearray()
        while value > 0x7F:
            out.append(value & 0x7F | 0x80)
            value >>= 7
        return bytes([*out, value])

    def text(value: bytes) -> bytes:
        return number(len(value)) + value

    head = text(b"avro.schema") + text(json.dumps(schema).encode())
    head += text(b"avro.codec") + text(codec)
    sync = bytes(16)
    path.write_bytes(
        b"Obj\x01" + number(2) + head + b"\x00" + sync + number(count) + text(block) + sync
    )


def schema_of(**fields: object) -> dict:
    listed = [{"name": name, "type": kind} for name, kind in fields.items()]
    return {"type": "record", "name": "alert", "fields": listed}


def deflated_avro(path: Path) -> None:
    packer = zlib.compressobj(1, zlib.DEFLATED, -15)
    block = b"".join(packer.compress(ZEROS) for _ in range(110)) + packer.flush()
    write_container(path, schema_of(objectId="string"), block, 110 << 20, b"deflate")


def packets_of_nothing(path: Path) -> None:
    write_container(path, schema_of(objectId="null"), b"", 1 << 40, b"null")


def lists_of_nothing(path: Path) -> None:
    many = bytes([0x80, 0x80, 0x80, 0x80, 0x80, 0x20, 0])
    write_container(path, schema_of(objectId={"type": "array", "items": "null"}), many, 1, b"null")


def avro_inside_itself(path: Path) -> None:
    schema = schema_of(objectId="string", next=["null", "alert"])
    write_container(path, schema, b"\x00" + b"\x02\x00" * 1_000_000, 1, b"null")


def bzip2_avro(path: Path) -> None:
    write_container(path, schema_of(objectId="string"), 1000 * bz2.compress(ZEROS), 1, b"bzip2")


def xz_avro(path: Path) -> None:
    write_container(path, schema_of(objectId="string"), 1000 * lzma.compress(ZEROS), 1, b"xz")


def lz4_avro(path: Path) -> None:
    stated = (1 << 30).to_bytes(4, "little")
    write_container(path, schema_of(objectId="string"), stated + bytes(9), 1, b"lz4")


def snappy_avro(path: Path) -> None:
    stated = bytes([0x80, 0x80, 0x80, 0x80, 0x04])
    write_container(path, schema_of(objectId="string"), stated + bytes(9), 1, b"snappy")


def packets_of_a_thousand_nothings(path: Path) -> None:
    nothings = {f"n{i}": "null" for i in range(1000)}
    block = zlib.compress(bytes(FALSE_FOR_EACH_PACKET), wbits=-15)
    schema = schema_of(objectId="boolean", **nothings)
    write_container(path, schema, block, FALSE_FOR_EACH_PACKET, b"deflate")


def nothings_of_nothings(path: Path) -> None:
    """Each record holds the one before it eight times: few names, 8 ** 20 values."""
    kind: object = "null"
    for depth in range(20):
        name = f"r{depth}"
        fields = [{"name": "a", "type": kind}]
        inner = kind if isinstance(kind, str) else kind["name"]  # pyright: ignore[reportIndexIssue]
        fields += [{"name": f"b{i}", "type": inner} for i in range(7)]
        kind = {"type": "record", "name": name, "fields": fields}
    write_container(path, schema_of(objectId="boolean", deep=kind), bytes(9), 9, b"null")


def lists_of_what_is_named_nothing(path: Path) -> None:
    nothing = {"type": "record", "name": "nothing", "fields": []}
    many = bytes([0x80, 0x80, 0x80, 0x80, 0x80, 0x20, 0])
    lists = {"type": "array", "items": "nothing"}
    write_container(path, schema_of(objectId=nothing, rest=lists), many, 1, b"null")
