import numpy as np
import pytest

from astra.analysis.labels_now import labels_now
from astra.data.errors import StoreError
from astra.data.held_out import held_out
from astra.labels.label import Label
from astra.labels.store import LabelStore
from astra.runs.advice import Advice, folder_of, newest_advice
from astra.runs.run import Run
from precompute.advising import advise, predict_all


@pytest.fixture
def home(tmp_path, smoke):
    """The observatory of all, with a label log and advice of its own."""
    from astra.data.observatory import Observatory

    observatory = Observatory(tmp_path / "home")
    observatory.home.mkdir()
    for name in ("surveys", "runs"):
        (observatory.home / name).symlink_to(smoke.home / name)
    return observatory


@pytest.fixture
def run(home):
    return Run.open(home.run("smoke"))


def named_now(home, run):
    return labels_now(run, LabelStore(home.labels))["label"]


def test_the_probe_is_scored_on_sky_that_it_has_not_seen(home, run, events):
    advice = advise(home, run, progress=events)
    labels, out = named_now(home, run), held_out(run.survey.catalogue).rows
    scores = advice.facts["scores"]
    assert scores["objects"] == np.count_nonzero(out & labels.notna())
    assert scores["fitted_on"] == np.count_nonzero(~out & labels.notna())
    assert scores["macro_f1"] > scores["majority"]["macro_f1"]
    low, high = scores["intervals"]["macro_f1"]
    assert low <= scores["macro_f1"] <= high
    confusion = np.array(scores["confusion"])
    assert confusion.sum() == scores["objects"]
    right, true, claimed = confusion.diagonal(), confusion.sum(axis=1), confusion.sum(axis=0)
    f1 = [scores["by_class"][name]["f1"] for name in advice.classes]
    np.testing.assert_allclose(f1, 2 * right / (true + claimed))
    assert events.of("done") == ["probe"]


def test_every_object_gets_a_class_in_map_order(home, run):
    advice = advise(home, run)
    labels = named_now(home, run)
    known = advise_known(labels)
    probabilities = predict_all(run, known, 0)
    np.testing.assert_array_equal(advice.predicted, probabilities.argmax(1)[run.rows])
    np.testing.assert_array_equal(advice.probability, probabilities.max(1)[run.rows])


def advise_known(labels):
    from astra.analysis.probes import labelled

    return labelled(labels, 5)


def test_labels_of_the_moment_count_and_leave_the_queues(home, run):
    before = advise(home, run)
    rows = before.queue("uncertainty")[:12]
    ids = run.object_ids(rows)
    LabelStore(home.labels).append([Label(name, "RR", "ann") for name in ids])
    after = advise(home, run)
    assert after.facts["labels"] == before.facts["labels"] + 12
    for name in after.queues:
        assert not set(rows) & set(after.queue(name))
    named = named_now(home, run).notna().to_numpy()
    for name in after.queues:
        assert not named[run.rows[after.queue(name)]].any()


def test_the_newest_answer_is_found_and_old_ones_go(home, run):
    assert newest_advice(home, "smoke") is None
    made = [advise(home, run) for _ in range(4)]
    assert newest_advice(home, "smoke").path == made[-1].path
    assert len(list(folder_of(home, "smoke").iterdir())) == 2
    (made[-1].path / "advice.json").write_text("{")
    assert newest_advice(home, "smoke").path == made[-2].path
    with pytest.raises(StoreError, match="no advice"):
        Advice.open(made[-1].path)
    with pytest.raises(StoreError, match="no queue"):
        made[-2].queue("nonsense")


def test_too_few_labels_still_fill_the_queues_that_need_none(home, run):
    advice = advise(home, run, fewest=100_000)
    assert "too few" in advice.facts["not_scored"]
    assert (advice.predicted == -1).all()
    assert {"diversity", "random", "representative"} <= set(advice.queues)
    assert "uncertainty" not in advice.queues
