"""ATLAS forced photometry: the server's text, and the same stacked by day as CSV.

Definition: fallingstar-data.com/forcedphot/resultdesc. Columns used: MJD, uJy, duJy, F, err, chi/N,
mag5sig, RA, Dec. The stacked file (plot_atlas_fp.py) has MJD, uJy, duJy, F, n.

Flux: difference flux in microjansky, negatives kept; ``m`` is not used. Time: MJD (UTC) at the
start of the 30 s exposure. Flagged by default: err != 0, chi/N >= 100, duJy >= 4000,
mag5sig <= 17.
"""

import numpy as np

from astra.readers.band_names import bands_of
from astra.readers.columns import Columns
from astra.readers.opening import Opened
from astra.readers.photometry import About, Observed, name_of, names, no_flags, tables_of
from astra.readers.tables import Format, RawTables, Request
from astra.readers.text import read_blanks
from astra.readers.units import UTC_START

WORST_CHI, WORST_ERROR, WORST_DEPTH = 100.0, 4000.0, 17.0
_NAMES = names(time="MJD", band="F", flux="uJy", error="duJy")


def recognises(opened: Opened) -> bool:
    """Text that begins with ###MJD and has uJy."""
    return opened.kind == "text" and opened.head.startswith(b"###MJD") and b"uJy" in opened.head


def read(opened: Opened, request: Request) -> RawTables:
    """Light curve of the position of a job."""
    lines = opened.text.splitlines()
    columns = read_blanks(opened.path, lines[0].lstrip("#").split(), lines[1:], {})
    flagged = (
        (columns.numbers("err") != 0)
        | (columns.numbers("chi/N") >= WORST_CHI)
        | (columns.numbers("duJy") >= WORST_ERROR)
        | (columns.numbers("mag5sig") <= WORST_DEPTH)
    )
    return _tables(columns, flagged, FORMAT.name, request)


def recognises_stacked(opened: Opened) -> bool:
    """Delimited text with the columns of the stacked file."""
    return opened.kind == "text" and opened.has("MJD", "uJy", "duJy", "F", "n")


def read_stacked(opened: Opened, request: Request) -> RawTables:
    """Light curve of the position of a job, one point a day and filter."""
    return _tables(opened.columns, no_flags(opened.columns), STACKED.name, request)


def _tables(columns: Columns, flagged: np.ndarray, name: str, request: Request) -> RawTables:
    observed = Observed(
        name_of(columns.file),
        columns.numbers("MJD"),
        columns.numbers("uJy"),
        columns.numbers("duJy"),
        bands_of(columns.texts("F"), "atlas"),
        flagged,
    )
    position = {"ra": columns.numbers("RA"), "dec": columns.numbers("Dec")}
    about = About(name, UTC_START, True, "atlas", position, _NAMES)
    return tables_of(columns, observed, about, request)


FORMAT = Format("ATLAS forced photometry", recognises, read)
STACKED = Format("ATLAS forced photometry, stacked", recognises_stacked, read_stacked)
