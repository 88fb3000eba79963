"""What every encoder promises, whoever wrote it."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from astra.data.bands import Band
from astra.data.light_curves import FLAGGED, LightCurves
from astra.encoders import ENCODERS, Encoder, embed, load, save, shipped
from astra.encoders.registry import FINISHED

TOLERANCE = {"rtol": 1e-4, "atol": 2e-5}


# Settings without which an encoder sees the date, as those it follows do.
UNDATED = {"astra_clr_replica": {"absolute_time": False}}
DATED = "light_curve:astra_clr"
# One of each way in which a published encoder reads a light curve.
WRAPPED = [
    f"light_curve:{model}"
    for model in ("astromer2", "atat", "atcat", "chronos2", "chronos_bolt_tiny", "moment1_small")
]


@pytest.fixture(scope="module", params=[*ENCODERS, DATED, *WRAPPED])
def encoder(request: pytest.FixtureRequest, build_small, wrap_tiny) -> Encoder:
    torch.manual_seed(3)
    make = build_small if request.param in ENCODERS else wrap_tiny
    return make(request.param).eval()


@pytest.fixture(scope="module", params=ENCODERS)
def learner(request: pytest.FixtureRequest, build_small) -> Encoder:
    torch.manual_seed(3)
    return build_small(request.param).eval()


def vectors(encoder: Encoder, light_curves: LightCurves) -> np.ndarray:
    with torch.inference_mode():
        return encoder(encoder.collate(light_curves)).numpy()


def test_gives_one_finite_vector_per_object(encoder: Encoder, light_curves: LightCurves) -> None:
    found = vectors(encoder, light_curves)
    assert found.shape == (len(light_curves), encoder.embedding_size)
    assert found.dtype == np.float32
    assert np.isfinite(found).all()


def test_tells_objects_apart(encoder: Encoder, light_curves: LightCurves) -> None:
    found = vectors(encoder, light_curves)[light_curves.lengths > 5]
    distance = np.linalg.norm(found[:, None] - found[None], axis=-1)
    assert distance[np.triu_indices(len(found), 1)].min() > 1e-3


def test_companions_and_padding_change_nothing(encoder: Encoder, light_curves: LightCurves) -> None:
    together = vectors(encoder, light_curves)
    for row in range(len(light_curves)):
        alone = vectors(encoder, light_curves.take(np.array([row])))
        np.testing.assert_allclose(alone[0], together[row], **TOLERANCE)


def test_batch_order_changes_nothing(encoder: Encoder, light_curves: LightCurves) -> None:
    order = np.random.default_rng(1).permutation(len(light_curves))
    shuffled = vectors(encoder, light_curves.take(order))
    np.testing.assert_allclose(shuffled, vectors(encoder, light_curves)[order], **TOLERANCE)


@pytest.mark.parametrize("length", [0, 1, 2])
@pytest.mark.parametrize("difference", [False, True])
def test_works_on_almost_nothing(
    encoder: Encoder, make_light_curves, length: int, difference: bool
) -> None:
    almost_nothing = make_light_curves([length], difference=difference)
    assert np.isfinite(vectors(encoder, almost_nothing)).all()


def test_works_on_no_object(encoder: Encoder, make_light_curves) -> None:
    assert vectors(encoder, make_light_curves([])).shape == (0, encoder.embedding_size)


def test_flagged_observations_are_not_seen(encoder: Encoder, light_curves: LightCurves) -> None:
    flux = np.where(light_curves.flagged, 1e6, light_curves.flux).astype(np.float32)
    spoilt = replace(light_curves, flux=flux)
    np.testing.assert_allclose(
        vectors(encoder, spoilt), vectors(encoder, light_curves), **TOLERANCE
    )


def test_an_object_with_every_observation_flagged_is_an_empty_one(
    encoder: Encoder, make_light_curves
) -> None:
    flagged = make_light_curves([30], flagged=1.0)
    assert (flagged.band_and_flag & FLAGGED).all()
    np.testing.assert_allclose(
        vectors(encoder, flagged), vectors(encoder, make_light_curves([0])), **TOLERANCE
    )


@pytest.mark.parametrize("name", [*ENCODERS, *WRAPPED])
def test_the_date_changes_nothing(
    name: str, build_small, wrap_tiny, light_curves: LightCurves
) -> None:
    torch.manual_seed(3)
    if name in ENCODERS:
        encoder = build_small(name, **UNDATED.get(name, {})).eval()
    else:
        encoder = wrap_tiny(name)
    later = replace(light_curves, mjd_zero=light_curves.mjd_zero + 3000)
    np.testing.assert_allclose(vectors(encoder, later), vectors(encoder, light_curves), **TOLERANCE)


def test_bands_of_an_unknown_survey_work(encoder: Encoder, light_curves: LightCurves) -> None:
    unseen = tuple(Band(f"new_{n}", f"{n}", 3000.0 + 4000 * n, "AB") for n in range(2))
    found = vectors(encoder, replace(light_curves, bands=unseen))
    assert np.isfinite(found).all()


@pytest.mark.filterwarnings("error")
def test_odd_photometry_stays_finite(encoder: Encoder, light_curves: LightCurves) -> None:
    flux = light_curves.flux.copy()
    flux[:12] = [np.nan, np.inf, -np.inf, 0, -1, -1e30, 1e30, 1e-30, 1, 1, 1, 1]
    error = light_curves.flux_error.copy()
    error[8:12] = [np.nan, np.inf, 0, -1]
    odd = replace(light_curves, flux=flux, flux_error=error)
    assert np.isfinite(vectors(encoder, odd)).all()


def test_gradients_reach_every_parameter(learner: Encoder, light_curves: LightCurves) -> None:
    learner.zero_grad()
    found = learner(learner.collate(light_curves))
    weights = torch.randn(found.shape, generator=torch.Generator().manual_seed(0))
    (found * weights).sum().backward()
    for name, parameter in learner.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().max() > 0, name
    learner.zero_grad()


def test_layer_groups_hold_every_parameter_once(encoder: Encoder) -> None:
    grouped = [id(p) for group in encoder.layer_groups() for p in group]
    assert sorted(grouped) == sorted(id(p) for p in encoder.parameters())
    assert all(encoder.layer_groups())


def test_embed_equals_forward(encoder: Encoder, light_curves: LightCurves) -> None:
    found = embed(encoder, light_curves, device="cpu", batch=3)
    np.testing.assert_allclose(found, vectors(encoder, light_curves), **TOLERANCE)


def test_saved_and_loaded_it_gives_the_same(
    encoder: Encoder, light_curves: LightCurves, tmp_path
) -> None:
    again = load(save(encoder, tmp_path / "weights.safetensors", {"data": "none"}))
    assert type(again) is type(encoder)
    assert again.settings == encoder.settings
    np.testing.assert_array_equal(vectors(again, light_curves), vectors(encoder, light_curves))


@pytest.mark.parametrize("name", shipped())
def test_it_is_small_enough_to_ship(name: str) -> None:
    encoder = load(name)
    assert 4 * sum(parameter.numel() for parameter in encoder.parameters()) < 20e6


def test_it_is_registered_under_its_own_name(encoder: Encoder) -> None:
    assert (ENCODERS | FINISHED)[encoder.name] is type(encoder)
