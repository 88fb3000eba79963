from dataclasses import replace

import numpy as np
import pytest
import torch

from astra.data.light_curves import LightCurves
from astra.data.simulation.simulate import simulate
from astra.encoders import build
from astra.training.loop import fit
from astra.training.masked import (
    HIDDEN,
    REPLACED,
    VISIBLE,
    Masked,
    MaskedSettings,
    conceal,
    draw,
    weighted_error,
    weights,
)
from astra.training.settings import FitSettings


@pytest.fixture
def objective() -> Masked:
    torch.manual_seed(0)
    return Masked(build("astromer", width=16, heads=2, blocks=1, tokens=48))  # type: ignore[arg-type]


def windows(generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Magnitudes and mask of windows of all lengths from none to full."""
    mask = np.arange(20) < np.arange(21)[:, None, None]
    return np.where(mask, generator.normal(1, 1, mask.shape), 0).astype(np.float32), mask


def test_so_many_are_asked_for_hidden_and_replaced() -> None:
    mask = np.ones((400, 1, 100), bool)
    mask[:, :, 90:] = False
    fate, probed = draw(mask, MaskedSettings(), np.random.default_rng(0))
    assert not probed[~mask].any()
    assert (fate[~probed] == VISIBLE).all()
    assert probed[mask].mean() == pytest.approx(0.5, abs=0.01)
    shares = [(fate[probed] == kind).mean() for kind in (VISIBLE, REPLACED, HIDDEN)]
    assert shares == pytest.approx([0.2, 0.2, 0.6], abs=0.01)


@pytest.mark.parametrize("seed", range(5))
def test_a_value_that_is_not_visible_changes_its_target_alone(seed: int) -> None:
    generator = np.random.default_rng(seed)
    value, mask = windows(generator)
    fate, _ = draw(mask, MaskedSettings(), generator)
    secret = mask & (fate != VISIBLE)
    changed = np.where(secret, generator.normal(0, 9, mask.shape), value).astype(np.float32)
    (shown, target), (shown_then, target_then) = (
        conceal(v, mask, fate, np.random.default_rng(7)) for v in (value, changed)
    )
    np.testing.assert_array_equal(shown, shown_then)
    np.testing.assert_array_equal(target != target_then, secret)


def test_what_is_shown_is_about_the_mean_of_what_is_seen() -> None:
    generator = np.random.default_rng(0)
    value, mask = windows(generator)
    fate, _ = draw(mask, MaskedSettings(), generator)
    shown, target = conceal(value, mask, fate, generator)
    for row in range(len(value)):
        seen = mask[row, 0] & (fate[row, 0] == VISIBLE)
        level = value[row, 0][seen].mean() if seen.any() else 0
        np.testing.assert_allclose(shown[row, 0][seen], value[row, 0][seen] - level, atol=1e-5)
        real = mask[row, 0]
        np.testing.assert_allclose(target[row, 0][real], value[row, 0][real] - level, atol=1e-5)
        replaced = fate[row, 0] == REPLACED
        assert set(shown[row, 0][replaced]) <= set(shown[row, 0][seen]) | {0.0}
        assert not shown[row, 0][(fate[row, 0] == HIDDEN) | ~real].any()


def test_the_flux_of_a_hidden_observation_reaches_the_target_alone(
    objective: Masked, make_light_curves
) -> None:
    """From the flux on: neither the object's level, nor an error, nor a scale gives it away."""
    light_curves = make_light_curves([40] * 6)
    batch = objective.collate(light_curves, np.random.default_rng(3))
    secret = (batch["hidden"])[:, 0, :40].numpy().ravel()
    brighter = np.where(secret, 1.5 * light_curves.flux, light_curves.flux).astype(np.float32)
    changed = objective.collate(replace(light_curves, flux=brighter), np.random.default_rng(3))
    for name in ("value", "day", "colour", "mask", "hidden"):
        torch.testing.assert_close(changed[name], batch[name], rtol=0, atol=2e-6)
    moved = (changed["target"] - batch["target"])[batch["hidden"]]
    torch.testing.assert_close(
        moved, torch.full_like(moved, -2.5 * np.log10(1.5)), atol=1e-5, rtol=0
    )
    torch.testing.assert_close(
        objective.predict(changed), objective.predict(batch), atol=2e-5, rtol=0
    )


def test_a_hidden_token_is_known_by_time_and_band_alone(objective: Masked, light_curves) -> None:
    """Whatever stands where a value is hidden, the prediction is the same."""
    batch = objective.collate(light_curves, np.random.default_rng(0))
    noise = torch.where(batch["hidden"], 5.0, batch["value"])
    assert torch.equal(objective.predict(batch | {"value": noise}), objective.predict(batch))


def test_the_loss_equals_its_slow_twin(objective: Masked, light_curves) -> None:
    batch = objective.collate(light_curves, np.random.default_rng(0))
    predicted = objective.predict(batch).detach().numpy()[:, 0]
    total = 0.0
    for row in range(len(light_curves)):
        weight, error = batch["weight"][row, 0].numpy(), 0.0
        asked = np.flatnonzero(weight)
        assert batch["mask"][row, 0].numpy()[asked].all()
        for k in asked:
            error += weight[k] * (predicted[row, k] - float(batch["target"][row, 0, k])) ** 2
        assert weight.sum() == pytest.approx(1 if len(asked) else 0, abs=1e-6)
        total += error
    assert objective.loss(batch).item() == pytest.approx(total / len(light_curves), rel=1e-5)


def test_precise_observations_weigh_more() -> None:
    weight = weights(np.log([[1, 2, 4, 8]]).astype(np.float32), np.array([[1, 1, 1, 0]], bool))
    np.testing.assert_allclose(weight, [[4 / 7, 2 / 7, 1 / 7, 0]], rtol=1e-6)
    assert not weights(np.zeros((2, 3), np.float32), np.zeros((2, 3), bool)).any()


def test_parts_of_a_batch_add_up() -> None:
    generator = torch.Generator().manual_seed(0)
    predicted, target, weight = torch.rand(3, 6, 1, 9, generator=generator, dtype=torch.float64)
    whole = weighted_error(predicted, target, weight)
    parts = [weighted_error(predicted[s], target[s], weight[s]) for s in (slice(2), slice(2, 6))]
    torch.testing.assert_close(whole, (2 * parts[0] + 4 * parts[1]) / 6)


def test_gradients_reach_every_parameter_but_the_mixture(objective: Masked, light_curves) -> None:
    """What mixes layers to an embedding is left for labels to teach."""
    objective.loss(objective.collate(light_curves, np.random.default_rng(0))).backward()
    untouched = {name for name, parameter in objective.named_parameters() if parameter.grad is None}
    assert untouched == {"encoder.layer_weight", "encoder.norm.weight", "encoder.norm.bias"}


def test_collate_is_a_function_of_its_generator(objective: Masked, light_curves) -> None:
    one, same, other = (
        objective.collate(light_curves, np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["hidden"], other["hidden"])


@pytest.fixture(scope="module")
def sky() -> LightCurves:
    light_curves, _, _ = simulate(500, seed=5)
    return light_curves


def test_it_learns_more_than_the_mean_of_objects_it_has_not_seen(sky: LightCurves) -> None:
    torch.manual_seed(0)
    objective = Masked(build("astromer", width=32, heads=2, tokens=64))  # type: ignore[arg-type]
    settings = FitSettings(epochs=12, batch=32, learning_rate=4e-3, warmup_steps=20)
    unseen = np.arange(400, 500)
    result = fit(objective, sky, np.arange(400), settings, device="cpu", validation_rows=unseen)
    last = result.history[-1]
    assert last["validation_loss"] < 0.75 * last["level_loss"]
    assert result.score == -min(epoch["validation_loss"] for epoch in result.history)
