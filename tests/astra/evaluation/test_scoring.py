import numpy as np
import pytest

from astra.data.errors import AstraError
from astra.evaluation import Protocol, probe_scores
from astra.evaluation.heads import HEADS, Lesson, predict
from astra.evaluation.scoring import few_rows, make_task

QUICK = Protocol(seeds=2, draws=2, resamplings=50)


@pytest.fixture(scope="module")
def labelled():
    rng = np.random.default_rng(0)
    codes = rng.choice(3, 1500, p=[0.5, 0.3, 0.2])
    labels = [("RRab", "RRc", "EA")[code] for code in codes]
    return codes, labels, rng.integers(150, size=1500)


def test_vectors_that_tell_the_class_score_one_with_every_head(labelled):
    codes, labels, units = labelled
    rng = np.random.default_rng(1)
    vectors = 100 * np.eye(3)[codes] + rng.normal(size=(1500, 3))
    scores = probe_scores(vectors, labels, units, QUICK)
    assert set(scores) == set(HEADS)
    for head in scores.values():
        assert list(head) == ["20", "100", "all"]
        for figures in head.values():
            assert figures["macro_f1"]["mean"] > 0.95
        # Quantiles bring the edges of the classes together: a very few are mistaken there.
        assert head["all"]["macro_f1"]["mean"] > 0.99 and head["all"]["by_class"]["EA"] > 0.99
        assert len(head["all"]["macro_f1"]["values"]) == 2
        assert len(head["20"]["macro_f1"]["values"]) == 4
    assert scores["forest"]["all"]["accuracy"]["interval"] == [1.0, 1.0]


def test_random_vectors_score_chance(labelled):
    _, labels, units = labelled
    vectors = np.random.default_rng(2).normal(size=(1500, 8))
    protocol = Protocol(heads=("logistic", "neighbours"), seeds=3, draws=3)
    scores = probe_scores(vectors, labels, units, protocol)
    for head in scores.values():
        for figures in head.values():
            low, high = figures["balanced_accuracy"]["interval"]
            assert low < 1 / 3 < high
            assert figures["balanced_accuracy"]["mean"] == pytest.approx(1 / 3, abs=0.04)


def test_scores_repeat_themselves(labelled):
    codes, labels, units = labelled
    vectors = np.eye(3)[codes] + np.random.default_rng(3).normal(size=(1500, 3))
    protocol = Protocol(heads=("forest", "logistic"), labels=(20,), seeds=1, draws=2)
    assert probe_scores(vectors, labels, units, protocol) == probe_scores(
        vectors, labels, units, protocol
    )


def test_numbers_that_are_not_known_are_filled_in(labelled):
    codes, labels, units = labelled
    rng = np.random.default_rng(4)
    vectors = 10 * np.eye(3)[codes] + rng.normal(size=(1500, 3))
    vectors = np.column_stack([vectors, np.full(1500, np.nan)])
    vectors[rng.random(vectors.shape) < 0.02] = np.nan
    for head in probe_scores(vectors, labels, units, Protocol(labels=("all",), seeds=1)).values():
        assert head["all"]["macro_f1"]["mean"] > 0.9


def test_the_penalty_is_chosen_on_the_validation_part_alone():
    """Forty numbers of noise: a strong penalty is best, and the test has no say."""
    rng = np.random.default_rng(5)
    codes = np.arange(240) % 2
    vectors = rng.normal(size=(240, 40))
    vectors[:, 0] += 0.8 * codes
    lesson = Lesson(vectors, codes, np.arange(240) % 3 == 0)
    facts = predict("logistic", lesson, vectors, 2)[1]
    chosen = facts["validation_macro_f1"]
    assert facts["strength"] == float(max(chosen, key=chosen.__getitem__))
    fixed = predict("logistic", Lesson(vectors, codes, None, strength=7.0), vectors, 2)[1]
    assert fixed == {"strength": 7.0}
    assert predict("logistic", Lesson(vectors, codes, None, few=20), vectors, 2)[1] == {
        "strength": 0.03
    }


def test_few_rows_are_as_many_of_each_class_as_there_are():
    codes = np.array([0] * 50 + [1] * 8 + [-1] * 5)
    rows = few_rows(codes, np.arange(58), 20, np.random.default_rng(0))
    assert np.bincount(codes[rows]).tolist() == [20, 8]
    assert len(set(rows)) == 28
    other = few_rows(codes, np.arange(58), 20, np.random.default_rng(1))
    assert not np.array_equal(rows, other)


def test_rare_classes_are_left_out_and_named(labelled):
    _, labels, units = labelled
    given = ["CEP" if i < 22 else None if i < 30 else label for i, label in enumerate(labels)]
    task = make_task(given, units, 3)
    assert task.classes == ("EA", "RRab", "RRc")
    assert task.left_out == {"CEP": 22}
    assert (task.codes[:30] == -1).all()
    for split in task.splits:
        assert (task.codes[split.learn] >= 0).all() and split.test.min() >= 30


def test_validation_stays_inside_the_learnt_part_of_the_first_split(labelled):
    _, labels, units = labelled
    tested = make_task(labels, units, 1).splits[0].test
    for split in make_task(labels, units, 3, validation=True).splits:
        assert not set(units[split.test]) & set(units[tested])
        assert not set(units[split.learn]) & set(units[tested])


def test_what_cannot_be_scored_is_refused(labelled):
    _, labels, units = labelled
    with pytest.raises(AstraError, match="3 vectors of 1500 objects"):
        probe_scores(np.zeros((3, 2)), labels, units)
    with pytest.raises(AstraError, match="no object has a class"):
        probe_scores(np.zeros((4, 2)), [None] * 4, np.arange(4))
    with pytest.raises(AstraError, match="fewer than two have 20 objects"):
        probe_scores(np.zeros((40, 2)), ["a", "b"] * 20, np.arange(40))
    with pytest.raises(AstraError, match="sky cells"):
        probe_scores(np.zeros((1500, 2)), labels)
    with pytest.raises(AstraError, match="no head 'svm'"):
        probe_scores(np.zeros((1500, 2)), labels, units, Protocol(heads=("svm",)))
