import numpy as np
import pytest
from astropy.timeseries import LombScargle

from astra.periods.periodogram import (
    FALSE_ALARM_LEVEL,
    false_alarm,
    lomb_scargle,
    periodogram,
    window_peaks,
)
from astra.periods.series import Series
from astra.periods.spectrum import FrequencyGrid


@pytest.fixture
def series(epochs) -> Series:
    generator = np.random.default_rng(2)
    mjd = epochs(120, 700)
    error = generator.uniform(0.02, 0.2, len(mjd))
    value = 0.3 * np.sin(2 * np.pi * mjd / 0.731) + generator.normal(0, error)
    middle = (mjd[0] + mjd[-1]) / 2
    band = np.zeros(len(mjd), np.uint8)
    mean = np.average(value, weights=1 / error**2)
    return Series(mjd - middle, value - mean, error, band, middle)


def test_power_is_that_of_a_lomb_scargle_periodogram_with_a_floating_mean(series) -> None:
    grid = FrequencyGrid(1, 0.01, 500)
    frequency = 0.01 * np.arange(1, 501)
    slow = LombScargle(series.time, series.value, series.error).power(frequency, method="cython")
    np.testing.assert_allclose(lomb_scargle(series, grid), slow, atol=1e-6)


def test_the_highest_peak_is_the_injected_frequency_and_stands_above_the_level(series) -> None:
    found = periodogram(series)
    best = found.frequency[found.power.argmax()]
    assert best == pytest.approx(1 / 0.731, abs=1 / series.span)
    assert found.at(best) == found.power.max() > found.level


def test_the_level_is_reached_by_chance_as_rarely_as_it_says(series) -> None:
    top = 3.0
    plain = LombScargle(series.time, series.value, series.error)
    level = plain.false_alarm_level(FALSE_ALARM_LEVEL, method="baluev", maximum_frequency=top)
    generator = np.random.default_rng(0)
    grid = FrequencyGrid(1, 1 / (5 * series.span), int(top * 5 * series.span))
    reached = 0
    for _ in range(300):
        noise = generator.normal(0, series.error)
        drawn = Series(series.time, noise, series.error, series.band, series.middle)
        reached += lomb_scargle(drawn, grid).max() > level
    assert reached <= 10  # 3 are expected at most; the estimate is from above


def test_one_harmonic_has_the_false_alarm_probability_of_astropy(series) -> None:
    plain = LombScargle(series.time, series.value, series.error)
    for power in (0.1, 0.3, 0.6):
        expected = plain.false_alarm_probability(power, method="naive", maximum_frequency=25.0)
        assert false_alarm(series, power, 1, 25.0) == pytest.approx(float(expected), rel=1e-4)


def test_more_harmonics_explain_more_by_chance(series) -> None:
    chances = [false_alarm(series, 0.4, harmonics, 25.0) for harmonics in (1, 2, 3, 5)]
    assert chances == sorted(chances)
    assert false_alarm(series, 0.99, 1, 25.0) < 1e-60


def test_the_window_of_nightly_observations_peaks_at_whole_days(series) -> None:
    window = window_peaks(series)
    assert np.abs(window - 1).min() < 0.01
    assert np.abs(window - 2).min() < 0.01


def test_random_times_have_no_window(series) -> None:
    time = np.sort(np.random.default_rng(1).uniform(-300, 300, 400))
    flat = Series(time, np.sin(time), np.ones(400), np.zeros(400, np.uint8), 0.0)
    assert not len(window_peaks(flat))
