"""Honest figures of a classification: what a table of results has to say."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

SMALLEST_PROBABILITY = 1e-7
CONFIDENCE_BINS = 15


def score(
    truth: NDArray[np.integer], probabilities: NDArray[np.floating], classes: Sequence[str]
) -> dict[str, Any]:
    """Compare probabilities with the truth.

    Parameters
    ----------
    truth : integer [objects]
        Index of the true class; at least one object.
    probabilities : float [objects, classes]
    classes : sequence of str

    Returns
    -------
    dict
        ``objects``, ``accuracy``, ``balanced_accuracy``, ``macro_f1`` (the last two over the
        classes that occur in the truth), ``log_loss`` [nat], ``calibration_error``, and
        ``by_class``: for each class ``f1``, ``n`` (true objects); ``f1`` is None for a class that
        does not occur.
    """
    from sklearn.metrics import confusion_matrix

    predicted = probabilities.argmax(axis=1)
    counts = confusion_matrix(truth, predicted, labels=np.arange(len(classes)))
    right, true, claimed = counts.diagonal(), counts.sum(axis=1), counts.sum(axis=0)
    occurs = true > 0
    f1 = 2 * right / np.maximum(true + claimed, 1)
    of_truth = probabilities[np.arange(len(truth)), truth].astype(np.float64)
    return {
        "objects": len(truth),
        "accuracy": float(right.sum() / len(truth)),
        "balanced_accuracy": float(np.mean(right[occurs] / true[occurs])),
        "macro_f1": float(np.mean(f1[occurs])),
        "log_loss": float(-np.mean(np.log(np.maximum(of_truth, SMALLEST_PROBABILITY)))),
        "calibration_error": calibration_error(truth == predicted, probabilities.max(axis=1)),
        "by_class": {
            name: {"f1": float(f1[i]) if occurs[i] else None, "n": int(true[i])}
            for i, name in enumerate(classes)
        },
    }


def majority_baseline(
    truth: NDArray[np.integer], learnt: NDArray[np.integer], classes: Sequence[str]
) -> dict[str, float]:
    """Score of who always names the class most frequent among those learnt from.

    Parameters
    ----------
    truth, learnt : int [objects]
        Indices into `classes`: of the objects to name, and of those to learn from.
    classes : sequence of str
    """
    counts = np.bincount(learnt, minlength=len(classes))
    certain = np.zeros((len(truth), len(classes)))
    certain[:, counts.argmax()] = 1
    full = score(truth, certain, classes)
    return {name: full[name] for name in ("accuracy", "balanced_accuracy", "macro_f1")}


def calibration_error(right: NDArray[np.bool_], confidence: NDArray[np.floating]) -> float:
    """Expected calibration error: mean gap between confidence and accuracy, in 15 equal bins.

    Parameters
    ----------
    right : bool [objects]
        The most probable class is the true one.
    confidence : float [objects]
        Its probability, 0 to 1.

    References
    ----------
    Guo et al. 2017, On calibration of modern neural networks, equation 3.
    """
    place = np.minimum((confidence * CONFIDENCE_BINS).astype(np.int64), CONFIDENCE_BINS - 1)
    hits = np.bincount(place, weights=right, minlength=CONFIDENCE_BINS)
    claims = np.bincount(place, weights=confidence, minlength=CONFIDENCE_BINS)
    return float(np.abs(hits - claims).sum() / len(right))
