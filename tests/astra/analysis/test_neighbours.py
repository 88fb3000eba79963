import numpy as np
import pytest

from astra.analysis import neighbours
from astra.analysis.neighbours import nearest_neighbours, recall
from astra.analysis.standard import standardise


def by_sorting(embeddings, k):
    """The slow and obvious way: all distances in double precision, sorted."""
    points = standardise(embeddings).astype(np.float64)
    squared = ((points[:, None] - points[None]) ** 2).sum(axis=-1)
    np.fill_diagonal(squared, np.inf)
    indices = np.argsort(squared, axis=1)[:, :k]
    return indices, np.sqrt(np.take_along_axis(squared, indices, axis=1))


def test_few_objects_get_their_true_neighbours(clusters):
    _, embeddings = clusters
    indices, distances = nearest_neighbours(embeddings, 10)
    true, true_distances = by_sorting(embeddings, 10)
    np.testing.assert_array_equal(indices, true)
    np.testing.assert_allclose(distances, true_distances, rtol=1e-5)
    assert indices.dtype == np.int32
    assert distances.dtype == np.float32


@pytest.mark.slow
def test_nn_descent_finds_nearly_all_and_the_same_again(many_clusters, monkeypatch):
    _, embeddings = many_clusters
    true, _ = nearest_neighbours(embeddings, 15)
    monkeypatch.setattr(neighbours, "EXACT_BELOW", 0)
    indices, distances = nearest_neighbours(embeddings, 15, seed=3)
    shared = [np.isin(a, b).mean() for a, b in zip(true, indices, strict=True)]
    assert np.mean(shared) >= 0.98
    assert recall(embeddings, indices) >= 0.98
    assert (indices != np.arange(len(indices))[:, None]).all()
    assert (np.diff(distances, axis=1) >= 0).all()
    again, _ = nearest_neighbours(embeddings, 15, seed=3)
    np.testing.assert_array_equal(indices, again)


def test_recall_counts_what_is_missing(clusters):
    _, embeddings = clusters
    indices, _ = nearest_neighbours(embeddings, 10)
    spoiled = indices.copy()
    spoiled[:, 5:] = (np.arange(len(indices)) + 450)[:, None] % len(indices)
    assert recall(embeddings, indices) == 1
    assert 0.45 < recall(embeddings, spoiled) < 0.65


def test_twins_are_neighbours_but_nobody_is_his_own():
    embeddings = np.repeat(np.random.default_rng(1).normal(size=(10, 4)), 30, axis=0)
    indices, distances = nearest_neighbours(embeddings, 15)
    rows = np.arange(len(embeddings))[:, None]
    assert (indices != rows).all()
    assert (indices // 30 == rows // 30).all()
    assert distances.max() < 1e-3


@pytest.mark.parametrize("objects", [1, 2, 5])
def test_fewer_objects_than_neighbours(objects):
    embeddings = np.random.default_rng(0).normal(size=(objects, 3))
    indices, distances = nearest_neighbours(embeddings, 15)
    assert indices.shape == distances.shape == (objects, objects - 1)
    assert recall(embeddings, indices) == 1
