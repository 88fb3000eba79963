"""ZTF alert packets, Avro, schemas 3.x and 4.x, as IPAC, Kowalski and Fink distribute them.

Definition: github.com/ZwickyTransientFacility/ztf-avro-alert. Used of ``candidate`` and
``prv_candidates``: jd, fid, magpsf, sigmapsf, isdiffpos, diffmaglim, rb, nbad, ra, dec; of
``fp_hists`` (schema 4): jd, fid, forcediffimflux(unc), magzpsci, procstatus.

Flux: difference flux; negative where isdiffpos is f or 0. Epochs without magpsf are upper limits at
diffmaglim. Forced fluxes [DN, AB zero point magzpsci] take the place of the alert's own value of
the same exposure and filter; -99999 is none. Time: JD (UTC) at the start of the exposure. Flagged
by default, as Fink cuts: rb < 0.55 or nbad > 0. Packets of one object repeat each other's history;
what is repeated is kept once.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from astra.readers.band_names import ZTF_OF_ID
from astra.readers.columns import Columns
from astra.readers.opening import Opened
from astra.readers.photometry import (
    About,
    Observed,
    names,
    tables_of,
    with_limits,
)
from astra.readers.tables import Format, RawTables, Request
from astra.readers.units import (
    UTC_START,
    Floats,
    error_of_magnitude,
    flux_of_magnitude,
    microjansky,
    mjd_of_jd,
    without,
)

WORST_RB = 0.55
_SENTINEL = -99_999.0
_ALERT = ("jd", "fid", "magpsf", "sigmapsf", "isdiffpos", "diffmaglim", "rb", "nbad", "ra", "dec")
_FORCED = ("jd", "fid", "forcediffimflux", "forcediffimfluxunc", "magzpsci")


def recognises(opened: Opened) -> bool:
    """Avro whose packets have objectId, and a candidate with jd and magpsf."""
    if opened.kind != "avro":
        return False
    packet = opened.avro[1][0]
    candidate = packet.get("candidate")
    return (
        "objectId" in packet and isinstance(candidate, dict) and {"jd", "magpsf"} <= set(candidate)
    )


def read(opened: Opened, request: Request) -> RawTables:
    """Light curves of the objects of the packets in a file."""
    return tables_of_packets(opened, opened.avro[1], FORMAT.name, request)


def tables_of_packets(
    opened: Opened, packets: Iterable[Mapping[str, Any]], name: str, request: Request
) -> RawTables:
    """Light curves of packets; a packet is a row of its file."""
    table, rows = _epochs(packets)
    columns = Columns(opened.path, table, rows)
    return tables_of_candidates(columns, name, request)


def tables_of_candidates(columns: Columns, name: str, request: Request) -> RawTables:
    """Light curves of a table of candidates: objectId and the columns of ``_ALERT``."""
    observed = _observed(columns)
    forced = np.isfinite(columns.numbers("forcediffimflux"))
    if forced.any():
        kept = ~_superseded(columns, forced)
        columns, observed = columns.where(kept), observed.where(kept)
    detected = np.isfinite(columns.numbers("magpsf"))
    position = {axis: np.where(detected, columns.numbers(axis), np.nan) for axis in ("ra", "dec")}
    about = About(
        format=name,
        clock=UTC_START,
        difference=True,
        survey="ztf",
        columns=position,
        names=names(object_id="objectId", time="jd", band="fid", flux="magpsf", error="sigmapsf"),
        overlapping=True,
    )
    return tables_of(columns, observed, about, request, "hold neither a magnitude nor a limit")


def _epochs(packets: Iterable[Mapping[str, Any]]) -> tuple[pd.DataFrame, np.ndarray]:
    """One row per epoch of each packet's candidate, history and forced photometry."""
    entries, rows = [], []
    for row, packet in enumerate(packets):
        candidate = packet.get("candidate")
        alerts = [candidate, *_list(packet.get("prv_candidates"))]
        for names_, epochs in ((_ALERT, alerts), (_FORCED, _list(packet.get("fp_hists")))):
            for epoch in epochs:
                if isinstance(epoch, Mapping):
                    entry = {name: epoch.get(name) for name in names_}
                    entries.append({"objectId": packet.get("objectId"), **entry})
                    rows.append(row)
    wanted = dict.fromkeys(("objectId", *_ALERT, *_FORCED))
    table = pd.DataFrame(entries, columns=pd.Index(wanted), dtype=object)
    return table, np.array(rows, np.int64)


def _list(value: object) -> list:
    return list(value) if isinstance(value, (list, np.ndarray)) else []


def _observed(columns: Columns) -> Observed:
    sign = np.where(columns.true("isdiffpos"), 1.0, -1.0)
    flux = flux_of_magnitude(columns.numbers("magpsf"), sign)
    error = error_of_magnitude(flux, columns.numbers("sigmapsf"))
    forced = without(columns.numbers("forcediffimflux"), _SENTINEL, tolerance=1)
    forced_error = without(columns.numbers("forcediffimfluxunc"), _SENTINEL, tolerance=1)
    zero_point = columns.numbers("magzpsci")
    has_forced = np.isfinite(forced)
    observed = Observed(
        columns.texts("objectId"),
        mjd_of_jd(columns.numbers("jd")),
        np.where(has_forced, microjansky(forced, zero_point), flux),
        np.where(has_forced, microjansky(forced_error, zero_point), error),
        np.array([ZTF_OF_ID.get(text or "", text) for text in columns.texts("fid")], object),
        (columns.numbers("rb") < WORST_RB) | (columns.numbers("nbad") > 0),
    )
    return with_limits(observed, limits(columns))


def limits(columns: Columns) -> Floats:
    """Limiting magnitudes, where nothing was detected; sentinels are none."""
    return without(columns.numbers("diffmaglim"), -999.0, 99.0)


def _superseded(columns: Columns, forced: np.ndarray) -> np.ndarray:
    """Alert epochs of which the same exposure and filter has a forced flux."""
    forced = forced & (columns.numbers("forcediffimflux") > _SENTINEL + 1)
    keys = pd.DataFrame(
        {
            "object": columns.texts("objectId"),
            "band": columns.texts("fid"),
            "time": np.round(columns.numbers("jd"), 5),
        }
    )
    return keys.duplicated(keep=False).to_numpy() & ~forced & _among(keys, keys.loc[forced])


def _among(keys: pd.DataFrame, others: pd.DataFrame) -> np.ndarray:
    """Which keys occur among others."""
    marked = keys.merge(others.drop_duplicates(), how="left", indicator=True)
    return (marked["_merge"] == "both").to_numpy()


FORMAT = Format("ZTF alert", recognises, read)
