import dataclasses

import numpy as np
import pandas as pd
import pytest

from astra.data.errors import AstraError
from astra.data.simulation.borrowed import simulate_at
from astra.periods import search


@pytest.fixture
def survey(make_light_curves):
    return make_light_curves([150] * 60, seed=3)


def values(light_curves, row):
    one = slice(light_curves.offsets[row], light_curves.offsets[row + 1])
    return (np.asarray(column[one]) for column in (light_curves.flux, light_curves.flux_error))


def test_the_survey_keeps_its_times_its_bands_its_brightness_and_its_relative_errors(survey):
    seen, _ = simulate_at(survey, seed=1)
    assert np.array_equal(seen.time, survey.time) and np.array_equal(seen.band, survey.band)
    assert np.array_equal(seen.offsets, survey.offsets) and seen.bands == survey.bands
    brighter = []
    for row in range(len(survey)):
        (flux, error), (old, old_error) = values(seen, row), values(survey, row)
        brighter.append(np.log10(np.median(flux) / np.median(old)))
        assert np.allclose(error / flux, np.clip(old_error / old, 1e-3, 0.5), rtol=1e-4)
    assert np.abs(np.median(brighter)) < 0.02 and np.max(np.abs(brighter)) < 0.7


def test_the_same_star_takes_the_same_place_whatever_the_chunk(survey):
    whole, truth = simulate_at(survey, seed=5, start=7)
    part, known = simulate_at(survey.take(slice(20, 40)), seed=5, start=27)
    assert np.array_equal(part.flux, whole.take(slice(20, 40)).flux)
    pd.testing.assert_frame_equal(known, truth[20:40].reset_index(drop=True))
    other, _ = simulate_at(survey, seed=6, start=7)
    assert not np.array_equal(other.flux, whole.flux)


def test_an_injected_period_is_found_again(make_light_curves):
    survey = make_light_curves([400] * 40, seed=9)
    seen, truth = simulate_at(survey, seed=2, shares={"RR": 1.0})
    assert set(truth["astra_class"]) == {"RR"}
    ratio = search(seen)["period_days"] / truth["period_days"].to_numpy()
    assert np.mean(np.abs(ratio - 1) < 0.01) > 0.8


def test_the_scatter_of_a_quiet_star_is_what_the_errors_say(make_light_curves):
    survey = make_light_curves([500] * 30, seed=4)
    seen, _ = simulate_at(survey, seed=3, shares={"SOLAR_LIKE": 1.0})
    for row in range(len(seen)):
        flux, error = values(seen, row)
        band = seen.band[seen.offsets[row] : seen.offsets[row + 1]]
        magnitude = -2.5 * np.log10(flux[band == 0])
        expected = 1.0857 * np.median((error / flux)[band == 0])
        scatter = 1.4826 * np.median(np.abs(magnitude - np.median(magnitude)))
        assert 0.7 * expected < scatter < 3 * expected + 0.1


def test_objects_without_observations_or_without_a_positive_flux_are_kept(make_light_curves):
    survey = make_light_curves([0, 30, 0, 1])
    seen, truth = simulate_at(survey, seed=0)
    assert list(seen.lengths) == [0, 30, 0, 1] and len(truth) == 4
    dark = dataclasses.replace(survey, flux=-np.asarray(survey.flux))
    assert np.isfinite(simulate_at(dark, seed=0)[0].flux).all()


def test_what_cannot_be_simulated_is_said(survey, make_light_curves):
    with pytest.raises(AstraError, match="object 0 has difference fluxes"):
        simulate_at(make_light_curves([20], difference=True), seed=0)
    with pytest.raises(AstraError, match="no star of class 'SNIa'"):
        simulate_at(survey, seed=0, shares={"SNIa": 1.0})
