import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.drawing.photometry import (
    axis_range,
    binned,
    observed_bands,
    phase,
    phase_zero,
    time_zero,
)
from app.drawing.quantities import Measured, fluxes, magnitudes
from astra.data.bands import band
from astra.data.light_curves import LightCurve


def light_curve(flux, mjd=None, error=1.0, bands=("ztf_g",), code=None, difference=False):
    flux = np.asarray(flux, np.float32)
    n = len(flux)
    return LightCurve(
        mjd=np.arange(n) + 58000.5 if mjd is None else np.asarray(mjd, float),
        flux=flux,
        flux_error=np.full(n, error, np.float32),
        band=np.zeros(n, np.uint8) if code is None else np.asarray(code, np.uint8),
        flagged=np.zeros(n, bool),
        bands=tuple(band(name) for name in bands),
        is_difference=difference,
    )


def measured(values, error=0.01):
    return Measured(np.asarray(values, float), np.full(len(values), error), "", True)


def test_magnitudes_are_ab_and_missing_where_the_flux_is_not_positive():
    found = magnitudes(light_curve([3631e6, 1.0, 0.0, -5.0]))
    np.testing.assert_allclose(found.value[:2], [0.0, 23.9], atol=1e-3)
    assert np.isnan(found.value[2:]).all()
    assert found.label == "AB magnitude"
    assert found.brighter_is_less


@pytest.mark.parametrize(
    ("bands", "label"),
    [
        (("jc_V",), "Vega magnitude"),
        (("eros_B",), "Magnitude (unknown system)"),
        (("ztf_g", "jc_V"), "Magnitude (AB, Vega)"),
    ],
)
def test_the_axis_says_which_system_the_magnitudes_are_in(bands, label):
    codes = np.arange(4) % len(bands)
    assert magnitudes(light_curve([10, 20, 30, 40], bands=bands, code=codes)).label == label


def test_fluxes_keep_negative_values_and_choose_a_unit():
    faint = fluxes(light_curve([-20, 5, 30], difference=True))
    np.testing.assert_allclose(faint.value, [-20, 5, 30])
    assert faint.label == "Difference flux [µJy]"
    bright = fluxes(light_curve([4000, 5000, 6000]))
    np.testing.assert_allclose(bright.value, [4, 5, 6])
    assert bright.label == "Flux [mJy]"


def test_bands_are_listed_from_blue_to_red():
    found = observed_bands(light_curve([1] * 5, bands=("ztf_r", "ztf_g"), code=[0, 0, 1, 0, 1]))
    assert found == {1: 2, 0: 3}


def test_a_few_stray_points_do_not_move_the_range():
    values = np.concatenate([np.random.default_rng(0).normal(15, 0.1, 300), [5.0, 22.0, 23.0]])
    low, high = axis_range(measured(values), np.ones(303, bool))
    assert 14 < low < values[:300].min()
    assert values[:300].max() < high < 16


def test_a_deep_eclipse_stays_in_the_range():
    values = np.full(200, 15.0) + np.random.default_rng(0).normal(0, 0.01, 200)
    values[:8] = 15 + np.array([0.3, 0.6, 0.9, 1.2, 1.2, 0.9, 0.6, 0.3])
    _, high = axis_range(measured(values), np.ones(200, bool))
    assert high > 16.2


def test_points_with_huge_errors_do_not_count():
    values = measured(np.append(np.linspace(15, 15.2, 20), [19.0] * 6))
    values.error[20:] = 1.5
    low, high = axis_range(values, np.ones(26, bool))
    assert high < 15.5
    assert low < 15


@given(st.lists(st.floats(-1e6, 1e6), min_size=0, max_size=40), st.floats(0, 1))
def test_the_range_always_has_a_width(values, margin):
    low, high = axis_range(measured(values), np.ones(len(values), bool), margin)
    assert low < high


def test_phase_and_its_period():
    mjd = np.array([58000.0, 58000.3, 58000.6, 58001.2])
    np.testing.assert_allclose(phase(mjd, 0.6, 58000.0), [0, -0.5, 0, 0], atol=1e-9)


@given(st.floats(50000, 70000), st.floats(0.01, 500), st.floats(50000, 70000))
def test_phases_lie_in_half_a_cycle_around_zero(mjd, period, zero):
    found = phase(np.array([mjd]), period, zero)
    assert -0.5 <= found[0] < 0.5
    cycles = (mjd - zero) / period - found[0]
    assert abs(cycles - round(cycles)) < 1e-4


@pytest.mark.parametrize(
    ("shape", "event", "at"),
    [
        (lambda p: 10 - 6 * (np.abs((p + 0.5) % 1 - 0.5) < 0.02), "minimum", 0.0),
        (lambda p: 10 + 5 * np.exp(-((p % 1) / 0.2)), "maximum", 0.0),
    ],
)
def test_phase_zero_is_the_minimum_of_eclipses_and_the_maximum_of_pulsations(shape, event, at):
    mjd = np.sort(np.random.default_rng(2).uniform(58000, 58400, 900))
    period = 3.3
    found = phase_zero(light_curve(shape((mjd - 58100) / period), mjd), period)
    assert found.said == f"{event} in g"
    offset = phase(np.array([found.mjd]), period, 58100 + at * period)
    assert abs(offset[0]) < 0.03


def test_binned_medians_equal_the_slow_ones():
    rng = np.random.default_rng(3)
    phases, values = rng.uniform(-0.5, 0.5, 200), rng.normal(size=200)
    centres, medians = binned(phases, values, 13)
    for centre, median in zip(centres, medians, strict=True):
        inside = np.abs(phases - centre) <= 0.5 / 13
        assert median == np.median(values[inside])


def test_the_time_axis_counts_from_a_round_number():
    assert time_zero(np.array([58321.7, 59000])) == 58000
    assert time_zero(np.array([])) == 0
