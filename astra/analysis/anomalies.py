"""Anomaly scores: how few cuts set an object apart from all others."""

import numpy as np
from numpy.typing import NDArray

from astra.analysis.standard import standardise

_ZERO_QUANTILE = 0.01


def anomaly_scores(
    embeddings: NDArray[np.floating],
    trees: int = 200,
    subsamples: int = 1024,
    seed: int = 0,
    n_jobs: int = 1,
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Score of an isolation forest on standardised embeddings.

    Parameters
    ----------
    embeddings : float [objects, embedding]
    trees, subsamples : int
        Trees of the forest, and objects that each tree is grown on.
    seed : int
        The same seed gives the same scores, whatever the number of threads.
    n_jobs : int
        Threads.

    Returns
    -------
    score : float32 [objects]
        From 0 to 1, most anomalous. The forest's score, 2^(-mean depth / expected depth), with its
        1 % quantile moved to 0 and its maximum to 1: a straight line, so that gaps between scores
        keep their proportions, and one that neither the tame end nor ties can flatten.
    rank : int32 [objects]
        1 is the most anomalous; equal scores are ranked in the order of rows.

    Raises
    ------
    AstraError
        An embedding is not finite.

    References
    ----------
    Liu, Ting & Zhou 2008, Isolation forest (grown by coniferest).
    """
    points = standardise(embeddings)
    if len(points) < 2:
        return np.zeros(len(points), np.float32), np.ones(len(points), np.int32)
    from coniferest.isoforest import IsolationForest

    forest = IsolationForest(
        n_trees=trees,
        n_subsamples=min(subsamples, len(points)),
        n_jobs=n_jobs,
        random_seed=seed,
    )
    raw = -forest.fit(points).score_samples(points)
    rank = np.empty(len(points), np.int32)
    rank[np.argsort(-raw, kind="stable")] = np.arange(1, len(points) + 1, dtype=np.int32)
    low, high = np.quantile(raw, _ZERO_QUANTILE), raw.max()
    score = (raw - low) / max(high - low, np.finfo(np.float64).tiny)
    return np.clip(score, 0, 1).astype(np.float32), rank
