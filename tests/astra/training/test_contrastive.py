from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn.functional import normalize

from astra.data.light_curves import FLAGGED, LightCurves
from astra.data.simulation.simulate import simulate
from astra.encoders import build, load
from astra.encoders.astra_clr import AstraCLR
from astra.encoders.base import Batch
from astra.training.contrastive import (
    Contrastive,
    matching_accuracy,
    nt_xent,
    view_of,
)
from astra.training.loop import fit
from astra.training.settings import FitSettings


def nt_xent_twin(projected: np.ndarray, temperature: float) -> float:
    """Every ordered pair of views of every object, one at a time."""
    views, objects, _ = projected.shape
    terms = []
    for view in range(views):
        for one in range(objects):
            anchor = projected[view, one]
            below = sum(
                np.exp(anchor @ projected[v, o] / temperature)
                for v in range(views)
                for o in range(objects)
                if (v, o) != (view, one)
            )
            terms.extend(
                np.log(below) - anchor @ projected[other, one] / temperature
                for other in range(views)
                if other != view
            )
    return float(np.mean(terms))


@pytest.mark.parametrize("views", [2, 3, 5])
@pytest.mark.parametrize("temperature", [0.1, 1.0])
def test_nt_xent_equals_its_slow_twin(views: int, temperature: float) -> None:
    generator = torch.Generator().manual_seed(0)
    projected = normalize(torch.randn(views, 7, 4, generator=generator, dtype=torch.float64), dim=2)
    found = nt_xent(projected, temperature)
    assert float(found) == pytest.approx(nt_xent_twin(projected.numpy(), temperature), rel=1e-12)


def test_nt_xent_falls_when_views_of_an_object_agree() -> None:
    apart = normalize(torch.eye(6).repeat(2, 1, 1) + 0.0, dim=2)
    swapped = torch.stack([apart[0], apart[1].roll(1, dims=0)])
    assert nt_xent(apart, 0.1) < 0.01 < nt_xent(swapped, 0.1)


def test_matching_counts_the_nearest() -> None:
    vectors = torch.eye(4)
    assert matching_accuracy(vectors, vectors) == 1
    assert matching_accuracy(vectors, vectors[[1, 0, 2, 3]]) == 0.5


@pytest.fixture
def objective() -> Contrastive:
    torch.manual_seed(0)
    return Contrastive(build("astra_clr", width=16, heads=2, blocks=1))  # type: ignore[arg-type]


def test_views_are_long_short_and_corrupted(objective: Contrastive, light_curves) -> None:
    batch = objective.collate(light_curves, np.random.default_rng(0))
    long, short = view_of(batch, "long"), view_of(batch, "short")
    assert long["value"].shape == (10, 1, 96)
    assert short["value"].shape == (10, 1, 48)
    usable = np.array([(~curve.flagged).sum() for curve in light_curves])
    length = {name: view_of(batch, name)["mask"].sum((1, 2)).numpy() for name in objective.views}
    assert (length["long"] <= np.minimum(usable, 96)).all()
    assert (length["short"] <= np.minimum(usable, 48)).all()
    plenty = usable > 120
    assert (length["short"][plenty] == 48).all()
    # Three quarters are left of a band; nearly every observation lies in a bin of its own.
    expected = np.minimum(0.75 * usable, 96)[plenty]
    np.testing.assert_allclose(length["long"][plenty], expected, rtol=0.25)
    expected = np.minimum(0.375 * usable, 96)[plenty]
    np.testing.assert_allclose(length["corrupted"][plenty], expected, rtol=0.3)


def test_a_corrupted_view_shares_no_magnitude_with_the_long_one(
    objective: Contrastive, light_curves
) -> None:
    batch = objective.collate(light_curves, np.random.default_rng(0))
    long, corrupted = view_of(batch, "long"), view_of(batch, "corrupted")
    for row in range(len(light_curves)):
        shown, hidden = (set(v["value"][row][v["mask"][row]].tolist()) for v in (long, corrupted))
        assert not shown & hidden


def test_times_are_relative_and_shifted_by_view(objective: Contrastive, light_curves) -> None:
    batch = objective.collate(light_curves, np.random.default_rng(0))
    first = np.stack([view_of(batch, name)["day"][:, 0, 0] for name in Contrastive.VIEWS])
    assert (first >= 0).all()
    assert (first <= 2000).all()
    assert len(np.unique(first)) == first.size


def test_collate_is_a_function_of_its_generator(objective: Contrastive, light_curves) -> None:
    one, same, other = (
        objective.collate(light_curves, np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["long/value"], other["long/value"])


def test_gradients_reach_every_parameter(objective: Contrastive, light_curves) -> None:
    objective.loss(objective.collate(light_curves, np.random.default_rng(0))).backward()
    for name, parameter in objective.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().max() > 0, name


def many(make_light_curves, seed: int) -> LightCurves:
    return make_light_curves([60] * 160, seed=seed, bands=("ztf_g",))


@torch.no_grad()
def scores(objective: Contrastive, light_curves: LightCurves) -> dict[str, float]:
    rows = np.arange(len(light_curves))
    return objective.eval().validate(light_curves, rows, torch.device("cpu"))


def test_it_learns_to_match_views_of_objects_it_has_not_seen(
    objective: Contrastive, make_light_curves
) -> None:
    seen, unseen = many(make_light_curves, 1), many(make_light_curves, 2)
    before = scores(objective, unseen)
    settings = FitSettings(epochs=45, batch=80, warmup_steps=10, learning_rate=5e-3)
    fit(objective, seen, np.arange(160), settings, device="cpu")
    after = scores(objective, unseen)
    assert after["validation_loss"] < before["validation_loss"] - 0.5
    assert after["matching"] > 2 * before["matching"]
    assert after["score"] == -after["validation_loss"]


@pytest.fixture(scope="module")
def one_band_views() -> tuple[AstraCLR, Batch]:
    """Views of 256 simulated objects in r alone, and the encoder that comes with Astra."""
    encoder = load("astra_clr")
    assert isinstance(encoder, AstraCLR)
    light_curves, _, _ = simulate(256, seed=77)
    in_r = [band.filter for band in light_curves.bands].index("r")
    flag = np.where(light_curves.band == in_r, 0, FLAGGED).astype(np.uint8)
    in_one_band = replace(light_curves, band_and_flag=light_curves.band_and_flag | flag)
    return encoder, Contrastive(encoder).collate(in_one_band, np.random.default_rng(0))


@torch.no_grad()
def matching(encoder: AstraCLR, batch: Batch, hidden: dict[str, float]) -> float:
    """Matching of long and short views by the encoder, with some inputs made constant."""
    views = []
    for name in ("long", "short"):
        view = view_of(batch, name)
        view |= {key: torch.full_like(view[key], value) for key, value in hidden.items()}
        vectors = encoder.encode(view)[:, 0]
        views.append(normalize(vectors - vectors.mean(0), dim=1))
    return matching_accuracy(*views)


def test_the_shipped_encoder_recognises_objects_by_brightness_not_by_schedule(
    one_band_views: tuple[AstraCLR, Batch],
) -> None:
    by_everything = matching(*one_band_views, {})
    by_schedule = matching(*one_band_views, {"value": 0.0, "scale": -1.5, "log_error": 0.0})
    assert by_everything > 0.2
    assert by_schedule < 0.03
