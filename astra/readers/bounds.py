"""What a small file may not grow into: archives, compressed bombs, nesting."""

import json
import zlib
from pathlib import Path
from typing import Any

from astra.data.errors import RejectedFileError

ARCHIVES = {b"PK\x03\x04": "zip", b"PK\x05\x06": "zip", b"7z\xbc\xaf": "7z", b"Rar!": "rar"}
GZIP = b"\x1f\x8b"
DEEPEST = 64
# Tables of numbers compress by less than this; what compresses more is one value over and over.
_RATIO = 200
_FREE = 16 * 2**20
_STEP = 2**20


def read_bytes(path: Path, memory: int) -> bytes:
    """Content of a file, unpacked if it is gzip.

    Raises
    ------
    RejectedFileError
        The file is missing, empty, an archive, damaged, or larger than ``memory`` when unpacked.
    """
    if not path.is_file():
        raise RejectedFileError(f"{path}: no such file")
    size = path.stat().st_size
    if size == 0:
        raise RejectedFileError(f"{path}: the file is empty; export or copy it again")
    if size > memory:
        raise RejectedFileError(_too_large(path, memory))
    content = path.read_bytes()
    kind = ARCHIVES.get(content[:4])
    if kind:
        raise RejectedFileError(f"{path}: a {kind} archive; unpack it and import its folder")
    return _unpacked(path, content, memory) if content.startswith(GZIP) else content


def read_head(path: Path, length: int = 65_536) -> bytes:
    """First bytes of a file, unpacked if it is gzip; what is damaged ends early."""
    with path.open("rb") as file:
        head = file.read(length)
    if not head.startswith(GZIP):
        return head
    try:
        return zlib.decompressobj(31).decompress(head, length)
    except zlib.error:
        return head


def _unpacked(path: Path, content: bytes, memory: int) -> bytes:
    """Unpack all members of a gzip file, never more than is allowed."""
    allowed = min(memory, max(_FREE, _RATIO * len(content)))
    parts, size, rest = [], 0, content
    try:
        while rest.startswith(GZIP):
            unpacker = zlib.decompressobj(31)
            while not unpacker.eof:
                part = unpacker.decompress(rest, _STEP)
                if not part and not unpacker.unconsumed_tail and not unpacker.eof:
                    raise RejectedFileError(f"{path}: gzip data is cut short; copy the file again")
                size += len(part)
                if size > allowed:
                    raise RejectedFileError(_too_large(path, allowed))
                parts.append(part)
                rest = unpacker.unconsumed_tail
            rest = unpacker.unused_data
    except zlib.error as error:
        raise RejectedFileError(f"{path}: damaged gzip data ({error}); copy it again") from error
    return b"".join(parts)


def _too_large(path: Path, memory: int) -> str:
    return (
        f"{path}: more than the {memory / 1e9:.2f} GB allowed when unpacked; split it into "
        "smaller files"
    )


def parse_json(path: Path, content: bytes) -> Any:
    """Value of a JSON file.

    Raises
    ------
    RejectedFileError
        It is not JSON, or nested more than 64 deep.
    """
    try:
        value = json.loads(content)
    except RecursionError as error:
        raise RejectedFileError(f"{path}: JSON nested more than {DEEPEST} deep") from error
    except json.JSONDecodeError as error:
        raise RejectedFileError(
            f"{path}: line {error.lineno}, character {error.colno}: not JSON ({error.msg})"
        ) from error
    except UnicodeDecodeError as error:
        above = content[: error.start]
        line, at = above.count(b"\n") + 1, error.start - above.rfind(b"\n")
        raise RejectedFileError(
            f"{path}: line {line}, byte {at}: {content[error.start]:#04x} is not UTF-8 text; "
            "save it as UTF-8"
        ) from error
    except ValueError as error:
        raise RejectedFileError(f"{path}: not JSON ({error})") from error
    check_depth(path, value)
    return value


def check_depth(path: Path, value: object) -> None:
    """Refuse lists and mappings inside each other more than 64 deep.

    Raises
    ------
    RejectedFileError
        They are; ``path`` is named.
    """
    level = [value]
    for _ in range(DEEPEST):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return
    raise RejectedFileError(f"{path}: nested more than {DEEPEST} deep")


def _inside(value: object) -> list[object]:
    if isinstance(value, dict):
        return [v for v in value.values() if isinstance(v, (dict, list))]
    if isinstance(value, list):
        return [v for v in value if isinstance(v, (dict, list))]
    return []
