"""Standardised embeddings: every component with mean 0 and standard deviation 1."""

import numpy as np
from numpy.typing import NDArray

from astra.data.errors import AstraError

CHUNK = 100_000


def standardise(embeddings: NDArray[np.floating]) -> NDArray[np.float32]:
    """Scale every component to mean 0 and standard deviation 1.

    Parameters
    ----------
    embeddings : float [objects, embedding]
        May be memory-mapped: it is read in chunks.

    Returns
    -------
    float32 [objects, embedding]
        A component that is the same for all objects is 0.

    Raises
    ------
    AstraError
        An embedding is not finite; the message names the first row.
    """
    scaled = np.empty(embeddings.shape, np.float32)
    if not len(scaled):
        return scaled
    mean, deviation = _moments(embeddings)
    for start in range(0, len(embeddings), CHUNK):
        chunk = slice(start, start + CHUNK)
        scaled[chunk] = (embeddings[chunk] - mean) / deviation
    return scaled


def _moments(embeddings: NDArray[np.floating]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and standard deviation of each component, float64 [embedding]; 1 where it is 0."""
    # Sums of deviations from the first row: components far from zero lose no digits.
    origin = embeddings[0].astype(np.float64)
    total, squares = np.zeros_like(origin), np.zeros_like(origin)
    for start in range(0, len(embeddings), CHUNK):
        shifted = embeddings[start : start + CHUNK].astype(np.float64) - origin
        bad = ~np.isfinite(shifted).all(axis=1)
        if bad.any():
            row = start + int(np.argmax(bad))
            raise AstraError(f"embedding of row {row} is not finite; the encoder is at fault")
        total += shifted.sum(axis=0)
        squares += np.square(shifted).sum(axis=0)
    shift = total / len(embeddings)
    deviation = np.sqrt(np.maximum(squares / len(embeddings) - np.square(shift), 0))
    tiny = 1e-7 * np.maximum(np.abs(origin), 1)
    return origin + shift, np.where(deviation > tiny, deviation, 1.0)
