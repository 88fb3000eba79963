"""Gathers valid observations into light curves: sorted by time, none repeated, none empty."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from astra.data.bands import BANDS
from astra.data.errors import RejectedFileError
from astra.data.light_curves import LightCurves
from astra.readers.duplicates import coinciding, merge_coinciding
from astra.readers.quarantine import Quarantine
from astra.readers.rules import HAS_OBSERVATIONS, NOT_REPEATED, Mask, ObservationColumns
from astra.readers.tables import Chunk, RawTables
from astra.readers.validation import ValidObjects, validate_objects, validate_observations

_NOTHING = pa.table({})
_KEPT = {
    "keep": "all are kept",
    "best": "the one of smallest error is kept",
    "mean": "their weighted mean is kept",
}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where some gathered observations stood: their chunk, their rows there, their first index."""

    chunk: Chunk
    kept: Mask
    start: int


def assemble(tables: RawTables, quarantine: Quarantine, duplicates: str = "keep") -> LightCurves:
    """Validate the tables of a survey and build its light curves.

    Observations of an object are ordered by time, then band, flux, error and flag, so that the
    order of the file does not matter. Equal ones are kept once; those that share only object, band
    and time are all kept, or the one of smallest error, or their weighted mean, as ``duplicates``
    says (``keep``, ``best``, ``mean``).

    Raises
    ------
    RejectedFileError
        Nothing could be kept.
    """
    objects = validate_objects(tables.objects, quarantine)
    observations, origins = _gather(tables.observations, objects, quarantine)
    order = _time_order(observations, quarantine)
    repeated = _find_repeated(observations, order, duplicates, quarantine)
    if repeated.any() and tables.overlapping:
        quarantine.note(f"{int(repeated.sum())} observations occur more than once; kept once")
    elif repeated.any():
        _refuse_repeated(repeated, observations, origins, objects, quarantine)
    if isinstance(order, slice):
        observations = observations.select(~repeated) if repeated.any() else observations
    else:
        observations = observations.select(order[~repeated[order]])
    observations = merge_coinciding(observations, duplicates)
    empty = np.bincount(observations.owner, minlength=len(objects.table)) == 0
    _refuse_empty(empty, objects, tables.objects, quarantine)
    if empty.all():
        reasons = "; ".join(str(refusal) for _, refusal in zip(range(3), quarantine, strict=False))
        raise RejectedFileError(f"{tables.objects.file}: nothing could be kept: {reasons}")
    renumbered = np.cumsum(~empty, dtype=np.int32) - 1
    object_table = objects.table.loc[~empty].reset_index(drop=True)
    owner = renumbered[observations.owner]
    return LightCurves.from_tables(
        object_table, _observation_table(observations, owner, object_table)
    )


def _gather(
    chunks: Iterable[Chunk], objects: ValidObjects, quarantine: Quarantine
) -> tuple[ObservationColumns, list[Origin]]:
    """Valid observations of all chunks, in the order of the files.

    Only what messages need of a chunk is held on to.
    """
    parts, origins, start = [], [], 0
    for chunk in chunks:
        part, kept = validate_observations(chunk, objects, quarantine)
        parts.append(part)
        origins.append(Origin(replace(chunk, table=_NOTHING, given={}), kept, start))
        start += len(part.owner)
    names = [field.name for field in fields(ObservationColumns)]
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    return ObservationColumns(**joined), origins


def _time_order(columns: ObservationColumns, quarantine: Quarantine) -> NDArray[np.int64] | slice:
    """Order by object, time, band, flux, error, flag; what was out of order in time is noted."""
    owner, mjd = columns.owner, columns.mjd
    same = owner[1:] == owner[:-1]
    in_order = bool(((owner[1:] > owner[:-1]) | (same & (mjd[1:] >= mjd[:-1]))).all())
    if in_order and not (same & (mjd[1:] == mjd[:-1])).any():
        return slice(None)
    if in_order:
        return _with_ties(columns, np.arange(len(owner)))
    by_owner = np.argsort(owner, kind="stable")
    earlier = (np.diff(mjd[by_owner]) < 0) & (np.diff(owner[by_owner]) == 0)
    if earlier.any():
        n_objects = len(np.unique(owner[by_owner][1:][earlier]))
        quarantine.note(
            f"{int(earlier.sum())} observations of {n_objects} objects were earlier than the one "
            "before; they are sorted by time, equal times by band, flux and error"
        )
    return _with_ties(columns, np.lexsort((mjd, owner)))


