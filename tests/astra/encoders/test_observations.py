from dataclasses import replace

import numpy as np
import pytest

from astra.data.light_curves import LightCurve, LightCurves
from astra.encoders.observations import usable_observations


def total_flux_twin(light_curve: LightCurve) -> dict[str, np.ndarray]:
    with np.errstate(invalid="ignore"):
        magnitude = light_curve.magnitude.astype(np.float64)
        error = light_curve.magnitude_error.astype(np.float64)
        good = ~light_curve.flagged & np.isfinite(magnitude) & (error > 0) & (error < 1)
    magnitude, error = magnitude[good], error[good]
    weight = 1 / (error**2 + 0.02**2)
    level = (weight * magnitude).sum() / weight.sum()
    band = light_curve.band[good]
    middle = [np.median(error[band == code]) for code in band]
    relative = np.log(error / np.array(middle))
    return {"value": magnitude - level, "error": error, "log_error": np.clip(relative, -3, 3)}


def test_magnitudes_are_about_one_level_for_all_bands(light_curves: LightCurves) -> None:
    found = usable_observations(light_curves)
    for row, light_curve in enumerate(light_curves):
        span = slice(found.offsets[row], found.offsets[row + 1])
        if not (~light_curve.flagged).any():
            assert span.start == span.stop
            continue
        for name, expected in total_flux_twin(light_curve).items():
            np.testing.assert_allclose(getattr(found, name)[span], expected, atol=3e-4)


def test_colour_stays(make_light_curves) -> None:
    found = usable_observations(make_light_curves([400]))
    blue, red = (found.value[found.band == code].mean() for code in (0, 1))
    assert blue - red == pytest.approx(2.5 * np.log10(1.2), abs=0.06)


def test_brightness_leaves_no_trace(light_curves: LightCurves) -> None:
    brighter = replace(
        light_curves, flux=light_curves.flux * 64, flux_error=light_curves.flux_error * 64
    )
    one, other = usable_observations(light_curves), usable_observations(brighter)
    np.testing.assert_allclose(one.value, other.value, atol=1e-4)
    np.testing.assert_allclose(one.log_error, other.log_error, atol=1e-4)


def test_the_errors_of_two_bands_do_not_tell_the_colour(light_curves: LightCurves) -> None:
    noisier = np.where(light_curves.band == 1, 1.7, 1.0) * light_curves.flux_error
    one = usable_observations(light_curves)
    other = usable_observations(replace(light_curves, flux_error=noisier.astype(np.float32)))
    np.testing.assert_allclose(one.log_error, other.log_error, atol=1e-5)


def test_difference_fluxes_become_asinh_magnitudes_about_zero(make_light_curves) -> None:
    light_curves = make_light_curves([80, 60], difference=True)
    found = usable_observations(light_curves)
    assert len(found.value) == 140
    assert (light_curves.flux < 0).any()
    for row, light_curve in enumerate(light_curves):
        flux, error = light_curve.flux.astype(float), light_curve.flux_error.astype(float)
        mad = 1.4826 * np.median(np.abs(flux - np.median(flux)))
        softening = 2 * max(mad, np.median(error))
        expected = -2.5 / np.log(10) * np.arcsinh(flux / softening)
        span = slice(found.offsets[row], found.offsets[row + 1])
        np.testing.assert_allclose(found.value[span], expected, atol=1e-4)
        slope = 2.5 / np.log(10) / np.sqrt(flux**2 + softening**2)
        np.testing.assert_allclose(found.error[span], slope * error, rtol=1e-4)


def test_what_cannot_be_used_is_left_out(make_light_curves) -> None:
    light_curves = make_light_curves([8])
    flux, error = light_curves.flux.copy(), light_curves.flux_error.copy()
    flux[:3] = [-5, np.nan, np.inf]
    error[3:6] = [0, np.nan, 2 * flux[5]]
    found = usable_observations(replace(light_curves, flux=flux, flux_error=error))
    np.testing.assert_array_equal(found.time, light_curves.time[6:])


def test_keep_moves_the_offsets(light_curves: LightCurves) -> None:
    found = usable_observations(light_curves)
    kept = np.random.default_rng(0).random(len(found.value)) < 0.5
    fewer = found.keep(kept)
    for row in range(len(light_curves)):
        span = slice(found.offsets[row], found.offsets[row + 1])
        new = slice(fewer.offsets[row], fewer.offsets[row + 1])
        np.testing.assert_array_equal(fewer.value[new], found.value[span][kept[span]])
