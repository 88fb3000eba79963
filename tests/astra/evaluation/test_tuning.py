import numpy as np
import pytest
import torch

from astra.data.errors import AstraError
from astra.encoders import build, embed
from astra.evaluation.scoring import make_task
from astra.evaluation.tuning import Tuning, fine_tuned, tuning_from


@pytest.fixture(scope="module")
def noisy_and_quiet(make_light_curves):
    """Objects of two classes: those of one vary."""
    light_curves = make_light_curves([60] * 200, seed=3)
    level = np.repeat(np.tile([1.0, 30.0], 100), 60).astype(np.float32)
    light_curves.flux[:] = 1000 + level * np.random.default_rng(0).normal(size=12_000)
    light_curves.flux_error[:] = 5
    labels = ["quiet", "loud"] * 100
    return light_curves, make_task(labels, np.arange(200) // 2, 1)


def test_labels_lift_the_probe_and_leave_the_encoder_as_it_was(noisy_and_quiet):
    light_curves, task = noisy_and_quiet
    torch.manual_seed(0)
    encoder = build("astra_clr", width=16, blocks=1, heads=2, feed_forward=16)
    before = {name: tensor.clone() for name, tensor in encoder.state_dict().items()}
    frozen = np.random.default_rng(0).normal(size=(200, 4))
    told = []
    tuning = Tuning(seeds=2, epochs=4, batch=32, learning_rate=1e-2)
    found = fine_tuned(encoder, light_curves, frozen, task, tuning, "cpu", told.append)
    assert len(told) == len(found["best_epochs"]) == 2
    assert found["objects"] < len(task.splits[0].learn)
    assert len(found["tuned"]["macro_f1"]["values"]) == 2
    assert found["tuned"]["macro_f1"]["mean"] > found["frozen"]["macro_f1"]["mean"] + 0.2
    for name, tensor in encoder.state_dict().items():
        assert torch.equal(tensor, before[name])


def test_an_encoder_without_a_learning_rate_stays_where_it_is(noisy_and_quiet):
    light_curves, task = noisy_and_quiet
    torch.manual_seed(0)
    encoder = build("astra_clr", width=16, blocks=1, heads=2, feed_forward=16).eval()
    frozen = embed(encoder, light_curves, "cpu")
    found = fine_tuned(
        encoder, light_curves, frozen, task, Tuning(seeds=1, epochs=1, top_groups=0), "cpu"
    )
    assert found["tuned"]["macro_f1"]["values"] == found["frozen"]["macro_f1"]["values"]


def test_settings_are_given_to_those_who_know_them():
    words = ["head=probe", "encoder_decay=0.5", "patience=3", "balanced=false", "views=2"]
    tuning = tuning_from([*words, "thinning=0.2"], epochs=7)
    objective, fit = tuning.objective(), tuning.fit(4)
    assert (objective.head, objective.encoder_decay, objective.balanced) == ("probe", 0.5, False)
    assert (objective.views, objective.thinning) == (2, 0.2)
    assert (fit.epochs, fit.patience, fit.seed, fit.batch) == (7, 3, 4, tuning.batch)


@pytest.mark.parametrize("word", ["nonsense=1", "epochs", "head=tail", "patience=often"])
def test_a_setting_that_does_not_exist_is_refused(word):
    with pytest.raises(AstraError, match=word.partition("=")[0]):
        tuning_from([word])


def test_views_and_a_probe_to_begin_at(noisy_and_quiet):
    light_curves, task = noisy_and_quiet
    torch.manual_seed(0)
    encoder = build("astra_clr", width=16, blocks=1, heads=2, feed_forward=16).eval()
    frozen = embed(encoder, light_curves, "cpu")
    tuning = Tuning(seeds=1, epochs=1, head="probe", noise=0.5, views=2, encoder_decay=0.5)
    found = fine_tuned(encoder, light_curves, frozen, task, tuning, "cpu")
    assert found["tuned"]["macro_f1"]["mean"] > 0.9