def _with_ties(columns: ObservationColumns, order: NDArray[np.int64]) -> NDArray[np.int64]:
    """Order in which observations of one object and time follow band, flux, error and flag."""
    places = coinciding(columns.owner[order], columns.mjd[order])
    tied = columns.select(order[places])
    again = np.lexsort((tied.flagged, tied.flux_error, tied.flux, tied.band, tied.mjd, tied.owner))
    order[places] = order[places][again]
    return order


def _find_repeated(
    columns: ObservationColumns,
    order: NDArray[np.int64] | slice,
    duplicates: str,
    quarantine: Quarantine,
) -> Mask:
    """Which observations equal an earlier one; those sharing only band and time are noted."""
    places = coinciding(columns.owner[order], columns.mjd[order])
    repeated = np.zeros(len(columns.owner), bool)
    if not len(places):
        return repeated
    indices = places if isinstance(order, slice) else order[places]
    table = pd.DataFrame({f.name: getattr(columns, f.name)[indices] for f in fields(columns)})
    # Of equal ones the first in the file is kept, wherever the order has put it.
    equal = table.iloc[np.argsort(indices, kind="stable")].duplicated().sort_index().to_numpy()
    shared = table.loc[~equal, ["owner", "mjd", "band"]].duplicated().sum()
    if shared:
        quarantine.note(
            f"{shared} observations share object, band and time with another but differ in flux "
            f"or error; {_KEPT[duplicates]}"
        )
    repeated[indices[equal]] = True
    return repeated


def _refuse_repeated(
    repeated: Mask,
    columns: ObservationColumns,
    origins: list[Origin],
    objects: ValidObjects,
    quarantine: Quarantine,
) -> None:
    quarantine.observations += int(repeated.sum())
    for origin in origins:
        here = slice(origin.start, origin.start + int(origin.kept.sum()))
        rows = np.flatnonzero(origin.kept)[repeated[here]]
        if len(rows):
            again = columns.select(here).select(repeated[here])
            ids = pa.array(objects.table["object_id"].iloc[again.owner], pa.string())
            file_rows = origin.chunk.file_rows(rows)
            quarantine.refuse(origin.chunk.file, NOT_REPEATED, file_rows, pa.array(again.mjd), ids)


def _refuse_empty(empty: Mask, objects: ValidObjects, chunk: Chunk, quarantine: Quarantine) -> None:
    for file, rows in chunk.by_file(objects.rows[empty]):
        if len(rows):
            ids = chunk.table["object_id"].take(rows).cast(pa.string())
            quarantine.refuse(file, HAS_OBSERVATIONS, chunk.file_rows(rows), ids, ids)
    quarantine.objects += int(empty.sum())


def _observation_table(
    columns: ObservationColumns, owner: NDArray[np.int32], objects: pd.DataFrame
) -> pd.DataFrame:
    """Canonical table of observations whose ids and bands are codes, not text."""
    names = list(BANDS)
    used = sorted(np.unique(columns.band), key=names.__getitem__)
    code = np.zeros(len(names), np.int8)
    code[used] = np.arange(len(used), dtype=np.int8)
    table = {
        "object_id": pd.Categorical.from_codes(owner, objects["object_id"], validate=False),
        "mjd": columns.mjd,
        "band": pd.Categorical.from_codes(code[columns.band], [names[i] for i in used]),
        "flux_ujy": columns.flux,
        "flux_err_ujy": columns.flux_error,
    }
    if columns.flagged.any():
        table["flagged"] = columns.flagged.astype(bool)
    return pd.DataFrame(table, copy=False)
