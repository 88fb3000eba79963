"""Signs that surveys write where they have no position: no object lies there.

Left as they are, all objects without a position would lie in one place: a false position on the
map of the sky, and one object where objects are joined by position.

- One of ``IMPOSSIBLE`` as ra or dec, or one of ``IN_BOTH`` as both: no position. A single -99 or
  99.99 may be a right ascension below zero or a declination exchanged with it, and is left to the
  rules on ra and dec.
- (0, 0) exactly: a place on the sky like any other. One object there stays there, since its id
  tells it from all others and there is nothing to mistake it for. Two objects cannot lie in the
  same place to the last bit, so of several none has a position. So a file of one filter an object
  loses a real one at (0, 0), and says so: better apart than joined with what lies elsewhere.
"""

from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from astra.readers.quarantine import Quarantine
from astra.readers.rules import Mask
from astra.readers.tables import Chunk

IMPOSSIBLE = (-999.0, -9999.0, -99_999.0, 999.0, 9999.0, 99_999.0)
IN_BOTH = (-9.0, -99.0, -99.99, 99.0, 99.9, 99.99)
_REAL = 360.0
_NAMED = 3
_TOLERANCE = 1e-5  # degrees: what float32 makes of 99.99


def without_signs(chunk: Chunk, quarantine: Quarantine) -> Chunk:
    """Object table in which a sign for no position is null; each is warned of.

    ``ra`` and ``dec`` are in degrees; a table that has not both, or not as numbers, stays as it is.
    """
    places = _places(chunk)
    if places is None:
        return chunk
    return _without(chunk, signs(*places), quarantine, "a sign for no position")


def apart_at_origin(chunk: Chunk, quarantine: Quarantine) -> Chunk:
    """Object table in which (0, 0) is null where several objects have it; each is warned of.

    A single object there keeps its place, which is noted.
    """
    places = _places(chunk)
    if places is None:
        return chunk
    ra, dec = places
    here = (ra == 0) & (dec == 0)
    if np.count_nonzero(here) > 1:
        return _without(chunk, here, quarantine, "several objects cannot lie in one place")
    for file, rows in chunk.by_file(np.flatnonzero(here)):
        for row in rows:
            quarantine.note(
                f"{_where(chunk, file, int(row), ra, dec)}: taken as a place on the sky; "
                "leave both empty if the position is not known"
            )
    return chunk


def beside_a_place(
    ra: NDArray[np.float64], dec: NDArray[np.float64], owner: NDArray[np.integer]
) -> Mask:
    """Rows whose position [deg] is a sign for none while another row of their object has a place.

    ``owner`` is the object of each row, int [rows], negative for none. So an object that a survey
    sometimes gives no position keeps the one it has elsewhere.
    """
    sign = signs(ra, dec) & (owner >= 0)
    if not sign.any():
        return sign
    known = ~sign & (owner >= 0) & np.isfinite(ra) & np.isfinite(dec)
    placed = np.zeros(int(owner.max()) + 1, bool)
    placed[owner[known]] = True
    return sign & placed[owner]


def signs(ra: NDArray[np.float64], dec: NDArray[np.float64]) -> Mask:
    """Where a position [deg] is a sign for none, bool [objects]; false where it is NaN."""
    same = np.abs(ra - dec) <= _TOLERANCE
    # Of millions of rows next to none could be a sign, and only those are compared.
    rows = np.flatnonzero(same | (np.abs(ra) > _REAL) | (np.abs(dec) > _REAL))
    either = _is_one_of(ra[rows], IMPOSSIBLE) | _is_one_of(dec[rows], IMPOSSIBLE)
    found = np.zeros(len(ra), bool)
    found[rows] = either | (_is_one_of(ra[rows], IN_BOTH) & same[rows])
    return found


def _is_one_of(values: NDArray[np.float64], some: tuple[float, ...]) -> Mask:
    found = np.zeros(len(values), bool)
    for sign in some:
        # float32 has 99 999 to 0.008.
        found |= np.abs(values - sign) <= _TOLERANCE + 1e-7 * abs(sign)
    return found


def _places(chunk: Chunk) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    table = chunk.table
    if not {"ra", "dec"} <= set(table.column_names):
        return None
    columns = [table[name] for name in ("ra", "dec")]
    if not all(pa.types.is_floating(c.type) or pa.types.is_integer(c.type) for c in columns):
        return None
    ra, dec = (column.cast(pa.float64(), safe=False).to_numpy() for column in columns)
    return ra, dec


def _without(chunk: Chunk, missing: Mask, quarantine: Quarantine, why: str) -> Chunk:
    if not missing.any():
        return chunk
    places = _places(chunk)
    assert places is not None
    for file, rows in chunk.by_file(np.flatnonzero(missing)):
        for row in rows[:_NAMED]:
            where = _where(chunk, file, int(row), *places)
            quarantine.warn(f"{where}: {why}; the position is taken as missing")
        if len(rows) > _NAMED:
            quarantine.warn(f"{file}: {len(rows) - _NAMED:,} more rows without a position likewise")
    table = chunk.table
    for name, values in zip(("ra", "dec"), places, strict=True):
        at = table.column_names.index(name)
        known = pa.array(values, mask=missing | np.isnan(values))
        table = table.set_column(at, name, known)
    return replace(chunk, table=table)


def _where(chunk: Chunk, file: object, row: int, ra: NDArray, dec: NDArray) -> str:
    name = chunk.table["object_id"][row].as_py()
    line = int(chunk.file_rows(np.array([row]))[0])
    value = f"{ra[row]:.10g}, {dec[row]:.10g}"
    return f"{file}: row {line} (object {name}), columns ra, dec, value {value}"
