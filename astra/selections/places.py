"""Objects by where they are: on the sky, on the map, in the embedding, in a list of ids."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from astra.data.catalogue import separation_deg
from astra.map.grid import PointGrid
from astra.runs.run import Run
from astra.runs.tables import column
from astra.selections.errors import SelectionError

Mask = NDArray[np.bool_]
_BETWEEN_IDS = re.compile(r"[\n\r\t,;]+")
_DEGREES = {
    "": 1.0,
    "d": 1.0,
    "deg": 1.0,
    "°": 1.0,
    "'": 1 / 60,
    "′": 1 / 60,
    '"': 1 / 3600,
    "″": 1 / 3600,
}
_CONE = re.compile(
    r"""\s*(?P<ra>[0-9.]+)\s*[\s,]\s*(?P<dec>[-+−]?[0-9.]+)\s*[\s,]\s*
    (?P<radius>[0-9.]+)\s*(?P<unit>d|deg|°|'|′|"|″|)\s*""",
    re.VERBOSE,
)


class Found(NamedTuple):
    """Objects that were asked for by id.

    Attributes
    ----------
    mask : bool [objects]
    missing : list of str
        Ids that are not in the run, as they were given.
    """

    mask: Mask
    missing: list[str]


class ConeOnSky(NamedTuple):
    """Position and radius on the sky [deg]."""

    ra: float
    dec: float
    radius: float


def read_cone(text: str) -> ConeOnSky:
    """Position and radius from ``ra dec radius`` in degrees; the radius also as 30' or 30".

    Raises
    ------
    SelectionError
        It is not three numbers, or they are no position and radius.
    """
    found = _CONE.fullmatch(text)
    try:
        assert found is not None
        ra, dec, radius = (float(found[n].replace("−", "-")) for n in ("ra", "dec", "radius"))
    except (AssertionError, ValueError):
        raise SelectionError(
            f"{text[:60]!r}: a cone is right ascension, declination and radius in degrees, as in "
            "291.46 +44.51 0.5; the radius may also be 30' or 30\""
        ) from None
    return ConeOnSky(ra, dec, radius * _DEGREES[found["unit"]])


def cone(run: Run, ra: float, dec: float, radius: float) -> Mask:
    """Objects within ``radius`` of a position (all in degrees), bool [objects], map order.

    Raises
    ------
    SelectionError
        The run has no positions, or the numbers are none.
    """
    if not {"ra", "dec"} <= set(run.catalogue.column_names):
        raise SelectionError(f"run {run.name} has no positions on the sky (columns ra, dec)")
    if not (np.isfinite(ra) and -90 <= dec <= 90 and 0 < radius <= 180):
        raise SelectionError(
            f"cone {ra} {dec} {radius}: declination is -90 to 90, the radius above 0 up to 180 deg"
        )
    places = (np.asarray(column(run.catalogue, name), np.float64) for name in ("ra", "dec"))
    with np.errstate(invalid="ignore"):
        return separation_deg(ra, dec, *places) <= radius


def read_ids(text: str) -> list[str]:
    """Ids from pasted text: one a line, or separated by commas, semicolons or tabs; once each."""
    pieces = (piece.strip().strip("\"'") for piece in _BETWEEN_IDS.split(text))
    return list(dict.fromkeys(piece for piece in pieces if piece))


def of_ids(run: Run, ids: Sequence[str]) -> Found:
    """Objects by their ids; an entry with blanks that is no id is taken as several ids."""
    rows = run.rows_of(list(ids))
    missing = [one for one, row in zip(ids, rows, strict=True) if row < 0]
    apart = [part for one in missing for part in one.split()]
    if any(" " in one for one in missing):
        more = run.rows_of(apart)
        rows = np.concatenate([rows, more])
        missing = [one for one, row in zip(apart, more, strict=True) if row < 0]
    return Found(_mask(run, rows[rows >= 0]), missing)


def neighbours(run: Run, object_id: str, most: int = 20) -> Mask:
    """Objects nearest to one in the embedding, without it, bool [objects], map order.

    Raises
    ------
    SelectionError
        The run has no such object, or no neighbours.
    """
    if "neighbours" not in run.manifest.artefacts:
        raise SelectionError(f"run {run.name} has no neighbours: precompute its stage neighbours")
    try:
        survey_row = int(run.rows[run.row_of(object_id)])
    except KeyError:
        raise SelectionError(f"{object_id[:64]!r} is not in run {run.name}") from None
    return _mask(run, run.map_row[run.neighbours[survey_row, : max(most, 1)]])


def inside(run: Run, polygon: ArrayLike, grid: PointGrid | None = None) -> Mask:
    """Objects inside a polygon, float [vertices, 2], on the map, bool [objects].

    ``grid`` spares the time of indexing the map again.
    """
    grid = grid or PointGrid(run.projection[:, 0], run.projection[:, 1])
    return grid.inside(polygon)


def box(
    run: Run,
    x_range: tuple[float, float],
    y_range: tuple[float, float],
    grid: PointGrid | None = None,
) -> Mask:
    """Objects in a rectangle of the map, bool [objects]; edges as those of `inside`."""
    (x0, x1), (y0, y1) = x_range, y_range
    return inside(run, [(x0, y0), (x1, y0), (x1, y1), (x0, y1)], grid)


def _mask(run: Run, rows: NDArray[np.integer]) -> Mask:
    mask = np.zeros(len(run), np.bool_)
    mask[rows] = True
    return mask
