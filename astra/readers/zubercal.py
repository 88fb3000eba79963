"""Zubercal: recalibrated ZTF photometry (DR20), Parquet or HATS leaf files, one row an epoch.

Definition: data.lsdb.io/hats/ztf_dr20/zubercal: objectid (Pan-STARRS), objra, objdec, mjd, band,
mag, magerr. ``magerr`` is an integer in units of 1e-4 mag; ``mag`` is in magnitudes. Rows with mag,
magerr or mjd of 0 or less are no observations. Flux: total. Time: MJD (UTC), geocentric. Nothing is
flagged.
"""

import numpy as np
import pyarrow as pa

from astra.readers.band_names import bands_of
from astra.readers.opening import Opened
from astra.readers.photometry import About, Observed, names, no_flags, tables_of
from astra.readers.tables import Format, RawTables, Request
from astra.readers.units import Clock, error_of_magnitude, flux_of_magnitude

MAGNITUDE_ERROR_UNIT = 1e-4
_NAMES = ("objectid", "objra", "objdec", "mjd", "band", "mag", "magerr")


def recognises(opened: Opened) -> bool:
    """Parquet with these names, whose magerr is an integer."""
    return (
        opened.kind == "parquet"
        and opened.has(*_NAMES)
        and pa.types.is_integer(opened.schema.field("magerr").type)
    )


def read(opened: Opened, request: Request) -> RawTables:
    """Light curves of a file."""
    columns = opened.columns
    mjd, magnitude, error = (columns.numbers(name) for name in ("mjd", "mag", "magerr"))
    is_empty = (mjd <= 0) | (magnitude <= 0) | (error <= 0)
    flux = np.where(is_empty, np.nan, flux_of_magnitude(magnitude))
    observed = Observed(
        columns.texts("objectid"),
        mjd,
        flux,
        error_of_magnitude(flux, MAGNITUDE_ERROR_UNIT * error),
        bands_of(columns.texts("band"), "ztf"),
        no_flags(columns),
    )
    about = About(
        format=FORMAT.name,
        clock=Clock("utc", "geocentric", "unknown"),
        difference=False,
        survey="ztf",
        columns={"ra": columns.numbers("objra"), "dec": columns.numbers("objdec")},
        names=names(object_id="objectid", time="mjd", band="band", flux="mag", error="magerr"),
    )
    return tables_of(columns, observed, about, request, "have mag, magerr or mjd of 0 or less")


FORMAT = Format("Zubercal", recognises, read)
