"""Where the objects of a file fall on the present map: embedded, and placed by what is near."""

import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.asking import EncoderProcess
from app.opened_runs import OpenedRun
from astra.data.errors import AstraError
from astra.readers import read
from astra.readers.quarantine import Quarantine

MOST_BYTES = 16 << 20
MOST_OBJECTS = 100
NEAREST = 5


class Dropped(NamedTuple):
    """One object of a file, on the map.

    Attributes
    ----------
    object_id : str
    observations : int
    x, y : float
        Where it falls: at that of its nearest objects which is closest to the others on the map.
    rows : int64 [NEAREST]
        Map rows of these, nearest first.
    distances : float64 [NEAREST]
        In units of the standard deviation of a component of the embedding.
    """

    object_id: str
    observations: int
    x: float
    y: float
    rows: NDArray[np.int64]
    distances: NDArray[np.float64]


class Placed(NamedTuple):
    """What became of a file."""

    objects: tuple[Dropped, ...]
    remark: str


def place(
    run: OpenedRun, encoder: EncoderProcess, content: bytes, ending: str, name: str
) -> Placed:
    """Read a file with the readers of surveys, embed its objects and place them on a run's map.

    Parameters
    ----------
    run : OpenedRun
    encoder : EncoderProcess
        That of the run.
    content : bytes
    ending : str
        Of the file's name, such as ``.csv``: formats are told by content and by this.
    name : str
        What messages call the file.

    Raises
    ------
    AstraError
        The file is too large or no light curves, or the encoder refuses.
    """
    if len(content) > MOST_BYTES:
        raise AstraError(f"{len(content)} bytes: {MOST_BYTES} are the most here; import the file")
    refused = Quarantine()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"dropped{ending}"
        path.write_bytes(content)
        try:
            light_curves = read(path, refused, memory=32 * MOST_BYTES)
        except AstraError as error:
            raise AstraError(str(error).replace(str(path), name).replace(folder, "")) from error
    dropped = []
    for i in range(min(len(light_curves), MOST_OBJECTS)):
        light_curve = light_curves[i]
        nearest = run.space.nearest(encoder.embed(light_curve), NEAREST)
        rows = run.run.map_row[nearest.rows].astype(np.int64)
        middle = rows[_middle(run.x[rows], run.y[rows])]
        dropped.append(
            Dropped(
                light_curve.object_id,
                len(light_curve),
                float(run.x[middle]),
                float(run.y[middle]),
                rows,
                np.asarray(nearest.distances, np.float64),
            )
        )
    return Placed(tuple(dropped), _remark(len(light_curves), refused))


def _middle(x: NDArray[np.float32], y: NDArray[np.float32]) -> int:
    """Which point is closest to all the others: unlike a mean, never between two clusters."""
    apart = np.hypot(x[:, None] - x, y[:, None] - y)
    return int(apart.sum(axis=0).argmin())


def _remark(objects: int, refused: Quarantine) -> str:
    parts = []
    if objects > MOST_OBJECTS:
        parts.append(f"the first {MOST_OBJECTS} of {objects} objects; import the file for all")
    if refused.objects or refused.observations:
        parts.append(f"refused {refused.objects} objects and {refused.observations} observations")
    return "; ".join([*parts, *refused.notes[:3]])
