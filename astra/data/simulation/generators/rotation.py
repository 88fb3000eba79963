"""Spotted stars that rotate: RS Canum Venaticorum and solar-like stars."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from astra.data.simulation.cadence import FIRST_NIGHT, LAST_NIGHT
from astra.data.simulation.dice import next_uniform
from astra.data.simulation.scene import Scene, Truth

SPAN = float(LAST_NIGHT - FIRST_NIGHT)
MOST_SPOTS = 80
# Contrast of spots about 1000 K cooler than the star, relative to r.
SPOT_BANDS = np.array([1.18, 1.0, 0.82])


def add_spots(
    scene: Scene,
    period: NDArray[np.float64],
    area: NDArray[np.float64],
    lifetime: NDArray[np.float64],
    at_once: NDArray[np.float64],
    shear: NDArray[np.float64],
    spread: float = 1.0,
) -> None:
    """Add small dark spots that come, drift and go.

    Each dims the star in proportion to its area and foreshortening (the point-like spots of
    Aigrain, Pont & Zucker 2012, MNRAS 419, 3147, eq. 7, without limb darkening).

    Parameters
    ----------
    scene : Scene
    period : float64 [objects]
        Rotation period at the equator [d].
    area : float64 [objects]
        Flux in r that the largest spot at the centre of the disc takes away.
    lifetime : float64 [objects]
        Time from a spot's appearance to its end [d].
    at_once : float64 [objects]
        Spots present at any time, on average.
    shear : float64 [objects]
        Relative difference of rotation between equator and pole.
    spread : float
        Part of all longitudes that spots appear on; below 1, the active longitude persists.
    """
    if len(scene):
        number = np.ceil(at_once * (SPAN + lifetime) / lifetime).astype(np.int64)
        number = np.minimum(number, MOST_SPOTS)
        tilt = np.arccos(scene.dice.uniform("inclination", 0.0, 0.8))
        streams = scene.dice.streams("spots")
        parameters = (period, area, lifetime, shear, tilt, spread)
        _add_spots(*scene.canvas, streams, number, SPOT_BANDS, *parameters)


@njit(cache=True, nogil=True)
def _add_spots(
    starts, stops, mjd, band, variation, streams, number, bands,
    period, area, lifetime, shear, tilt, spread,
):  # fmt: skip
    state = np.empty(1, np.uint64)
    spots = np.empty((MOST_SPOTS, 5))
    for k in range(len(starts)):
        state[0] = streams[k]
        sine, cosine = math.sin(tilt[k]), math.cos(tilt[k])
        for s in range(number[k]):
            latitude = (0.15 + 0.9 * next_uniform(state)) * (1 if next_uniform(state) < 0.5 else -1)
            rate = 2.0 * math.pi / period[k] * (1.0 - shear[k] * math.sin(latitude) ** 2)
            middle = (SPAN + lifetime[k]) * next_uniform(state) - 0.5 * lifetime[k] + FIRST_NIGHT
            spots[s, 0], spots[s, 1] = middle, rate
            born = spread * next_uniform(state) + (middle - FIRST_NIGHT) / period[k]
            spots[s, 2] = 2.0 * math.pi * born - rate * (middle - FIRST_NIGHT)
            size = area[k] * (0.25 + 0.75 * next_uniform(state))
            spots[s, 3], spots[s, 4] = (
                size * sine * math.cos(latitude),
                size * cosine * math.sin(latitude),
            )
        for j in range(starts[k], stops[k]):
            lost = 0.0
            for s in range(number[k]):
                age = 2.0 * (mjd[j] - spots[s, 0]) / lifetime[k]
                if -1.0 < age < 1.0:
                    facing = spots[s, 3] * math.cos(
                        spots[s, 1] * (mjd[j] - FIRST_NIGHT) + spots[s, 2]
                    )
                    facing += spots[s, 4]
                    if facing > 0.0:
                        lost += facing * (1.0 - age * age) ** 2
            variation[j] -= 2.5 * math.log10(1.0 - min(lost * bands[band[j]], 0.7))


def rs_cvn(scene: Scene) -> Truth:
    """Paint RS Canum Venaticorum stars: few large spots of long life near an active longitude.

    Periods and amplitudes as in Strassmeier et al. 1993 (A&AS 100, 173).
    """
    dice = scene.dice
    period = dice.bounded("period", 7.0, 0.42, 0.5, 90.0)
    area = dice.log_uniform("area", 0.05, 0.25)
    lifetime = dice.log_uniform("lifetime", 250.0, 1500.0)
    at_once, shear = dice.uniform("at once", 2.0, 4.0), dice.uniform("shear", 0.0, 0.002)
    add_spots(scene, period, area, lifetime, at_once, shear, spread=0.35)
    return Truth(np.full(len(scene), "RS"), period)


def solar_like(scene: Scene) -> Truth:
    """Paint solar-like stars: many small spots that live for a few rotations.

    Rotation as in McQuillan, Mazeh & Aigrain 2014 (ApJS 211, 24); redder stars turn more slowly.
    """
    dice = scene.dice
    slower = 10.0 ** (0.25 * np.clip(scene.colour - 0.65, -0.6, 0.8))
    period = dice.bounded("period", 12.0 * slower, 0.26, 0.6, 50.0)
    area = dice.log_uniform("area", 0.025, 0.14)
    lifetime = np.clip(period * dice.log_uniform("rotations", 4.0, 20.0), 40.0, 500.0)
    at_once, shear = dice.uniform("at once", 1.5, 3.0), dice.uniform("shear", 0.0, 0.05)
    add_spots(scene, period, area, lifetime, at_once, shear)
    return Truth(np.full(len(scene), "ROT"), period)
