"""Fluxes in microjansky, times in MJD: every conversion that a format needs, said once.

A zero point is the AB magnitude of unit flux: m = zero point - 2.5 log10 F (Oke & Gunn 1983). Vega
and instrumental magnitudes go through the same formula; the band says which system it was.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MICROJANSKY = 23.9
ZERO_POINTS: dict[str, float] = {
    "jy": 8.9,
    "mjy": 16.4,
    "ujy": MICROJANSKY,
    "njy": 31.4,
    "fluxcal": 27.5,
    "nanomaggy": 22.5,
}
"""AB magnitude of unit flux; ``fluxcal`` is SNANA's."""

BRIGHTEST, FAINTEST = -5.0, 40.0
"""Magnitudes outside are none: sentinels, or fluxes in the wrong column."""

SIGMA_OF_LIMIT = 5.0
"""A limit is stored as flux 0 with this part of the limiting flux as its error, flagged."""

JD_OF_MJD_ZERO = 2_400_000.5

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Clock:
    """What the times of a format mean.

    Attributes
    ----------
    scale : str
        ``utc``, ``tai``, ``tdb`` or ``unknown``.
    reference : str
        ``geocentric`` (as observed), ``heliocentric``, ``barycentric`` or ``unknown``: they differ
        by up to 8.3 minutes.
    at : str
        ``start`` or ``mid`` of the exposure, or ``unknown``.
    """

    scale: str = "unknown"
    reference: str = "unknown"
    at: str = "unknown"


UTC_START = Clock("utc", "geocentric", "start")
UTC_MID = Clock("utc", "geocentric", "mid")
TAI_MID = Clock("tai", "geocentric", "mid")
HELIOCENTRIC = Clock("utc", "heliocentric", "mid")


def microjansky(flux: Floats, zero_point: Floats | float) -> Floats:
    """Flux [microjansky] of a flux in units of a zero point [AB mag]; the sign stays."""
    return flux * 10 ** (-0.4 * (zero_point - MICROJANSKY))


def flux_of_magnitude(magnitude: Floats, sign: Floats | float = 1.0) -> Floats:
    """Flux [microjansky] of a magnitude; NaN where it is none (outside -5 to 40).

    Parameters
    ----------
    magnitude : float64 [observations]
    sign : float64 [observations] or float
        -1 where the difference from the reference is negative.
    """
    possible = (magnitude >= BRIGHTEST) & (magnitude <= FAINTEST)
    return sign * 10 ** (-0.4 * (np.where(possible, magnitude, np.nan) - MICROJANSKY))


def error_of_magnitude(flux: Floats, magnitude_error: Floats) -> Floats:
    """Flux error [flux's unit] of a magnitude error, first order: sigma_m |F| ln 10 / 2.5."""
    return np.abs(flux) * magnitude_error * (np.log(10) / 2.5)


def error_of_limit(limiting_magnitude: Floats) -> Floats:
    """Error [microjansky] that stands for an upper limit: a fifth of the limiting flux.

    Whatever the significance that a survey states its limits at, five errors give the limit back.
    """
    return flux_of_magnitude(limiting_magnitude) / SIGMA_OF_LIMIT


def mjd_of_jd(jd: Floats) -> Floats:
    """MJD of a Julian date, in the same time scale."""
    return jd - JD_OF_MJD_ZERO


def without(values: Floats, *sentinels: float, tolerance: float = 1e-6) -> Floats:
    """Values with NaN where one of a format's numbers for "no value" stands."""
    missing = ~np.isfinite(values)
    for sentinel in sentinels:
        missing |= np.abs(values - sentinel) <= tolerance
    return np.where(missing, np.nan, values)
