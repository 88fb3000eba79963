import numpy as np
import pytest
from numpy.typing import NDArray

from astra.periods.spectrum import (
    MAX_FREQUENCIES,
    MAX_FREQUENCY,
    FrequencyGrid,
    frequency_grid,
    harmonic_sum,
    highest_peaks,
    power_spectrum,
)


def series(number: int, span: float, seed: int = 0) -> tuple[NDArray, NDArray, NDArray]:
    generator = np.random.default_rng(seed)
    time = np.sort(generator.uniform(-span / 2, span / 2, number))
    weight = generator.uniform(0.2, 1, number)
    value = np.sin(2 * np.pi * 3.21 * time) + generator.normal(0, 0.5, number)
    return time, value - np.average(value, weights=weight), weight


@pytest.mark.parametrize(("number", "span"), [(10, 0.3), (120, 40.0), (300, 700.0)])
def test_power_agrees_with_the_sum_written_out(number: int, span: float) -> None:
    time, value, weight = series(number, span)
    grid = frequency_grid(span)
    frequency = (grid.first + np.arange(grid.count)) * grid.step
    phase = np.exp(2j * np.pi * frequency[:, None] * time)
    direct = 2 * np.abs(phase @ (weight * value)) ** 2 / weight.sum() / (weight @ value**2)
    assert grid.step <= 1 / (3 * span) * (1 + 1e-9)
    power = power_spectrum(time, value, weight, grid)
    np.testing.assert_allclose(power, direct, atol=5e-3)


def test_power_of_a_pure_sine_is_one_at_its_frequency() -> None:
    time = np.sort(np.random.default_rng(0).uniform(-500, 500, 2000))
    grid = frequency_grid(1000.0)
    frequency = (grid.first + 10000) * grid.step
    value = np.sin(2 * np.pi * frequency * time)
    power = power_spectrum(time, value - value.mean(), np.ones(2000), grid)
    assert int(power.argmax()) == 10000
    assert power.max() == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("span", [1e-4, 0.1, 30.0, 7000.0, 40_000.0])
def test_grids_reach_the_highest_frequency_and_stay_bounded(span: float) -> None:
    grid = frequency_grid(span)
    last = (grid.first + grid.count - 1) * grid.step
    assert last == pytest.approx(MAX_FREQUENCY, rel=0.01)
    assert 200 < grid.count <= MAX_FREQUENCIES


def test_seven_thousand_days_are_sampled_three_times_a_peak() -> None:
    assert frequency_grid(7000.0).count == pytest.approx(525_000, rel=0.01)


def test_harmonic_sums_agree_with_a_slow_twin() -> None:
    power = np.random.default_rng(1).random(500).astype(np.float32)
    grid = FrequencyGrid(first=4, step=0.05, count=500)
    for harmonics in (2, 6):
        slow = power.astype(float)
        for j in range(500):
            for h in range(2, harmonics + 1):
                place = h * (j + grid.first) - grid.first
                if place + 1 < 500:
                    slow[j] += power[place - 1 : place + 2].max()
        np.testing.assert_allclose(harmonic_sum(power, grid.first, harmonics), slow, rtol=1e-5)


def test_peaks_are_the_highest_local_maxima_apart_from_each_other() -> None:
    power = np.zeros(100, np.float32)
    power[[0, 10, 13, 40, 70, 99]] = [0.2, 0.9, 0.8, 0.5, 1.0, 0.4]
    assert highest_peaks(power, 3, 5).tolist() == [70, 10, 40]
    assert highest_peaks(power, 9, 5).tolist() == [70, 10, 40, 99, 0]
    assert highest_peaks(power, 9, 1).tolist() == [70, 10, 13, 40, 99, 0]
