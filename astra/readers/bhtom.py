"""BHTOM exports, CSV with semicolons: photometry of many telescopes of one target.

Definition: bhtom.space (MJD;Magnitude;Error;Facility;Filter;Observer). Filters are written
ZTF(zg), ATLAS(o), PTF(R), or as a letter with the facility beside it; CRTS's clear filter is css_V.

Flux: total, from magnitudes as they come (AB or Vega, as the band's survey uses). Time: MJD; the
scale is unknown. Error -1 marks an upper limit (flux 0, flagged).
"""

import numpy as np

from astra.readers.band_names import band_of
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
from astra.readers.units import Clock, error_of_magnitude, flux_of_magnitude

_LIMIT = -1.0


def recognises(opened: Opened) -> bool:
    """Delimited text with the six names."""
    return opened.kind == "text" and opened.has(
        "MJD", "Magnitude", "Error", "Facility", "Filter", "Observer"
    )


def read(opened: Opened, request: Request) -> RawTables:
    """Light curve of one target, named after its file."""
    columns = opened.columns
    pairs = zip(columns.texts("Filter"), columns.texts("Facility"), strict=True)
    bands = np.array([f and band_of(f, facility or "") for f, facility in pairs], object)
    magnitude, error = columns.numbers("Magnitude"), columns.numbers("Error")
    is_limit = error == _LIMIT
    flux = np.where(is_limit, np.nan, flux_of_magnitude(magnitude))
    observed = Observed(
        name_of(columns.file),
        columns.numbers("MJD"),
        flux,
        error_of_magnitude(flux, error),
        bands,
        no_flags(columns),
    )
    about = About(
        format=FORMAT.name,
        clock=Clock(),
        difference=False,
        names=names(time="MJD", band="Filter", flux="Magnitude", error="Error"),
    )
    limits = with_limits(observed, np.where(is_limit, magnitude, np.nan))
    return tables_of(columns, limits, about, request)


FORMAT = Format("BHTOM table", recognises, read)
