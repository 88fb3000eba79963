"""Scores of two runs on the same objects, and whether their difference means anything."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

DRAWS = 2_000
COVERED = 0.95


def paired_scores(
    truth: NDArray[np.integer],
    a: NDArray[np.integer],
    b: NDArray[np.integer],
    classes: Sequence[str],
    draws: int = DRAWS,
    seed: int = 0,
) -> dict[str, Any]:
    """Macro-F1 and accuracy of two predictions, with intervals of their paired differences.

    The objects are drawn again with replacement, both predictions of an object together. Since
    the scores depend only on how often each triple (truth, a, b) occurs, what is drawn are these
    counts, from the multinomial distribution: the same bootstrap, whatever the number of objects.

    Parameters
    ----------
    truth, a, b : int [objects]
        Indices into `classes`; at least one object.
    classes : sequence of str
    draws, seed : int

    Returns
    -------
    dict
        ``objects``; ``a`` and ``b``, each ``macro_f1`` and ``accuracy``; ``difference``, by score
        ``value``, ``low``, ``high`` (95 %); ``by_class``: F1 in both, difference, interval, ``n``.
        Classes that do not occur in the truth are left out of everything.

    References
    ----------
    Efron & Tibshirani 1993, An Introduction to the Bootstrap, chapters 8 and 13.
    """
    size = len(classes)
    corner, weights = _resampled(truth, a, b, size, draws, seed)
    occurs = np.bincount(truth, minlength=size) > 0
    f1 = [_f1(weights, corner[0], side, size) for side in corner[1:]]
    macro = [_mean_of_classes(of_side[:, occurs]) for of_side in f1]
    right = [weights @ (corner[0] == side) / len(truth) for side in corner[1:]]
    return {
        "objects": len(truth),
        "a": {"macro_f1": float(macro[0][0]), "accuracy": float(right[0][0])},
        "b": {"macro_f1": float(macro[1][0]), "accuracy": float(right[1][0])},
        "difference": {"macro_f1": _difference(*macro), "accuracy": _difference(*right)},
        "by_class": {
            classes[int(i)]: {
                "a": float(f1[0][0, i]),
                "b": float(f1[1][0, i]),
                "n": int(np.count_nonzero(truth == i)),
                **_difference(f1[0][:, i], f1[1][:, i]),
            }
            for i in np.flatnonzero(occurs)
        },
    }


def _resampled(
    truth: NDArray[np.integer],
    a: NDArray[np.integer],
    b: NDArray[np.integer],
    size: int,
    draws: int,
    seed: int,
) -> tuple[tuple[NDArray[np.integer], ...], NDArray[np.float64]]:
    """The triples (truth, a, b) that occur, and how often each does in every draw.

    The former as three arrays int [triples], the latter float64 [1 + draws, triples], whose first
    row is the objects as they are.
    """
    cells = (truth.astype(np.int64) * size + a) * size + b
    filled, counts = np.unique(cells, return_counts=True)
    generator = np.random.default_rng(seed)
    drawn = generator.multinomial(len(truth), counts / counts.sum(), size=draws)
    weights = np.vstack([counts, drawn]).astype(np.float64)
    return np.unravel_index(filled, (size, size, size)), weights


def _f1(
    weights: NDArray[np.float64],
    truth: NDArray[np.integer],
    predicted: NDArray[np.integer],
    size: int,
) -> NDArray[np.float64]:
    """F1 of each class in each draw, float64 [draws, classes]; NaN where a class was not drawn."""
    kinds = np.arange(size)
    is_true, is_claimed = truth[:, None] == kinds, predicted[:, None] == kinds
    true, claimed = weights @ is_true, weights @ is_claimed
    right = weights @ (is_true & is_claimed)
    return np.where(true > 0, 2 * right / np.maximum(true + claimed, 1), np.nan)


def _mean_of_classes(f1: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.nanmean(f1, axis=1)


def _difference(a: NDArray[np.float64], b: NDArray[np.float64]) -> dict[str, float]:
    """Difference B - A, of the first row, and its interval over the others."""
    apart = (b - a)[1:]
    tail = (1 - COVERED) / 2
    low, high = np.nanquantile(apart, [tail, 1 - tail])
    return {"value": float(b[0] - a[0]), "low": float(low), "high": float(high)}
