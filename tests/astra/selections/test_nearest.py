import numpy as np
import pytest

from astra.analysis.neighbours import nearest_neighbours
from astra.analysis.standard import standardise
from astra.data.errors import AstraError
from astra.selections.nearest import Space


@pytest.fixture(scope="module")
def embeddings():
    """Clusters in components of very different units, one of them constant."""
    rng = np.random.default_rng(4)
    centres = rng.normal(0, 2, (7, 24))
    points = centres[rng.integers(0, 7, 4_000)] + rng.normal(0, 0.5, (4_000, 24))
    points = points * np.geomspace(1e-3, 1e3, 24) + 50
    points[:, 5] = 3.25
    return points.astype(np.float32)


def by_sorting(embeddings, vector):
    """All distances in double precision, sorted: the slow and obvious way."""
    exact = embeddings.astype(np.float64)
    deviation = exact.std(axis=0)
    deviation[deviation < 1e-6] = 1
    distances = np.sqrt((((exact - vector) / deviation) ** 2).sum(axis=1))
    order = np.argsort(distances, kind="stable")
    return order, distances[order]


def test_nearest_are_those_of_all_distances_sorted(embeddings):
    space = Space(embeddings)
    for row in (0, 17, 3_999):
        found = space.nearest(embeddings[row], 25, leave_out=np.array([row]))
        order, distances = by_sorting(embeddings, embeddings[row].astype(np.float64))
        keep = order != row
        np.testing.assert_array_equal(found.rows, order[keep][:25])
        np.testing.assert_allclose(found.distances, distances[keep][:25], rtol=1e-9)


def test_they_agree_with_the_stage_neighbours(embeddings):
    indices, distances = nearest_neighbours(embeddings, 10)
    space = Space(embeddings)
    for row in range(0, 4_000, 400):
        found = space.nearest(embeddings[row], 10, leave_out=np.array([row]))
        np.testing.assert_array_equal(found.rows, indices[row])
        np.testing.assert_allclose(found.distances, distances[row], rtol=1e-4, atol=1e-4)


def test_the_mean_of_some_is_the_mean_of_their_standardised_vectors(embeddings):
    rows = np.arange(100, 700, 3)
    space = Space(embeddings)
    found = space.nearest(space.mean(rows), 15, leave_out=rows)
    points = standardise(embeddings).astype(np.float64)
    squared = ((points - points[rows].mean(axis=0)) ** 2).sum(axis=1)
    squared[rows] = np.inf
    np.testing.assert_array_equal(found.rows, np.argsort(squared)[:15])
    np.testing.assert_allclose(found.distances, np.sqrt(np.sort(squared)[:15]), rtol=1e-4)


def test_twins_stand_at_distance_zero_and_only_what_is_left_out_is_missing():
    rng = np.random.default_rng(0)
    vectors = np.repeat(rng.normal(size=(5, 3)), 4, axis=0).astype(np.float32)
    found = Space(vectors).nearest(vectors[8], 3, leave_out=np.array([8]))
    assert found.rows.tolist() == [9, 10, 11]
    assert not found.distances.any()


def test_fewer_objects_than_asked_for():
    vectors = np.array([[0, 0], [1, 0], [5, 0]], np.float32)
    space = Space(vectors)
    assert space.nearest(vectors[0], 20).rows.tolist() == [0, 1, 2]
    assert space.nearest(vectors[0], 20, leave_out=np.array([0, 1])).rows.tolist() == [2]
    assert not len(space.nearest(vectors[0], 20, leave_out=np.arange(3)).rows)


def test_an_embedding_that_is_not_finite_is_refused():
    vectors = np.zeros((10, 2), np.float32)
    vectors[7, 1] = np.inf
    with pytest.raises(AstraError, match="row 7"):
        Space(vectors).nearest(vectors[0], 3)
