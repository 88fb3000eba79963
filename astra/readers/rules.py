"""The rules that rows must keep: what each says, which rows break it, what to do then."""

import difflib
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import lru_cache
from heapq import nlargest
from typing import Self

import numpy as np
from numpy.typing import NDArray

from astra.data.bands import BANDS

FIRST_MJD, LAST_MJD = 15_000.0, 90_000.0
JD_OF_MJD_ZERO = 2_400_000.5

# What `owner` is for an observation without a row among the objects that were kept.
UNKNOWN_OBJECT, NO_OBJECT, REFUSED_OBJECT = -1, -2, -3
# What `band` is for an observation without a known band; band codes are below both.
UNKNOWN_BAND, NO_BAND = 254, 255

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ObservationColumns:
    """The columns of some observations, each an array [observations].

    Attributes
    ----------
    owner : int32
        Row among the kept objects, or one of the negative codes above.
    mjd : float64, days
        NaN where null, as in all numbers here.
    flux, flux_error : float32, microjansky
    band : uint8
        Index into ``BANDS``, or one of the codes above.
    flagged : uint8
        0, 1, or 2 where null.
    """

    owner: NDArray[np.int32]
    mjd: NDArray[np.float64]
    flux: NDArray[np.float32]
    flux_error: NDArray[np.float32]
    band: NDArray[np.uint8]
    flagged: NDArray[np.uint8]

    def select(self, where: NDArray[np.generic] | slice) -> Self:
        """Columns of some of the observations."""
        return type(self)(**{f.name: getattr(self, f.name)[where] for f in fields(self)})


