"""What the detector makes of a variation: noise, outliers, flags, saturation, the faint limit.

The error budget is that of point-spread-function photometry with ZTF (Masci et al. 2019, PASP 131,
018003): sky, photons of the object, and a floor from calibration; about 0.013 mag at 16 mag and
0.2 mag at the limit of 20.5. Only detections of five sigma are published, as in its data releases.
"""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from astra.data.simulation.cadence import RED
from astra.data.simulation.dice import Dice, next_normal, next_uniform
from astra.data.simulation.scene import Exposures

CALIBRATION_FLOOR = 0.010
# Variance of the object's own photons per flux [microjansky]: equals that of a dark sky at 18 mag.
PHOTON_VARIANCE = 0.063
SATURATED = 3.6e4  # microjansky, 12.5 mag
DETECTION = 5.0
OUTLIERS = 0.005
FLAGGED_OUTLIERS, FLAGGED_OTHERS = 0.5, 0.002
FEWEST, BRIGHTER = 8, 0.5
_POGSON = 0.4 * math.log(10.0)


@dataclass(frozen=True)
class Photometry:
    """Published observations of a chunk, flat.

    Attributes
    ----------
    offsets : int64 [objects + 1]
    mjd : float64 [observations], days
    band : uint8 [observations]
    flux, flux_error : float32 [observations], microjansky
    flagged : bool [observations]
    amplitude : float64 [objects]
        Range of the noiseless r magnitude at the published times, outliers apart [mag]; NaN with
        fewer than two of them.
    """

    offsets: NDArray[np.int64]
    mjd: NDArray[np.float64]
    band: NDArray[np.uint8]
    flux: NDArray[np.float32]
    flux_error: NDArray[np.float32]
    flagged: NDArray[np.bool_]
    amplitude: NDArray[np.float64]


def observe(
    magnitude: NDArray[np.float64],
    variation: NDArray[np.float64],
    exposures: Exposures,
    dice: Dice,
) -> Photometry:
    """Observe the objects of a chunk.

    An object too faint to be published (fewer than eight detections) is brought nearer, in steps of
    half a magnitude, until it is. The errors of four percent of the objects (crowded, or on
    structured background) are too small by a factor of 1.3 to 2.2.

    Parameters
    ----------
    magnitude : float64 [objects, 3]
        Mean magnitude in g, r, i.
    variation : float64 [exposures]
        Deviation from it [mag].
    exposures : Exposures
    dice : Dice
    """
    underestimated = np.where(
        dice.uniform("crowded") < 0.04, dice.uniform("underestimated", 1.3, 2.2), 1.0
    )
    total = len(exposures.mjd)
    mjd, band = np.empty(total), np.empty(total, np.uint8)
    flux, flux_error = np.empty(total, np.float32), np.empty(total, np.float32)
    flagged = np.empty(total, np.bool_)
    lengths, amplitude = _observe(
        exposures.offsets, exposures.mjd, exposures.band, exposures.sky,
        magnitude, variation, underestimated, dice.streams("noise"),
        mjd, band, flux, flux_error, flagged,
    )  # fmt: skip
    offsets = np.concatenate([[0], lengths.cumsum()])
    published = slice(0, int(offsets[-1]))
    return Photometry(
        offsets, mjd[published], band[published], flux[published], flux_error[published],
        flagged[published], amplitude,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def _observe(
    offsets, mjd, band, sky, magnitude, variation, underestimated, streams,
    to_mjd, to_band, to_flux, to_error, to_flagged,
):  # fmt: skip
    objects = len(offsets) - 1
    lengths = np.zeros(objects, np.int64)
    amplitude = np.full(objects, np.nan)
    state = np.empty(1, np.uint64)
    first = 0
    for k in range(objects):
        nearer, low, high = 0.0, np.inf, -np.inf
        while lengths[k] < FEWEST and nearer < 12.0:
            state[0] = streams[k]
            to, low, high = first, np.inf, -np.inf
            for j in range(offsets[k], offsets[k + 1]):
                mean = magnitude[k, band[j]] - nearer
                flux, error, is_real, flagged = _expose(
                    mean + variation[j], sky[j], underestimated[k], state
                )
                if flux > DETECTION * error and flux < SATURATED:
                    to_mjd[to], to_band[to], to_flagged[to] = mjd[j], band[j], flagged
                    to_flux[to], to_error[to] = flux, error
                    to += 1
                    if band[j] == RED and is_real:
                        low, high = min(low, variation[j]), max(high, variation[j])
            lengths[k] = to - first
            nearer += BRIGHTER
        if high > low:
            amplitude[k] = high - low
        first += lengths[k]
    return lengths, amplitude


@njit(cache=True, nogil=True)
def _expose(magnitude, sky, underestimated, state):
    """Flux, its stated error [microjansky], whether the object made it, and whether flagged."""
    true = math.exp(-_POGSON * (magnitude - 23.9))
    error = math.sqrt(sky * sky + PHOTON_VARIANCE * true + (CALIBRATION_FLOOR * true) ** 2)
    flux = true + underestimated * error * next_normal(state)
    chance = next_uniform(state)
    if chance >= OUTLIERS:
        return flux, error, true > error, chance > 1.0 - FLAGGED_OTHERS
    # Cosmic rays, tracks and ghosts add light; bad columns, edges and halos take it away.
    shift = next_normal(state)
    flux += (0.6 * true + 8.0 * error) * shift
    return flux, error, False, next_uniform(state) < FLAGGED_OUTLIERS
