from dataclasses import replace

import numpy as np
import pytest
import torch

from astra.data.bands import band
from astra.data.errors import AstraError
from astra.data.light_curves import LightCurves
from astra.encoders import ENCODERS, Encoder, build, embed
from astra.training.augmentation import jitter, thin
from astra.training.class_head import class_weights, probe_weights
from astra.training.loop import fit
from astra.training.settings import FitSettings
from astra.training.supervised import Supervised, SupervisedSettings

CLASSES = ("constant", "variable")
OBJECTS, LENGTH = 120, 40
TRAINING, HELD_OUT = np.arange(80), np.arange(80, OBJECTS)


@pytest.fixture(scope="module")
def sky(make_light_curves) -> LightCurves:
    """Every other object varies; nothing else tells them apart."""
    generator = np.random.default_rng(0)
    light_curves = make_light_curves([LENGTH] * OBJECTS, seed=4, bands=("ztf_g",))
    label = np.arange(OBJECTS) % 2
    level = np.repeat(10 ** generator.uniform(1, 3, OBJECTS), LENGTH)
    varies = np.where(np.repeat(label, LENGTH) == 1, 0.09, 0.03)
    return replace(
        light_curves,
        flux=(level * np.exp(varies * generator.standard_normal(len(level)))).astype(np.float32),
        flux_error=(0.03 * level).astype(np.float32),
    ).with_columns(label=label)


def objective_of(sky: LightCurves, encoder: Encoder | None = None, **settings) -> Supervised:
    torch.manual_seed(0)
    labels = sky.columns["label"][TRAINING]
    return Supervised(
        encoder or build("astra_clr"), CLASSES, labels, SupervisedSettings(**settings)
    )


def accuracy(objective: Supervised, sky: LightCurves) -> float:
    objective.eval()
    return objective.validate(sky, HELD_OUT, torch.device("cpu"))["accuracy"]


@pytest.mark.parametrize("top_groups", [0, 2, None])
def test_labels_teach_objects_that_were_not_shown(sky: LightCurves, top_groups) -> None:
    objective = objective_of(sky, top_groups=top_groups)
    before = accuracy(objective, sky)
    settings = FitSettings(epochs=10, batch=20, learning_rate=5e-3)
    result = fit(objective, sky, TRAINING, settings, device="cpu", validation_rows=HELD_OUT)
    assert before < 0.7
    assert accuracy(objective, sky) > 0.9
    assert result.score is not None
    assert result.score > 0.9


@pytest.mark.parametrize("name", ENCODERS)
@pytest.mark.parametrize("top_groups", [0, 1, 2, None])
def test_only_the_top_layers_move(
    sky: LightCurves, name: str, build_small, top_groups: int | None
) -> None:
    # Two bands: every branch of every encoder has something to learn from.
    turns = (np.arange(sky.n_observations) % 2).astype(np.uint8)
    sky = replace(sky, band_and_flag=turns, bands=(*sky.bands, band("ztf_r")))
    objective = objective_of(sky, build_small(name), top_groups=top_groups)
    groups = objective.encoder.layer_groups()
    before = [[p.detach().clone() for p in group] for group in groups]
    settings = FitSettings(epochs=1, batch=20, weight_decay=0.1)
    fit(objective, sky, TRAINING, settings, device="cpu")
    top = len(groups) if top_groups is None else top_groups
    for depth, (group, old) in enumerate(zip(reversed(groups), reversed(before), strict=True)):
        moved = [not torch.equal(p, q) for p, q in zip(group, old, strict=True)]
        assert all(moved) if depth < top else not any(moved)


def test_the_encoder_learns_more_slowly_than_the_head(sky: LightCurves) -> None:
    objective = objective_of(sky, encoder_rate=0.25)
    (head, fast), *encoder = objective.parameter_groups()
    assert {id(p) for p in head} == {id(p) for p in objective.head.parameters()}
    inside = [id(p) for group, _ in encoder for p in group]
    assert sorted(inside) == sorted(id(p) for p in objective.encoder.parameters())
    assert fast == 1.0
    assert {rate for _, rate in encoder} == {0.25}