@dataclass(frozen=True, slots=True)
class ObjectColumns:
    """The columns of the objects that have rules, each an array [objects].

    Attributes
    ----------
    has_id, safe_id, known_kind : bool
    ra, dec : float64, degrees
        NaN where null.
    """

    has_id: Mask
    safe_id: Mask
    known_kind: Mask
    ra: NDArray[np.float64]
    dec: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its name, the column it looks at, what it says, and how to mend a row."""

    name: str
    column: str
    says: str
    remedy: str | Callable[[str], str]

    def remedy_for(self, value: str) -> str:
        """What to do about one value."""
        return self.remedy if isinstance(self.remedy, str) else self.remedy(value)


@lru_cache(maxsize=1024)
def nearest_bands(name: str) -> str:
    """Advise on an unknown band, with the nearest known names."""
    likeness = {
        known: difflib.SequenceMatcher(None, name.lower(), known.lower()).ratio() for known in BANDS
    }
    near = [
        known for known in nlargest(3, BANDS, key=likeness.__getitem__) if likeness[known] > 0.6
    ]
    return f"did you mean {', '.join(near)}?" if near else "use a name such as ztf_g"


def looks_like_jd(mjd: NDArray[np.float64]) -> Mask:
    """Where a time is a Julian date of the years that Astra accepts."""
    return (mjd >= JD_OF_MJD_ZERO + FIRST_MJD) & (mjd <= JD_OF_MJD_ZERO + LAST_MJD)


def _outside(values: NDArray[np.float64], low: float, high: float) -> Mask:
    """Where values are given but not from ``low`` to ``high``."""
    return ~np.isnan(values) & ~((values >= low) & (values <= high))


_MJD = "mjd lies between 15 000 and 90 000 (years 1899 to 2105)"

OBSERVATION_RULES: tuple[tuple[Rule, Callable[[ObservationColumns], Mask]], ...] = (
    (
        Rule(
            "observation_has_object",
            "object_id",
            "an observation names its object",
            "give its object_id",
        ),
        lambda c: c.owner == NO_OBJECT,
    ),
    (
        Rule(
            "object_in_table",
            "object_id",
            "the object has a row in the object table",
            "add that row, or remove the observations",
        ),
        lambda c: c.owner == UNKNOWN_OBJECT,
    ),
    (
        Rule(
            "object_accepted",
            "object_id",
            "the object's own row is accepted",
            "mend the object's row, which is refused too",
        ),
        lambda c: c.owner == REFUSED_OBJECT,
    ),
    (
        Rule("mjd_finite", "mjd", "mjd is a finite number", "give the time or remove the row"),
        lambda c: ~np.isfinite(c.mjd),
    ),
    (
        Rule("mjd_not_jd", "mjd", _MJD, "looks like JD; subtract 2 400 000.5"),
        lambda c: looks_like_jd(c.mjd),
    ),
    (
        Rule("mjd_in_range", "mjd", _MJD, "convert the time to MJD in days"),
        lambda c: np.isfinite(c.mjd) & _outside(c.mjd, FIRST_MJD, LAST_MJD) & ~looks_like_jd(c.mjd),
    ),
    (
        Rule(
            "flux_finite",
            "flux_ujy",
            "the flux is a finite float32 number (and a magnitude lies between -5 and 40)",
            "remove the row; an upper limit is a flux with its error",
        ),
        lambda c: ~np.isfinite(c.flux),
    ),
    (
        Rule(
            "flux_error_finite",
            "flux_err_ujy",
            "the flux error is a finite float32 number",
            "give the error or remove the row",
        ),
        lambda c: ~np.isfinite(c.flux_error),
    ),
    (
        Rule(
            "flux_error_positive",
            "flux_err_ujy",
            "the flux error is greater than 0",
            "give the error in microjansky or remove the row",
        ),
        lambda c: np.isfinite(c.flux_error) & (c.flux_error <= 0),
    ),
    (
        Rule(
            "observation_has_band", "band", "an observation names its band", "give the band's name"
        ),
        lambda c: c.band == NO_BAND,
    ),
    (
        Rule("known_band", "band", "the band belongs to a known survey", nearest_bands),
        lambda c: c.band == UNKNOWN_BAND,
    ),
    (
        Rule(
            "flagged_is_known",
            "flagged",
            "flagged is true or false",
            "give true where the survey warns, else false",
        ),
        lambda c: c.flagged == 2,
    ),
)

OBJECT_RULES: tuple[tuple[Rule, Callable[[ObjectColumns], Mask]], ...] = (
    (
        Rule("object_has_id", "object_id", "an object has an id", "give its object_id"),
        lambda c: ~c.has_id,
    ),
    (
        Rule(
            "id_is_safe",
            "object_id",
            "an id has 1 to 64 letters, digits or '_', '.', ':', '+', '-'",
            "rename the object in both tables",
        ),
        lambda c: c.has_id & ~c.safe_id,
    ),
    (
        Rule(
            "known_flux_kind",
            "flux_kind",
            "flux_kind is 'total' or 'difference'",
            "say which of the two the fluxes are",
        ),
        lambda c: ~c.known_kind,
    ),
    (
        Rule(
            "ra_in_range",
            "ra",
            "ra lies between 0 and 360 degrees, or is null",
            "give degrees, not hours; add 360 to a negative one",
        ),
        lambda c: _outside(c.ra, 0, 360),
    ),
    (
        Rule(
            "dec_in_range",
            "dec",
            "dec lies between -90 and 90 degrees, or is null",
            "give degrees; were ra and dec exchanged?",
        ),
        lambda c: _outside(c.dec, -90, 90),
    ),
)

UNIQUE_ID = Rule(
    "id_is_unique",
    "object_id",
    "an id belongs to one object",
    "the first row that keeps all other rules is kept; rename or remove this one",
)
HAS_OBSERVATIONS = Rule(
    "object_has_observations",
    "object_id",
    "an object has at least one valid observation",
    "add or mend its observations, or remove the object",
)
NOT_REPEATED = Rule(
    "observation_not_repeated",
    "mjd",
    "time, band, flux and error together occur once in an object",
    "the first of the equal rows is kept",
)
ROW_IS_WHOLE = Rule(
    "row_is_whole",
    "(row)",
    "a row has as many values as there are columns",
    "mend the row, or export the table again",
)
