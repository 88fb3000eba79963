import numpy as np
import pytest

from astra.data.light_curves import magnitude, magnitude_error
from astra.encoders import build, embed, load
from astra.evaluation.controls import hide_magnitudes, random_vectors, untrained
from astra.periods import merge, search


def test_zeroed_magnitudes_are_constant_and_everything_else_stays(light_curves):
    hidden = hide_magnitudes(light_curves.with_columns(period_days=np.zeros(len(light_curves))))
    assert hidden.columns == {}
    for name in ("time", "offsets", "is_difference"):
        assert np.array_equal(getattr(hidden, name), getattr(light_curves, name))
    assert np.array_equal(hidden.band, light_curves.band)
    for before, after in zip(light_curves, hidden, strict=True):
        if not len(before):
            continue
        assert len(np.unique(after.flux)) == 1
        good = ~before.flagged & (before.flux > 0)
        assert np.array_equal(~after.flagged, good)
        mean = magnitude(before.flux)[good].astype(float).mean()
        assert after.magnitude[0] == pytest.approx(mean, abs=1e-4)
        assert magnitude_error(after.flux, after.flux_error)[good] == pytest.approx(
            magnitude_error(before.flux, before.flux_error)[good], rel=1e-4
        )


def test_nothing_is_left_to_search_in_hidden_light_curves(light_curves):
    hidden = hide_magnitudes(light_curves)
    assert np.abs(merge(hidden).value).max() < 1e-6
    assert np.isnan(search(hidden)["period_days"]).all()


def test_errors_can_be_made_constant_too(make_light_curves):
    for difference in (False, True):
        hidden = hide_magnitudes(make_light_curves([50, 80], difference=difference), True)
        for light_curve in hidden:
            assert len(np.unique(light_curve.flux_error)) == len(np.unique(light_curve.flux)) == 1


def test_difference_fluxes_become_zero_with_their_errors_kept(make_light_curves):
    light_curves = make_light_curves([60, 90], difference=True)
    hidden = hide_magnitudes(light_curves)
    assert np.array_equal(hidden.flux_error, light_curves.flux_error)
    assert not hidden.flux.any()


def test_an_encoder_that_sees_light_alone_sees_nothing(make_light_curves):
    for difference in (False, True):
        light_curves = make_light_curves([100, 30, 200, 12] * 5, difference=difference)
        vectors = embed(load("astra"), hide_magnitudes(light_curves), "cpu")
        assert np.ptp(vectors, axis=0).max() < 1e-4


def test_untrained_means_fresh_weights_and_kept_constants():
    trained = load("astra")
    fresh = untrained(trained, seed=3)
    assert not fresh.training
    buffers = dict(trained.named_buffers())
    for name, tensor in trained.state_dict().items():
        assert (fresh.state_dict()[name] == tensor).all().item() == (name in buffers)
    again = untrained(trained, seed=3).state_dict()
    assert all((again[name] == tensor).all() for name, tensor in fresh.state_dict().items())
    assert untrained(build("astra", embedding=32)).embedding_size == 32


def test_random_vectors_are_those_of_their_seed():
    assert random_vectors(5, 1).shape == (5, 64)
    assert np.array_equal(random_vectors(5, 1), random_vectors(5, 1))
    assert not np.array_equal(random_vectors(5, 1), random_vectors(5, 2))