def test_lower_groups_learn_more_slowly_still(sky: LightCurves) -> None:
    objective = objective_of(sky, encoder_rate=0.5, encoder_decay=0.5)
    rates = {id(p): rate for group, rate in objective.parameter_groups() for p in group}
    groups = [[rates[id(p)] for p in group] for group in objective.encoder.layer_groups()]
    assert [set(group) for group in reversed(groups)] == [
        {0.5 * 0.5**depth} for depth in range(len(groups))
    ]


def test_a_head_that_begins_at_the_probe_knows_the_classes_before_any_step(sky: LightCurves):
    encoder = build("astra_clr")
    label = sky.columns["label"]
    objective = objective_of(sky, encoder, head="probe")
    objective.begin_at_probe(embed(encoder, sky.take(TRAINING), "cpu"), label[TRAINING])
    objective.eval()
    learnt = objective.validate(sky, TRAINING, torch.device("cpu"))
    assert learnt["accuracy"] > 0.9


@pytest.mark.parametrize("classes", [2, 3])
def test_weights_of_a_probe_are_those_of_the_regression_on_standardised_features(classes) -> None:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    generator = np.random.default_rng(3)
    labels = np.arange(150) % classes
    features = generator.normal(3, [1, 10, 0.1], (150, 3)) + labels[:, None]
    weight, bias = probe_weights(features, labels, np.ones(classes + 1))
    logits = features @ weight.T + bias
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=1000))
    wanted = pipeline.fit(features, labels).predict_proba(features)
    found = np.exp(logits - logits.max(1, keepdims=True))
    found /= found.sum(1, keepdims=True)
    np.testing.assert_allclose(found[:, :classes], wanted, atol=1e-3)
    assert found[:, classes].max() < 1e-3


def test_smoothed_labels_leave_a_loss_to_those_who_are_sure(sky: LightCurves) -> None:
    generator = np.random.default_rng(0)
    losses = []
    for smoothing in (0.0, 0.2):
        objective = objective_of(sky, label_smoothing=smoothing, balanced=False).eval()
        batch = objective.collate(sky.take(TRAINING[:8]), generator)
        with torch.no_grad():
            losses.append(float(objective.loss(batch)))
            log = torch.log_softmax(objective.logits(batch), dim=1)
    label = torch.from_numpy(sky.columns["label"][:8])
    spread = torch.full((8, 2), 0.1).scatter(1, label[:, None], 0.9)
    assert losses[1] == pytest.approx(float(-(spread * log).sum(1).mean()), rel=1e-5)
    assert losses[0] != losses[1]


def test_a_cap_bounds_what_rare_classes_weigh() -> None:
    labels = np.repeat([0, 1, 2], [900, 90, 10])
    found = class_weights(labels, ("a", "b", "c", "never"), cap=4.0)
    assert found[:3].max() / found[:3].min() == pytest.approx(4)
    assert found[3] == 0
    assert found[labels].mean() == pytest.approx(1)


def test_views_are_averaged_and_the_same_every_time(sky: LightCurves) -> None:
    objective = objective_of(sky, noise=1.0, thinning=0.3, views=3).eval()
    here = sky.take(HELD_OUT)
    views = list(objective.views_of(here))
    assert len(views) == 3
    assert views[0].n_observations == here.n_observations > views[1].n_observations
    device = torch.device("cpu")
    logits = []
    for view in views:
        with torch.no_grad():
            logits.append(objective.logits(objective.encoder.collate(view)).numpy())
    for _ in range(2):
        found = objective.predict(sky, HELD_OUT, device)
        np.testing.assert_allclose(found, np.mean(logits, axis=0), atol=1e-5)
    with pytest.raises(AstraError, match="views = 3"):
        objective_of(sky, views=3)


def test_thinning_leaves_out_whole_observations_and_no_light_curve_empty(sky: LightCurves) -> None:
    sparse = sky.take(np.arange(30))
    thinned = thin(0.9)(sparse, np.random.default_rng(0))
    assert len(thinned) == len(sparse)
    lost = 1 - thinned.lengths / sparse.lengths
    assert lost.mean() == pytest.approx(0.45, abs=0.12)
    assert thinned.lengths.min() >= 1
    for row in range(len(sparse)):
        whole = {*zip(sparse[row].mjd, sparse[row].flux, sparse[row].flux_error, strict=True)}
        kept = [*zip(thinned[row].mjd, thinned[row].flux, thinned[row].flux_error, strict=True)]
        assert whole.issuperset(kept)
        assert kept == sorted(kept)


