import numpy as np
import pytest

from astra.analysis.alignment import Registration, displacement, map_size, register
from astra.analysis.layout import Layout
from astra.analysis.neighbours import nearest_neighbours
from astra.analysis.projection import place_missing, project, trustworthiness
from astra.analysis.standard import standardise


def turned(points, degrees, shift, factor=1.0, mirrored=False):
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    points = points * [1, -1] if mirrored else points
    return factor * points @ turn + shift


@pytest.fixture
def cloud():
    return np.random.default_rng(0).normal(size=(400, 2)) * [5, 1]


@pytest.mark.parametrize("mirrored", [False, True])
def test_registration_undoes_turn_and_shift(cloud, mirrored):
    moving = turned(cloud, 77, [3, -8], mirrored=mirrored)
    np.testing.assert_allclose(register(moving, cloud)(moving), cloud, atol=1e-5)


def test_a_rigid_registration_never_scales(cloud):
    moving = turned(cloud, 30, [1, 1], factor=2)
    rigid, scaled = register(moving, cloud), register(moving, cloud, scaled=True)
    assert rigid.factor == 1
    assert map_size(rigid(moving)) == pytest.approx(2 * map_size(cloud), rel=1e-5)
    np.testing.assert_allclose(scaled(moving), cloud, atol=1e-4)


def test_objects_that_moved_do_not_turn_the_others(cloud):
    moving = turned(cloud, 40, [2, 2])
    moving[:120] = moving[:120] @ [[0, 1], [-1, 0]] + 30
    left = np.linalg.norm(register(moving, cloud)(moving) - cloud, axis=1)
    assert left[120:].max() < 1e-4
    assert left[:120].min() > 10


def test_too_few_objects_stay_where_they_are():
    lone = np.array([[1.0, 2.0], [np.nan, 0.0]])
    found = register(lone, lone)
    assert found.degrees == 0
    np.testing.assert_array_equal(found(lone[:1]), lone[:1].astype(np.float32))


def test_sizes_of_a_map_are_those_of_random_pairs(cloud):
    generator = np.random.default_rng(1)
    one, other = (cloud[generator.integers(0, len(cloud), 200_000)] for _ in range(2))
    apart = np.sqrt(np.mean(np.sum((one - other) ** 2, axis=1)))
    assert map_size(cloud) == pytest.approx(apart, rel=0.01)
    moved = displacement(cloud + np.array([3, 4]), cloud, map_size(cloud))
    np.testing.assert_allclose(moved, 5 / map_size(cloud), rtol=1e-5)
    assert Registration.none()(cloud) == pytest.approx(cloud.astype(np.float32))


@pytest.fixture(scope="module")
def map_and_graph(clusters):
    _, embeddings = clusters
    graph = nearest_neighbours(embeddings, 15)
    return embeddings, graph, project(embeddings, *graph, Layout(epochs=60))


def test_a_map_that_goes_on_is_recognised_where_its_own_is_not(map_and_graph):
    embeddings, _, before = map_and_graph
    changed = embeddings + np.random.default_rng(2).normal(0, 0.3, embeddings.shape)
    graph = nearest_neighbours(changed, 15)
    own = project(changed, *graph, Layout(epochs=60, seed=3))
    on = project(changed, *graph, Layout(epochs=60, seed=3), start=before)
    size = map_size(before)
    moved_own = np.median(displacement(register(own, before)(own), before, size))
    moved_on = np.median(displacement(register(on, before)(on), before, size))
    assert moved_on < 0.7 * moved_own
    assert trustworthiness(changed, on) > 0.95
    assert trustworthiness(changed, on) > trustworthiness(changed, own) - 0.02


def test_new_objects_are_placed_and_no_other_moves(clusters, map_and_graph):
    kinds, _ = clusters
    embeddings, graph, before = map_and_graph
    new = np.zeros(len(before), bool)
    new[::9] = True
    held = np.where(new[:, None], np.float32(np.nan), before)
    placed = place_missing(held, *graph, standardise(embeddings))
    np.testing.assert_array_equal(placed[~new], before[~new])
    middles = np.array([before[kinds == kind].mean(axis=0) for kind in np.unique(kinds)])
    nearest = np.linalg.norm(placed[new][:, None] - middles, axis=2).argmin(axis=1)
    assert np.mean(np.unique(kinds)[nearest] == kinds[new]) > 0.95


def test_with_landmarks_the_rest_is_placed_around_them(map_and_graph):
    embeddings, graph, before = map_and_graph
    on = project(embeddings, *graph, Layout(epochs=20, landmarks=300), start=before)
    assert np.isfinite(on).all()
    assert np.median(displacement(on, before, map_size(before))) < 0.1
