import numpy as np
import pytest

from astra.periods.refining import refined
from astra.periods.series import Series


def series_with(curve, error, epochs, number=200, span=2500, seed=0) -> Series:
    """A curve of the time [d] with noise of the errors, in one band."""
    generator = np.random.default_rng(seed)
    mjd = epochs(number, span, seed)
    time = mjd - (mjd[0] + mjd[-1]) / 2
    value = curve(time) + generator.normal(0, error, number)
    error = np.broadcast_to(error, number).astype(float)
    return Series(time, value, error, np.zeros(number, np.uint8), 55000.0)


def slow_best(series: Series, frequency: float, harmonics: int, weight) -> float:
    """The best of many frequencies around one, by least squares."""
    root, rest = np.sqrt(weight), []
    around = frequency + np.linspace(-0.4, 0.4, 801) / series.span
    for each in around:
        angle = 2 * np.pi * each * series.time
        turning = [f(h * angle) for h in range(1, harmonics + 1) for f in (np.cos, np.sin)]
        matrix = np.column_stack([np.ones(len(series)), *turning]) * root[:, None]
        left = series.value * root - matrix @ np.linalg.lstsq(matrix, series.value * root)[0]
        rest.append((left**2).sum())
    return around[np.argmin(rest)]


@pytest.mark.parametrize(("period", "harmonics"), [(0.731, 1), (0.731, 3), (287.0, 2)])
def test_the_top_of_the_peak_is_that_of_least_squares(epochs, period, harmonics) -> None:
    def curve(time):
        return sum(np.cos(2 * np.pi * h * time / period + h) / h for h in range(1, harmonics + 1))

    error = np.random.default_rng(1).uniform(0.02, 0.3, 200)
    series = series_with(curve, error, epochs)
    expected = slow_best(series, 1 / period, harmonics, 1 / error**2)
    start = 1 / period + 0.2 / series.span
    assert refined(series, start, harmonics, 12) == pytest.approx(expected, abs=2e-3 / series.span)


def test_scatter_beyond_the_errors_evens_the_weights(epochs) -> None:
    """As of a giant: errors are small when it is bright, and no two of its cycles are alike."""
    generator = np.random.default_rng(4)
    heights = generator.uniform(0.5, 1.5, 40)

    def curve(time):
        return heights[np.floor(time / 210).astype(int) + 20] * np.cos(2 * np.pi * time / 210)

    series = series_with(curve, np.where(generator.random(200) < 0.2, 0.02, 0.2), epochs)
    start = 1 / 210
    trusting = slow_best(series, start, 1, series.weight)
    even = slow_best(series, start, 1, np.ones(200))
    found = refined(series, start, 1, 12)
    assert abs(found - even) < 0.5 * abs(found - trusting)


def test_where_no_top_is_near_the_frequency_stays(epochs) -> None:
    series = series_with(lambda time: np.cos(2 * np.pi * time / 0.731), 0.02, epochs)
    assert refined(series, 1 / 0.731 + 0.7 / series.span, 1, 3) == 1 / 0.731 + 0.7 / series.span
