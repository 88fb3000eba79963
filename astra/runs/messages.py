"""How one process asks another: JSON after its length, and light curves in it.

A message is four bytes, its length in bytes, most significant first, then so many bytes of UTF-8
JSON. Nothing in a message is ever executed.
"""

import json
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from astra.data.errors import AstraError
from astra.data.light_curves import LightCurve, LightCurves

LONGEST = 64 << 20
_LENGTH = struct.Struct(">I")
Message = dict[str, Any]


class MessageError(AstraError):
    """What came is no message, or the other process has gone."""


def to_bytes(message: Mapping[str, Any]) -> bytes:
    """Message as it is sent.

    Raises
    ------
    MessageError
        It is longer than 64 MiB.
    """
    body = json.dumps(message, allow_nan=False).encode()
    if len(body) > LONGEST:
        raise MessageError(f"a message of {len(body)} bytes: {LONGEST} are the most")
    return _LENGTH.pack(len(body)) + body


def read_message(read: Callable[[int], bytes]) -> Message | None:
    """Read one message; None where the other process has closed its end between two messages.

    Parameters
    ----------
    read : callable
        Gives at most so many bytes, none at the end of the stream.

    Raises
    ------
    MessageError
        The stream ends inside a message, or what came is none.
    """
    head = _read_all(read, _LENGTH.size)
    if not head:
        return None
    length = _LENGTH.unpack(head)[0] if len(head) == _LENGTH.size else LONGEST + 1
    if length > LONGEST:
        raise MessageError("what came is no message: its length is wrong")
    body = _read_all(read, length)
    if len(body) < length:
        raise MessageError(f"a message of {length} bytes ended after {len(body)}")
    try:
        message = json.loads(body)
    except ValueError as error:
        raise MessageError(f"what came is no message: {error}") from error
    if not isinstance(message, dict):
        raise MessageError("what came is no message: it has no fields")
    return message


def _read_all(read: Callable[[int], bytes], length: int) -> bytes:
    parts: list[bytes] = []
    while missing := length - sum(map(len, parts)):
        part = read(missing)
        if not part:
            break
        parts.append(part)
    return b"".join(parts)


def light_curves_to_json(light_curves: Sequence[LightCurve]) -> list[Message]:
    """Light curves as a message carries them: exact times, fluxes, errors, bands by name."""
    return [
        {
            "mjd": one.mjd.tolist(),
            "flux_ujy": one.flux.astype(np.float64).tolist(),
            "flux_err_ujy": one.flux_error.astype(np.float64).tolist(),
            "band": [one.bands[code].name for code in one.band],
            "flagged": one.flagged.tolist(),
            "is_difference": one.is_difference,
        }
        for one in light_curves
    ]


def light_curves_from_json(light_curves: Sequence[Mapping[str, Any]]) -> LightCurves:
    """Light curves that a message carries.

    Raises
    ------
    MessageError
        They are none.
    """
    ids = [str(i) for i in range(len(light_curves))]
    columns = ("mjd", "band", "flux_ujy", "flux_err_ujy", "flagged")
    try:
        parts = [
            pd.DataFrame({"object_id": i, **{name: one[name] for name in columns}})
            for i, one in zip(ids, light_curves, strict=True)
        ]
        kinds = ["difference" if one["is_difference"] else "total" for one in light_curves]
        objects = pd.DataFrame({"object_id": ids, "flux_kind": kinds})
        return LightCurves.from_tables(objects, pd.concat(parts, ignore_index=True))
    except (KeyError, ValueError, TypeError) as error:
        raise MessageError(f"no light curves: {error!r}") from error
