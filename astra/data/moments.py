"""Mean and standard deviation of every component of many vectors, read once, in chunks."""

import numpy as np
from numpy.typing import NDArray

from astra.data.errors import AstraError

CHUNK = 100_000


def moments(
    embeddings: NDArray[np.floating],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and standard deviation of each component; the deviation is 1 where it is 0.

    Parameters
    ----------
    embeddings : float [objects, embedding]
        At least one object; may be memory-mapped.

    Returns
    -------
    mean, deviation : float64 [embedding]

    Raises
    ------
    AstraError
        An embedding is not finite; the message names the first row.
    """
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
