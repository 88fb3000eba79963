import numpy as np
import pytest
from sklearn.manifold import trustworthiness as of_sklearn

from astra.analysis.layout import Layout
from astra.analysis.neighbours import nearest_neighbours
from astra.analysis.projection import project, trustworthiness
from astra.analysis.standard import standardise


def placed(embeddings, **layout):
    return project(embeddings, *nearest_neighbours(embeddings, 15), Layout(**layout))


@pytest.fixture(scope="module")
def coordinates(clusters):
    return placed(clusters[1], epochs=100)


def test_neighbours_stay_neighbours(clusters, coordinates):
    shuffled = np.random.default_rng(0).permutation(coordinates)
    assert coordinates.shape == (900, 2)
    assert trustworthiness(clusters[1], coordinates) > 0.95
    assert trustworthiness(clusters[1], shuffled) < 0.6


def test_trustworthiness_is_that_of_scikit_learn(clusters, coordinates):
    expected = of_sklearn(standardise(clusters[1]), coordinates, n_neighbors=15)
    assert trustworthiness(clusters[1], coordinates) == pytest.approx(expected)


def test_the_same_seed_gives_the_same_map(clusters, coordinates):
    np.testing.assert_array_equal(placed(clusters[1], epochs=100), coordinates)
    other = placed(clusters[1], epochs=100, seed=1)
    assert np.abs(other - coordinates).max() > 0.1


def test_placing_among_landmarks_is_nearly_as_good(clusters):
    _, embeddings = clusters
    coordinates = placed(embeddings, epochs=100, landmarks=300)
    assert np.isfinite(coordinates).all()
    assert trustworthiness(embeddings, coordinates) > 0.93
    np.testing.assert_array_equal(placed(embeddings, epochs=100, landmarks=300), coordinates)


def test_objects_far_from_any_landmark_are_placed_too(clusters):
    _, embeddings = clusters
    island = embeddings.copy()
    island[:20] += 40
    coordinates = placed(island, epochs=50, landmarks=100, seed=4)
    assert np.isfinite(coordinates).all()


@pytest.mark.parametrize("objects", [1, 2, 3, 5, 20])
def test_few_objects(objects):
    embeddings = np.random.default_rng(0).normal(size=(objects, 8))
    coordinates = placed(embeddings)
    assert coordinates.shape == (objects, 2)
    assert np.isfinite(coordinates).all()


def test_equal_embeddings():
    assert np.isfinite(placed(np.ones((40, 8)))).all()


def test_progress_is_told(clusters):
    told = []
    _, embeddings = clusters
    graph = nearest_neighbours(embeddings, 15)
    project(embeddings, *graph, Layout(epochs=20), told=lambda *facts: told.append(facts))
    assert told[-1] == (20, 20)
    assert told == sorted(told)
