"""Guesses what the columns of a plain table mean; the guess is shown before it is used."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from astra.data.errors import RejectedFileError
from astra.readers.columns import Columns
from astra.readers.rules import FIRST_MJD, LAST_MJD, looks_like_jd
from astra.readers.units import ZERO_POINTS

MEANINGS = (
    "time", "time_zero", "magnitude", "flux", "error", "unit", "zero_point", "band", "survey",
    "object_id", "ra", "dec", "flag", "label", "kind",
)  # fmt: skip
KINDS = ("total", "difference")

# meaning: names in the order of preference, lower case, without '_', '-', ' ' and '.'.
_NAMES: dict[str, tuple[str, ...]] = {
    "time": (
        "mjd", "hmjd", "bmjd", "obsmjd", "mjdobs", "midpointmjdtai", "timemjd", "jd", "hjd", "bjd",
        "bjdtdb", "time", "obstime", "t", "date", "epoch",
    ),
    "magnitude": ("mag", "magnitude", "psfmag", "magpsf", "magcorr", "m", "vmag"),
    "flux": (
        "fluxujy", "ujy", "fluxnjy", "fluxmjy", "fluxjy", "fluxmicrojy", "fluxcal", "psfflux",
        "flux",
    ),
    "error": (
        "magerr", "magerror", "emag", "magnitudeerror", "sigmapsf", "psfmagerr", "magsigma", "dmag",
        "fluxerrujy", "dujy", "fluxerrnjy", "fluxerrmjy", "fluxerrjy", "fluxcalerr", "psffluxerr",
        "fluxerr", "fluxerror", "eflux", "fluxunc", "error", "err", "uncertainty", "unc", "sigma",
        "e", "dm",
    ),
    "band": ("band", "filter", "bandpass", "passband", "filtername", "filt", "filtercode", "fid"),
    "object_id": (
        "objectid", "oid", "objid", "id", "sourceid", "starid", "snid", "name", "star", "object",
        "target", "diaobjectid",
    ),
    "ra": ("ra", "raj2000", "radeg", "objra", "meanra", "ramean"),
    "dec": (
        "dec", "decj2000", "dej2000", "dedeg", "decdeg", "decl", "objdec", "meandec", "decmean",
        "de",
    ),
    "flag": ("flagged", "isflagged", "bad"),
    "label": ("label", "class", "type", "objtype", "classification"),
    "zero_point": ("zp", "zeropoint", "magzp", "zpt"),
}  # fmt: skip
_UNITS = {
    "ujy": "ujy", "uJy": "ujy", "microjansky": "ujy", "microjy": "ujy", "njy": "njy",
    "nanojansky": "njy", "mjy": "mjy", "millijansky": "mjy", "jy": "jy", "jansky": "jy",
    "fluxcal": "fluxcal", "nmgy": "nanomaggy", "nanomaggy": "nanomaggy",
}  # fmt: skip
_FLUX_UNITS = {"psfflux": "njy", "fluxcal": "fluxcal", "ujy": "ujy"}


def guess(columns: Columns, given: Mapping[str, str] | None = None) -> dict[str, str]:
    """What each column means, as far as names, units and values tell.

    Parameters
    ----------
    columns : Columns
    given : mapping of meaning to column or constant, optional
        What the caller knows; it wins.

    Returns
    -------
    dict of meaning to column or constant

    Raises
    ------
    RejectedFileError
        A meaning is unknown, a named column is missing, or what is needed cannot be guessed; the
        message says what to give.
    """
    known = dict(given or {})
    _check_given(columns.file, known, columns)
    plain = {_plain(name): name for name in reversed(columns.names)}
    value = _value_meaning(known, plain)
    found: dict[str, str] = {}
    for meaning, names in _NAMES.items():
        if meaning in ("magnitude", "flux") and meaning != value:
            continue
        if meaning == "zero_point" and value == "magnitude":
            continue
        name = known.get(meaning) or next((plain[n] for n in names if n in plain), None)
        if name is not None and (meaning in known or name not in found.values()):
            found[meaning] = name
    found.update({m: v for m, v in known.items() if m not in found})
    if value == "flux":
        found = _with_unit(columns, found)
    _check_found(columns, found)
    return _with_time_zero(columns, found)


def describe(mapping: Mapping[str, str], columns: Columns | None = None) -> str:
    """A mapping as one line: time=mjd, magnitude=mag, ..."""
    return ", ".join(f"{meaning}={value}" for meaning, value in mapping.items())


def _check_given(file: Path, known: Mapping[str, str], columns: Columns) -> None:
    strange = [meaning for meaning in known if meaning not in MEANINGS]
    if strange:
        raise RejectedFileError(
            f"{file}: unknown meaning {', '.join(strange)}; known are {', '.join(MEANINGS)}"
        )
    for meaning in ("time", "magnitude", "flux", "error", "ra", "dec", "flag"):
        if meaning in known and known[meaning] not in columns:
            raise RejectedFileError(
                f"{file}: no column {known[meaning]!r} for {meaning}; the columns are "
                f"{', '.join(columns.names[:40])}"
            )


def _value_meaning(known: Mapping[str, str], plain: Mapping[str, str]) -> str:
    for meaning in ("magnitude", "flux"):
        if meaning in known:
            return meaning
    if "unit" in known or "zero_point" in known:
        return "flux"
    has_magnitude = any(name in plain for name in _NAMES["magnitude"])
    stated = any(name in plain for name in _NAMES["flux"] if name != "flux")
    return "flux" if stated or not has_magnitude else "magnitude"


def _with_unit(columns: Columns, found: dict[str, str]) -> dict[str, str]:
    """Give a flux its unit: said, in the column's metadata or name, or a zero point's column."""
    if "unit" in found or "zero_point" in found or "flux" not in found:
        return found
    name = found["flux"]
    stated = columns.units.get(name, "").strip().replace(" ", "")
    unit = _UNITS.get(stated.lower()) or _FLUX_UNITS.get(_plain(name))
    if unit is None:
        unit = next((u for word, u in _UNITS.items() if _plain(name) == f"flux{word}"), None)
    if unit is None:
        raise RejectedFileError(
            f"{columns.file}: in what unit is column {name}? give --map unit=ujy "
            f"(one of {', '.join(ZERO_POINTS)}) or --map zero_point=COLUMN or NUMBER"
        )
    return {**found, "unit": unit}


def _check_found(columns: Columns, found: Mapping[str, str]) -> None:
    needed = ["time", "magnitude" if "magnitude" in found else "flux", "error", "band"]
    missing = [meaning for meaning in needed if meaning not in found]
    if missing:
        listed = ", ".join(columns.names[:40])
        raise RejectedFileError(
            f"{columns.file}: no column for {', '.join(missing)} among {listed}; say which with "
            f"--map {missing[0]}=COLUMN" + (" (or band=ztf_r)" if "band" in missing else "")
        )
    if found.get("unit", "ujy") not in ZERO_POINTS:
        raise RejectedFileError(
            f"{columns.file}: unknown unit {found['unit']!r}; known are {', '.join(ZERO_POINTS)}"
        )
    if found.get("kind", "total") not in KINDS:
        raise RejectedFileError(f"{columns.file}: kind is {' or '.join(KINDS)}")


def _with_time_zero(columns: Columns, found: dict[str, str]) -> dict[str, str]:
    """Add what is to be added to the times to make them MJD, if they are not."""
    if "time_zero" in found:
        return found
    time = columns.numbers(found["time"])
    # Each time once: rows that are repeated must not outvote the others.
    time = np.unique(time[np.isfinite(time)])
    if len(time) and looks_like_jd(time).mean() > 0.5:
        return {**found, "time_zero": "-2400000.5"}
    if len(time) and not ((time >= FIRST_MJD) & (time <= LAST_MJD)).any():
        raise RejectedFileError(
            f"{columns.file}: column {found['time']} runs from {time.min():.6g} to "
            f"{time.max():.6g}: neither MJD nor JD; give --map time_zero=DAYS to be added "
            "(49999.5 for HJD - 2450000)"
        )
    return found


def _plain(name: str) -> str:
    return "".join(c for c in name.lower() if c.isalnum())
