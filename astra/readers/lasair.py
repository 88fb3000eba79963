"""Lasair objects, JSON of its API: one object, or a list of them.

Definitions: lasair.readthedocs.io (objects, lightcurves) and lasair-lsst.readthedocs.io. ZTF:
objectId, objectData, ``candidates`` with jd, fid, magpsf, sigmapsf, isdiffpos; entries without
candid are limits at diffmaglim; read as the ZTF alert is. LSST: diaObjectId, ``diaSourcesList`` and
``diaForcedSourcesList`` with midpointMjdTai, band, psfFlux, psfFluxErr [nJy]; read as the Rubin
tables are.
"""

from typing import Any

import numpy as np
import pandas as pd

from astra.readers import rubin
from astra.readers.columns import Columns
from astra.readers.opening import Opened
from astra.readers.tables import Format, RawTables, Request
from astra.readers.units import JD_OF_MJD_ZERO
from astra.readers.ztf_alert import tables_of_candidates

_ZTF = ("candidates",)
_LSST = ("diaSourcesList", "diaForcedSourcesList")
_MJD = 100_000


def recognises(opened: Opened) -> bool:
    """A mapping, or a list of them, with candidates that have jd and fid, or diaSourcesList."""
    return opened.kind == "json" and any(
        _epochs(entry, _ZTF) or _epochs(entry, _LSST) for entry in _objects(opened.json)
    )


def read(opened: Opened, request: Request) -> RawTables:
    """Light curves of the objects of an answer."""
    objects = _objects(opened.json)
    ztf = any(_epochs(entry, _ZTF) for entry in objects)
    entries, rows = [], []
    for row, entry in enumerate(objects):
        for epoch in _epochs(entry, _ZTF if ztf else _LSST):
            entries.append({**epoch, **(_ztf(entry, epoch) if ztf else _lsst(entry, epoch))})
            rows.append(row)
    columns = Columns(opened.path, pd.DataFrame(entries, dtype=object), np.array(rows, np.int64))
    if ztf:
        return tables_of_candidates(columns, FORMAT.name, request)
    return rubin.tables_of_detections(columns, FORMAT.name, request, overlapping=True)


def _ztf(entry: dict[str, Any], epoch: dict[str, Any]) -> dict[str, Any]:
    """Name and Julian date of an epoch; Lasair has given jd and mjd in their time."""
    time = epoch.get("jd", epoch.get("mjd"))
    if isinstance(time, (int, float)) and time < _MJD:
        time += JD_OF_MJD_ZERO
    return {"objectId": entry.get("objectId"), "jd": time}


def _lsst(entry: dict[str, Any], epoch: dict[str, Any]) -> dict[str, Any]:
    about = entry.get("diaObject")
    dec = epoch.get("dec", epoch.get("decl"))
    if dec is None and isinstance(about, dict):
        dec = about.get("dec", about.get("decl"))
    named = entry.get("diaObjectId") or (
        about.get("diaObjectId") if isinstance(about, dict) else None
    )
    return {"diaObjectId": named, "dec": dec}


def _objects(value: Any) -> list[dict[str, Any]]:
    listed = value if isinstance(value, list) else [value]
    return [entry for entry in listed if isinstance(entry, dict)]


def _epochs(entry: dict[str, Any], parts: tuple[str, ...]) -> list[dict[str, Any]]:
    found = [entry.get(part) for part in parts]
    return [
        epoch
        for part in found
        if isinstance(part, list)
        for epoch in part
        if isinstance(epoch, dict)
        and (({"jd", "mjd"} & set(epoch) and "fid" in epoch) or "midpointMjdTai" in epoch)
    ]


FORMAT = Format("Lasair JSON", recognises, read)
