"""ZTF data release light curves: the IRSA service's table, and bulk or HATS Parquet.

Definitions: irsa.ipac.caltech.edu/docs/program_interface/ztf_lightcurve_api.html and the ZTF
Explanatory Supplement, 13. Columns used, service: oid, hjd (or mjd), mag, magerr, catflags,
filtercode, ra, dec; Parquet: objectid, filterid, objra, objdec and lists hmjd, mag, magerr,
catflags, as columns of their own (bulk) or nested (HATS, whatever the nested column is called).

An object of a release is one filter, field and readout channel; rows are joined by position where
the caller does not forbid it. Flux: total, from AB magnitudes. Time: heliocentric MJD
(HJD - 2400000.5, UTC, mid-exposure) in all of them; of a service table without hjd, its mjd.
Flagged by default: catflags with bit 15 (32768) set, as IRSA's BAD_CATFLAGS_MASK. Positions in bulk
files are float32: good to 0.1 arcsec.
"""

import numpy as np
import pyarrow as pa

from astra.readers.band_names import ZTF_OF_ID, bands_of
from astra.readers.columns import Columns, columns_of
from astra.readers.nested import explode, frame_of, is_flat, is_list, nested_fields
from astra.readers.opening import Opened
from astra.readers.photometry import About, Observed, names, tables_of
from astra.readers.tables import Format, RawTables, Request
from astra.readers.units import (
    HELIOCENTRIC,
    UTC_START,
    error_of_magnitude,
    flux_of_magnitude,
    mjd_of_jd,
)

BAD_CATFLAGS = 0x8000
_LISTS = ("hmjd", "mag", "magerr", "catflags")


def recognises_table(opened: Opened) -> bool:
    """A table with the service's names."""
    return opened.kind in ("text", "votable", "parquet") and opened.has(
        "oid", "mjd", "mag", "magerr", "catflags", "filtercode"
    )


def read_table(opened: Opened, request: Request) -> RawTables:
    """Light curves of a service table, one object an oid."""
    columns = opened.columns
    heliocentric = "hjd" in columns
    mjd = mjd_of_jd(columns.numbers("hjd")) if heliocentric else columns.numbers("mjd")
    flux = flux_of_magnitude(columns.numbers("mag"))
    observed = Observed(
        columns.texts("oid"),
        mjd,
        flux,
        error_of_magnitude(flux, columns.numbers("magerr")),
        bands_of(columns.texts("filtercode")),
        _flagged(columns),
    )
    about = About(
        format=TABLE.name,
        clock=HELIOCENTRIC if heliocentric else UTC_START,
        difference=False,
        survey="ztf",
        columns={"ra": columns.numbers("ra"), "dec": columns.numbers("dec")},
        names=names(
            object_id="oid",
            time="hjd" if heliocentric else "mjd",
            band="filtercode",
            flux="mag",
            error="magerr",
        ),
        per_filter=True,
    )
    return tables_of(columns, observed, about, request)


def recognises_parquet(opened: Opened) -> bool:
    """Parquet with objectid, filterid, and lists hmjd, mag, magerr, nested or not."""
    if opened.kind != "parquet" or not opened.has("objectid", "filterid"):
        return False
    return _where(opened.schema) is not None


def read_parquet(opened: Opened, request: Request) -> RawTables:
    """Light curves of a bulk or HATS leaf file, one object an objectid."""
    nested, lists = _where(opened.schema) or (None, [])
    keep = [n for n in ("objectid", "filterid", "objra", "objdec") if n in opened.schema.names]
    table = opened.arrow([*keep, *([nested] if nested else lists)])
    whole = columns_of(opened.path, frame_of(table.select(keep)))
    columns = explode(whole, table, nested, lists, keep)
    _note_coarse(opened, request)
    flux = flux_of_magnitude(columns.numbers("mag"))
    observed = Observed(
        columns.texts("objectid"),
        columns.numbers("hmjd"),
        flux,
        error_of_magnitude(flux, columns.numbers("magerr")),
        np.array([ZTF_OF_ID.get(text or "", text) for text in columns.texts("filterid")], object),
        _flagged(columns),
    )
    position = {"ra": columns.numbers("objra"), "dec": columns.numbers("objdec")}
    about = About(
        format=PARQUET.name,
        clock=HELIOCENTRIC,
        difference=False,
        survey="ztf",
        columns=position,
        names=names(object_id="objectid", time="hmjd", band="filterid", flux="mag", error="magerr"),
        per_filter=True,
    )
    return tables_of(columns, observed, about, request)


def _where(schema: pa.Schema) -> tuple[str | None, list[str]] | None:
    """Nested column, if there is one, and the lists that are read."""
    plain = [f.name for f in schema if is_list(f.type) and is_flat(f.type.value_type)]
    found = [(None, plain), *((f.name, nested_fields(f.type)) for f in schema)]
    for nested, inside in found:
        if {"hmjd", "mag", "magerr"} <= set(inside):
            return nested, [name for name in _LISTS if name in inside]
    return None


def _flagged(columns: Columns) -> np.ndarray:
    flags = columns.numbers("catflags")
    known = np.isfinite(flags)
    return known & ((np.where(known, flags, 0).astype(np.int64) & BAD_CATFLAGS) != 0)


def _note_coarse(opened: Opened, request: Request) -> None:
    if "hmjd" in opened.schema.names:
        dtype = opened.schema.field("hmjd").type.value_type
        if pa.types.is_float32(dtype):
            request.quarantine.note(
                f"{opened.path}: hmjd is float32: times are good to 5 minutes only"
            )


TABLE = Format("IRSA ZTF light curves", recognises_table, read_table)
PARQUET = Format("ZTF release Parquet", recognises_parquet, read_parquet)
