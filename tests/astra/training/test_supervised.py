from dataclasses import replace

import numpy as np
import pytest
import torch

from astra.data.bands import band
from astra.data.catalogue import sky_cell
from astra.data.errors import AstraError
from astra.data.light_curves import LightCurves
from astra.encoders import ENCODERS, Encoder, build
from astra.training.loop import fit
from astra.training.settings import FitSettings
from astra.training.supervised import (
    Supervised,
    SupervisedSettings,
    class_weights,
    jitter,
    label_codes,
    split_by_sky,
)

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
    (head, fast), (encoder, slow) = objective.parameter_groups()
    assert {id(p) for p in head} == {id(p) for p in objective.head.parameters()}
    assert {id(p) for p in encoder} == {id(p) for p in objective.encoder.parameters()}
    assert (fast, slow) == (1.0, 0.25)


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


def test_label_codes() -> None:
    codes, classes = label_codes(["RR", None, "EB", "RR", float("nan")])  # type: ignore[list-item]
    assert classes == ["EB", "RR"]
    np.testing.assert_array_equal(codes, [1, -1, 0, 1, -1])
    codes, classes = label_codes(["RR", "EB"], classes=["QSO", "RR"])
    assert classes == ["QSO", "RR"]
    np.testing.assert_array_equal(codes, [1, -1])


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


def test_no_sky_cell_is_on_both_sides() -> None:
    generator = np.random.default_rng(0)
    ra, dec = generator.uniform(0, 360, 5000), generator.uniform(-60, 60, 5000)
    held_out = split_by_sky(ra, dec, 0.3, seed=0)
    cells = sky_cell(ra, dec)
    assert not set(cells[held_out]) & set(cells[~held_out])
    share = len(set(cells[held_out])) / len(set(cells))
    assert share == pytest.approx(0.3, abs=0.001)
    assert not np.array_equal(held_out, split_by_sky(ra, dec, 0.3, seed=1))
    np.testing.assert_array_equal(held_out, split_by_sky(ra, dec, 0.3, seed=0))


@pytest.mark.parametrize(("cells", "expected"), [(0, 0), (1, 0), (2, 1), (3, 1), (10, 3)])
def test_a_small_sky_keeps_something_on_both_sides(cells: int, expected: int) -> None:
    ra = np.arange(cells) * 20.0
    assert split_by_sky(ra, np.zeros(cells)).sum() == expected


def test_objects_without_a_position_are_cells_of_their_own() -> None:
    nowhere = np.full(100, np.nan)
    assert split_by_sky(nowhere, nowhere, 0.3).sum() == 30
