"""What a class head begins with: how much each class weighs, and the weights of a probe."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from astra.data.errors import AstraError

PROBE_STRENGTH = 0.1
"""Inverse penalty of the regression that a head begins at: it leaves something to be learnt."""


def probe_weights(
    features: NDArray[np.float64], labels: NDArray[np.integer], weights: NDArray[np.floating]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Weights [classes, features] and biases [classes] of a logistic regression, float32.

    It is fitted to standardised features; what is given back takes them as they are. Classes
    without labels get a bias that rules them out.

    Parameters
    ----------
    features : float64 [labels, features]
    labels : integer [labels]
    weights : float [classes]
        How much an object of each class counts.
    """
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    mean, spread = features.mean(axis=0), np.maximum(features.std(axis=0), 1e-6)
    there = np.unique(labels)
    regression = LogisticRegression(
        C=PROBE_STRENGTH,
        max_iter=1_000,
        class_weight={int(code): float(weights[code]) for code in there},
    )
    with threadpool_limits(1):
        regression.fit((features - mean) / spread, labels)
    slopes, offsets = np.asarray(regression.coef_), np.asarray(regression.intercept_)
    if len(there) == 2:  # one function tells two classes apart: half for each
        slopes = np.concatenate([-slopes, slopes]) / 2
        offsets = np.concatenate([-offsets, offsets]) / 2
    weight = np.zeros((len(weights), features.shape[1]), np.float32)
    bias = np.full(len(weights), offsets.min() - 10, np.float32)
    weight[there] = slopes / spread
    bias[there] = offsets - (slopes / spread) @ mean
    return weight, bias


def class_weights(
    labels: NDArray[np.integer], classes: Sequence[str], cap: float = 0.0
) -> NDArray[np.float64]:
    """Weights that let every class with labels count the same, float64 [classes], mean 1 a label.

    Parameters
    ----------
    labels : integer [labels]
    classes : sequence of str
    cap : float
        Largest weight over the smallest; 0: no limit. The rarest classes then count less.

    Raises
    ------
    AstraError
        Fewer than two classes have labels.
    """
    counts = np.bincount(labels[labels >= 0], minlength=len(classes)).astype(np.float64)
    present = counts > 0
    if present.sum() < 2:
        names = ", ".join(name for name, there in zip(classes, present, strict=True) if there)
        raise AstraError(
            f"labels of {names or 'no class'} alone teach nothing: label two classes at least"
        )
    weights = np.zeros(len(classes))
    weights[present] = counts.sum() / (present.sum() * counts[present])
    if cap:
        weights = np.minimum(weights, max(cap, 1.0) * weights[present].min())
        weights *= counts.sum() / (weights * counts).sum()
    return weights
