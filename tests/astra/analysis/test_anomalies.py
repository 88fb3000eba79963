import numpy as np
import pytest

from astra.analysis.anomalies import anomaly_scores


@pytest.fixture(scope="module")
def planted(clusters):
    """Embeddings with 20 objects far from all others, and where these are."""
    embeddings = clusters[1].copy()
    rng = np.random.default_rng(3)
    where = rng.choice(len(embeddings), 20, replace=False)
    embeddings[where] += 8 * rng.choice([-1, 1], (20, embeddings.shape[1]))
    return embeddings, where


def test_planted_anomalies_come_first(planted):
    embeddings, where = planted
    _, rank = anomaly_scores(embeddings)
    assert np.count_nonzero(rank[where] <= 20) >= 18


def test_score_and_rank_tell_the_same(planted):
    score, rank = anomaly_scores(planted[0])
    assert sorted(rank) == list(range(1, 901))
    assert score[rank == 1] == score.max() == 1
    assert score.min() == 0
    assert (np.diff(score[np.argsort(rank)]) <= 0).all()
    assert np.count_nonzero(score == 0) <= 0.011 * 900


def test_the_seed_decides_and_not_the_threads(planted):
    score, rank = anomaly_scores(planted[0], seed=7)
    with_threads, rank_with_threads = anomaly_scores(planted[0], seed=7, n_jobs=2)
    np.testing.assert_array_equal(score, with_threads)
    np.testing.assert_array_equal(rank, rank_with_threads)
    assert (anomaly_scores(planted[0], seed=8)[0] != score).any()


def test_units_of_a_component_do_not_matter(planted):
    embeddings = planted[0]
    scaled = embeddings * np.geomspace(1e-3, 1e3, embeddings.shape[1]).astype(np.float32)
    np.testing.assert_allclose(anomaly_scores(scaled)[0], anomaly_scores(embeddings)[0], atol=0.05)


@pytest.mark.parametrize("embeddings", [np.ones((1, 4)), np.ones((6, 4))])
def test_nothing_stands_apart(embeddings):
    score, rank = anomaly_scores(embeddings)
    assert not score.any()
    assert list(rank) == list(range(1, len(embeddings) + 1))
