import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from astra.analysis import probes
from astra.analysis.probes import entropy, evaluate, fit_probe, labelled
from astra.data.errors import AstraError


@pytest.fixture(scope="module")
def taught(clusters):
    """Embeddings, what is known of two objects in three, and who is held out."""
    cluster, embeddings = clusters
    rng = np.random.default_rng(2)
    labels = np.array(["AGN", "CEP", "ECL", "LPV", "RR", "YSO"], object)[cluster]
    labels[rng.random(len(labels)) < 1 / 3] = None
    return embeddings, labelled(labels), rng.random(len(labels)) < 0.3


def test_rare_labels_are_left_out_and_counted():
    known = labelled(["b"] * 10 + ["a"] * 12 + ["rare"] * 9 + [None] * 5)
    assert known.classes == ("a", "b")
    assert known.left_out == {"rare": 9}
    assert list(known.codes[[0, 10, 22, 31]]) == [1, 0, -1, -1]
    assert len(known.rows) == 22


def test_no_labels_at_all():
    known = labelled([None, None])
    assert known.classes == ()
    assert not len(known.rows)


def test_the_probe_is_scaled_logistic_regression(taught):
    embeddings, known, _ = taught
    mine = fit_probe(embeddings, known.codes, known.rows, known.classes).probabilities(embeddings)
    scale = StandardScaler().fit(embeddings[known.rows].astype(float))
    regression = LogisticRegression(max_iter=5000, tol=1e-8)
    regression.fit(scale.transform(embeddings[known.rows].astype(float)), known.codes[known.rows])
    expected = regression.predict_proba(scale.transform(embeddings.astype(float)))
    np.testing.assert_allclose(mine, expected, atol=2e-3)
    np.testing.assert_allclose(mine.sum(axis=1), 1, atol=1e-5)


def test_scores_come_from_objects_that_were_not_learnt(taught):
    embeddings, known, out = taught
    figures = evaluate(embeddings, known, out)
    assert figures["objects"] == np.count_nonzero(out[known.rows])
    assert figures["fitted_on"] == np.count_nonzero(~out[known.rows])
    assert figures["macro_f1"] > 0.9 > 0.3 > figures["majority"]["macro_f1"]
    # Spoiling the embeddings of those learnt from must show in the score of the others.
    spoiled = embeddings.copy()
    spoiled[~out] = np.random.default_rng(0).permutation(spoiled[~out])
    assert evaluate(spoiled, known, out)["macro_f1"] < 0.4


def test_random_vectors_score_like_chance(taught):
    _, known, out = taught
    noise = np.random.default_rng(5).normal(size=(900, 16))
    assert evaluate(noise, known, out)["macro_f1"] < 0.3


def test_several_surveys_are_scored_apart(taught):
    embeddings, known, out = taught
    surveys = np.where(np.arange(900) % 2, "asas", "css").astype(object)
    figures = evaluate(embeddings, known, out, surveys)
    assert set(figures["surveys"]) == {"asas", "css"}
    parts = [part["objects"] for part in figures["surveys"].values()]
    assert sum(parts) == figures["objects"]
    assert not evaluate(embeddings, known, out, np.full(900, "css", object))["surveys"]


def test_too_few_labels_to_score_or_to_fit(taught):
    embeddings, known, _ = taught
    with pytest.raises(AstraError, match="0 objects held out"):
        evaluate(embeddings, known, np.zeros(900, bool))
    one = labelled(["RR"] * 900)
    with pytest.raises(AstraError, match="two classes"):
        fit_probe(embeddings, one.codes, one.rows, one.classes)


def test_at_most_so_many_rows_are_fitted(taught, monkeypatch):
    embeddings, known, out = taught
    monkeypatch.setattr(probes, "MOST_ROWS", 100)
    assert evaluate(embeddings, known, out)["fitted_on"] == 100


def test_a_class_that_the_fit_has_not_seen_has_probability_zero(taught):
    embeddings, known, _ = taught
    rows = known.rows[known.codes[known.rows] != 2]
    probabilities = fit_probe(embeddings, known.codes, rows, known.classes).probabilities(
        embeddings
    )
    assert probabilities.shape == (900, 6)
    assert not probabilities[:, 2].any()


def test_entropy_runs_from_certain_to_no_idea():
    rows = np.array([[1, 0, 0, 0], [0.25, 0.25, 0.25, 0.25], [0.5, 0.5, 0, 0]])
    np.testing.assert_allclose(entropy(rows), [0, 1, 0.5], atol=1e-6)
