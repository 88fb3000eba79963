"""Open Supernova Catalog events, JSON (astrocats schema).

Definition: github.com/astrocatalogs/supernovae SCHEMA.md. Used: name (or alias), ra [hours], dec,
redshift, claimedtype; of ``photometry``: time, u_time, band, magnitude, e_magnitude, upperlimit,
telescope, instrument, survey, host, model.

Flux: total, from magnitudes as published, systems as they come. Time: MJD as published (JD is
converted); the scale is unknown. Flagged by default: upper limits (flux 0), and magnitudes without
an error (0.1 mag is assumed). Left out: entries of models, of host galaxies, and without magnitude
(spectra, X-rays, radio, count rates).
"""

from typing import Any

import numpy as np
import pandas as pd

from astra.readers.band_names import band_of
from astra.readers.columns import Columns
from astra.readers.opening import Opened
from astra.readers.photometry import (
    About,
    Observed,
    names,
    tables_of,
    with_assumed_errors,
    with_limits,
)
from astra.readers.tables import Format, RawTables, Request
from astra.readers.units import Clock, error_of_magnitude, flux_of_magnitude, mjd_of_jd

_TAKEN_BY = ("telescope", "instrument", "survey")
_USED = ("time", "u_time", "band", "magnitude", "e_magnitude", "upperlimit", "host", "model")
_JD = 2_400_000.0


def recognises(opened: Opened) -> bool:
    """A mapping of events that have photometry with time."""
    if opened.kind != "json" or not isinstance(opened.json, dict):
        return False
    return bool(_events(opened.json))


def read(opened: Opened, request: Request) -> RawTables:
    """Light curves of the events of a file."""
    entries, rows = [], []
    for name, event in _events(opened.json).items():
        facts = {
            "name": name,
            "ra": _angle(_value(event, "ra"), "hour"),
            "dec": _angle(_value(event, "dec"), "deg"),
            "redshift": pd.to_numeric(_value(event, "redshift"), errors="coerce"),
            "label": _value(event, "claimedtype"),
        }
        for row, entry in enumerate(event["photometry"]):
            if isinstance(entry, dict) and not entry.get("host") and not entry.get("model"):
                entries.append({**facts, **_epoch(entry)})
                rows.append(row)
    table = pd.DataFrame(entries, columns=pd.Index(_COLUMNS), dtype=object)
    columns = Columns(opened.path, table, np.array(rows, np.int64))
    return _tables(columns, request)


def _tables(columns: Columns, request: Request) -> RawTables:
    is_limit = columns.true("upperlimit")
    magnitude = columns.numbers("magnitude")
    flux = np.where(is_limit, np.nan, flux_of_magnitude(magnitude))
    magnitude_error = columns.numbers("e_magnitude")
    unknown, flagged = with_assumed_errors(
        columns, np.where(is_limit, 1.0, magnitude_error), np.zeros(len(columns), bool), request
    )
    time = columns.numbers("time")
    observed = Observed(
        columns.texts("name"),
        np.where(time > _JD, mjd_of_jd(time), time),
        flux,
        error_of_magnitude(flux, unknown),
        columns.texts("band"),
        flagged,
    )
    about = About(
        format=FORMAT.name,
        clock=Clock(),
        difference=False,
        columns={
            "ra": columns.numbers("ra"),
            "dec": columns.numbers("dec"),
            "redshift": columns.numbers("redshift"),
            "label": columns.texts("label"),
        },
        names=names(
            object_id="name", time="time", band="filter", flux="magnitude", error="e_magnitude"
        ),
    )
    limits = with_limits(observed, np.where(is_limit, magnitude, np.nan))
    return tables_of(columns, limits, about, request, "hold no magnitude")


_COLUMNS = ("name", "ra", "dec", "redshift", "label", *_USED[:-2], "filter")


def _epoch(entry: dict[str, Any]) -> dict[str, Any]:
    words = " ".join(str(entry.get(key) or "") for key in _TAKEN_BY)
    name = entry.get("band")
    time = entry.get("time")
    if isinstance(time, list):
        times = pd.Series(pd.to_numeric(pd.Series(time, dtype=object), errors="coerce"))
        time = float(times.mean())
    return {
        **{key: entry.get(key) for key in _USED[:-2]},
        "time": time,
        "band": band_of(str(name), words) if name is not None else None,
        "filter": name,
    }


def _events(value: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Events by name; a file holds one as a rule."""
    return {
        str(name).replace(" ", "_"): event
        for name, event in value.items()
        if isinstance(event, dict)
        and isinstance(event.get("photometry"), list)
        and any(isinstance(entry, dict) and "time" in entry for entry in event["photometry"])
    }


def _value(event: dict[str, Any], key: str) -> Any:
    """First value of a quantity, which the schema lists with its origins."""
    found = event.get(key)
    first = found[0] if isinstance(found, list) and found else None
    return first.get("value") if isinstance(first, dict) else None


def _angle(text: Any, unit: str) -> float:
    """Degrees of a sexagesimal angle; NaN where it is none."""
    from astropy.coordinates import Angle

    try:
        return float(np.asarray(Angle(str(text), unit=unit).degree, np.float64))
    except (ValueError, TypeError):
        return np.nan


FORMAT = Format("Open Supernova Catalog", recognises, read)
