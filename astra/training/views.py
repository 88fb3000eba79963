"""Random views of light curves, for objectives that compare them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from astra.data.light_curves import DAYS_PER_TICK
from astra.encoders.band_blocks import owners
from astra.encoders.observations import Observations


@dataclass(frozen=True, slots=True)
class View:
    """What is done to an object before it is looked at.

    Attributes
    ----------
    tokens : int
        Longest window.
    thin : float
        Smallest fraction of a band that is kept: each band of each object keeps a fraction drawn
        between this and 1, at random. How many observations a band has would show the field.
    noise : float
        White noise, in units of each observation's own error.
    drop : float
        Fraction of the occupied time bins that vanish, with all bands in them.
    outlier : bool
        One observation becomes brighter than all others.
    """

    tokens: int
    thin: float = 1.0
    noise: float = 0.0
    drop: float = 0.0
    outlier: bool = False


def corrupt(
    observations: Observations, view: View, bin_days: float, generator: np.random.Generator
) -> Observations:
    """Thin a view, add its noise and drop its bins, before a window is cut."""
    if view.thin < 1:
        observations = observations.keep(thinned(observations, view.thin, generator))
    if view.noise:
        jitter = generator.standard_normal(len(observations.value), dtype=np.float32)
        value = (observations.value + view.noise * observations.error * jitter).astype(np.float32)
        observations = observations.with_value(value)
    if view.drop:
        observations = observations.keep(~dropped(observations, view.drop, bin_days, generator))
    return observations


def thinned(
    observations: Observations, smallest: float, generator: np.random.Generator
) -> NDArray[np.bool_]:
    """Choose observations to keep, bool [observations]: see :class:`View`."""
    owner = owner_of(observations)
    objects, bands = len(observations.lengths), len(observations.wavelength)
    fraction = generator.uniform(smallest, 1, (objects, bands))
    return generator.random(len(owner)) < fraction[owner, observations.band]


def owner_of(observations: Observations) -> NDArray[np.int64]:
    """Object of each observation, int64 [observations]."""
    return owners(observations.lengths)


def dropped(
    observations: Observations, fraction: float, bin_days: float, generator: np.random.Generator
) -> NDArray[np.bool_]:
    """Choose observations to drop, bool [observations], by whole bins of time.

    Bins count from each object's first observation. Of an object's n occupied bins,
    ``floor(fraction n)`` vanish: every object keeps one at least.
    """
    owner = owner_of(observations)
    if not len(owner):
        return np.empty(0, np.bool_)
    place = bins_of(observations, bin_days)
    is_new = np.ones(len(owner), np.bool_)
    is_new[1:] = (np.diff(owner) != 0) | (np.diff(place) != 0)
    occupied = np.cumsum(is_new) - 1
    owner_of_bin = owner[is_new]
    # A random order of the bins inside each object; the first of them vanish.
    order = np.lexsort((generator.random(len(owner_of_bin)), owner_of_bin))
    bins_of_object = np.bincount(owner_of_bin, minlength=len(observations.lengths))
    starts = np.cumsum(bins_of_object) - bins_of_object
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order)) - starts[owner_of_bin[order]]
    vanishes = rank < np.floor(fraction * bins_of_object[owner_of_bin])
    return vanishes[occupied]


def bins_of(observations: Observations, bin_days: float) -> NDArray[np.int64]:
    """Bin of each observation, int64 [observations], from its object's first observation."""
    owner = owner_of(observations)
    first = observations.time[observations.offsets[:-1][owner]].astype(np.int64)
    return (observations.time - first) // round(bin_days / DAYS_PER_TICK)


def add_outlier(
    value: NDArray[np.float32],
    mask: NDArray[np.bool_],
    generator: np.random.Generator,
    level: float | None = None,
    depth: float = 1.0,
) -> None:
    """Make one real token of each window brighter than a level by up to ``depth``, in place.

    Parameters
    ----------
    value : float32 [objects, windows, tokens], mag
    mask : bool, the same shape
        True where a token is real; these come first.
    generator : Generator
    level : float, optional
        By default the brightest of the window.
    depth : float
        Largest difference [mag].
    """
    count = mask.sum(axis=-1)
    place = np.floor(generator.random(count.shape) * count).astype(np.int64)
    brightest = np.where(mask, value, np.inf).min(axis=-1) if level is None else level
    outlier = brightest - depth * generator.random(count.shape)
    rows = np.nonzero(count)
    value[(*rows, place[rows])] = outlier[rows]
