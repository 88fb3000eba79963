import numpy as np
import pytest
import torch

from astra.analysis.queues import QUEUES
from astra.encoders import build, embed
from astra.evaluation.figures import sums
from astra.evaluation.labelling import Loop, gain, resampled, reveal, run_loop
from astra.evaluation.labelling_report import best_of, labelling_report
from astra.evaluation.labelling_tuned import tuned_gain
from astra.evaluation.scoring import make_task
from astra.evaluation.tuning import Tuning

CELLS, EACH = 60, 10


@pytest.fixture(scope="module")
def task_and_vectors():
    """Two classes: one of two clumps, the smaller of which few labels show, and one beside it."""
    generator = np.random.default_rng(0)
    objects = CELLS * EACH
    kind = generator.choice(3, objects, p=[0.4, 0.1, 0.5])
    centre = np.array([[0, 0], [6, 0], [6, 2.2]])[kind]
    vectors = (centre + generator.normal(0, 0.8, (objects, 2))).astype(np.float32)
    labels = np.array(["many", "many", "few"])[kind].tolist()
    return make_task(labels, np.repeat(np.arange(CELLS), EACH), 2), vectors


@pytest.fixture(scope="module")
def found(task_and_vectors):
    task, vectors = task_and_vectors
    return run_loop(vectors, task, Loop(3, 20, 10, draws=2, resamplings=50))


def test_every_queue_labels_its_budget_on_the_sky_to_learn_from_alone(found, task_and_vectors):
    task, _ = task_and_vectors
    assert set(found["queues"]) == set(QUEUES)
    for name in QUEUES:
        for split, known in zip(task.splits, found["labelled"][name], strict=True):
            assert len(known) == len(np.unique(known)) == 6 + 20
            assert np.isin(known, split.learn).all()
            assert not np.isin(known, split.test).any()


def test_probes_know_the_classes_and_random_gains_nothing_over_itself(found):
    for row in found["queues"].values():
        assert len(row["values"]) == 2
    # Naming one class of two would reach a third or so.
    assert found["before"]["mean"] > 0.5
    assert found["queues"][best_of(found)]["mean"] > 0.5
    itself = found["queues"]["random"]["gain"]
    assert itself["mean"] == 0
    assert itself["interval"] == [0, 0]


def test_as_many_of_each_class_are_revealed():
    codes = np.array([0] * 50 + [1] * 4 + [2] * 50)
    rows = np.arange(0, 104, 2)
    shown = reveal(codes, rows, 5, 0)
    assert np.bincount(codes[shown]).tolist() == [5, 2, 5]
    assert np.isin(shown, rows).all()
    assert not np.array_equal(shown, reveal(codes, rows, 5, 1))


def test_resampling_draws_the_same_cells_for_all_and_says_first_what_is():
    generator = np.random.default_rng(1)
    truth, units = generator.integers(0, 3, 300), np.arange(300) // 10
    good = np.eye(3)[truth] * 0.3 + generator.dirichlet(np.ones(3), 300) * 0.7
    values = resampled(sums(truth, good, units), 200, 5)
    predicted = good.argmax(1)
    f1 = [
        2 * ((predicted == c) & (truth == c)).sum() / ((predicted == c).sum() + (truth == c).sum())
        for c in range(3)
    ]
    assert values[0] == pytest.approx(np.mean(f1))
    assert values[1:].std() > 0
    same = gain([values], [resampled(sums(truth, good, units), 200, 5)])
    assert (same["mean"], same["interval"]) == (0, [0, 0])
    worse = resampled(sums(truth, np.roll(good, 1, axis=1), units), 200, 5)
    found = gain([values, values], [worse, worse])
    low, high = found["interval"]
    assert 0 < low < found["mean"] < high


def test_an_encoder_follows_the_labels_of_a_queue(make_light_curves):
    light_curves = make_light_curves([60] * 200, seed=3)
    level = np.repeat(np.tile([1.0, 30.0], 100), 60).astype(np.float32)
    light_curves.flux[:] = 1000 + level * np.random.default_rng(0).normal(size=12_000)
    light_curves.flux_error[:] = 5
    task = make_task(["quiet", "loud"] * 100, np.arange(200) // 2, 1)
    torch.manual_seed(0)
    encoder = build("astra_clr", width=16, blocks=1, heads=2, feed_forward=16).eval()
    loop = Loop(
        resamplings=20, tuning=Tuning(epochs=4, batch=32, learning_rate=1e-2, fewest_steps=10)
    )
    vectors = embed(encoder, light_curves, "cpu")
    known = [task.splits[0].learn[:80]]
    found = tuned_gain(encoder, light_curves, vectors, task, known, loop, "cpu")
    assert found["probe"]["mean"] > 0.9
    assert found["head"]["mean"] > 0.9
    expected = found["probe"]["mean"] - found["frozen"]["mean"]
    assert found["gain"]["mean"] == pytest.approx(expected)


def test_the_report_names_the_best_first(found):
    asked = {"encoder": "astra", "group": "", "survey": "sky", "seeds": 2}
    asked["loop"] = {"revealed": 3, "budget": 20, "round": 10}
    tuned = dict.fromkeys(("frozen", "probe", "head"), found["before"])
    same = {"mean": 0.01, "interval": [-0.02, 0.03]}
    row = {**tuned, "gain": same, "head_gain": same}
    full = {**found, "asked": asked, "objects": 600, "classes": ["few", "many"]}
    text = labelling_report({**full, "tuning": {best_of(found): row}}, "astra loop")
    lines = [line for line in text.splitlines() if line.startswith("| + 20")]
    scores = [float(line.split("|")[2]) for line in lines]
    assert len(lines) == len(QUEUES)
    assert scores == sorted(scores, reverse=True)
    assert QUEUES[best_of(found)].title.lower() in text
    assert "+0.010 | -0.020 to +0.030 |" in text
