"""UMAP's layout of a neighbour graph, from its principal components or from given places."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Measured on a fine-tuned encoder: from 1 to 0.25, objects move half as far (90 % quantile .41 to
# .21 of the size of the map) and neighbours are kept as well (trustworthiness .983, .984).
WARM_ALPHA = 0.25
_INT32 = np.iinfo(np.int32).min + 1, np.iinfo(np.int32).max - 1

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


def lay_out(
    points: NDArray[np.float32],
    indices: NDArray[np.int32],
    distances: NDArray[np.float32],
    layout: Layout,
    told: Told | None = None,
    start: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """UMAP's layout of a neighbour graph.

    Parameters
    ----------
    points : float32 [objects, embedding]
        Standardised.
    indices, distances : int32, float32 [objects, k]
    layout : Layout
    told : callable, optional
        Told of epochs done and of all.
    start : float32 [objects, 2], optional
        Where it begins, instead of with the two principal components.

    Returns
    -------
    float32 [objects, 2]
    """
    if indices.shape[1] < 2 or not points.any():
        return np.stack([np.arange(len(points)), np.zeros(len(points))], axis=1).astype(np.float32)
    from sklearn.utils import check_random_state
    from threadpoolctl import threadpool_limits
    from umap.umap_ import find_ab_params

    random_state = check_random_state(layout.seed)
    graph = _graph(points, indices, distances, random_state)
    curve = find_ab_params(layout.spread, layout.min_dist)
    with threadpool_limits(1):
        if start is None:
            return _from_components(points, graph, layout, curve, random_state, told)
        return _go_on(start, graph, layout, curve, random_state, told)


def _graph(
    points: NDArray[np.float32],
    indices: NDArray[np.int32],
    distances: NDArray[np.float32],
    random_state: Any,
) -> Any:
    """UMAP's weighted graph of neighbours, sparse [objects, objects]."""
    from umap.umap_ import fuzzy_simplicial_set

    # UMAP counts an object as its own first neighbour.
    own = np.arange(len(points), dtype=np.int32)[:, None]
    return fuzzy_simplicial_set(
        points,
        n_neighbors=indices.shape[1] + 1,
        random_state=random_state,
        metric="euclidean",
        knn_indices=np.hstack([own, indices]),
        knn_dists=np.hstack([np.zeros_like(own, dtype=np.float32), distances]),
    )[0]


def _from_components(
    points: NDArray[np.float32],
    graph: Any,
    layout: Layout,
    curve: tuple[float, float],
    random_state: Any,
    told: Told | None,
) -> NDArray[np.float32]:
    """UMAP's descent from the two principal components."""
    from umap.umap_ import simplicial_set_embedding

    a, b = curve
    return simplicial_set_embedding(
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
    )[0]


def _go_on(
    start: NDArray[np.float32],
    graph: Any,
    layout: Layout,
    curve: tuple[float, float],
    random_state: Any,
    told: Told | None,
) -> NDArray[np.float32]:
    """UMAP's descent from given places, as ``simplicial_set_embedding`` does it.

    That function stretches whatever it is given to a square first, and so the map that it is given
    would not be recognised in what it makes.
    """
    from umap.layouts import optimize_layout_euclidean
    from umap.umap_ import make_epochs_per_sample

    edges = graph.tocoo()
    edges.sum_duplicates()
    edges.data[edges.data < edges.data.max() / layout.epochs] = 0
    edges.eliminate_zeros()
    places = np.array(start, np.float32, order="C")
    optimize_layout_euclidean(  # moves them where they are
        places,
        places,
        edges.row,
        edges.col,
        layout.epochs,
        len(places),
        make_epochs_per_sample(edges.data, layout.epochs),
        *curve,
        random_state.randint(*_INT32, 3).astype(np.int64),
        initial_alpha=WARM_ALPHA,
        negative_sample_rate=5,
        tqdm_kwds=_telling(told),
        move_other=True,
    )
    return places


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
