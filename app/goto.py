"""Going to one object: by its id, by how its id begins, or by where it is on the sky."""

import re
from typing import NamedTuple

import numpy as np
import pyarrow.compute as pc

from app.opened_runs import OpenedRun
from app.words import counted, fixed, number
from astra.data.catalogue import separation_deg

_NUMBER = r"(\d+(?:\.\d*)?)"
_DEGREES = re.compile(rf"\s*{_NUMBER}\s*[\s,]\s*([+-]?)\s*{_NUMBER}\s*")
_SIXTIETHS = re.compile(
    rf"\s*(\d+)[\s:h]\s*(\d+)[\s:m]\s*{_NUMBER}\s*s?[\s,]*"
    rf"([+-]?)\s*(\d+)[\s:d°]\s*(\d+)[\s:m'′]\s*{_NUMBER}\s*[s\"″]?\s*"
)


class Found(NamedTuple):
    """Map row of an object, and how it was found, in words; no row where there is none."""

    row: int | None
    said: str


def look_up(run: OpenedRun, text: str) -> Found:
    """Find the object that a text asks for: an id, a position, or the beginning of an id."""
    text = text.strip()
    row = run.find(text)
    if row is not None:
        return Found(row, f"found {text}")
    place = read_position(text)
    if place is not None:
        return _nearest(run, *place)
    begins = pc.call_function(
        "starts_with", [run.run.catalogue["object_id"]], pc.MatchSubstringOptions(text)
    )
    rows = np.flatnonzero(begins.to_numpy())
    if not text or not len(rows):
        return Found(None, f"{text}: not found in the run")
    others = f", the first of {counted(len(rows), 'object')}" if len(rows) > 1 else ""
    return Found(int(rows[0]), f"found {run.object_id(int(rows[0]))}{others}")


def read_position(text: str) -> tuple[float, float] | None:
    """Right ascension and declination [deg] from degrees or from hours and sixtieths, or None.

    ``291.46 +44.51``, ``19:25:50.4 +44:30:36`` and ``19h25m50.4s +44d30m36s`` are one position.
    """
    text = text.replace("−", "-")
    if found := _SIXTIETHS.fullmatch(text):
        hours, minutes, seconds, sign, degrees, arcminutes, arcseconds = found.groups()
        ra = 15 * _sixtieths(hours, minutes, seconds)
        dec = _sixtieths(degrees, arcminutes, arcseconds)
    elif found := _DEGREES.fullmatch(text):
        ra, sign, dec = float(found[1]), found[2], float(found[3])
    else:
        return None
    if not (ra < 360 and dec <= 90):
        return None
    return ra, (-dec if sign == "-" else dec)


def _sixtieths(whole: str, minutes: str, seconds: str) -> float:
    return int(whole) + int(minutes) / 60 + float(seconds) / 3600


def _nearest(run: OpenedRun, ra: float, dec: float) -> Found:
    if not {"ra", "dec"} <= set(run.run.catalogue.column_names):
        return Found(None, f"run {run.name} has no positions on the sky")
    places = (np.asarray(run.run.values("catalogue", name), np.float64) for name in ("ra", "dec"))
    apart = separation_deg(ra, dec, *places)
    if not np.isfinite(apart).any():
        return Found(None, f"run {run.name} has no positions on the sky")
    row = int(np.nanargmin(apart))
    away = apart[row]
    how_far = f"{number(away, 3)}°" if away >= 1 / 60 else f"{fixed(3600 * away, 1)}″"
    sign = "+" if dec >= 0 else "−"
    return Found(row, f"{run.object_id(row)} is {how_far} from {ra:.5f} {sign}{abs(dec):.5f}")
