import numpy as np
import pytest

from astra.data.light_curves import LightCurves
from astra.encoders.variation import LAGS, band_numbers, structure_function
from astra.periods import merge
from astra.periods.merging import rms_of, weight_of


def test_the_structure_function_agrees_with_loops(make_light_curves) -> None:
    light_curves = make_light_curves([100, 60, 2], flagged=0.1)
    merged = merge(light_curves)
    chosen = np.random.default_rng(0).random(len(merged.time)) < 0.7
    found = structure_function(merged, chosen)
    edges = [*LAGS, np.inf]
    for i in range(2):
        span = slice(merged.offsets[i], merged.offsets[i + 1])
        time, value, error = (
            column[span][chosen[span]] for column in (merged.time, merged.value, merged.error)
        )
        pairs = [(a, b) for a in range(len(time)) for b in range(a + 1, len(time))]
        lag = np.array([time[b] - time[a] for a, b in pairs])
        square = np.array([(value[a] - value[b]) ** 2 for a, b in pairs])
        weight = np.array([weight_of(np.hypot(error[a], error[b])) for a, b in pairs])
        low = -1.0
        for k, high in enumerate(edges):
            own = (lag > low) & (lag <= high)
            expected = 1.0
            if own.sum() >= 6:
                mean = np.average(square[own], weights=weight[own])
                expected = min(mean / (2 * rms_of(value, error) ** 2), 4)
            assert found[i, k] == pytest.approx(expected, rel=1e-4)
            low = high


def test_slow_changes_are_smooth_over_short_lags_and_noise_is_not() -> None:
    time = np.sort(np.random.default_rng(0).uniform(0, 900, 400))
    slow, noise = np.sin(time / 300), np.random.default_rng(1).normal(size=400)
    found = structure_function(merge(curves(time, [0.3 * slow, 0.3 * noise])))
    assert found[0, 1:5].max() < 0.1 and found[0, -1] > 0.5
    assert np.abs(found[1, 3:] - 1).max() < 0.3


def test_bands_are_compared_blue_with_red() -> None:
    """Amplitudes of 0.8 and 0.4 mag at 2.3 d, a colour of 0.5: the answers are known."""
    time = np.arange(0, 400, 0.37)
    phase = 2 * np.pi * time / 2.3
    one = curves(time, [0.8 * np.sin(phase)], "ztf_g")
    other = curves(time, [0.4 * np.sin(phase) - 0.5], "ztf_r")
    both = LightCurves(
        time=np.column_stack([one.time, other.time]).ravel(),
        flux=np.column_stack([one.flux, other.flux]).ravel(),
        flux_error=np.column_stack([one.flux_error, other.flux_error]).ravel(),
        band_and_flag=np.tile(np.array([0, 1], np.uint8), len(time)),
        offsets=np.array([0, 2 * len(time)]),
        is_difference=np.array([False]),
        bands=(*one.bands, *other.bands),
    )
    across = np.log10(other.bands[0].wavelength / one.bands[0].wavelength)
    colour, rms, amplitude = band_numbers(both, np.array([2.3]))[0] * across
    assert colour == pytest.approx(0.5, abs=0.01)
    assert rms == pytest.approx(np.log10(2), abs=0.01)
    assert amplitude == pytest.approx(np.log10(2), abs=0.01)
    without_period = band_numbers(both, np.array([np.nan]))[0] * across
    assert without_period[2] == pytest.approx(without_period[1])


def test_one_band_and_difference_fluxes_say_nothing_of_bands(make_light_curves) -> None:
    single = make_light_curves([50], bands=("ztf_g",))
    difference = make_light_curves([50], difference=True)
    for light_curves in (single, difference, make_light_curves([9])):
        assert np.isnan(band_numbers(light_curves, np.array([1.0]))).all()


def curves(time: np.ndarray, magnitudes: list[np.ndarray], name: str = "ztf_r") -> LightCurves:
    from astra.data.bands import band

    flux = np.concatenate([1000 * 10 ** (-0.4 * magnitude) for magnitude in magnitudes])
    return LightCurves(
        time=np.tile(np.rint(time / 1e-5), len(magnitudes)).astype(np.int32),
        flux=flux.astype(np.float32),
        flux_error=(0.01 * flux).astype(np.float32),
        band_and_flag=np.zeros(len(flux), np.uint8),
        offsets=len(time) * np.arange(len(magnitudes) + 1),
        is_difference=np.zeros(len(magnitudes), bool),
        bands=(band(name),),
    )
