"""Agreement beyond chance: Cohen's and Fleiss' kappa, Krippendorff's alpha, and their intervals.

Every figure depends only on how often each pattern of votes occurs. So a bootstrap over objects is
a multinomial draw of these counts, exact and quick for any number of objects.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.float64]
DRAWS = 1000
LEVEL = 0.95
_EPSILON = 1e-12


class Agreement(NamedTuple):
    """A figure of agreement and its bootstrap interval; NaN where it is not defined.

    Attributes
    ----------
    value, low, high : float
        1 agreement, 0 what chance gives, below 0 less than that; the interval holds 95 %.
    objects : int
        How many it rests on.
    """

    value: float
    low: float
    high: float
    objects: int


def cohen_kappa(
    first: NDArray[np.integer],
    second: NDArray[np.integer],
    generator: np.random.Generator,
    draws: int = DRAWS,
) -> Agreement:
    """Cohen's kappa of two annotators (Cohen 1960, Educ. Psychol. Meas. 20, 37).

    Parameters
    ----------
    first, second : integer [objects]
        Class that each gave; objects where either is negative are left out.
    generator : Generator
    draws : int
        Times that the objects are drawn again, for the interval.
    """
    both = (first >= 0) & (second >= 0)
    pairs = np.column_stack([first[both], second[both]]).astype(np.int64)
    classes = int(pairs.max(initial=-1)) + 1
    patterns, frequency = np.unique(pairs, axis=0, return_counts=True)

    def kappa(times: Counts) -> NDArray[np.float64]:
        n = times.sum(1)
        observed = times @ (patterns[:, 0] == patterns[:, 1])
        rows = times @ np.eye(classes)[patterns[:, 0]]
        columns = times @ np.eye(classes)[patterns[:, 1]]
        return _beyond(observed / n, (rows * columns).sum(1) / n**2)

    return _with_interval(kappa, frequency, generator, draws)


def fleiss_kappa(
    votes: NDArray[np.integer], generator: np.random.Generator, draws: int = DRAWS
) -> Agreement:
    """Fleiss' kappa of many annotators (Fleiss 1971, Psychol. Bull. 76, 378).

    Parameters
    ----------
    votes : integer [objects, classes]
        How many annotators gave each class. Every object has the same number of votes, two or
        more; those that have another number than most are left out.
    generator, draws
        See :func:`cohen_kappa`.
    """
    number = votes.sum(1)
    usual = int(np.bincount(number[number >= 2]).argmax()) if (number >= 2).any() else 0
    kept = votes[number == usual] if usual else votes[:0]
    patterns, frequency = _patterns(kept)
    agree = (patterns * (patterns - 1)).sum(1) / max(usual * (usual - 1), 1)

    def kappa(times: Counts) -> NDArray[np.float64]:
        n = times.sum(1)
        share = times @ patterns / (n * max(usual, 1))[:, None]
        return _beyond(times @ agree / n, (share**2).sum(1))

    return _with_interval(kappa, frequency, generator, draws)


def krippendorff_alpha(
    votes: NDArray[np.integer], generator: np.random.Generator, draws: int = DRAWS
) -> Agreement:
    """Krippendorff's alpha for names, votes may be missing.

    Computing Krippendorff's alpha-reliability (2011), section D: coincidences within objects.

    Parameters
    ----------
    votes : integer [objects, classes]
        How many annotators gave each class; objects with fewer than two votes are left out.
    generator, draws
        See :func:`cohen_kappa`.
    """
    patterns, frequency = _patterns(votes[votes.sum(1) >= 2])
    number = patterns.sum(1)
    # Pairs of votes within an object that agree, each object weighing as its votes.
    agree = (patterns * (patterns - 1)).sum(1) / np.maximum(number - 1, 1)

    def alpha(times: Counts) -> NDArray[np.float64]:
        of_class = times @ patterns
        n = of_class.sum(1)
        chance = (of_class * (of_class - 1)).sum(1) / (n * (n - 1))
        return _beyond(times @ agree / n, chance)

    return _with_interval(alpha, frequency, generator, draws)


def _patterns(votes: NDArray[np.integer]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    patterns, frequency = np.unique(votes, axis=0, return_counts=True)
    return patterns.astype(np.float64), frequency


def _beyond(observed: NDArray[np.float64], chance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Agreement beyond chance; NaN where chance alone would agree on everything."""
    return np.where(
        chance < 1 - _EPSILON, (observed - chance) / np.maximum(1 - chance, _EPSILON), np.nan
    )


def _with_interval(
    figure: Callable[[Counts], NDArray[np.float64]],
    frequency: NDArray[np.int64],
    generator: np.random.Generator,
    draws: int,
) -> Agreement:
    objects = int(frequency.sum())
    if not objects:
        return Agreement(np.nan, np.nan, np.nan, 0)
    value = float(figure(frequency[None].astype(np.float64))[0])
    drawn = generator.multinomial(objects, frequency / objects, size=draws)
    known = figure(drawn.astype(np.float64))
    known = known[np.isfinite(known)]
    if not len(known) or not np.isfinite(value):
        return Agreement(value, np.nan, np.nan, objects)
    tail = 50 * (1 - LEVEL)
    low, high = np.percentile(known, [tail, 100 - tail])
    return Agreement(value, float(low), float(high), objects)
