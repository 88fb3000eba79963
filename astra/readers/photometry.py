"""From the columns of a file to the tables that are validated: where every reader ends."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from astra.data.errors import RejectedFileError
from astra.readers.columns import Columns
from astra.readers.object_table import object_table
from astra.readers.rules import ROW_IS_WHOLE, Mask
from astra.readers.tables import Chunk, RawTables, Request
from astra.readers.units import Clock, Floats, error_of_limit

_ZTF_NAME = re.compile(r"ZTF\d{2}[a-z]{7}")
_UNSAFE = re.compile(r"[^A-Za-z0-9_.:+-]+")
_ENDINGS = re.compile(r"(\.(gz|csv|txt|dat|json|avro|parquet|fits|xml|vot|votable|tsv))+$", re.I)
ASSUMED_ERROR = 0.1


@dataclass(frozen=True, slots=True)
class Observed:
    """Observations in canonical units, each an array [rows].

    Attributes
    ----------
    object_id : object array of str or None, or one str for all
    mjd : float64, days
    flux, flux_error : float64, microjansky
    band : object array of str or None
    flagged : bool
    """

    object_id: NDArray[np.object_] | str
    mjd: Floats
    flux: Floats
    flux_error: Floats
    band: NDArray[np.object_]
    flagged: Mask

    def where(self, mask: Mask) -> Self:
        """Some of the observations."""
        values: dict[str, Any] = {}
        for name in (f.name for f in fields(self)):
            value = getattr(self, name)
            values[name] = value if isinstance(value, str) else value[mask]
        return type(self)(**values)


@dataclass(frozen=True, slots=True)
class About:
    """What a format says of its objects.

    Attributes
    ----------
    format : str
        Name of the format.
    clock : Clock
    difference : bool
        Fluxes are differences from a reference.
    survey : str
    columns : mapping of name to value or array [rows]
        More for the catalogue: ``ra``, ``dec``, ``label``, ``redshift``; of an array, each object
        gets its first value that is there.
    names : mapping of canonical name to the file's
    per_filter : bool
        An object of the file is one filter of an object on the sky.
    overlapping : bool
        Files of this format repeat each other's observations.
    difference_of : bool array [rows], optional
        Where objects of one file differ in kind.
    """

    format: str
    clock: Clock
    difference: bool
    survey: str = ""
    columns: Mapping[str, object] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    per_filter: bool = False
    overlapping: bool = False
    difference_of: Mask | None = None


def tables_of(
    columns: Columns, observed: Observed, about: About, request: Request, empty: str = ""
) -> RawTables:
    """Tables of one file, unchecked; rows without as many values as columns are refused.

    Where ``empty`` says what such rows are, rows without a flux are left out and counted; else
    they are refused.

    Raises
    ------
    RejectedFileError
        Nothing is left to check.
    """
    _refuse_torn(columns, request)
    if empty:
        columns, observed, about = _without_empty(columns, observed, about, request, empty)
    if not len(columns):
        raise RejectedFileError(f"{columns.file}: no row holds an observation")
    ids = _ids(observed.object_id, len(columns))
    table = pa.table(
        {
            "object_id": pa.array(ids, pa.string()).dictionary_encode(),
            "mjd": observed.mjd,
            "band": pa.array(observed.band, pa.string()).dictionary_encode(),
            "flux_ujy": observed.flux,
            "flux_err_ujy": _own_errors(columns, observed, about),
            "flagged": np.asarray(observed.flagged, bool),
        }
    )
    given = {
        canonical: (name, pd.Series(columns.table[name]))
        for canonical, name in about.names.items()
        if name in columns
    }
    chunk = Chunk(columns.file, 0, table, columns.rows, given)
    return RawTables(
        files=(columns.file,),
        objects=object_table(columns, ids, about),
        observations=iter([chunk]),
        overlapping=about.overlapping,
    )


def with_limits(observed: Observed, limiting_magnitude: Floats) -> Observed:
    """Observations in which a limit stands where no flux does: flux 0, a fifth of it as error.

    Parameters
    ----------
    observed : Observed
    limiting_magnitude : float64 [rows]
        AB; NaN where none is given.
    """
    limit = ~np.isfinite(observed.flux) & np.isfinite(limiting_magnitude)
    return Observed(
        observed.object_id,
        observed.mjd,
        np.where(limit, 0.0, observed.flux),
        np.where(limit, error_of_limit(limiting_magnitude), observed.flux_error),
        observed.band,
        observed.flagged | limit,
    )


def _without_empty(
    columns: Columns, observed: Observed, about: About, request: Request, empty: str
) -> tuple[Columns, Observed, About]:
    """Leave out the rows that hold no measurement, and say how many.

    What stands in place of a number but is none stays, to be refused.
    """
    name = about.names.get("flux_ujy", "")
    said = np.array([text is not None for text in columns.texts(name)], bool)
    is_garbage = said & ~np.isfinite(columns.numbers(name))
    kept = np.isfinite(observed.flux) | is_garbage
    if kept.all():
        return columns, observed, about
    left = int((~kept).sum())
    request.quarantine.note(f"{columns.file}: {left} rows {empty}; they are left out")
    facts = {
        key: value[kept] if isinstance(value, np.ndarray) else value
        for key, value in about.columns.items()
    }
    kinds = None if about.difference_of is None else about.difference_of[kept]
    about = replace(about, columns=facts, difference_of=kinds)
    return columns.where(kept), observed.where(kept), about


def with_assumed_errors(
    columns: Columns, error: Floats, flagged: Mask, request: Request
) -> tuple[Floats, Mask]:
    """Magnitude errors [mag] in which missing ones are assumed, and flags that say where.

    An error of 0 is none. Without ``assumed_error`` in the options it is 0.1 mag and the
    observations are flagged, so that no encoder learns from it.
    """
    missing = ~np.isfinite(error) | (error == 0)
    if not missing.any():
        return error, flagged
    chosen = request.options.assumed_error
    request.quarantine.note(
        f"{columns.file}: {int(missing.sum())} magnitudes have no error: "
        f"{chosen or ASSUMED_ERROR} mag is assumed"
        + ("" if chosen else " and they are flagged (--assume-error gives another and keeps them)")
    )
    return np.where(missing, chosen or ASSUMED_ERROR, error), flagged | (missing & (not chosen))


def name_of(file: Path) -> str:
    """Id for the one object of a file: the ZTF name in the file's, else the file's name."""
    found = _ZTF_NAME.search(file.name)
    if found:
        return found[0]
    return _UNSAFE.sub("_", _ENDINGS.sub("", file.name))[:64].strip("_") or "object"


def no_flags(columns: Columns) -> Mask:
    """Nothing flagged."""
    return np.zeros(len(columns), bool)


def _own_errors(columns: Columns, observed: Observed, about: About) -> Floats:
    """Errors in which one that is missing only for want of a flux is not refused as well."""
    given = np.isfinite(columns.numbers(about.names.get("flux_err_ujy", "")))
    return np.where(given & ~np.isfinite(observed.flux), 1.0, observed.flux_error)


def _ids(object_id: NDArray[np.object_] | str, count: int) -> NDArray[np.object_]:
    return np.full(count, object_id, object) if isinstance(object_id, str) else object_id


def _refuse_torn(columns: Columns, request: Request) -> None:
    if columns.torn:
        rows, texts = zip(*columns.torn, strict=True)
        nulls = pa.nulls(len(rows), pa.string())
        request.quarantine.refuse(
            columns.file, ROW_IS_WHOLE, np.array(rows), pa.array(texts, pa.string()), nulls
        )
        request.quarantine.observations += len(rows)


def names(**given: str) -> dict[str, str]:
    """Names of a format for the canonical columns, from short words."""
    words: Sequence[tuple[str, str]] = (
        ("object_id", "object_id"), ("time", "mjd"), ("band", "band"),
        ("flux", "flux_ujy"), ("error", "flux_err_ujy"),
    )  # fmt: skip
    return {canonical: given[word] for word, canonical in words if word in given}
