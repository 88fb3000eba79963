"""ALeRCE: light curves of its API as JSON, and of its web page and archive as CSV and Parquet.

Definition: alerce.readthedocs.io (models) and alercebroker/pipeline (correction). Used of
detections: oid, mjd, fid, magpsf, sigmapsf, isdiffpos, magpsf_corr, sigmapsf_corr,
sigmapsf_corr_ext, corrected, dubious, ra, dec; of non-detections: mjd, fid, diffmaglim; of forced
photometry: mag, e_mag, mag_corr, e_mag_corr, e_mag_corr_ext. A table without oid is of one object,
named after its file.

Flux: an object of which every detection that is not dubious is corrected has total flux
(magpsf_corr, error sigmapsf_corr, or sigmapsf_corr_ext where that is 100, "no value"); any other
has difference flux (magpsf with the sign of isdiffpos), and non-detections are its upper limits.
Limits say nothing of a total flux and are left out there. Time: MJD (UTC) at the start of the
exposure. Flagged by default: dubious. 100 and inf are no values.
"""

from typing import Any

import numpy as np
import pandas as pd

from astra.readers.band_names import ZTF_OF_ID
from astra.readers.columns import Columns
from astra.readers.opening import Opened
from astra.readers.photometry import (
    About,
    Observed,
    name_of,
    names,
    tables_of,
    with_limits,
)
from astra.readers.tables import Format, RawTables, Request
from astra.readers.units import UTC_START, Floats, error_of_magnitude, flux_of_magnitude, without

_NO_VALUE = 100.0
# What forced photometry calls the columns of detections.
_FORCED = {
    "mag": "magpsf", "e_mag": "sigmapsf", "mag_corr": "magpsf_corr",
    "e_mag_corr": "sigmapsf_corr", "e_mag_corr_ext": "sigmapsf_corr_ext",
}  # fmt: skip
_PARTS = ("detections", "non_detections", "forced_photometry")


def recognises_json(opened: Opened) -> bool:
    """A mapping with lists of detections, non-detections or forced photometry with mjd and fid."""
    if opened.kind != "json" or not isinstance(opened.json, dict):
        return False
    return any(_is_epoch(epoch) for part in _PARTS for epoch in _listed(opened.json, part)[:1])


def read_json(opened: Opened, request: Request) -> RawTables:
    """Light curves of an answer of the API."""
    frames, rows = [], []
    for part in _PARTS:
        entries = [entry for entry in _listed(opened.json, part) if isinstance(entry, dict)]
        if entries:
            frame = pd.DataFrame(entries, dtype=object)
            if part == "forced_photometry":
                frame = frame.rename(columns=_FORCED)
            frames.append(frame)
            rows.append(np.arange(len(frame)))
    columns = Columns(opened.path, pd.concat(frames, ignore_index=True), np.concatenate(rows))
    return _tables(columns, JSON.name, request)


def recognises_table(opened: Opened) -> bool:
    """A table with mjd, fid, magpsf, sigmapsf and isdiffpos, or of non-detections alone."""
    return opened.has("mjd", "fid", "magpsf", "sigmapsf", "isdiffpos") or opened.has(
        "mjd", "fid", "diffmaglim"
    )


def read_table(opened: Opened, request: Request) -> RawTables:
    """Light curves of a table of detections or of non-detections."""
    return _tables(opened.columns, TABLE.name, request)


def _tables(columns: Columns, name: str, request: Request) -> RawTables:
    ids = columns.texts("oid") if "oid" in columns else name_of(columns.file)
    if isinstance(ids, np.ndarray) and not any(ids):
        ids = name_of(columns.file)
    whole = ids if isinstance(ids, np.ndarray) else np.full(len(columns), ids, object)
    is_total = _is_total(columns, whole)
    difference = flux_of_magnitude(
        _valid(columns, "magpsf"), np.where(columns.numbers("isdiffpos") < 0, -1.0, 1.0)
    )
    total = flux_of_magnitude(_valid(columns, "magpsf_corr"))
    total = np.where(columns.true("corrected"), total, np.nan)
    corrected_error = _valid(columns, "sigmapsf_corr")
    extended_error = _valid(columns, "sigmapsf_corr_ext")
    magnitude_error = np.where(
        is_total,
        np.where(np.isfinite(corrected_error), corrected_error, extended_error),
        _valid(columns, "sigmapsf"),
    )
    flux = np.where(is_total, total, difference)
    observed = Observed(
        whole,
        columns.numbers("mjd"),
        flux,
        error_of_magnitude(flux, magnitude_error),
        np.array([ZTF_OF_ID.get(text or "", text) for text in columns.texts("fid")], object),
        columns.true("dubious"),
    )
    detected = np.isfinite(columns.numbers("magpsf"))
    limit = np.where(detected | is_total, np.nan, _valid(columns, "diffmaglim"))
    about = About(
        format=name,
        clock=UTC_START,
        difference=True,
        survey="ztf",
        columns={axis: columns.numbers(axis) for axis in ("ra", "dec")},
        names=names(object_id="oid", time="mjd", band="fid", flux="magpsf", error="sigmapsf"),
        overlapping=True,
        difference_of=~is_total,
    )
    return tables_of(
        columns,
        with_limits(observed, limit),
        about,
        request,
        "are limits, or not corrected, of objects of total flux",
    )


def _is_total(columns: Columns, ids: np.ndarray) -> np.ndarray:
    """Of each row, whether its object's detections are all corrected, the dubious aside."""
    counted = np.isfinite(columns.numbers("magpsf")) & ~columns.true("dubious")
    table = pd.DataFrame({"id": ids, "corrected": columns.true("corrected"), "counted": counted})
    of_object = table[counted].groupby("id", dropna=False)["corrected"].all()
    total = set(of_object.index[of_object.to_numpy(bool)])
    return np.array([object_id in total for object_id in ids], bool)


def _valid(columns: Columns, name: str) -> Floats:
    return without(columns.numbers(name), _NO_VALUE, -999.0)


def _listed(value: dict[str, Any], part: str) -> list:
    found = value.get(part)
    return found if isinstance(found, list) else []


def _is_epoch(entry: object) -> bool:
    return isinstance(entry, dict) and {"mjd", "fid"} <= set(entry)


JSON = Format("ALeRCE JSON", recognises_json, read_json)
TABLE = Format("ALeRCE table", recognises_table, read_table)
