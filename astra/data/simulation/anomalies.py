"""Objects that do not belong: what is planted in which class, and the kernels that plant it.

``blazhko``, ``period change``, ``eclipses stop`` and ``changing look`` are painted by the
generators of their classes; the others can befall any object and are added here.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from astra.data.simulation.dice import Dice, next_uniform
from astra.data.simulation.scene import NO_ANOMALY, Scene

ANOMALY_SHARE = 0.005
DIP, MICROLENSING, BLEND = "dip", "microlensing", "blend"
PLANTED: dict[str, tuple[str, ...]] = {
    "AGN": ("changing look",),
    "CEP": ("period change", BLEND),
    "CV": (BLEND,),
    "DSCT|GDOR|SXPHE": ("period change", BLEND),
    "ECL": ("eclipses stop", MICROLENSING, BLEND),
    "ELL": (DIP, MICROLENSING),
    "LPV": (MICROLENSING, BLEND),
    "RR": ("blazhko", "period change", BLEND),
    "RS": (DIP, MICROLENSING),
    "S": (DIP, MICROLENSING),
    "SOLAR_LIKE": (DIP, MICROLENSING),
    "YSO": (MICROLENSING, BLEND),
}
ANOMALIES = tuple(sorted({kind for kinds in PLANTED.values() for kind in kinds}))


def draw_anomalies(dice: Dice, astra_class: NDArray[np.str_]) -> NDArray[np.str_]:
    """Choose what is planted in each object, str [objects]; empty for all but one in 200."""
    chosen = dice.uniform("is anomaly") < ANOMALY_SHARE
    which = dice.uniform("kind of anomaly")
    anomaly = np.full(len(dice), NO_ANOMALY, dtype=f"U{max(map(len, ANOMALIES))}")
    for name, kinds in PLANTED.items():
        rows = np.flatnonzero(chosen & (astra_class == name))
        anomaly[rows] = np.array(kinds)[(which[rows] * len(kinds)).astype(np.int64)]
    return anomaly


def companion_class(astra_class: NDArray[np.str_]) -> NDArray[np.str_]:
    """Class of what each object is blended with, str [objects].

    An RR Lyrae star, or for these and their like an eclipsing binary.
    """
    return np.where(np.isin(astra_class, ("RR", "DSCT|GDOR|SXPHE")), "ECL", "RR")


def add_blend(
    scene: Scene, companion_magnitude: NDArray[np.float64], companion: NDArray[np.float64]
) -> None:
    """Add the flux of a companion with its own mean magnitudes [objects, 3] and flat variation."""
    if len(scene):
        fainter = companion_magnitude - scene.magnitude
        _add_blend(*scene.canvas, fainter, companion)


@njit(cache=True, nogil=True)
def _add_blend(starts, stops, mjd, band, variation, fainter, companion):
    for k in range(len(starts)):
        for j in range(starts[k], stops[k]):
            own = 10.0 ** (-0.4 * variation[j])
            other = 10.0 ** (-0.4 * (companion[j] + fainter[k, band[j]]))
            variation[j] = -2.5 * math.log10(own + other)


def add_dips(scene: Scene) -> None:
    """Dim objects a few times by up to four fifths, lopsidedly, for days to weeks.

    Deeper and longer than the fades of Boyajian's star (Boyajian et al. 2016, MNRAS 457, 3988), and
    only slightly redder, so that a survey of one point a night can see them.
    """
    if len(scene):
        middle = scene.some_exposure("dips", 0.2, 0.8)
        depth = scene.dice.uniform("depth of dips", 0.45, 0.85)
        width = scene.dice.log_uniform("width of dips", 6.0, 40.0)
        streams = scene.dice.streams("train of dips")
        bands = np.array([1.0, 0.93, 0.87])
        _add_dips(*scene.canvas, streams, middle, depth, width, bands)


@njit(cache=True, nogil=True)
def _add_dips(starts, stops, mjd, band, variation, streams, middle, depth, width, bands):
    state = np.empty(1, np.uint64)
    for k in range(len(starts)):
        state[0] = streams[k]
        for dip in range(3):
            # The first is the deepest and hits an exposure; the others come near it.
            when = middle[k] + (0.0 if dip == 0 else 500.0 * (next_uniform(state) - 0.5))
            deep = depth[k] * (1.0 if dip == 0 else next_uniform(state))
            long = width[k] * (0.5 + next_uniform(state))
            for j in range(starts[k], stops[k]):
                side = 0.45 * long if mjd[j] > when else long
                lost = deep * bands[band[j]] * math.exp(-(abs((mjd[j] - when) / side) ** 1.5))
                variation[j] -= 2.5 * math.log10(1.0 - lost)


def add_microlensing(scene: Scene) -> None:
    """Magnify objects as a point lens does, all bands alike (Paczynski 1986, ApJ 304, 1)."""
    if len(scene):
        peak = scene.some_exposure("peak of lensing", 0.1, 0.9)
        nearest = scene.dice.log_uniform("impact", 0.02, 0.25)
        crossing = scene.dice.log_uniform("crossing time", 15.0, 90.0)
        _add_microlensing(*scene.canvas, peak, nearest, crossing)


@njit(cache=True, nogil=True)
def _add_microlensing(starts, stops, mjd, band, variation, peak, nearest, crossing):
    for k in range(len(starts)):
        for j in range(starts[k], stops[k]):
            square = nearest[k] ** 2 + ((mjd[j] - peak[k]) / crossing[k]) ** 2
            gain = (square + 2.0) / math.sqrt(square * (square + 4.0))
            variation[j] -= 2.5 * math.log10(gain)
