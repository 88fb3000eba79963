"""Figures of a classification as sums over sky units, so that resampling units is a product.

Legend of shape suffixes: U units, C classes, B bins of confidence, R resamplings.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from astra.analysis.scores import CONFIDENCE_BINS, SMALLEST_PROBABILITY

FIGURES = ("accuracy", "balanced_accuracy", "macro_f1", "log_loss", "calibration_error")
LEVEL = 0.95


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """Everything that the figures are made of, by unit.

    Attributes
    ----------
    confusion : float64 [U, C, C]
        Objects by true and by predicted class.
    loss : float64 [U]
        Sum of the log losses [nat].
    gap : float64 [U, B]
        Right predictions minus claimed probabilities, by bin of confidence.
    """

    confusion: NDArray[np.float64]
    loss: NDArray[np.float64]
    gap: NDArray[np.float64]


def sums(
    truth: NDArray[np.integer],
    probabilities: NDArray[np.floating],
    units: NDArray[np.integer],
) -> Sums:
    """Add up the tested objects of each unit.

    Parameters
    ----------
    truth : integer [objects]
    probabilities : float [objects, classes]
    units : integer [objects]
    """
    names, place = np.unique(units, return_inverse=True)
    size, classes = len(names), probabilities.shape[1]
    predicted, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    cell = (place * classes + truth) * classes + predicted
    confusion = np.bincount(cell, minlength=size * classes**2).reshape(size, classes, classes)
    of_truth = probabilities[np.arange(len(truth)), truth].astype(np.float64)
    loss = -np.log(np.maximum(of_truth, SMALLEST_PROBABILITY))
    bins = np.minimum((confidence * CONFIDENCE_BINS).astype(np.int64), CONFIDENCE_BINS - 1)
    gap = np.bincount(
        place * CONFIDENCE_BINS + bins,
        weights=(truth == predicted) - confidence.astype(np.float64),
        minlength=size * CONFIDENCE_BINS,
    )
    return Sums(
        confusion.astype(np.float64),
        np.bincount(place, weights=loss, minlength=size).astype(np.float64),
        gap.reshape(size, CONFIDENCE_BINS).astype(np.float64),
    )


def figures_of(
    confusion_RCC: NDArray[np.float64], loss_R: NDArray[np.float64], gap_RB: NDArray[np.float64]
) -> dict[str, NDArray[np.float64]]:
    """Figures of each resampling, float64 [R], under the names of ``FIGURES``.

    Balanced accuracy and macro-F1 are means over the classes that occur; expected calibration
    error is that of Guo et al. 2017 with 15 equal bins.
    """
    objects = np.maximum(confusion_RCC.sum(axis=(1, 2)), 1)
    right = np.einsum("rcc->rc", confusion_RCC)
    true, claimed = confusion_RCC.sum(axis=2), confusion_RCC.sum(axis=1)
    occurs = true > 0
    classes = np.maximum(occurs.sum(axis=1), 1)
    recall = right / np.where(occurs, true, 1)
    f1 = np.where(occurs, 2 * right / np.maximum(true + claimed, 1), 0)
    return {
        "accuracy": right.sum(axis=1) / objects,
        "balanced_accuracy": recall.sum(axis=1) / classes,
        "macro_f1": f1.sum(axis=1) / classes,
        "log_loss": loss_R / objects,
        "calibration_error": np.abs(gap_RB).sum(axis=1) / objects,
    }


def bootstrap(
    totals: Sums, resamplings: int = 500, seed: int = 0
) -> dict[str, tuple[float, float]]:
    """Intervals of 95 % of the figures, by drawing the tested units again with replacement."""
    units = len(totals.loss)
    generator = np.random.default_rng(seed)
    weights_RU = generator.multinomial(units, np.full(units, 1 / units), resamplings)
    drawn = figures_of(
        np.einsum("ru,uij->rij", weights_RU, totals.confusion, optimize=True),
        weights_RU @ totals.loss,
        weights_RU @ totals.gap,
    )
    edges = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
    found = {name: np.quantile(values, edges) for name, values in drawn.items()}
    return {name: (float(low), float(high)) for name, (low, high) in found.items()}


def summary(values: Sequence[float]) -> dict[str, Any]:
    """Mean, and spread (standard deviation) of a figure over splits and draws."""
    array = np.asarray(values, np.float64)
    return {
        "mean": float(array.mean()),
        "spread": float(array.std(ddof=1)) if len(array) > 1 else None,
        "values": array.tolist(),
    }
