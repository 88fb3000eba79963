"""View matching: how often an encoder finds an object again by the other half of its nights.

With the light hidden, whatever it still finds is the schedule of the survey.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from astra.data.light_curves import LightCurves
from astra.evaluation.controls import hide_magnitudes
from astra.evaluation.figures import summary

CROWD = 256
TRIALS = 4
NIGHT_GAP = 0.2
"""A gap in time [d] after which a new night begins."""

FEWEST_NIGHTS = 4

Embed = Callable[[LightCurves], NDArray[np.floating]]

VIEWS: dict[str, Callable[[LightCurves], LightCurves]] = {
    "as they are": lambda light_curves: light_curves,
    "magnitudes zeroed": hide_magnitudes,
    "and errors constant": lambda light_curves: hide_magnitudes(light_curves, True),
}


def view_matching(
    embed: Embed, light_curves: LightCurves, seed: int = 0, trials: int = TRIALS
) -> dict[str, Any] | None:
    """Match halves of light curves with their other halves, among up to 256 objects.

    Parameters
    ----------
    embed : callable
        Light curves to vectors. The halves come without columns: a period found in all
        observations would give an object away.
    light_curves : LightCurves
        Those with fewer than 4 nights are passed over.
    seed : int
    trials : int
        Crowds drawn.

    Returns
    -------
    dict or None
        ``crowd``, ``chance``, and for each of ``VIEWS`` the ``mean``, ``spread`` and ``values`` of
        the fraction found; None where there are not two objects with enough nights.
    """
    able = np.flatnonzero(nights_of(light_curves) >= FEWEST_NIGHTS)
    crowd = min(CROWD, len(able))
    if crowd < 2:
        return None
    found: dict[str, list[float]] = {name: [] for name in VIEWS}
    for trial in range(trials):
        generator = np.random.default_rng([seed, trial])
        rows = np.sort(generator.choice(able, crowd, replace=False))
        first, second = halves(light_curves.take(rows), generator)
        for name, change in VIEWS.items():
            found[name].append(matched(embed(change(first)), embed(change(second))))
    return {
        "crowd": crowd,
        "chance": 1 / crowd,
        **{name: summary(values) for name, values in found.items()},
    }


def matched(first: NDArray[np.floating], second: NDArray[np.floating]) -> float:
    """Fraction of the first vectors whose nearest among the second is their own.

    Both are float [objects, size], of the same objects in the same order.
    Distances are Euclidean, components in units of their standard deviation. Of several that are
    equally near, one is guessed.
    """
    together = np.concatenate([first, second]).astype(np.float64)
    deviation = together.std(axis=0)
    tiny = 1e-5 * max(1.0, float(np.abs(together).max()))
    scale = np.where(deviation > tiny, deviation, np.inf)
    a, b = (first - together.mean(axis=0)) / scale, (second - together.mean(axis=0)) / scale
    share = 0.0
    for row, vector in enumerate(a):
        distance = np.square(b - vector).sum(axis=1)
        nearest = distance <= distance.min() * (1 + 1e-9)
        share += nearest[row] / nearest.sum()
    return float(share / len(a))


def halves(
    light_curves: LightCurves, generator: np.random.Generator
) -> tuple[LightCurves, LightCurves]:
    """Two light curves of each object, each with a random half of its nights."""
    owner, night = _nights(light_curves)
    count = int(night[-1]) + 1 if len(night) else 0
    object_of = np.zeros(count, np.int64)
    object_of[night] = owner
    order = np.lexsort((generator.random(count), object_of))
    begin = np.searchsorted(object_of, np.arange(len(light_curves) + 1))
    rank = np.empty(count, np.int64)
    rank[order] = np.arange(count) - begin[object_of[order]]
    in_first = rank < np.diff(begin)[object_of] // 2
    alone = replace(light_curves, columns={})  # of whole light curves
    return alone.keep(in_first[night]), alone.keep(~in_first[night])


def nights_of(light_curves: LightCurves) -> NDArray[np.int64]:
    """Nights of each object, int64 [objects]."""
    owner, night = _nights(light_curves)
    firsts = np.flatnonzero(np.diff(night, prepend=-1))
    return np.bincount(owner[firsts], minlength=len(light_curves))


def _nights(light_curves: LightCurves) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Object and night of each observation, int64; nights are counted through all objects."""
    owner = np.repeat(np.arange(len(light_curves)), light_curves.lengths)
    days = light_curves.days()
    begins = np.diff(owner, prepend=-1) != 0
    begins |= np.diff(days, prepend=-np.inf) > NIGHT_GAP
    return owner, np.cumsum(begins) - 1
