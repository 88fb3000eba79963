"""Oracles: worked examples that were published, and scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from astra.labels.kappa import cohen_kappa, fleiss_kappa, krippendorff_alpha

# Krippendorff 2011, section C: four observers, twelve units, votes missing.
OBSERVERS = (
    "1 2 3 3 2 1 4 1 2 * * *",
    "1 2 3 3 2 2 4 1 2 5 * 3",
    "* 3 3 3 2 3 4 2 2 5 1 *",
    "1 2 3 3 2 4 4 1 2 5 1 *",
)
# Fleiss 1971 as every textbook gives it: ten subjects, fourteen raters, five categories.
FLEISS = np.array(
    [
        [0, 0, 0, 0, 14],
        [0, 2, 6, 4, 2],
        [0, 0, 3, 5, 6],
        [0, 3, 9, 2, 0],
        [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0],
        [3, 2, 6, 3, 0],
        [2, 5, 3, 2, 2],
        [6, 5, 2, 1, 0],
        [0, 2, 2, 3, 7],
    ]
)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def counted(observers: tuple[str, ...]) -> np.ndarray:
    votes = np.array([[0 if v == "*" else int(v) for v in row.split()] for row in observers])
    return (votes.T[:, :, None] == np.arange(1, votes.max() + 1)).sum(1)


def slow_alpha(votes: np.ndarray) -> float:
    """Krippendorff 2011 word by word: the matrix of coincidences, unit by unit."""
    classes = votes.shape[1]
    coincidences = np.zeros((classes, classes))
    for unit in votes:
        given = [c for c in range(classes) for _ in range(unit[c])]
        if len(given) >= 2:
            for i, a in enumerate(given):
                for j, b in enumerate(given):
                    coincidences[a, b] += (i != j) / (len(given) - 1)
    of_class = coincidences.sum(1)
    n = of_class.sum()
    observed = np.trace(coincidences)
    chance = (of_class * (of_class - 1)).sum() / (n - 1)
    return (observed - chance) / (n - chance)


def test_alpha_of_the_published_example(rng) -> None:
    assert krippendorff_alpha(counted(OBSERVERS), rng).value == pytest.approx(0.743, abs=5e-4)


def test_fleiss_of_the_published_example(rng) -> None:
    assert fleiss_kappa(FLEISS, rng).value == pytest.approx(0.210, abs=5e-4)


def test_cohen_of_the_published_example(rng) -> None:
    """Fifty grant proposals, 20 yes by both, 15 no by both: kappa 0.4."""
    first = np.repeat([0, 0, 1, 1], [20, 5, 10, 15])
    second = np.repeat([0, 1, 0, 1], [20, 5, 10, 15])
    assert cohen_kappa(first, second, rng).value == pytest.approx(0.4)


@pytest.mark.parametrize("seed", range(6))
def test_figures_equal_those_of_others(seed: int, rng) -> None:
    dice = np.random.default_rng(seed)
    truth = dice.integers(0, 5, 200)
    votes = np.where(dice.random((3, 200)) < 0.6, truth, dice.integers(0, 5, (3, 200)))
    votes[dice.random((3, 200)) < 0.2] = -1
    both = (votes[0] >= 0) & (votes[1] >= 0)
    ours = cohen_kappa(votes[0], votes[1], rng)
    assert ours.value == pytest.approx(cohen_kappa_score(votes[0][both], votes[1][both]))
    assert ours.objects == both.sum()
    counts = (votes.T[:, :, None] == np.arange(5)).sum(1)
    assert krippendorff_alpha(counts, rng).value == pytest.approx(slow_alpha(counts))


def test_intervals_are_those_of_drawing_objects_with_replacement(rng) -> None:
    """Oracle: the bootstrap done by drawing objects one by one."""
    dice = np.random.default_rng(3)
    truth = dice.integers(0, 3, 150)
    first, second = (
        np.where(dice.random(150) < 0.8, truth, dice.integers(0, 3, 150)) for _ in "12"
    )
    drawn = [
        cohen_kappa_score(first[some], second[some])
        for some in (dice.integers(0, 150, 150) for _ in range(1000))
    ]
    found = cohen_kappa(first, second, rng, draws=4000)
    low, high = np.percentile(drawn, [2.5, 97.5])
    assert found.low == pytest.approx(low, abs=0.015)
    assert found.high == pytest.approx(high, abs=0.015)
    assert found.low < found.value < found.high


def test_perfect_and_no_agreement(rng) -> None:
    same = np.array([0, 1, 2, 0, 1, 2])
    assert cohen_kappa(same, same, rng)[:3] == (1.0, 1.0, 1.0)
    assert cohen_kappa(same, (same + 1) % 3, rng).value < 0
    assert krippendorff_alpha(np.eye(3, dtype=int)[same] * 2, rng).value == 1.0


def test_where_chance_explains_all_there_is_no_figure(rng) -> None:
    one_class = np.zeros(5, int)
    assert np.isnan(cohen_kappa(one_class, one_class, rng).value)
    assert np.isnan(krippendorff_alpha(np.full((4, 1), 3), rng).value)
    nothing = cohen_kappa(np.array([-1, 0]), np.array([0, -1]), rng)
    assert nothing.objects == 0
    assert np.isnan(nothing.value)
    assert np.isnan(fleiss_kappa(np.zeros((3, 2), int), rng).value)
