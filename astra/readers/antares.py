"""ANTARES: ZTF alert photometry as CSV, short (time, mag, magerr, band) or with its ant_ names.

Definition: antares.noirlab.edu (ant_mjd, ant_passband, ant_mag, ant_magerr, ant_maglim). Passbands
are g, R (ZTF r) and i; a short table is this format only if it has an R and nothing else.

Flux: difference flux, taken as positive: the table has no sign. ant_maglim of rows without ant_mag
are upper limits. Time: MJD (UTC) at the start of the exposure. Nothing else is flagged.
"""

import numpy as np

from astra.readers.opening import Opened
from astra.readers.photometry import (
    About,
    Observed,
    name_of,
    names,
    no_flags,
    tables_of,
    with_limits,
)
from astra.readers.tables import Format, RawTables, Request
from astra.readers.units import UTC_START, error_of_magnitude, flux_of_magnitude, without

_BANDS = {"g": "ztf_g", "R": "ztf_r", "i": "ztf_i"}
_SHORT = ("time", "band", "mag", "magerr", "")
_LONG = ("ant_mjd", "ant_passband", "ant_mag", "ant_magerr", "ant_maglim")


def recognises(opened: Opened) -> bool:
    """A table with ant_mjd and ant_passband, or of just time, mag, magerr, band with a band R."""
    if opened.has("ant_mjd", "ant_passband", "ant_mag"):
        return True
    if opened.kind != "text" or sorted(opened.names) != sorted(_SHORT[:4]):
        return False
    bands = set(opened.columns.texts("band"))
    return "R" in bands and bands <= set(_BANDS)


def read(opened: Opened, request: Request) -> RawTables:
    """Light curve of one object, named after its file."""
    columns = opened.columns
    time, band, mag, magerr, maglim = _LONG if "ant_mjd" in columns else _SHORT
    flux = flux_of_magnitude(columns.numbers(mag))
    observed = Observed(
        name_of(columns.file),
        columns.numbers(time),
        flux,
        error_of_magnitude(flux, columns.numbers(magerr)),
        np.array([_BANDS.get(text or "", text) for text in columns.texts(band)], object),
        no_flags(columns),
    )
    position = {"ra": columns.numbers("ant_ra"), "dec": columns.numbers("ant_dec")}
    about = About(
        FORMAT.name,
        UTC_START,
        True,
        "ztf",
        position,
        names(time=time, band=band, flux=mag, error=magerr),
    )
    if maglim:
        observed = with_limits(observed, without(columns.numbers(maglim), -999.0))
    return tables_of(
        columns, observed, about, request, "hold neither a magnitude nor a limit" if maglim else ""
    )


FORMAT = Format("ANTARES table", recognises, read)
