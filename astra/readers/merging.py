"""Several files as one survey: an object that occurs in some of them is one object."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from astra.readers.quarantine import Quarantine
from astra.readers.tables import Chunk, RawTables

_DIFFERENCE = ".difference"
_BESIDE = (".", "_", "README", "LICENSE", "LICENCE", "COPYING", "skymap")
_HATS = frozenset(
    {
        "hats.properties", "collection.properties", "properties", "partition_info.csv",
        "partition_join_info.csv", "point_map.fits", "data_thumbnail.parquet",
    }
)  # fmt: skip
_CLOCK = ["time_scale", "time_reference"]


def merge(parts: Sequence[RawTables], quarantine: Quarantine) -> RawTables:
    """Tables of several files together.

    Objects of one id and kind of flux are one; of the columns of the catalogue the first value that
    is there counts. Where an id has total and difference fluxes, the latter become the object
    ``<id>.difference``.
    """
    if len(parts) == 1:
        return parts[0]
    frames = [_frame(part, number) for number, part in enumerate(parts)]
    both = _ids_of_both_kinds(frames)
    if both:
        quarantine.note(
            f"{len(both)} objects have total and difference fluxes: the latter are kept apart as "
            f"<id>{_DIFFERENCE}"
        )
    renamed = [_renamed(part, frame, both) for part, frame in zip(parts, frames, strict=True)]
    together = pd.concat(frames, ignore_index=True)
    _note_clocks(together, quarantine)
    objects = _one_row_each(together)
    files = objects.pop("_file").to_numpy(object)
    rows = objects.pop("_row").to_numpy(np.int64)
    chunk = Chunk(parts[0].objects.file.parent, 0, _arrow(objects), rows, files=files)
    observations = chain.from_iterable(part.observations for part in renamed)
    every = tuple(dict.fromkeys(file for part in parts for file in part.files))
    return RawTables(every, chunk, observations, overlapping=True)


def _frame(part: RawTables, number: int) -> pd.DataFrame:
    frame = part.objects.table.to_pandas(ignore_metadata=True)
    count = len(frame)
    every = np.arange(count)
    frame["object_id"] = frame["object_id"].astype(object).where(frame["object_id"].notna(), None)
    frame["object_id"] = frame["object_id"].map(lambda name: None if name is None else str(name))
    if "flux_kind" not in frame:
        frame["flux_kind"] = "total"
    files = part.objects.files
    frame["_file"] = [part.objects.file] * count if files is None else list(files)
    frame["_row"] = part.objects.file_rows(every)
    frame["_part"] = number
    # Rows of one file that repeat an id stay apart, so that the rule on ids still sees them.
    frame["_again"] = frame.groupby("object_id", dropna=False).cumcount()
    return frame


def _ids_of_both_kinds(frames: Sequence[pd.DataFrame]) -> set[str]:
    of_kind: dict[str, set[str]] = {"total": set(), "difference": set()}
    for frame in frames:
        for object_id, kind in zip(frame["object_id"], frame["flux_kind"], strict=True):
            if object_id is not None and kind in of_kind:
                of_kind[kind].add(object_id)
    return of_kind["total"] & of_kind["difference"]


def _renamed(part: RawTables, frame: pd.DataFrame, both: set[str]) -> RawTables:
    """Part whose difference fluxes of such objects have the longer id; ``frame`` follows."""
    here = frame["object_id"].isin(list(both)).to_numpy() & (
        frame["flux_kind"].to_numpy() == "difference"
    )
    if not here.any():
        return part
    new = {name: f"{name}{_DIFFERENCE}" for name in frame.loc[here, "object_id"]}
    frame.loc[here, "object_id"] = frame.loc[here, "object_id"].map(new)
    return replace(part, observations=(_with_ids(chunk, new) for chunk in part.observations))


def _with_ids(chunk: Chunk, new: Mapping[str, str]) -> Chunk:
    ids = chunk.table["object_id"].cast(pa.string()).to_pandas()
    changed = pa.array(ids.map(lambda name: new.get(name, name)), pa.string()).dictionary_encode()
    at = chunk.table.column_names.index("object_id")
    return replace(chunk, table=chunk.table.set_column(at, "object_id", changed))


def _one_row_each(together: pd.DataFrame) -> pd.DataFrame:
    keys = ["object_id", "flux_kind", "_again"]
    grouped = together.drop(columns="_part").groupby(keys, sort=False, dropna=False)
    return grouped.first().reset_index().drop(columns="_again")


def _note_clocks(together: pd.DataFrame, quarantine: Quarantine) -> None:
    """Tell of objects whose times mean different things in different files."""
    if not set(_CLOCK) <= set(together):
        return
    columns = (together[name] for name in ("object_id", *_CLOCK))
    clocks: dict[str, set[tuple[str, ...]]] = {}
    for object_id, *clock in zip(*columns, strict=True):
        clocks.setdefault(str(object_id), set()).add(tuple(map(str, clock)))
    mixed = [object_id for object_id, known in clocks.items() if len(known) > 1]
    if mixed:
        quarantine.note(
            f"{len(mixed)} objects (such as {mixed[0]}) have times of several scales or references "
            "(heliocentric and geocentric differ by up to 8.3 minutes, TAI and UTC by 37 s)"
        )


def _arrow(objects: pd.DataFrame) -> pa.Table:
    """Arrow table; a column whose files disagree on the type becomes text."""
    columns = {}
    for name in objects.columns:
        values = objects[name].astype(object).where(objects[name].notna(), None)
        try:
            columns[str(name)] = pa.array(values, from_pandas=True)
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            columns[str(name)] = pa.array([None if v is None else str(v) for v in values])
    if pa.types.is_null(columns["object_id"].type):
        columns["object_id"] = columns["object_id"].cast(pa.string())
    return pa.table(columns)


def is_beside(file: Path) -> bool:
    """Whether a file of a folder is no data by its name: README, LICENSE, HATS's own tables."""
    name = file.name
    return (
        name in _HATS or name.startswith(_BESIDE) or name.endswith((".md", ".rst", ".html", ".png"))
    )
