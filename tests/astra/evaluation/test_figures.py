import numpy as np
import pytest
from sklearn import metrics

from astra.analysis.scores import calibration_error, score
from astra.evaluation.figures import FIGURES, bootstrap, figures_of, summary, sums

CLASSES = ("a", "b", "c")


@pytest.fixture(scope="module")
def guesses():
    rng = np.random.default_rng(0)
    truth = rng.choice(3, 600, p=[0.6, 0.3, 0.1])
    probabilities = rng.dirichlet(np.ones(3), 600) + 0.7 * np.eye(3)[truth]
    units = rng.integers(40, size=600) * 7 - 50
    return truth, probabilities / probabilities.sum(axis=1, keepdims=True), units


def test_sums_over_units_give_the_figures_of_all_objects(guesses):
    truth, probabilities, units = guesses
    totals = sums(truth, probabilities, units)
    assert len(totals.loss) == len(np.unique(units))
    whole = figures_of(
        totals.confusion.sum(axis=0)[None], totals.loss.sum()[None], totals.gap.sum(axis=0)[None]
    )
    expected = score(truth, probabilities, CLASSES)
    for name in FIGURES:
        assert whole[name][0] == pytest.approx(expected[name])


def slow_bootstrap(truth, probabilities, units, resamplings, seed):
    """Draw units, gather their objects, and let scikit-learn score them."""
    names = np.unique(units)
    weights = np.random.default_rng(seed).multinomial(
        len(names), np.full(len(names), 1 / len(names)), resamplings
    )
    drawn = {name: [] for name in FIGURES}
    for row in weights:
        rows = np.concatenate(
            [np.tile(np.flatnonzero(units == u), n) for u, n in zip(names, row, strict=True)]
        ).astype(int)
        t, p = truth[rows], probabilities[rows]
        guess = p.argmax(axis=1)
        drawn["accuracy"].append(metrics.accuracy_score(t, guess))
        drawn["balanced_accuracy"].append(metrics.balanced_accuracy_score(t, guess))
        drawn["macro_f1"].append(metrics.f1_score(t, guess, labels=np.unique(t), average="macro"))
        drawn["log_loss"].append(metrics.log_loss(t, p, labels=[0, 1, 2]))
        drawn["calibration_error"].append(calibration_error(t == guess, p.max(axis=1)))
    return {name: np.quantile(values, [0.025, 0.975]) for name, values in drawn.items()}


def test_the_bootstrap_is_that_of_a_slow_twin(guesses):
    fast = bootstrap(sums(*guesses), 60, seed=3)
    slow = slow_bootstrap(*guesses, 60, seed=3)
    for name in FIGURES:
        assert fast[name] == pytest.approx(slow[name])


def test_an_interval_of_many_units_has_the_width_of_a_binomial():
    rng = np.random.default_rng(1)
    truth = np.zeros(4000, int)
    right = rng.random(4000) < 0.8
    probabilities = np.where(right[:, None], [0.9, 0.1], [0.1, 0.9])
    low, high = bootstrap(sums(truth, probabilities, np.arange(4000)), 1000)["accuracy"]
    assert (high - low) / 2 == pytest.approx(1.96 * np.sqrt(0.8 * 0.2 / 4000), rel=0.15)
    # Objects that share a cell share its luck: four thousand in twenty cells are twenty.
    shared = np.arange(4000) % 20
    lucky = shared < 16
    probabilities = np.where(lucky[:, None], [0.9, 0.1], [0.1, 0.9])
    low, high = bootstrap(sums(truth, probabilities, shared), 1000)["accuracy"]
    assert (high - low) / 2 == pytest.approx(1.96 * np.sqrt(0.8 * 0.2 / 20), rel=0.25)


def test_a_summary_of_one_value_has_no_spread():
    assert summary([0.5]) == {"mean": 0.5, "spread": None, "values": [0.5]}
    assert summary([1, 2, 3])["spread"] == pytest.approx(1)
