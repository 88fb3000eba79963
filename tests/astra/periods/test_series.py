from dataclasses import replace

import numpy as np
import pytest

from astra.data.bands import band
from astra.data.light_curves import LightCurve
from astra.periods.merging import SYSTEMATIC
from astra.periods.series import Series, series_of

BANDS = (band("ztf_g"), band("ztf_r"))
NOISE = 0.05


@pytest.fixture
def quiet() -> LightCurve:
    """Two bands of constant brightness, and noise, none of it further out than the limits."""
    generator = np.random.default_rng(0)
    code = np.repeat([0, 1], 150).astype(np.uint8)
    noise = NOISE * np.clip(generator.normal(0, 1, 300), -1.8, 1.8)
    flux = 10 ** (-0.4 * (18 + code + noise - 23.9))
    error = flux * NOISE * np.log(10) / 2.5
    mjd = 55000 + np.sort(generator.uniform(0, 800, 300))
    flags = np.zeros(300, bool)
    return LightCurve(mjd, flux.astype(np.float32), error.astype(np.float32), code, flags, BANDS)


def changed(light_curve: LightCurve, rows, magnitudes: float) -> Series:
    flux = light_curve.flux.copy()
    flux[rows] *= np.float32(10 ** (-0.4 * magnitudes))
    return series_of(replace(light_curve, flux=flux))


def test_errors_hold_the_systematic_and_weights_go_with_them(quiet) -> None:
    series = series_of(quiet)
    np.testing.assert_allclose(series.error, np.hypot(NOISE, SYSTEMATIC), rtol=1e-3)
    assert series.weight.sum() == pytest.approx(1)
    np.testing.assert_allclose(
        series.bands.error * np.sqrt(series.bands.weight * 300), 0.05385, 1e-3
    )


def test_a_lone_bright_observation_is_drawn_in(quiet) -> None:
    plain = series_of(quiet)
    lifted = changed(quiet, [40, 41, 42, 43, 44], -1.5)
    assert (plain.value - lifted.value)[40:45].max() < 4 * NOISE
    assert lifted.value.min() > -5 * NOISE


def test_a_lone_faint_observation_is_drawn_in_and_an_eclipse_is_not(quiet) -> None:
    flaw = changed(quiet, [40], 1.5)
    assert flaw.value.max() < 4 * NOISE
    eclipse = changed(quiet, [40, 60, 80, 100], 1.5)
    assert eclipse.value.max() > 1.4
    assert (eclipse.value > 1).sum() == 4


def test_each_band_has_its_own_limits(quiet) -> None:
    code, flux = quiet.band, quiet.flux.copy()
    wave = np.sin(np.arange(300)) * (code == 1)
    flux = (flux * 10 ** (-0.4 * wave)).astype(np.float32)
    flux[10] *= np.float32(10**0.4)  # 1 mag: within the range of the other band
    series = series_of(replace(quiet, flux=flux))
    assert series.value[series.band == 0].min() > -0.3
    assert np.ptp(series.value[series.band == 1]) > 1.9


def test_the_maxima_of_a_pulsation_stay_as_they_are(quiet) -> None:
    """Steep and short, as those of RR Lyrae stars: a tenth of the cycle is far above the median."""
    phase = quiet.mjd / 0.5612 % 1
    wave = np.where(phase < 0.15, -1.2 * (1 - np.abs(phase / 0.075 - 1)), 0.2)
    flux = (quiet.flux * 10 ** (-0.4 * wave)).astype(np.float32)
    series = series_of(replace(quiet, flux=flux))
    assert len(np.unique(series.value[series.value < -0.5])) == (series.value < -0.5).sum() > 10
