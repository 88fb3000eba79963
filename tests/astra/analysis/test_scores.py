import numpy as np
import pytest
from sklearn import metrics

from astra.analysis.scores import calibration_error, majority_baseline, score

CLASSES = ("a", "b", "c", "never")


@pytest.fixture(scope="module")
def guesses():
    rng = np.random.default_rng(0)
    truth = rng.choice(3, 500, p=[0.6, 0.3, 0.1])
    probabilities = rng.dirichlet(np.ones(4), 500) + 0.6 * np.eye(4)[truth]
    return truth, probabilities / probabilities.sum(axis=1, keepdims=True)


def test_figures_are_those_of_scikit_learn(guesses):
    truth, probabilities = guesses
    figures = score(truth, probabilities, CLASSES)
    predicted = probabilities.argmax(axis=1)
    f1 = metrics.f1_score(truth, predicted, labels=[0, 1, 2], average=None)
    assert figures["accuracy"] == pytest.approx(metrics.accuracy_score(truth, predicted))
    assert figures["macro_f1"] == pytest.approx(f1.mean())
    recalls = metrics.recall_score(truth, predicted, labels=[0, 1, 2], average=None)
    assert figures["balanced_accuracy"] == pytest.approx(recalls.mean())
    expected = metrics.log_loss(truth, probabilities, labels=range(4))
    assert figures["log_loss"] == pytest.approx(expected)
    assert figures["by_class"]["b"] == {"f1": pytest.approx(f1[1]), "n": int((truth == 1).sum())}
    assert figures["by_class"]["never"] == {"f1": None, "n": 0}


def test_the_majority_baseline_names_what_is_most_frequent_among_the_learnt():
    truth, learnt = np.array([0, 0, 1, 1, 1, 2]), np.array([0, 0, 0, 1])
    baseline = majority_baseline(truth, learnt, CLASSES)
    assert baseline["accuracy"] == pytest.approx(1 / 3)
    assert baseline["macro_f1"] == pytest.approx((2 * 2 / (2 + 6)) / 3)


def test_calibration_error_by_hand():
    # Two bins: confident .95 and right in 3 of 4; .65 and right in 1 of 2.
    right = np.array([True, True, True, False, True, False])
    confidence = np.array([0.95] * 4 + [0.65] * 2)
    assert calibration_error(right, confidence) == pytest.approx((4 * 0.2 + 2 * 0.15) / 6)


def test_an_honest_guess_is_calibrated():
    rng = np.random.default_rng(0)
    confidence = rng.uniform(0.3, 1, 200_000)
    assert calibration_error(rng.random(200_000) < confidence, confidence) < 0.01
    assert calibration_error(rng.random(200_000) < confidence - 0.2, confidence) > 0.15
