"""Rare objects seen once: supernovae of types Ia and II, tidal disruption events."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from astra.data.simulation.scene import UNSEEN, Scene, Truth

# Each row: slope [mag/d], depth of the first maximum [mag], its width [d], time [d], height [mag]
# and width [d] of the second maximum, for g, r, i in the form of Contardo, Leibundgut & Vacca 2000
# (A&A 359, 876); a second maximum grows from r to i, as in normal supernovae Ia.
TYPE_IA = np.array(
    [
        [0.0155, -1.90, 17.0, 25.0, 0.0, 8.0],
        [0.0150, -1.35, 13.0, 24.0, -0.45, 8.0],
        [0.0160, -1.25, 10.5, 26.0, -1.15, 7.0],
    ]
)


def supernova_ia(scene: Scene) -> Truth:
    """Paint supernovae Ia of various stretch (Perlmutter et al. 1997), redshift below 0.12."""
    dice = scene.dice
    redshift = np.clip(10 ** (0.2 * (scene.magnitude[:, 1] - 18.5)) * 0.075, 0.005, 0.12)
    stretch = np.clip(dice.normal("stretch", 0.97, 0.1), 0.7, 1.2) * (1.0 + redshift)
    _add_type_ia(*scene.canvas, _peak(scene), stretch, TYPE_IA)
    return Truth(np.full(len(scene), "SN Ia"), np.full(len(scene), np.nan), redshift)


def _peak(scene: Scene) -> NDArray[np.float64]:
    """Time of maximum [MJD], near a time when the field was observed."""
    return scene.some_exposure("exposure", 0.1, 0.85) + scene.dice.uniform("offset", -5.0, 5.0)


@njit(cache=True, nogil=True)
def _add_type_ia(starts, stops, mjd, band, variation, peak, stretch, shapes):
    for k in range(len(starts)):
        for j in range(starts[k], stops[k]):
            age = (mjd[j] - peak[k]) / stretch[k]
            if age < -17.5:
                variation[j] = UNSEEN
                continue
            slope, first, width, late, second, late_width = shapes[band[j]]
            curve = slope * age - first + first * math.exp(-0.5 * (age / width) ** 2)
            curve += second * math.exp(-0.5 * ((age - late) / late_width) ** 2)
            variation[j] += curve - 2.5 * math.log10(1.0 - math.exp(-(age + 18.0) / 6.0))


def supernova_ii(scene: Scene) -> Truth:
    """Paint supernovae II: a rise, a plateau that the blue leaves first, a fall, a tail.

    The pieces of Villar et al. 2019 (ApJ 884, 83, eq. 1), written in magnitudes, plus the tail of
    radioactive decay, 0.98 mag in 100 d (Anderson et al. 2014, ApJ 786, 67).
    """
    dice = scene.dice
    redshift = np.clip(10 ** (0.2 * (scene.magnitude[:, 1] - 18.5)) * 0.035, 0.003, 0.08)
    plateau = dice.normal("plateau", 95.0, 15.0) * (1.0 + redshift)
    slopes = dice.uniform("slope", 0.4, 1.6)[:, None] * np.array([0.021, 0.008, 0.005])
    rise = dice.uniform("rise", 1.5, 3.5)
    depth = dice.uniform("fall", 1.6, 2.4)
    begin = _peak(scene) - 10.0
    _add_type_ii(*scene.canvas, begin, plateau, slopes, rise, depth)
    return Truth(np.full(len(scene), "SN II"), np.full(len(scene), np.nan), redshift)


@njit(cache=True, nogil=True)
def _add_type_ii(starts, stops, mjd, band, variation, begin, plateau, slopes, rise, depth):
    for k in range(len(starts)):
        for j in range(starts[k], stops[k]):
            age = mjd[j] - begin[k]
            if age < -3.0 * rise[k]:
                variation[j] = UNSEEN
                continue
            fall = depth[k] / (1.0 + math.exp((plateau[k] - age) / 5.0))
            cooling = slopes[k, band[j]] * min(max(age - 8.0, 0.0), plateau[k])
            tail = 0.0098 * max(age - plateau[k], 0.0)
            variation[j] += 2.5 * math.log10(1.0 + math.exp(-age / rise[k])) + cooling + fall + tail


def tidal_disruption(scene: Scene) -> Truth:
    """Paint tidal disruption events: a blue flare on a steady red nucleus.

    A Gaussian rise and a power-law decline (van Velzen et al. 2021, ApJ 908, 4, eqs. 1 and 2) with
    an index near -5/3 and the colours of a black body of 12,000 to 30,000 K.
    """
    dice = scene.dice
    rise, fall = dice.log_uniform("rise", 8.0, 30.0), dice.log_uniform("fall", 25.0, 110.0)
    index = dice.normal("index", -1.67, 0.25)
    colour = dice.uniform("colour", -0.35, -0.05)
    brighter = dice.uniform("contrast", 0.4, 2.2)
    # g, r, i of the flare at maximum relative to the host, in magnitudes.
    bluer = np.stack([colour - scene.colour, 0.0 * colour, 0.35 - 0.8 * colour], axis=1)
    flare = bluer - brighter[:, None]
    _add_disruption(*scene.canvas, _peak(scene), rise, fall, index, flare)
    redshift = dice.uniform("redshift", 0.02, 0.18)
    return Truth(np.full(len(scene), "TDE"), np.full(len(scene), np.nan), redshift)


@njit(cache=True, nogil=True)
def _add_disruption(starts, stops, mjd, band, variation, peak, rise, fall, index, flare):
    for k in range(len(starts)):
        for j in range(starts[k], stops[k]):
            age = mjd[j] - peak[k]
            if age < 0.0:
                shape = math.exp(-0.5 * (age / rise[k]) ** 2)
            else:
                shape = (1.0 + age / fall[k]) ** index[k]
            ratio = shape * 10.0 ** (-0.4 * flare[k, band[j]])
            variation[j] -= 2.5 * math.log10(1.0 + ratio)
