"""The object table of a file, gathered from what its observations say."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from astra.data.errors import RejectedFileError
from astra.readers.columns import Columns
from astra.readers.positions import beside_a_place
from astra.readers.tables import Chunk

if TYPE_CHECKING:
    from astra.readers.photometry import About


def object_table(columns: Columns, ids: NDArray[np.object_], about: "About") -> Chunk:
    """One row per object, in the order of their first observations.

    Parameters
    ----------
    columns : Columns
    ids : object array of str or None [rows]
    about : About

    Raises
    ------
    RejectedFileError
        No row names its object.
    """
    owner, distinct = pd.factorize(ids, use_na_sentinel=True)
    if not len(distinct):
        raise RejectedFileError(f"{columns.file}: no row names its object")
    facts = _with_places(dict(about.columns), owner)
    if about.difference_of is not None:
        facts["flux_kind"] = np.where(about.difference_of, "difference", "total").astype(object)
    of_all = {
        "survey": about.survey or None,
        "flux_kind": "difference" if about.difference else "total",
        "format": about.format,
        "time_scale": about.clock.scale,
        "time_reference": about.clock.reference,
        "time_at": about.clock.at,
        "_per_filter": about.per_filter,
    }
    table = {"object_id": pa.array(distinct, pa.string())} | {
        name: pa.array(_of_each(value, owner, len(distinct)), from_pandas=True)
        for name, value in {**facts, **{n: v for n, v in of_all.items() if n not in facts}}.items()
    }
    rows = _of_each(columns.rows, owner, len(distinct))
    return Chunk(columns.file, 0, pa.table(table), np.asarray(rows, np.int64))


def _with_places(facts: dict[str, object], owner: NDArray[np.integer]) -> dict[str, object]:
    """Facts in which a row without a position leaves its object the place that another row has."""
    ra, dec = facts.get("ra"), facts.get("dec")
    if not (isinstance(ra, np.ndarray) and isinstance(dec, np.ndarray)):
        return facts
    if ra.dtype.kind != "f" or dec.dtype.kind != "f":
        return facts
    idle = beside_a_place(ra, dec, owner)
    places = {"ra": np.where(idle, np.nan, ra), "dec": np.where(idle, np.nan, dec)}
    return {**facts, **places} if idle.any() else facts


def _of_each(value: object, owner: NDArray[np.integer], count: int) -> Sequence | NDArray:
    """A fact of each object: the same for all, or the first of its observations' that is there."""
    if not isinstance(value, np.ndarray):
        return [value] * count
    there = np.flatnonzero((owner >= 0) & pd.notna(value))
    owners, first = np.unique(owner[there], return_index=True)
    is_float = value.dtype.kind == "f"
    found = np.full(count, np.nan) if is_float else np.full(count, None, object)
    found[owners] = value[there[first]]
    return found
