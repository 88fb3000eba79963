"""The nearest objects in the embedding: every object is compared, none is guessed.

Distances are those of the stage ``neighbours``: Euclidean, with every component in units of its
standard deviation over the run.
"""

from functools import cached_property
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from astra.data.moments import moments

CHUNK = 100_000
# Single precision finds the candidates, double precision ranks them.
_SPARE = 16


class Nearest(NamedTuple):
    """Objects by distance, nearest first.

    Attributes
    ----------
    rows : int64 [found]
    distances : float64 [found]
        In units of the standard deviation of a component.
    """

    rows: NDArray[np.int64]
    distances: NDArray[np.float64]


class Space:
    """Embeddings of a run, compared as they lie in memory or on disk: nothing is copied.

    Parameters
    ----------
    embeddings : float32 [objects, embedding]
        Survey order; rows here are rows of it.
    """

    def __init__(self, embeddings: NDArray[np.float32]) -> None:
        self.embeddings = np.asarray(embeddings)

    def __len__(self) -> int:
        return len(self.embeddings)

    @cached_property
    def deviation(self) -> NDArray[np.float64]:
        """Standard deviation of each component, float64 [embedding]; 1 where it is 0.

        Raises
        ------
        AstraError
            An embedding is not finite.
        """
        return moments(self.embeddings)[1]

    def squared_distances(self, vector: ArrayLike) -> NDArray[np.float32]:
        """Squared distance of every object from a vector, float32 [objects]."""
        query = np.ascontiguousarray(vector, np.float32)
        weights = (1 / self.deviation).astype(np.float32)
        squared = np.empty(len(self), np.float32)
        scan(self.embeddings, query, weights, squared)
        return squared

    def distances(self, vector: ArrayLike, rows: NDArray[np.integer]) -> NDArray[np.float64]:
        """Distance of some objects from a vector, float64 [rows]."""
        apart = self.embeddings[rows].astype(np.float64) - np.asarray(vector, np.float64)
        return np.sqrt(np.square(apart / self.deviation).sum(axis=1))

    def nearest(
        self, vector: ArrayLike, k: int, leave_out: NDArray[np.integer] | None = None
    ) -> Nearest:
        """Nearest objects to a vector, whose values are in the units of the embeddings.

        Parameters
        ----------
        vector : float [embedding]
        k : int
            Fewer are found where there are not so many.
        leave_out : int [rows], optional
            Rows that are not to be found, such as the object itself.
        """
        squared = self.squared_distances(vector)
        left = len(self)
        if leave_out is not None and len(leave_out):
            squared[leave_out] = np.inf
            left -= len(np.unique(leave_out))
        k = min(k, left)
        if k < 1:
            return Nearest(np.empty(0, np.int64), np.empty(0))
        candidates = min(2 * k + _SPARE, left)
        rows = np.argpartition(squared, candidates - 1)[:candidates].astype(np.int64)
        exact = self.distances(vector, rows)
        order = np.lexsort([rows, exact])[:k]
        return Nearest(rows[order], exact[order])

    def mean(self, rows: NDArray[np.integer]) -> NDArray[np.float64]:
        """Mean embedding of some objects, float64 [embedding]."""
        total = np.zeros(self.embeddings.shape[1])
        for start in range(0, len(rows), CHUNK):
            total += self.embeddings[rows[start : start + CHUNK]].sum(axis=0, dtype=np.float64)
        return total / len(rows)


@njit(cache=True, nogil=True, fastmath=True)
def scan(embeddings, query, weights, squared):
    """Write the squared distance of each row from `query`, after weighting, to `squared`."""
    objects, size = embeddings.shape
    for i in range(objects):
        total = np.float32(0)
        for j in range(size):
            apart = (embeddings[i, j] - query[j]) * weights[j]
            total += apart * apart
        squared[i] = total


def warm() -> None:
    """Compile the kernel, so that no visitor waits for the compiler."""
    vectors = np.arange(8, dtype=np.float32).reshape(4, 2)
    sealed = vectors.copy()
    sealed.flags.writeable = False
    for each in (vectors, sealed):
        Space(each).nearest(each[0], 2)
