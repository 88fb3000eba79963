"""manyTDE events, JSON: host-subtracted light curves of tidal disruption events.

Definition: github.com/sjoertvv/manyTDE. Used: name, ra, dec, z, spectral_type, and ``lightcurve``
with header (mjd, filter, flux_Jy, e_flux_Jy) and data.

Flux: difference flux (the host is subtracted) in jansky, not corrected for Galactic extinction.
Time: MJD as observed; the scale is unknown. Nothing is flagged.
"""

import numpy as np
import pandas as pd

from astra.data.errors import RejectedFileError
from astra.readers.band_names import bands_of
from astra.readers.columns import columns_of
from astra.readers.opening import Opened
from astra.readers.photometry import About, Observed, name_of, names, no_flags, tables_of
from astra.readers.tables import Format, RawTables, Request
from astra.readers.units import ZERO_POINTS, Clock, microjansky

_NEEDED = ("mjd", "filter", "flux_Jy", "e_flux_Jy")


def recognises(opened: Opened) -> bool:
    """A mapping whose lightcurve has header and data."""
    if opened.kind != "json" or not isinstance(opened.json, dict):
        return False
    light_curve = opened.json.get("lightcurve")
    return isinstance(light_curve, dict) and {"header", "data"} <= set(light_curve)


def read(opened: Opened, request: Request) -> RawTables:
    """Light curve of one event.

    Raises
    ------
    RejectedFileError
        A row has not as many values as the header, or the header lacks a name.
    """
    event = opened.json
    header, data = event["lightcurve"]["header"], event["lightcurve"]["data"]
    if not isinstance(header, list) or not set(_NEEDED) <= {str(name) for name in header}:
        raise RejectedFileError(
            f"{opened.path}: lightcurve.header is {str(header)[:100]}; it must have "
            f"{', '.join(_NEEDED)}"
        )
    rows = data if isinstance(data, list) else []
    for number, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != len(header):
            raise RejectedFileError(
                f"{opened.path}: row {number} of lightcurve.data has not {len(header)} values"
            )
    columns = columns_of(opened.path, pd.DataFrame(rows, columns=pd.Index(header), dtype=object))
    zero_point = ZERO_POINTS["jy"]
    named = event.get("name")
    observed = Observed(
        str(named).replace(" ", "_") if named else name_of(opened.path),
        columns.numbers("mjd"),
        microjansky(columns.numbers("flux_Jy"), zero_point),
        microjansky(columns.numbers("e_flux_Jy"), zero_point),
        bands_of(columns.texts("filter")),
        no_flags(columns),
    )
    kind = event.get("spectral_type")
    about = About(
        format=FORMAT.name,
        clock=Clock(),
        difference=True,
        columns={
            "ra": _number(event.get("ra")),
            "dec": _number(event.get("dec")),
            "redshift": _number(event.get("z")),
            "label": f"TDE-{kind}" if isinstance(kind, str) and kind else "TDE",
        },
        names=names(time="mjd", band="filter", flux="flux_Jy", error="e_flux_Jy"),
    )
    return tables_of(columns, observed, about, request)


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else np.nan


FORMAT = Format("manyTDE", recognises, read)
