"""Tables of the SLSNe collection: fixed-width text, one superluminous supernova a file.

Definition: github.com/gmzsebastian/SLSNe (MJD Mag Raw MagErr Telescope Instrument Filter UL System
Ignore Source). ``Raw`` is as observed; ``Mag`` is corrected for Galactic extinction and is used
only where Raw is missing: those rows are flagged.

Flux: difference flux (the host is subtracted), magnitudes in the system of the row. Time: MJD; the
scale is unknown. Flagged by default: Ignore, upper limits (UL; flux 0), and rows without Raw.
"""

import re

import numpy as np

from astra.readers.band_names import band_of
from astra.readers.opening import Opened
from astra.readers.photometry import (
    About,
    Observed,
    name_of,
    names,
    tables_of,
    with_assumed_errors,
    with_limits,
)
from astra.readers.tables import Format, RawTables, Request
from astra.readers.text import read_blanks
from astra.readers.units import Clock, error_of_magnitude, flux_of_magnitude, without

_HEADER = re.compile(rb"^\s*MJD\s+Mag\s+Raw\s+MagErr\s+Telescope\s+Instrument\s+Filter\s+UL\b")


def recognises(opened: Opened) -> bool:
    """Text that begins with the names."""
    return opened.kind == "text" and bool(_HEADER.match(opened.head))


def read(opened: Opened, request: Request) -> RawTables:
    """Light curve of one supernova, named after its file."""
    lines = opened.text.splitlines()
    columns = read_blanks(opened.path, lines[0].split(), lines[1:], {}, open_end=True)
    raw, corrected = columns.numbers("Raw"), columns.numbers("Mag")
    magnitude = np.where(np.isfinite(raw), raw, corrected)
    is_limit = columns.true("UL")
    error, flagged = with_assumed_errors(
        columns,
        np.where(is_limit, 1.0, without(columns.numbers("MagErr"), -1.0)),
        columns.true("Ignore") | ~np.isfinite(raw),
        request,
    )
    flux = np.where(is_limit, np.nan, flux_of_magnitude(magnitude))
    places = zip(
        columns.texts("Filter"), columns.texts("Telescope"), columns.texts("Instrument"),
        strict=True,
    )  # fmt: skip
    observed = Observed(
        name_of(opened.path),
        columns.numbers("MJD"),
        flux,
        error_of_magnitude(flux, error),
        np.array([f and band_of(f, f"{where} {by}") for f, where, by in places], object),
        flagged,
    )
    about = About(
        format=FORMAT.name,
        clock=Clock(),
        difference=True,
        names=names(time="MJD", band="Filter", flux="Raw", error="MagErr"),
    )
    limits = with_limits(observed, np.where(is_limit, magnitude, np.nan))
    return tables_of(columns, limits, about, request)


FORMAT = Format("SLSNe table", recognises, read)
