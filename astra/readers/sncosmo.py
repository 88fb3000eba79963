"""Tables with a zero point in each row: sncosmo's (ZTF Cosmology DR among others), and SkyPortal's.

Definitions: sncosmo.readthedocs.io/en/stable/photdata.html (time, band, flux, fluxerr or flux_err,
zp, zpsys); skyportal.io/docs (mjd, filter, flux, fluxerr, zp, magsys). A table without an id column
is of one object, named after its file.

Flux: difference flux, AB zero point of each row. SkyPortal writes an upper limit as an empty flux
with the limiting flux over 5 as fluxerr: kept as such, flagged. Time: MJD; a column of Julian dates
is converted and told. Flagged by default: rows whose zero point is not AB in a band that is. The
flags of ztfcosmodr are not documented there and are not applied.
"""

import numpy as np

from astra.data.bands import BANDS
from astra.readers.band_names import bands_of
from astra.readers.columns import Columns
from astra.readers.opening import Opened
from astra.readers.photometry import About, Observed, name_of, names, tables_of
from astra.readers.rules import looks_like_jd
from astra.readers.tables import Format, RawTables, Request
from astra.readers.units import Clock, Floats, microjansky, mjd_of_jd

_TIMES = ("mjd", "time", "date")
_BANDS = ("band", "filter", "bandpass")
_ERRORS = ("fluxerr", "flux_err", "flux_error")
_SYSTEMS = ("zpsys", "magsys")
_IDS = ("object_id", "obj_id", "objectId", "id", "name")


def recognises(opened: Opened) -> bool:
    """A table with time, band, flux, error, zp and the zero point's system."""
    return opened.kind in ("text", "parquet", "votable") and all(
        set(group) & set(opened.names)
        for group in (_TIMES, _BANDS, ("flux",), _ERRORS, ("zp",), _SYSTEMS)
    )


def read(opened: Opened, request: Request) -> RawTables:
    """Light curves of a table."""
    columns = opened.columns
    time, band, error, system = (
        _found(columns, group) for group in (_TIMES, _BANDS, _ERRORS, _SYSTEMS)
    )
    object_id = next((name for name in _IDS if name in columns), None)
    bands = bands_of(columns.texts(band))
    zero_point = columns.numbers("zp")
    sigma = microjansky(columns.numbers(error), zero_point)
    flux = microjansky(columns.numbers("flux"), zero_point)
    # An empty flux is a limit; a word there is a mistake.
    limit = np.isfinite(sigma) & np.array([text is None for text in columns.texts("flux")], bool)
    observed = Observed(
        columns.texts(object_id) if object_id else name_of(columns.file),
        _mjd(columns, time, request),
        np.where(limit, 0.0, flux),
        sigma,
        bands,
        limit | _other_system(columns, system, bands, request),
    )
    about = About(
        format=SKYPORTAL.name if system == "magsys" else FORMAT.name,
        clock=Clock("utc", "geocentric", "unknown"),
        difference=True,
        columns={"ra": columns.numbers("ra"), "dec": columns.numbers("dec")},
        names=names(object_id=object_id or "", time=time, band=band, flux="flux", error=error),
    )
    return tables_of(columns, observed, about, request, "hold neither flux nor error")


def _found(columns: Columns, group: tuple[str, ...]) -> str:
    return next(name for name in group if name in columns)


def _mjd(columns: Columns, name: str, request: Request) -> Floats:
    time = columns.numbers(name)
    julian = looks_like_jd(time)
    if julian.any() and (julian | ~np.isfinite(time)).all():
        request.quarantine.note(
            f"{columns.file}: column {name} holds JD; 2 400 000.5 is taken away"
        )
        return mjd_of_jd(time)
    return time


def _other_system(columns: Columns, system: str, bands: np.ndarray, request: Request) -> np.ndarray:
    """Where a zero point is not AB though the band is."""
    is_ab = np.array([(text or "ab").lower() == "ab" for text in columns.texts(system)], bool)
    ab_band = np.array([b in BANDS and BANDS[b].system == "AB" for b in bands], bool)
    other = ~is_ab & ab_band
    if other.any():
        request.quarantine.doubt(
            f"{columns.file}: {int(other.sum())} zero points are not AB but the band is: "
            "their fluxes are off by a constant; they are flagged"
        )
    return other


def _recognises_skyportal(opened: Opened) -> bool:
    return opened.has("magsys") and recognises(opened)


FORMAT = Format("sncosmo table", recognises, read)
SKYPORTAL = Format("SkyPortal table", _recognises_skyportal, read)
