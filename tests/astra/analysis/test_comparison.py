import numpy as np
import pytest
from sklearn.metrics import f1_score

from astra.analysis.comparison import neighbourhood_change, purity
from astra.analysis.noise import are_twins, resampled_change, threshold
from astra.analysis.paired import paired_scores
from astra.analysis.verdict import movement_verdict, overall, score_sentence
from astra.runs.manifest import Artefact, Manifest


def test_neighbourhood_change_is_one_minus_the_jaccard_index():
    generator = np.random.default_rng(0)
    sides = [np.array([generator.choice(40, 10, replace=False) for _ in range(300)]) for _ in "ab"]
    sides[0][:50, 7:] = -1  # neighbours that the other run does not have
    expected = []
    for one, other in zip(*sides, strict=True):
        a, b = set(one.tolist()) - {-1}, set(other.tolist()) - {-1}
        expected.append(1 - len(a & b) / len(a | b))
    np.testing.assert_allclose(neighbourhood_change(*sides), expected, rtol=1e-6)


def test_purity_counts_labelled_neighbours_alone():
    labels = np.array([0, 0, 1, -1, 1])
    near = np.array([[1, 2, 3], [0, 3, 3], [-1, 4, 3], [0, 1, 2], [3, 3, 3]])
    found = purity(near, labels, labels)
    np.testing.assert_array_equal(found, np.array([0.5, 1, 1, np.nan, np.nan], np.float32))


@pytest.fixture(scope="module")
def answers():
    """Truth, and three predictions: A, one as good as A, one that is better."""
    generator = np.random.default_rng(3)
    truth = generator.choice(4, 600, p=[0.5, 0.3, 0.15, 0.05])

    def guess(right):
        return np.where(generator.random(600) < right, truth, generator.integers(0, 4, 600))

    return truth, guess(0.7), guess(0.7), guess(0.9)


def plain_bootstrap(truth, a, b, draws):
    """The slow obvious twin: objects drawn one by one, scored by scikit-learn."""
    generator = np.random.default_rng(5)
    apart = []
    for _ in range(draws):
        rows = generator.integers(0, len(truth), len(truth))
        scores = [
            f1_score(truth[rows], side[rows], labels=np.unique(truth[rows]), average="macro")
            for side in (a, b)
        ]
        apart.append(scores[1] - scores[0])
    return np.quantile(apart, [0.025, 0.975])


def test_the_interval_is_that_of_the_plain_paired_bootstrap(answers):
    truth, a, _, better = answers
    found = paired_scores(truth, a, better, "WXYZ")
    difference = found["difference"]["macro_f1"]
    expected = [f1_score(truth, side, average="macro") for side in (a, better)]
    assert found["a"]["macro_f1"] == pytest.approx(expected[0])
    assert difference["value"] == pytest.approx(expected[1] - expected[0])
    low, high = plain_bootstrap(truth, a, better, 600)
    assert difference["low"] == pytest.approx(low, abs=0.012)
    assert difference["high"] == pytest.approx(high, abs=0.012)
    assert found["by_class"]["Z"]["n"] == np.count_nonzero(truth == 3)


def test_sentences_say_whether_the_difference_means_anything(answers):
    truth, a, same, better = answers
    nothing = score_sentence(paired_scores(truth, a, same, "WXYZ"), ())
    assert "not distinguishable on 600 held-out objects" in nothing
    figures = paired_scores(truth, a, better, "WXYZ")
    assert "]: distinguishable on 600" in score_sentence(figures, ())
    assert "no more than another seed gives, 0.500" in score_sentence(figures, [0.5])
    assert score_sentence({"not_scored": "no labels"}, ()) == "Not scored: no labels"


def test_of_the_same_noise_five_per_cent_lie_beyond():
    generator = np.random.default_rng(1)
    floor = threshold(generator.gamma(3, size=4_000))
    nothing = movement_verdict(generator.gamma(3, size=4_000), floor)
    assert nothing["share"] == pytest.approx(0.05, abs=0.02)
    assert not nothing["changed"]
    assert movement_verdict(generator.gamma(5, size=4_000), floor)["changed"]


def test_the_verdict_joins_movement_and_scores(answers):
    truth, a, same, better = answers
    still = {"change": {"share": 0.04, "changed": False}}
    moved = {"change": {"share": 0.4, "changed": True}}
    floor = {"macro_f1": []}
    scores = [paired_scores(truth, a, other, "WXYZ") for other in (same, better)]
    assert overall(still, scores[0], floor, True)["word"] == "nothing"
    assert "differ by their seeds alone" in overall(still, scores[0], floor, True)["told"]
    assert overall(moved, scores[0], floor, False)["word"] == "changed"
    assert overall(still, scores[1], floor, False)["word"] == "changed"


def test_redundant_components_leave_neighbours_and_independent_ones_do_not():
    generator = np.random.default_rng(2)
    core = generator.normal(size=(500, 3))
    redundant = np.repeat(core, 20, axis=1) + generator.normal(0, 0.01, (500, 60))
    independent = generator.normal(size=(500, 60))
    assert np.median(resampled_change(redundant, 15)) < 0.5
    assert np.median(resampled_change(independent, 15)) > 0.8


def manifest(name, seed=0, epochs=5, parent="base"):
    made = Artefact(
        parts=[], order="none", settings={"seed": seed, "epochs": epochs, "fit": {"seed": seed}},
        needs={}, columns={}, seconds=1,
    )  # fmt: skip
    return Manifest(
        run=name, survey="sky", survey_fingerprint="f", objects=1, observations=1, recipe="r",
        parent=parent, created="now", code_version="1", artefacts={"encoder": made},
    )  # fmt: skip


def test_twins_differ_by_seeds_alone():
    one = manifest("one")
    assert are_twins(one, manifest("two", seed=4))
    assert not are_twins(one, one)
    assert not are_twins(one, manifest("two", seed=4, epochs=6))
    assert not are_twins(one, manifest("two", seed=4, parent="other"))
