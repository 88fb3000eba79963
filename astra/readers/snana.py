"""SNANA light curves: text (one object a file) and FITS (a HEAD and a PHOT file).

Definition: the SNANA manual, 4, and portal.nersc.gov/cfs/lsst/DESC_TD_PUBLIC/ELASTICC A_FORMAT.TXT.
Text: keys SURVEY, SNID, RA, DECL, REDSHIFT_FINAL, SPEC_CLASS, and OBS rows under VARLIST. FITS:
SNID, RA, DEC, PTROBS_MIN, PTROBS_MAX (from 1, inclusive), REDSHIFT_FINAL, SNTYPE or
SIM_TYPE_INDEX; MJD, BAND (or FLT), FLUXCAL, FLUXCALERR, PHOTFLAG.

Flux: difference flux (the supernova alone), FLUXCAL with AB zero point 27.5. Time: MJD (UTC) at
mid-exposure; MJD = -777 ends a light curve and is no observation. -9 and -999 are no values.
Class: a name where the file gives one (SPEC_CLASS in text, SIM_TYPE_NAME in both); else the number
SNTYPE, TYPE or SIM_TYPE_INDEX: 1 is SN Ia, as in the manual; 0 and below are no class; any other
n is shown as "type n", since what it means is a table of the survey's own: SDSS has 120 for SN Ia,
and two published tables of PLAsTiCC differ.
Flagged by default: FLAG other than 0; PHOTFLAG with a bit of 1016 for DES (its fits' own cut).
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from astra.data.errors import RejectedFileError
from astra.readers.band_names import bands_of
from astra.readers.columns import Columns
from astra.readers.opening import Opened
from astra.readers.photometry import About, Observed, name_of, names, tables_of
from astra.readers.tables import Format, RawTables, Request
from astra.readers.text import read_blanks
from astra.readers.units import UTC_MID, ZERO_POINTS, microjansky, without

DES_BAD_FLAGS = 1016
_END = -777.0
_CLASSES = ("SPEC_CLASS", "SIM_TYPE_NAME", "SNTYPE", "TYPE", "SIM_TYPE_INDEX")
_NO_CLASS = frozenset({"", "none", "null", "nan", "unknown"})
_SURVEYS = {"YSE": "ps1", "FOUNDATION": "ps1", "PS1MD": "ps1", "PS1": "ps1", "ELASTICC": "lsst"}
_KEY = re.compile(r"^([A-Za-z_]\w*):\s*(.*?)\s*(?:#.*)?$")


def recognises_text(opened: Opened) -> bool:
    """Text with SNID: and VARLIST: lines."""
    return opened.kind == "text" and b"SNID:" in opened.head and b"VARLIST:" in opened.head


def read_text(opened: Opened, request: Request) -> RawTables:
    """Light curve of one object.

    Raises
    ------
    RejectedFileError
        VARLIST has no MJD, FLUXCAL or FLUXCALERR, or there are no OBS rows.
    """
    header, rows = _parse(opened.text)
    wanted = header.get("VARLIST", "").split()
    if not {"MJD", "FLUXCAL", "FLUXCALERR"} <= set(wanted):
        raise RejectedFileError(
            f"{opened.path}: VARLIST names {', '.join(wanted) or 'nothing'}; "
            "MJD, FLUXCAL and FLUXCALERR are needed"
        )
    columns = read_blanks(opened.path, wanted, rows, header)
    redshift = _number(header, "REDSHIFT_FINAL", "REDSHIFT_HELIO", "REDSHIFT_CMB")
    about = _about(
        TEXT.name,
        columns,
        header.get("SURVEY", ""),
        {
            "ra": _number(header, "RA", missing=()),
            "dec": _number(header, "DECL", "DEC", missing=()),
            "redshift": redshift,
            "label": _first_class(header.get(key) for key in _CLASSES),
        },
    )
    object_id = header.get("SNID", "").split(maxsplit=1)
    return _tables(columns, object_id[0] if object_id else name_of(opened.path), about, request)


def recognises_fits(opened: Opened) -> bool:
    """FITS with a table of SNID and PTROBS_MIN, or of MJD and FLUXCAL."""
    if opened.kind != "fits":
        return False
    return any(_is_head(table) or _is_phot(table) for table in opened.fits)


def read_fits(opened: Opened, request: Request) -> RawTables:
    """Light curves of a HEAD and PHOT pair, named by either.

    Raises
    ------
    RejectedFileError
        The other file is not there, or pointers lie outside the table of observations or overlap.
    """
    other = Opened(_partner(opened), opened.memory)
    tables = [*opened.fits, *other.fits]
    head = next((table for table in tables if _is_head(table)), None)
    phot = next((table for table in tables if _is_phot(table)), None)
    if head is None or phot is None:
        raise RejectedFileError(f"{opened.path}, {other.path}: no pair of HEAD and PHOT tables")
    owner = _owners(head, phot)
    observed = (owner >= 0) & (phot.numbers("MJD") != _END)
    columns, owner = phot.where(observed), owner[observed]
    classes = zip(*(head.texts(name) for name in _CLASSES if name in head), strict=True)
    labels = [_first_class(given) for given in classes] or [None] * len(head)
    about = _about(
        FITS.name,
        columns,
        head.header.get("SURVEY", ""),
        {
            "ra": head.numbers("RA")[owner],
            "dec": head.numbers("DEC" if "DEC" in head else "DECL")[owner],
            "redshift": without(head.numbers("REDSHIFT_FINAL"), -9, -999)[owner],
            "label": np.array(labels, object)[owner],
        },
    )
    raw = _tables(columns, head.texts("SNID")[owner], about, request)
    return RawTables((opened.path, other.path), raw.objects, raw.observations)


def _tables(
    columns: Columns, object_id: str | np.ndarray, about: About, request: Request
) -> RawTables:
    ended = columns.numbers("MJD") == _END
    columns = columns.where(~ended)
    if isinstance(object_id, np.ndarray):
        object_id = object_id[~ended]
    zero_point = ZERO_POINTS["fluxcal"]
    band = "BAND" if "BAND" in columns else "FLT"
    flux = without(columns.numbers("FLUXCAL"), -999.0)
    observed = Observed(
        object_id,
        columns.numbers("MJD"),
        microjansky(flux, zero_point),
        microjansky(without(columns.numbers("FLUXCALERR"), -9.0, -999.0), zero_point),
        bands_of(columns.texts(band), about.survey),
        _flagged(columns, about.survey),
    )
    return tables_of(columns, observed, about, request)


def _about(name: str, columns: Columns, survey: str, facts: Mapping[str, object]) -> About:
    word = (survey.split() or [""])[0].upper()
    return About(
        format=name,
        clock=UTC_MID,
        difference=True,
        survey=_SURVEYS.get(word, word.lower()),
        columns=facts,
        names=names(
            object_id="SNID",
            time="MJD",
            band="BAND" if "BAND" in columns else "FLT",
            flux="FLUXCAL",
            error="FLUXCALERR",
        ),
    )


def _flagged(columns: Columns, survey: str) -> np.ndarray:
    flag = np.array([_integer(text) for text in columns.texts("FLAG")], np.int64)
    photflag = np.array([_integer(text) for text in columns.texts("PHOTFLAG")], np.int64)
    return (flag != 0) | (((photflag & DES_BAD_FLAGS) != 0) & (survey == "des"))


def _integer(text: str | None) -> int:
    """Whole number, decimal or 0x..; 0 for anything else, and for -9, no value."""
    try:
        value = int(text or "0", 0)
    except ValueError:
        return 0
    return 0 if value == -9 or abs(value) >= 2**62 else value


def _parse(text: str) -> tuple[dict[str, str], list[str]]:
    """Keys of the header, and what stands behind each OBS:."""
    header: dict[str, str] = {}
    rows = []
    for line in text.splitlines():
        if line.startswith("OBS:"):
            rows.append(line[4:])
        elif found := _KEY.match(line):
            header.setdefault(found[1], found[2])
    return header, rows


def class_name(given: str | None) -> str | None:
    """Class that a name or a number stands for; None where it stands for none."""
    text = (given or "").strip()
    try:
        number = float(text)
    except ValueError:
        return None if text.lower() in _NO_CLASS else text
    if not number > 0:
        return None
    return "SN Ia" if number == 1 else f"type {number:g}"


def _first_class(given: Iterable[str | None]) -> str | None:
    return next((name for text in given if (name := class_name(text))), None)


def _number(
    header: Mapping[str, str], *keys: str, missing: tuple[float, ...] = (-9.0, -999.0)
) -> float:
    for key in keys:
        words = header.get(key, "").split()
        try:
            value = float(words[0]) if words else np.nan
        except ValueError:
            continue
        if np.isfinite(value) and value not in missing:
            return value
    return np.nan


def _is_head(table: Columns) -> bool:
    return "SNID" in table and "PTROBS_MIN" in table and "PTROBS_MAX" in table


def _is_phot(table: Columns) -> bool:
    return "MJD" in table and "FLUXCAL" in table and "FLUXCALERR" in table


def _partner(opened: Opened) -> Path:
    """The other file of a pair: HEAD for PHOT and the other way round."""
    name = opened.path.name
    first, second = ("HEAD", "PHOT") if "HEAD" in name.upper() else ("PHOT", "HEAD")
    at = name.upper().rfind(first)
    if at < 0:
        raise RejectedFileError(f"{opened.path}: the name has neither HEAD nor PHOT")
    word = second if name[at : at + 4].isupper() else second.lower()
    return opened.path.with_name(name[:at] + word + name[at + 4 :])


def _owners(head: Columns, phot: Columns) -> np.ndarray:
    """Row in HEAD of each row of PHOT; -1 between light curves."""
    first, last = head.numbers("PTROBS_MIN"), head.numbers("PTROBS_MAX")
    outside = np.flatnonzero(~((first >= 1) & (last <= len(phot))))
    if len(outside):
        raise _misplaced(head, int(outside[0]), f"outside the {len(phot)} rows of {phot.file}")
    filled = np.flatnonzero(last >= first)
    order = filled[np.argsort(first[filled], kind="stable")]
    shared = np.flatnonzero(first[order][1:] <= last[order][:-1])
    if len(shared):
        other, row = order[shared[0]], order[shared[0] + 1]
        raise _misplaced(head, int(row), f"shares rows of {phot.file} with row {other}")
    owner = np.full(len(phot), -1, np.int64)
    for row in order:
        owner[int(first[row]) - 1 : int(last[row])] = row
    return owner


def _misplaced(head: Columns, row: int, why: str) -> RejectedFileError:
    begin, end = (head.numbers(name)[row] for name in ("PTROBS_MIN", "PTROBS_MAX"))
    return RejectedFileError(
        f"{head.file}: row {row}, column PTROBS_MIN, PTROBS_MAX, value {begin:g}, {end:g}: {why}"
    )


TEXT = Format("SNANA text", recognises_text, read_text)
FITS = Format("SNANA FITS", recognises_fits, read_fits)
