from itertools import combinations

import numpy as np
import pytest

from astra.analysis.queues import (
    QUEUES,
    Pool,
    choose,
    distances_to_labelled,
    is_possible,
    without,
)
from astra.analysis.worth import density_of, divergence, k_centre, margins
from astra.data.errors import AstraError


def pool_of(objects=400, seed=0, **more):
    generator = np.random.default_rng(seed)
    vectors = generator.normal(size=(objects, 5)).astype(np.float32)
    labelled = np.zeros(objects, bool)
    labelled[generator.permutation(objects)[:40]] = True
    return Pool(
        vectors,
        labelled,
        generator.dirichlet(np.ones(4), objects),
        generator.dirichlet(np.ones(4), objects),
        generator.uniform(0.5, 2, objects),
        generator.random(objects),
        **more,
    )


@pytest.mark.parametrize("name", QUEUES)
def test_a_queue_is_a_list_of_objects_without_a_label_each_once(name):
    pool = pool_of()
    chosen = choose(name, pool, 50)
    assert len(chosen.rows) == len(np.unique(chosen.rows)) == len(chosen.scores) == 50
    assert not pool.labelled[chosen.rows].any()
    np.testing.assert_array_equal(chosen.rows, choose(name, pool, 50).rows)
    everything = choose(name, pool, 10_000).rows
    assert sorted(everything) == pool.candidates.tolist()
    np.testing.assert_array_equal(everything[:50], chosen.rows)


@pytest.mark.parametrize("name", QUEUES)
def test_what_was_labelled_leaves_the_queue(name):
    pool = pool_of()
    first = choose(name, pool, 20).rows
    rest = without(pool, first)
    assert rest.labelled.sum() == 60
    assert not set(choose(name, rest, 20).rows) & set(first)


@pytest.mark.parametrize("name", QUEUES)
def test_a_queue_of_nothing_is_empty(name):
    pool = pool_of()
    assert len(choose(name, without(pool, pool.candidates), 5).rows) == 0


def test_the_most_uncertain_lead_by_the_least():
    pool = pool_of()
    chosen = choose("uncertainty", pool, 360)
    ordered = np.sort(pool.probabilities, axis=1)
    lead = (ordered[:, -1] - ordered[:, -2])[chosen.rows]
    assert (np.diff(lead) >= 0).all()
    np.testing.assert_allclose(chosen.scores, 1 - lead, rtol=1e-5)
    np.testing.assert_allclose(margins(np.ones((3, 1))), 1)


def test_heads_that_agree_are_asked_last():
    pool = pool_of()
    second = pool.probabilities.copy()
    second[7] = np.roll(np.eye(4)[pool.probabilities[7].argmax()], 1)
    pool.labelled[:] = False
    pool = Pool(pool.vectors, pool.labelled, pool.probabilities, second)
    chosen = choose("disagreement", pool, 400)
    assert chosen.rows[0] == 7
    assert chosen.scores[0] > 0.2
    np.testing.assert_allclose(chosen.scores[1:], 0, atol=1e-6)


def test_divergence_has_its_known_limits():
    one, other = np.array([[1.0, 0.0], [0.5, 0.5]]), np.array([[0.0, 1.0], [0.5, 0.5]])
    np.testing.assert_allclose(divergence(one, other), [np.log(2), 0], atol=1e-9)


def test_each_centre_is_the_farthest_from_all_before_it():
    """Oracle: the greedy rule as it is written, with all distances at hand."""
    pool = pool_of(120)
    far = np.sqrt(((pool.vectors[:, None] - pool.vectors[None]) ** 2).sum(-1))
    centres = np.flatnonzero(pool.labelled).tolist()
    expected = []
    for _ in range(30):
        nearest = far[:, centres].min(axis=1)
        nearest[centres] = -1
        best = int(nearest.argmax())
        expected.append(best)
        centres.append(best)
    chosen = choose("diversity", pool, 30)
    assert chosen.rows.tolist() == expected
    assert (np.diff(chosen.scores) <= 1e-6).all()


def test_centres_are_within_twice_of_the_best_cover():
    """Gonzalez 1985: no cover is better than half the greedy one. Oracle: all subsets."""
    points = np.random.default_rng(2).normal(size=(14, 2)).astype(np.float32)
    far = np.sqrt(((points[:, None] - points[None]) ** 2).sum(-1))
    order, _ = k_centre(points, np.full(14, np.inf), 4)
    best = min(far[:, list(some)].min(axis=1).max() for some in combinations(range(14), 4))
    assert best <= far[:, order].min(axis=1).max() <= 2 * best


def test_without_labels_the_first_centre_is_in_the_middle():
    points = np.array([[0, 0], [10, 0], [-10, 0], [0.5, 0.1]], np.float32)
    order, distances = k_centre(points, np.full(4, np.inf), 3)
    assert order[0] in (0, 3)
    assert set(order[1:]) == {1, 2}
    assert distances[2] == pytest.approx(10, abs=0.6)


def test_the_representative_stand_in_crowds_and_apart_from_one_another():
    generator = np.random.default_rng(0)
    crowds = [generator.normal(at, 0.1, (100, 2)) for at in ((0, 0), (5, 0), (0, 5))]
    vectors = np.concatenate([*crowds, generator.uniform(-20, 20, (30, 2))]).astype(np.float32)
    far = np.sqrt(((vectors[:, None] - vectors[None]) ** 2).sum(-1))
    density = density_of(np.sort(far, axis=1)[:, 1:11])
    pool = Pool(vectors, np.zeros(330, bool), density=density)
    rows = choose("representative", pool, 3).rows
    assert (rows < 300).all()
    assert len({row // 100 for row in rows}) == 3


def test_distances_are_to_the_nearest_label():
    pool = pool_of(200)
    rows = pool.candidates
    far = np.sqrt(((pool.vectors[rows][:, None] - pool.vectors[pool.labelled][None]) ** 2).sum(-1))
    found = distances_to_labelled(pool, rows)
    np.testing.assert_allclose(found, far.min(axis=1), rtol=1e-4, atol=1e-4)
    pool.labelled[:] = False
    assert np.isinf(distances_to_labelled(pool, rows)).all()


def test_the_drawn_are_drawn_evenly():
    counts = np.zeros(400)
    for seed in range(300):
        pool = pool_of(seed=1)
        counts[choose("random", Pool(pool.vectors, pool.labelled, seed=seed), 36).rows] += 1
    labelled = pool_of(seed=1).labelled
    assert counts[labelled].sum() == 0
    assert counts[~labelled].mean() == pytest.approx(30)
    assert counts[~labelled].std() == pytest.approx(np.sqrt(300 * 0.1 * 0.9), rel=0.2)


def test_a_queue_says_what_it_lacks():
    bare = Pool(np.zeros((3, 2), np.float32), np.zeros(3, bool))
    for name, queue in QUEUES.items():
        assert is_possible(name, bare) == (not queue.needs)
        if queue.needs:
            with pytest.raises(AstraError, match=queue.needs):
                choose(name, bare, 1)
    with pytest.raises(AstraError, match="no queue 'nonsense'"):
        choose("nonsense", bare, 1)