def test_validation_gives_the_scores_of_the_predictions(sky: LightCurves) -> None:
    objective = objective_of(sky).eval()
    logits = objective.predict(sky, HELD_OUT, torch.device("cpu"))
    predicted, truth = logits.argmax(1), sky.columns["label"][HELD_OUT]
    f1 = []
    for code in (0, 1):
        hits = ((predicted == code) & (truth == code)).sum()
        f1.append(2 * hits / ((predicted == code).sum() + (truth == code).sum()))
    found = objective.validate(sky, HELD_OUT, torch.device("cpu"))
    assert found["accuracy"] == pytest.approx((predicted == truth).mean())
    assert found["macro_f1"] == found["score"] == pytest.approx(np.mean(f1))
    probability = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    surprise = -np.log(probability[np.arange(len(truth)), truth])
    assert found["validation_loss"] == pytest.approx(surprise.mean(), rel=1e-5)
    confusion = np.array(found["confusion"])
    assert confusion.sum(axis=1).tolist() == np.bincount(truth).tolist()
    assert confusion[0, 1] == ((truth == 0) & (predicted == 1)).sum()


def test_rare_classes_weigh_the_same() -> None:
    labels = np.array([0] * 90 + [1] * 10 + [-1] * 50)
    found = class_weights(labels, ("a", "b", "never"))
    np.testing.assert_allclose(found, [100 / 180, 100 / 20, 0])
    assert (found[labels[labels >= 0]]).mean() == pytest.approx(1)


@pytest.mark.parametrize("labels", [[], [-1, -1], [1, 1, -1]])
def test_one_class_teaches_nothing(sky: LightCurves, labels: list[int]) -> None:
    with pytest.raises(AstraError, match="two classes"):
        Supervised(build("astra_clr"), CLASSES, np.array(labels, np.int64))


def test_unlabelled_objects_are_refused(sky: LightCurves) -> None:
    objective = objective_of(sky)
    unlabelled = sky.with_columns(label=np.full(OBJECTS, -1))
    with pytest.raises(AstraError, match="without a label"):
        objective.collate(unlabelled, np.random.default_rng(0))
    with pytest.raises(AstraError, match="column 'label'"):
        objective.collate(replace(sky, columns={}), np.random.default_rng(0))


def test_jitter_moves_fluxes_by_their_errors_while_training_only(sky: LightCurves) -> None:
    moved = jitter(2.0)(sky, np.random.default_rng(0))
    pull = (moved.flux - sky.flux) / sky.flux_error
    assert pull.std() == pytest.approx(2, rel=0.05)
    objective = objective_of(sky, noise=2.0)
    training = objective.collate(sky, np.random.default_rng(0))
    again = objective.collate(sky, np.random.default_rng(1))
    assert not torch.equal(training["value"], again["value"])
    one, other = (objective.eval().predict(sky, HELD_OUT, torch.device("cpu")) for _ in range(2))
    np.testing.assert_array_equal(one, other)


def test_jitter_in_magnitudes_is_the_same_for_all_total_fluxes(sky: LightCurves) -> None:
    moved = jitter(0.0, 0.02)(sky, np.random.default_rng(0))
    shift = -2.5 * np.log10(moved.flux / sky.flux)
    assert shift.std() == pytest.approx(0.02, rel=0.05)
    difference = replace(sky, is_difference=np.ones(len(sky), bool))
    untouched = jitter(0.0, 0.02)(difference, np.random.default_rng(0))
    np.testing.assert_array_equal(untouched.flux, sky.flux)


def test_the_head_may_go_without_a_norm(sky: LightCurves) -> None:
    with_norm, without = (objective_of(sky, norm=flag).head for flag in (True, False))
    assert len(list(with_norm.parameters())) - len(list(without.parameters())) == 2
