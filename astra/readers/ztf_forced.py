"""ZTF forced photometry (ZFPS), text: a comment header, names with trailing commas, blanks between.

Definition: irsa.ipac.caltech.edu/data/ZTF/docs/ztf_zfps_userguide.pdf (v3). Columns used: field,
ccdid, qid, filter, infobitssci, sciinpseeing, scisigpix, zpdiff, jd, forcediffimflux(unc),
forcediffimchisq, procstatus; the position from the header.

Flux: difference flux [DN], AB zero point ``zpdiff`` of each row; the sign stays. Time: JD (UTC) at
the start of the exposure. Errors are multiplied by sqrt(forcediffimchisq) where that exceeds 1.
Flagged by default, as the user guide and the Bright Transient Survey cut: infobitssci >= 33554432,
scisigpix > 25, sciinpseeing > 4, procstatus with 56. Rows with null or -99999 hold no measurement.

Baseline: for each field, CCD, quadrant and filter the median flux of its quiescent epochs is taken
away, if there are 25: all epochs where nothing is brighter than 5 sigma, else those 100 days before
the brightest and 500 days after.
"""

import re

import numpy as np
import pandas as pd

from astra.readers.band_names import bands_of
from astra.readers.columns import Columns
from astra.readers.opening import Opened
from astra.readers.photometry import About, Observed, name_of, names, tables_of
from astra.readers.tables import Format, RawTables, Request
from astra.readers.text import read_blanks
from astra.readers.units import UTC_START, Floats, microjansky, mjd_of_jd, without

BAD_BITS, BAD_SIGMA, BAD_SEEING = 33_554_432, 25.0, 4.0
QUIESCENT_EPOCHS, BEFORE_PEAK, AFTER_PEAK = 25, 100.0, 500.0
_SENTINEL = -99_999.0
_POSITION = re.compile(r"input (R\.A\.|Dec\.) = (-?[\d.]+)")


def recognises(opened: Opened) -> bool:
    """Text that names forcediffimflux and zpdiff."""
    return opened.kind == "text" and b"forcediffimflux," in opened.head and b"zpdiff" in opened.head


def read(opened: Opened, request: Request) -> RawTables:
    """Light curve of the one position that a file is about."""
    columns = _columns(opened)
    flux = without(columns.numbers("forcediffimflux"), _SENTINEL, tolerance=1)
    error = without(columns.numbers("forcediffimfluxunc"), _SENTINEL, tolerance=1)
    chi = columns.numbers("forcediffimchisq")
    error *= np.sqrt(np.where(chi > 1, chi, 1.0))
    zero_point = columns.numbers("zpdiff")
    flux, error = microjansky(flux, zero_point), microjansky(error, zero_point)
    mjd = mjd_of_jd(columns.numbers("jd"))
    observed = Observed(
        name_of(opened.path),
        mjd,
        _without_baseline(columns, mjd, flux, error, request),
        error,
        bands_of(columns.texts("filter")),
        _flagged(columns),
    )
    position = dict(_POSITION.findall(columns.header["comments"]))
    about = About(
        format=FORMAT.name,
        clock=UTC_START,
        difference=True,
        survey="ztf",
        columns={
            "ra": float(position.get("R.A.", "nan")),
            "dec": float(position.get("Dec.", "nan")),
        },
        names=names(time="jd", band="filter", flux="forcediffimflux", error="forcediffimfluxunc"),
    )
    return tables_of(columns, observed, about, request, "hold no flux (null or -99999)")


def _columns(opened: Opened) -> Columns:
    lines = opened.text.splitlines()
    start = next(i for i, line in enumerate(lines) if "forcediffimflux," in line)
    header = {"comments": "\n".join(lines[:start])}
    return read_blanks(
        opened.path, lines[start].lstrip("# ").replace(",", " ").split(), lines[start + 1 :], header
    )


def _flagged(columns: Columns) -> np.ndarray:
    status = columns.texts("procstatus")
    off_image = np.array([text is not None and "56" in text.split(",") for text in status], bool)
    return (
        (columns.numbers("infobitssci") >= BAD_BITS)
        | (columns.numbers("scisigpix") > BAD_SIGMA)
        | (columns.numbers("sciinpseeing") > BAD_SEEING)
        | off_image
    )


def _without_baseline(
    columns: Columns, mjd: Floats, flux: Floats, error: Floats, request: Request
) -> Floats:
    """Fluxes from which each detector's quiescent level is taken; a repeated row counts once."""
    groups = pd.DataFrame({n: columns.texts(n) for n in ("field", "ccdid", "qid", "filter")})
    repeated = groups.assign(mjd=mjd, flux=flux, error=error).duplicated().to_numpy()
    usable = np.isfinite(mjd) & np.isfinite(flux) & np.isfinite(error) & ~_flagged(columns)
    usable &= ~repeated
    bright = usable & (flux > 5 * error)
    quiescent = usable.copy()
    if bright.any():
        ratio = flux[bright] / error[bright]
        peak = mjd[bright][ratio == ratio.max()].min()
        quiescent &= (mjd < peak - BEFORE_PEAK) | (mjd > peak + AFTER_PEAK)
    corrected = flux.copy()
    for key, rows in groups.groupby(list(groups), sort=True).indices.items():
        calm = rows[quiescent[rows]]
        named = " ".join(map(str, key)) if isinstance(key, tuple) else str(key)
        where = f"{columns.file}: field, CCD, quadrant, filter {named}"
        if len(calm) < QUIESCENT_EPOCHS:
            request.quarantine.note(
                f"{where}: {len(calm)} quiescent epochs, fewer than {QUIESCENT_EPOCHS}: "
                "no baseline is taken away"
            )
            continue
        level = float(np.median(flux[calm]))
        corrected[rows] -= level
        request.quarantine.note(f"{where}: a baseline of {level:.3g} microjansky is taken away")
    return corrected


FORMAT = Format("ZTF forced photometry", recognises, read)
