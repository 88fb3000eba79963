"""Projection of embeddings on a plane: UMAP from the stored graph of neighbours."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from astra.analysis.neighbours import nearest_neighbours
from astra.analysis.standard import standardise

_CHUNK = 50_000

Told = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Layout:
    """How embeddings are laid out on the plane.

    Attributes
    ----------
    epochs : int
        Passes of the layout over the graph.
    min_dist, spread : float
        How close points may lie, and the scale at which they spread out (UMAP's parameters).
    landmarks : int
        With more objects than these, so many drawn at random are laid out and the rest is placed
        among them.
    seed : int
        The same seed gives the same coordinates.
    """

    epochs: int = 200
    min_dist: float = 0.1
    spread: float = 1.0
    landmarks: int = 250_000
    seed: int = 0


def project(
    embeddings: NDArray[np.floating],
    indices: NDArray[np.int32],
    distances: NDArray[np.float32],
    layout: Layout,
    n_jobs: int = 1,
    told: Told | None = None,
) -> NDArray[np.float32]:
    """Coordinates of every object on the map.

    Parameters
    ----------
    embeddings : float [objects, embedding]
    indices, distances : int32, float32 [objects, k]
        Nearest neighbours in standardised embedding space, as
        :func:`~astra.analysis.neighbours.nearest_neighbours` gives them.
    layout : Layout
    n_jobs : int
        Threads of the neighbour search among landmarks; the layout itself runs on one.
    told : callable, optional
        Told the epochs done and their total.

    Returns
    -------
    float32 [objects, 2]

    References
    ----------
    McInnes, Healy & Melville 2018, UMAP, arXiv:1802.03426.
    """
    points = standardise(embeddings)
    if len(points) <= layout.landmarks:
        return _lay_out(points, indices, distances, layout, told)
    generator = np.random.default_rng(layout.seed)
    landmarks = np.sort(generator.choice(len(points), layout.landmarks, replace=False))
    chosen = points[landmarks]
    graph = nearest_neighbours(chosen, indices.shape[1], layout.seed, n_jobs)
    coordinates = np.full((len(points), 2), np.nan, np.float32)
    coordinates[landmarks] = _lay_out(chosen, *graph, layout, told)
    _place_along(coordinates, indices, distances)
    _place_beside(coordinates, points, landmarks)
    return coordinates


def trustworthiness(
    embeddings: NDArray[np.floating],
    coordinates: NDArray[np.float32],
    k: int = 15,
    objects: int = 2_000,
    seed: int = 0,
) -> float:
    """How far neighbours on the map are neighbours in embedding space, 1 at best.

    Measured over some objects drawn at random, since it compares all their pairs.

    References
    ----------
    Venna & Kaski 2001, Neighborhood preservation in nonlinear projection methods.
    """
    from sklearn.manifold import trustworthiness as of_all
    from threadpoolctl import threadpool_limits

    rows = np.random.default_rng(seed).choice(
        len(embeddings), min(objects, len(embeddings)), replace=False
    )
    k = min(k, (len(rows) - 1) // 2)
    if k < 1:
        return 1.0
    with threadpool_limits(1):
        return float(of_all(standardise(embeddings)[rows], coordinates[rows], n_neighbors=k))


def _lay_out(
    points: NDArray[np.float32],
    indices: NDArray[np.int32],
    distances: NDArray[np.float32],
    layout: Layout,
    told: Told | None,
) -> NDArray[np.float32]:
    """UMAP's layout of a neighbour graph, started from the two principal components."""
    if indices.shape[1] < 2 or not points.any():
        return np.stack([np.arange(len(points)), np.zeros(len(points))], axis=1).astype(np.float32)
    from sklearn.utils import check_random_state
    from threadpoolctl import threadpool_limits
    from umap.umap_ import find_ab_params, fuzzy_simplicial_set, simplicial_set_embedding

    random_state = check_random_state(layout.seed)
    # UMAP counts an object as its own first neighbour.
    own = np.arange(len(points), dtype=np.int32)[:, None]
    graph = fuzzy_simplicial_set(
        points,
        n_neighbors=indices.shape[1] + 1,
        random_state=random_state,
        metric="euclidean",
        knn_indices=np.hstack([own, indices]),
        knn_dists=np.hstack([np.zeros_like(own, dtype=np.float32), distances]),
    )[0]
    a, b = find_ab_params(layout.spread, layout.min_dist)
    with threadpool_limits(1):
        coordinates, _ = simplicial_set_embedding(
            points,
            graph,
            n_components=2,
            initial_alpha=1.0,
            a=a,
            b=b,
            gamma=1.0,
            negative_sample_rate=5,
            n_epochs=layout.epochs,
            init="pca",
            random_state=random_state,
            metric="euclidean",
            metric_kwds={},
            densmap=False,
            densmap_kwds={},
            output_dens=False,
            tqdm_kwds=_telling(told),
        )
    return coordinates


def _place_along(
    coordinates: NDArray[np.float32], indices: NDArray[np.int32], distances: NDArray[np.float32]
) -> None:
    """Put objects between those of their neighbours that have a place, in waves along the graph.

    An object is placed once, in the first wave that reaches it: on simulated clusters and on a
    curved sheet this keeps neighbours better than to place all objects by a search among the
    landmarks (trustworthiness .980 against .926 with one landmark in eighty), or to relax them.
    """
    waiting = np.flatnonzero(np.isnan(coordinates[:, 0]))
    while len(waiting):
        placed = ~np.isnan(coordinates[:, 0])
        for start in range(0, len(waiting), _CHUNK):
            rows = waiting[start : start + _CHUNK]
            weights = _closeness(distances[rows]) * placed[indices[rows]]
            total = weights.sum(axis=1)
            reached = total > 0
            around = np.nan_to_num(coordinates[indices[rows[reached]]])
            shares = weights[reached] / total[reached, None]
            coordinates[rows[reached]] = np.einsum("ok,okc->oc", shares, around)
        still = waiting[np.isnan(coordinates[waiting, 0])]
        if len(still) == len(waiting):
            return
        waiting = still


def _closeness(distances: NDArray[np.float32]) -> NDArray[np.float32]:
    """Weights that fall by a factor e for every mean excess over the nearest distance.

    So steep, that an object of one cluster is not drawn into the gap before the next.
    """
    excess = distances - distances[:, :1]
    scale = np.maximum(excess.mean(axis=1, keepdims=True), np.finfo(np.float32).tiny)
    return np.exp(-excess / scale)


def _place_beside(
    coordinates: NDArray[np.float32], points: NDArray[np.float32], landmarks: NDArray[np.int64]
) -> None:
    """Put objects that no path leads to from a landmark where their nearest landmark is."""
    lost = np.flatnonzero(np.isnan(coordinates[:, 0]))
    if not len(lost):
        return
    from sklearn.neighbors import NearestNeighbors

    search = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(points[landmarks])
    nearest = search.kneighbors(points[lost], return_distance=False)[:, 0]
    coordinates[lost] = coordinates[landmarks[nearest]]


class _Teller:
    """File of a tqdm bar whose text is ``done/total``."""

    def __init__(self, told: Told) -> None:
        self._told = told

    def write(self, text: str) -> None:
        """Pass on what the bar shows."""
        done, slash, total = text.strip().partition("/")
        if slash:
            self._told(int(done), int(total))

    def flush(self) -> None:
        """Nothing is held back."""


def _telling(told: Told | None) -> dict[str, object]:
    """UMAP tells of its epochs through tqdm alone."""
    if told is None:
        return {"disable": True}
    return {"disable": False, "file": _Teller(told), "bar_format": "{n_fmt}/{total_fmt}"}
