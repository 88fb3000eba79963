"""What the label of an object would be worth: doubt, crowding, and distance from what is known."""

import numpy as np
from numpy.typing import NDArray


def margins(probabilities: NDArray[np.floating]) -> NDArray[np.float64]:
    """Lead of the most probable class over the second, float64 [objects]."""
    if probabilities.shape[1] < 2:
        return np.ones(len(probabilities))
    top = np.partition(np.asarray(probabilities, np.float64), -2, axis=1)[:, -2:]
    return top[:, 1] - top[:, 0]


def entropies(probabilities: NDArray[np.floating]) -> NDArray[np.float64]:
    """Entropy of each row [nat], float64 [objects]."""
    known = np.asarray(probabilities, np.float64)
    return -np.sum(known * np.log(np.maximum(known, 1e-12)), axis=1)


def divergence(one: NDArray[np.floating], other: NDArray[np.floating]) -> NDArray[np.float64]:
    """Jensen-Shannon divergence of two sets of probabilities [nat], float64 [objects]."""
    middle = (np.asarray(one, np.float64) + other) / 2
    return np.maximum(entropies(middle) - (entropies(one) + entropies(other)) / 2, 0)


def density_of(distances: NDArray[np.floating]) -> NDArray[np.float64]:
    """How crowded the embedding is, float64 [objects]: 1 where the median object is.

    Parameters
    ----------
    distances : float [objects, k]
        To the nearest neighbours.
    """
    mean = np.asarray(distances, np.float64).mean(axis=1)
    typical = float(np.median(mean)) if len(mean) else 1.0
    return (typical or 1.0) / np.maximum(mean, 1e-9 + 0.05 * typical)


def k_centre(
    points: NDArray[np.float32], distances: NDArray[np.floating], count: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Choose points one by one, each the farthest from all centres.

    Parameters
    ----------
    points : float32 [points, E]
    distances : float [points]
        To the nearest centre there is already; infinity where there is none.
    count : int

    Returns
    -------
    order : int64 [chosen]
        Indices of the points.
    distances : float32 [chosen]
        How far each was from all centres when it was chosen.
    """
    squared = np.asarray(distances, np.float64) ** 2
    if len(points) and not np.isfinite(squared).any():
        # The first centre is the one in the middle of all.
        squared = np.sum((points - points.mean(axis=0)) ** 2, axis=1, dtype=np.float64)
        squared = squared.max() - squared
    order = np.empty(min(count, len(points)), np.int64)
    reached = np.empty(len(order), np.float32)
    for place in range(len(order)):
        order[place] = best = int(np.argmax(squared))
        reached[place] = np.sqrt(max(squared[best], 0))
        nearer = squared_to(points, best)
        squared = (
            nearer
            if place == 0 and not np.isfinite(distances).any()
            else np.minimum(squared, nearer)
        )
        squared[order[: place + 1]] = -1
    return order, reached


def squared_to(points: NDArray[np.float32], place: int) -> NDArray[np.float64]:
    """Squared distance of every point, float32 [points, E], to one of them; float64 [points]."""
    gap = points - points[place]
    return np.einsum("pe,pe->p", gap, gap, dtype=np.float64)
