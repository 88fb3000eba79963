"""Long-period variables: Miras and semiregular giants, no two cycles alike."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from astra.data.simulation.cadence import FIRST_NIGHT
from astra.data.simulation.dice import next_normal, next_uniform
from astra.data.simulation.generators.stochastic import add_damped_random_walk
from astra.data.simulation.scene import Scene, Truth


def long_period(scene: Scene) -> Truth:
    """Paint long-period variables: 35 % Miras, 65 % semiregular (Samus et al. 2017, ARep 61, 80).

    Miras have 120 to 500 d and 2 to 6 mag in g, far less in i; half the semiregular ones have a
    second, shorter period or a long secondary one (Wood et al. 1999; Soszynski et al. 2009, AcA
    59, 239). Periods and heights scatter from cycle to cycle.
    """
    dice = scene.dice
    mira = dice.uniform("kind") < 0.35
    period = np.where(
        mira,
        dice.bounded("Mira period", 260.0, 0.14, 110.0, 560.0),
        dice.log_uniform("semiregular period", 35.0, 260.0),
    )
    height = np.where(
        mira,
        dice.uniform("Mira amplitude", 2.2, 5.0),
        dice.log_uniform("semiregular amplitude", 0.12, 1.3),
    )
    bands = np.array([1.25, 1.0, 0.55])
    irregular = np.where(mira, 0.09, 0.28)
    drift = np.where(mira, 0.015, 0.05)
    rise = np.where(mira, dice.uniform("rise", 0.36, 0.5), 0.5)
    sharpness = np.where(mira, dice.uniform("sharpness", 1.0, 1.5), 1.0)
    add_cycles(scene, period, height[:, None] * bands, irregular, drift, rise, sharpness, "cycles")
    second = np.flatnonzero(~mira & (dice.uniform("second period") < 0.5))
    _add_second_period(scene.only(second), period[second], height[second], bands)
    sigma = (0.06 * height)[:, None] * bands
    add_damped_random_walk(scene, 2.0 * period, sigma)
    return Truth(np.where(mira, "M", "SR"), period)


def _add_second_period(
    scene: Scene,
    period: NDArray[np.float64],
    height: NDArray[np.float64],
    bands: NDArray[np.float64],
) -> None:
    dice = scene.dice
    is_long = dice.uniform("long secondary") < 0.5
    ratio = np.where(is_long, dice.uniform("longer", 5.0, 10.0), dice.uniform("shorter", 0.45, 0.6))
    weaker = height * dice.uniform("weaker", 0.3, 0.7)
    flat = np.full(len(scene), 0.5)
    irregular, one = np.full(len(scene), 0.25), np.ones(len(scene))
    heights = weaker[:, None] * bands
    add_cycles(scene, period * ratio, heights, irregular, 0.05 * one, flat, one, "second cycles")


def add_cycles(
    scene: Scene,
    period: NDArray[np.float64],
    height: NDArray[np.float64],
    irregular: NDArray[np.float64],
    drift: NDArray[np.float64],
    rise: NDArray[np.float64],
    sharpness: NDArray[np.float64],
    name: str,
) -> None:
    """Add cycles from maximum to minimum to maximum, each with a height and a length of its own.

    Parameters
    ----------
    scene : Scene
    period : float64 [objects]
        Mean period [d].
    height : float64 [objects, 3]
        Peak-to-peak amplitude in g, r, i [mag].
    irregular, drift : float64 [objects]
        Relative scatter of the heights of maxima and minima, and of the lengths of cycles.
    rise : float64 [objects]
        Fraction of the cycle spent rising.
    sharpness : float64 [objects]
        Above 1, maxima are narrower than minima.
    name : str
        Name of the stream.
    """
    if len(scene):
        streams = scene.dice.streams(name)
        shapes = (irregular, drift, rise, sharpness)
        _add_cycles(*scene.canvas, streams, period, height, *shapes)


@njit(cache=True, nogil=True)
def _add_cycles(
    starts, stops, mjd, band, variation, streams, period, height, irregular, drift, rise, sharpness
):
    state = np.empty(1, np.uint64)
    for k in range(len(starts)):
        state[0] = streams[k]
        length = period[k]
        begin = FIRST_NIGHT - length * next_uniform(state)
        spread = irregular[k]
        top, bottom = -0.5 + spread * next_normal(state), 0.5 + spread * next_normal(state)
        next_top = -0.5 + spread * next_normal(state)
        for j in range(starts[k], stops[k]):
            while mjd[j] >= begin + length:
                begin += length
                length = period[k] * max(1.0 + drift[k] * next_normal(state), 0.5)
                top, bottom = next_top, 0.5 + spread * next_normal(state)
                next_top = -0.5 + spread * next_normal(state)
            along = (mjd[j] - begin) / length
            falling = along < 1.0 - rise[k]
            half = along / (1.0 - rise[k]) if falling else (1.0 - along) / rise[k]
            # 1 at the maximum, 0 at the minimum; both slopes vanish there.
            bright = (0.5 + 0.5 * math.cos(math.pi * half)) ** sharpness[k]
            crest = top if falling else next_top
            variation[j] += height[k, band[j]] * (bottom + (crest - bottom) * bright)
