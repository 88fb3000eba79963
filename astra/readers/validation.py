"""Applies the rules to tables, a column at a time: keeps the rows that pass, refuses the others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from astra.data.bands import BANDS
from astra.readers.positions import apart_at_origin
from astra.readers.quarantine import LISTED_PER_RULE, Quarantine
from astra.readers.rules import (
    NO_BAND,
    NO_OBJECT,
    OBJECT_RULES,
    OBSERVATION_RULES,
    REFUSED_OBJECT,
    UNIQUE_ID,
    UNKNOWN_BAND,
    UNKNOWN_OBJECT,
    Mask,
    ObjectColumns,
    ObservationColumns,
    Rule,
)
from astra.readers.tables import Chunk

SAFE_ID = r"[A-Za-z0-9_.:+-]{1,64}"
FLUX_KINDS = ("total", "difference")
Columns = TypeVar("Columns", ObjectColumns, ObservationColumns)
_BAND_INDEX = pd.Index(list(BANDS), dtype=object)


@dataclass(frozen=True)
class ValidObjects:
    """The objects whose own row keeps the rules.

    Attributes
    ----------
    table : DataFrame [objects]
    rows : int64 [objects]
        Their rows in the chunk.
    refused_ids : Index
        Ids of which no row was kept.
    """

    table: pd.DataFrame
    rows: NDArray[np.int64]
    refused_ids: pd.Index

    def owners(self, object_ids: Sequence[str]) -> NDArray[np.int32]:
        """Row in ``table`` of each id, int32 [ids], or the code of why there is none: negative."""
        wanted = pd.Index(object_ids, dtype=object)
        owner = self._index.get_indexer(wanted).astype(np.int32)
        lost = np.flatnonzero(owner < 0)
        refused = self.refused_ids.get_indexer(wanted[lost]) >= 0
        owner[lost] = np.where(refused, REFUSED_OBJECT, UNKNOWN_OBJECT)
        return owner

    @cached_property
    def _index(self) -> pd.Index:
        return pd.Index(self.table["object_id"], dtype=object)


def validate_objects(chunk: Chunk, quarantine: Quarantine) -> ValidObjects:
    """Refuse the rows of an object table that break a rule."""
    chunk = apart_at_origin(chunk, quarantine)
    table = _with_defaults(chunk, quarantine)
    broken = _apply(OBJECT_RULES, _object_columns(table), table, chunk, quarantine)
    ids = table["object_id"].to_pandas()
    first = ~ids.mask(broken).duplicated().to_numpy() | broken
    _refuse(UNIQUE_ID, ~first, table, chunk, quarantine)
    kept = first & ~broken
    quarantine.objects += int((~kept).sum())
    frame = table.filter(pa.array(kept)).to_pandas(ignore_metadata=True)
    refused = pd.Index(ids[~kept].dropna().unique(), dtype=object)
    if len(refused):
        refused = refused.difference(pd.Index(frame["object_id"], dtype=object))
    return ValidObjects(frame, np.flatnonzero(kept), refused)


def _with_defaults(chunk: Chunk, quarantine: Quarantine) -> pa.Table:
    """Table with the columns that Astra relies on; what was assumed is noted."""
    table = chunk.table
    for name in ("ra", "dec"):
        if name not in table.column_names:
            table = table.append_column(name, pa.nulls(len(table), pa.float64()))
            quarantine.note(f"{chunk.file}: no column {name}: positions are unknown")
    if "flux_kind" not in table.column_names:
        total = pa.array(["total"] * len(table), pa.large_string())
        table = table.append_column("flux_kind", total)
        quarantine.note(f"{chunk.file}: no column flux_kind: all fluxes are taken as total")
    return table


def _object_columns(table: pa.Table) -> ObjectColumns:
    ids = table["object_id"].to_pandas()
    return ObjectColumns(
        has_id=ids.notna().to_numpy(),
        safe_id=ids.str.fullmatch(SAFE_ID, na=False).to_numpy(bool),
        known_kind=table["flux_kind"].to_pandas().isin(FLUX_KINDS).to_numpy(),
        ra=_numbers(table["ra"]),
        dec=_numbers(table["dec"]),
    )


def validate_observations(
    chunk: Chunk, objects: ValidObjects, quarantine: Quarantine
) -> tuple[ObservationColumns, Mask]:
    """Refuse the observations of a chunk that break a rule.

    Returns
    -------
    ObservationColumns
        The observations that are kept.
    bool [observations of the chunk]
        Which ones these are.
    """
    columns = _observation_columns(chunk.table, objects)
    broken = _apply(OBSERVATION_RULES, columns, chunk.table, chunk, quarantine)
    if not broken.any():
        return columns, ~broken
    quarantine.observations += int(broken.sum())
    return columns.select(~broken), ~broken


def _observation_columns(table: pa.Table, objects: ValidObjects) -> ObservationColumns:
    with np.errstate(over="ignore"):
        flux = _numbers(table["flux_ujy"]).astype(np.float32)
        flux_error = _numbers(table["flux_err_ujy"]).astype(np.float32)
    return ObservationColumns(
        owner=_look_up(table["object_id"], objects.owners, NO_OBJECT),
        mjd=_numbers(table["mjd"]),
        flux=flux,
        flux_error=flux_error,
        band=_look_up(table["band"], _band_codes, NO_BAND),
        flagged=_flags(table),
    )


def _band_codes(names: Sequence[str]) -> NDArray[np.uint8]:
    codes = _BAND_INDEX.get_indexer(pd.Index(names, dtype=object))
    return np.where(codes < 0, UNKNOWN_BAND, codes).astype(np.uint8)


def _look_up(
    column: pa.ChunkedArray, codes_of: Callable[[Sequence[str]], NDArray], null: int
) -> NDArray:
    """Code of each text; each distinct text is looked up once."""
    parts = []
    for part in column.chunks:
        if not pa.types.is_dictionary(part.type):
            part = part.cast(pa.string()).dictionary_encode()
        codes = codes_of(part.dictionary.cast(pa.string()).to_pylist())
        # The null's code stands last, where index -1 finds it.
        codes = np.append(codes, np.asarray(null, codes.dtype))
        parts.append(codes[part.indices.fill_null(-1).to_numpy(zero_copy_only=False)])
    return np.concatenate(parts)


def _flags(table: pa.Table) -> NDArray[np.uint8]:
    if "flagged" not in table.column_names:
        return np.zeros(len(table), np.uint8)
    return table["flagged"].cast(pa.uint8()).fill_null(2).to_numpy()


def _numbers(column: pa.ChunkedArray) -> NDArray[np.float64]:
    """Numbers as float64, NaN where null."""
    return column.cast(pa.float64(), safe=False).to_numpy()


def _apply(
    rules: Sequence[tuple[Rule, Callable[[Columns], Mask]]],
    columns: Columns,
    table: pa.Table,
    chunk: Chunk,
    quarantine: Quarantine,
) -> Mask:
    """Refuse what breaks any of the rules, and say which rows do."""
    broken = np.zeros(len(table), bool)
    for rule, breaks in rules:
        mask = breaks(columns)
        if mask.any():
            _refuse(rule, mask, table, chunk, quarantine)
            broken |= mask
    return broken


def _refuse(rule: Rule, mask: Mask, table: pa.Table, chunk: Chunk, quarantine: Quarantine) -> None:
    column, values = chunk.given.get(rule.column, (rule.column, None))
    for file, rows in chunk.by_file(np.flatnonzero(mask)):
        if not len(rows):
            continue
        ids = table["object_id"].take(rows)
        if values is None:
            shown = table[rule.column].take(rows)
        else:
            shown = pa.array([str(values.iloc[row]) for row in rows[:LISTED_PER_RULE]])
        quarantine.refuse(file, rule, chunk.file_rows(rows), shown, ids, column)
