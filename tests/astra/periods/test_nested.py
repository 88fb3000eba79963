from itertools import pairwise

import numpy as np
import pytest

from astra.periods.nested import best_near, gains_near, most_harmonics, nested_gains, squares_of


@pytest.fixture
def observations():
    generator = np.random.default_rng(3)
    starts = np.array([0, 35, 80])
    time = np.concatenate([np.sort(generator.uniform(-90, 90, n)) for n in np.diff(starts)])
    weight = generator.uniform(0.2, 1, len(time))
    value = generator.normal(0, 1, len(time)) + np.sin(2 * np.pi * 0.37 * time) + 3 * (time > 0)
    return time, value, weight / weight.sum(), starts


def slow_gain(time, value, weight, starts, frequency, harmonics) -> float:
    """The same by least squares with a column a band."""
    bands = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    constants = [(bands == b).astype(float) for b in range(len(starts) - 1)]
    angle = 2 * np.pi * frequency * time
    turning = [f(h * angle) for h in range(1, harmonics + 1) for f in (np.cos, np.sin)]
    root = np.sqrt(weight)

    def residual(columns):
        matrix = np.column_stack(columns) * root[:, None]
        fitted = matrix @ np.linalg.lstsq(matrix, value * root)[0]
        return ((value * root - fitted) ** 2).sum()

    return residual(constants) - residual(constants + turning)


@pytest.mark.parametrize("frequency", [0.011, 0.37, 5.2])
def test_nested_fits_agree_with_least_squares(observations, frequency) -> None:
    angle = 2 * np.pi * frequency * observations[0]
    gains = nested_gains(np.cos(angle), np.sin(angle), *observations[1:], 5)
    expected = [slow_gain(*observations, frequency, h) for h in range(6)]
    # A ridge of 1e-4 keeps the fits tame across gaps in phase.
    np.testing.assert_allclose(gains, expected, rtol=2e-2, atol=1e-9)
    assert (np.diff(gains) >= 0).all()


def test_squares_are_those_about_the_mean_of_each_band(observations) -> None:
    _, value, weight, starts = observations
    expected = 0.0
    for one, other in pairwise(starts):
        part, own = value[one:other], weight[one:other]
        expected += (own * (part - np.average(part, weights=own)) ** 2).sum()
    assert squares_of(value, weight, starts) == pytest.approx(expected)


@pytest.mark.parametrize("harmonics", [1, 2, 3])
def test_as_many_harmonics_are_chosen_as_there_are(harmonics) -> None:
    generator = np.random.default_rng(harmonics)
    time = np.sort(generator.uniform(-200, 200, 300))
    value = generator.normal(0, 0.1, 300)
    for h in range(1, harmonics + 1):
        value = value + np.cos(2 * np.pi * h * 0.417 * time + h) / h
    weight, starts = np.full(300, 1 / 300), np.array([0, 300])
    found = best_near(time, value - value.mean(), weight, starts, 0.4172, 1e-4, 6, 5)
    assert found[0] == pytest.approx(0.417, abs=1e-4)
    assert found[2] == harmonics
    assert found[3] > 0.95


def test_few_observations_bear_few_harmonics() -> None:
    assert [most_harmonics(n) for n in (10, 16, 24, 40, 1000)] == [1, 2, 3, 5, 5]


def test_gains_near_a_frequency_are_those_of_single_fits(observations) -> None:
    found = gains_near(*observations, 0.37, 0.002, 2, 3)
    expected = [slow_gain(*observations, f, 3) for f in (0.366, 0.368, 0.37, 0.372, 0.374)]
    np.testing.assert_allclose(found, expected, rtol=2e-2)
    assert gains_near(*observations, 0.001, 0.002, 1, 1)[0] == 0
