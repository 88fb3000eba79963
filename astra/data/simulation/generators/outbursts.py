"""Trains of events: outbursts, low states, bursts, dips and flares; cataclysmic variables."""

import math
from dataclasses import astuple, dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from astra.data.simulation.cadence import FIRST_NIGHT
from astra.data.simulation.dice import next_normal, next_uniform
from astra.data.simulation.generators.fourier import add_fourier
from astra.data.simulation.generators.stochastic import add_damped_random_walk
from astra.data.simulation.scene import Scene, Truth


@dataclass(frozen=True)
class Events:
    """A renewal process of events with a linear rise, a plateau and a linear decline in magnitudes.

    All float64 [objects] but ``height`` [objects, 3]. ``interval`` [d] is the mean time from one
    beginning to the next; ``height`` [mag] in g, r, i is negative for brightenings; ``rise``,
    ``plateau`` and ``decline`` [d] are mean durations. The scatters are of natural logarithms.
    """

    interval: NDArray[np.float64]
    interval_scatter: NDArray[np.float64]
    height: NDArray[np.float64]
    height_scatter: NDArray[np.float64]
    rise: NDArray[np.float64]
    plateau: NDArray[np.float64]
    decline: NDArray[np.float64]
    duration_scatter: NDArray[np.float64]


def add_events(scene: Scene, events: Events, name: str, every: int = 0) -> None:
    """Add a train of events to the variation.

    Parameters
    ----------
    scene : Scene
    events : Events
    name : str
        Name of the stream.
    every : int
        If positive, one event in so many (on average) is a superoutburst: half a magnitude higher,
        with four times the plateau (Osaki 1996, PASP 108, 39).
    """
    if len(scene):
        columns = tuple(np.ascontiguousarray(values) for values in astuple(events))
        _add_events(*scene.canvas, scene.dice.streams(name), columns, every)


@njit(cache=True, nogil=True)
def _add_events(starts, stops, mjd, band, variation, streams, events, every):
    interval, interval_scatter, height, height_scatter, rise, plateau, decline, scatter = events
    state = np.empty(1, np.uint64)
    for k in range(len(starts)):
        state[0] = streams[k]
        following = FIRST_NIGHT - interval[k] * next_uniform(state)
        begin, gain, up, flat, down = -1e9, 0.0, 1.0, 0.0, 1.0
        for j in range(starts[k], stops[k]):
            while mjd[j] >= following:
                begin = following
                # The factor keeps the mean of the log-normal interval where it was asked for.
                spread = interval_scatter[k]
                wait = interval[k] * math.exp(spread * next_normal(state) - spread * spread / 2)
                gain = math.exp(height_scatter[k] * next_normal(state))
                longer = math.exp(scatter[k] * next_normal(state))
                up, flat, down = rise[k], plateau[k] * longer, decline[k] * longer
                if every > 0 and next_uniform(state) * every < 1.0:
                    gain, flat = gain + 0.15, 4.0 * flat
                following = begin + max(wait, 0.05 * interval[k])
            since = mjd[j] - begin
            if since < up + flat + down:
                shape = min(since / up, 1.0, (up + flat + down - since) / down)
                variation[j] += height[k, band[j]] * gain * shape


def cataclysmic(scene: Scene) -> Truth:
    """Paint cataclysmic variables: 60 % dwarf novae, 22 % nova-like, 18 % polars (Warner 1995).

    Dwarf novae burst by 0.7 + 1.9 log T mag after a recurrence time of T days (the relation of
    Kukarkin and Parenago), rise in about a day, decline by a magnitude in 2 to 3 days, and become
    bluer. Nova-like stars fade at times for months (VY Sculptoris states), polars switch between
    two accretion states and show their orbit. All flicker.
    """
    dice = scene.dice
    kind = dice.choice("kind", (0.60, 0.22, 0.18))
    _dwarf_novae(scene.only(np.flatnonzero(kind == 0)))
    _low_states(scene.only(np.flatnonzero(kind == 1)), deepest=3.5, longest=400.0)
    _low_states(scene.only(np.flatnonzero(kind == 2)), deepest=2.4, longest=300.0)
    flicker = dice.log_uniform("flicker strength", 0.06, 0.25)[:, None] * np.array([1.1, 1.0, 0.85])
    add_damped_random_walk(scene, dice.log_uniform("flicker time", 0.005, 0.06), flicker)
    period = np.where(
        dice.uniform("below the gap") < 0.55,
        dice.log_uniform("short period", 0.056, 0.088),
        dice.log_uniform("long period", 0.13, 0.35),
    )
    hump = np.where(kind == 2, dice.uniform("cyclotron", 0.2, 0.55), dice.uniform("hump", 0.0, 0.1))
    series = hump[:, None, None] * np.array([1.0, 0.45])
    angle = dice.uniform("angle", 0.0, 2 * np.pi)[:, None, None] * np.array([0.0, 1.0])
    phase = dice.uniform("phase")
    add_fourier(scene, period, phase, np.repeat(series, 3, axis=1), angle)
    period = np.where(kind == 2, period, np.nan)
    return Truth(np.array(["UG", "NL", "AM"])[kind], period)


def _dwarf_novae(scene: Scene) -> None:
    dice = scene.dice
    recurrence = dice.log_uniform("recurrence", 12.0, 350.0)
    height = 0.7 + 1.9 * np.log10(recurrence) + dice.normal("height", 0.0, 0.4)
    height = np.clip(height, 1.8, 6.0)
    outbursts = Events(
        interval=recurrence,
        interval_scatter=np.full(len(scene), 0.35),
        height=-height[:, None] * np.array([1.0, 0.92, 0.84]),
        height_scatter=np.full(len(scene), 0.08),
        rise=dice.log_uniform("rise", 0.5, 2.0),
        plateau=dice.log_uniform("plateau", 1.0, 6.0),
        decline=height * dice.uniform("decline", 1.8, 3.2),
        duration_scatter=np.full(len(scene), 0.25),
    )
    add_events(scene, outbursts, "outbursts", every=7)


def _low_states(scene: Scene, deepest: float, longest: float) -> None:
    dice = scene.dice
    length = dice.log_uniform("length", 60.0, longest)
    depth = dice.uniform("depth", 1.2, deepest)
    states = Events(
        interval=length * dice.uniform("rarity", 2.0, 7.0),
        interval_scatter=np.full(len(scene), 0.5),
        height=depth[:, None] * np.array([1.1, 1.0, 0.85]),
        height_scatter=np.full(len(scene), 0.2),
        rise=0.25 * length,
        plateau=0.6 * length,
        decline=0.3 * length,
        duration_scatter=np.full(len(scene), 0.4),
    )
    add_events(scene, states, "states")
