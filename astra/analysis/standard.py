"""Standardised embeddings: every component with mean 0 and standard deviation 1."""

import numpy as np
from numpy.typing import NDArray

from astra.data.moments import moments

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
    mean, deviation = moments(embeddings)
    for start in range(0, len(embeddings), CHUNK):
        chunk = slice(start, start + CHUNK)
        scaled[chunk] = (embeddings[chunk] - mean) / deviation
    return scaled
