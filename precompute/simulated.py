"""Simulated stars to learn from beside the survey's own objects: seen as it sees, truth known."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from astra.data.joining import join
from astra.data.light_curves import LightCurves
from astra.data.simulation.borrowed import simulate_at
from astra.periods import search
from astra.training.cross_half import TRUTH

FEWEST_OBSERVATIONS = 40
MOST_STARS = 24_000
FEWEST_OF_KIND = 30
CHUNK = 500
UNKNOWN = -1


def with_simulated(
    light_curves: LightCurves,
    rows: NDArray[np.int64],
    share: float,
    seed: int,
    told: Callable[[int, int], None],
) -> tuple[LightCurves, list[str]]:
    """Add simulated stars to some rows of a survey.

    Each takes the place of an object with total fluxes and 40 observations at least, drawn at
    random; its period is searched for like that of any other.

    Parameters
    ----------
    light_curves : LightCurves
        With the columns of the period search.
    rows : int64
        Of the survey, to be kept.
    share : float
        Stars for each row; at most 24,000 in all.
    seed : int
    told : callable
        Called with the number of stars that are done and of all; may raise to stop.

    Returns
    -------
    light_curves : LightCurves
        The rows, then the stars; column ``truth`` has the kind of each star, -1 elsewhere.
    kinds : list of str
        ``class/subclass`` by number.
    """
    total = ~np.asarray(light_curves.is_difference[rows])
    places = rows[total & (light_curves.lengths[rows] >= FEWEST_OBSERVATIONS)]
    generator = np.random.default_rng((seed, 1))
    stars = min(round(share * len(rows)), MOST_STARS, len(places))
    places = np.sort(generator.choice(places, stars, replace=False))
    own = light_curves.take(rows)
    parts, truths = [], []
    for start in range(0, stars, CHUNK):
        chunk = light_curves.take(places[start : start + CHUNK])
        seen, truth = simulate_at(chunk, seed, start)
        parts.append(seen.with_columns(**search(seen)))
        truths.append(truth)
        told(min(start + CHUNK, stars), stars)
    if not parts:
        return own, []
    kind, kinds = _kinds(pd.concat(truths, ignore_index=True))
    simulated = join(parts).with_columns(**{TRUTH: kind})
    return join([own.with_columns(**{TRUTH: np.full(len(own), UNKNOWN)}), simulated]), kinds


def _kinds(truth: pd.DataFrame) -> tuple[NDArray[np.int64], list[str]]:
    """Number of the kind of each star, -1 for the rarest, and the names."""
    names = (truth["astra_class"] + "/" + truth["subclass"]).to_numpy(str)
    kinds, number, counts = np.unique(names, return_inverse=True, return_counts=True)
    common = counts >= FEWEST_OF_KIND
    renumbered = np.where(common, np.cumsum(common) - 1, UNKNOWN)
    return renumbered[number], kinds[common].tolist()
