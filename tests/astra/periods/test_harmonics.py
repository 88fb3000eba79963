import numpy as np
import pytest
from numpy.typing import NDArray

from astra.periods.harmonics import (
    RIDGE,
    curve_at,
    faintest_phase,
    fit_at,
    refine,
    usable_harmonics,
)


def series(number: int = 80) -> tuple[NDArray, NDArray, NDArray]:
    generator = np.random.default_rng(5)
    time = np.sort(generator.uniform(-300, 300, number))
    weight = generator.uniform(0.1, 1, number)
    weight /= weight.sum()
    value = generator.normal(size=number) + np.cos(2 * np.pi * 0.731 * time)
    return time, value - weight @ value, weight


@pytest.mark.parametrize("harmonics", [1, 2, 5])
def test_fits_agree_with_dense_linear_algebra(harmonics: int) -> None:
    time, value, weight = series()
    angle = 2 * np.pi * 0.731 * time[:, None] * np.arange(1, harmonics + 1)
    basis = np.hstack([np.ones((len(time), 1)), np.cos(angle), np.sin(angle)])
    ridge = RIDGE * np.diag(np.arange(2 * harmonics + 1) > 0)
    expected = np.linalg.solve(
        basis.T @ (weight[:, None] * basis) + ridge, basis.T @ (weight * value)
    )
    coefficients, residual = fit_at(time, value, weight, 0.731, harmonics)
    np.testing.assert_allclose(coefficients, expected, atol=1e-10)
    assert residual == pytest.approx(weight @ (value - basis @ expected) ** 2)
    for phase in (0.0, 0.37):
        turn = 2 * np.pi * phase * np.arange(1, harmonics + 1)
        height = np.concatenate([[1], np.cos(turn), np.sin(turn)]) @ expected
        assert curve_at(coefficients, harmonics, phase) == pytest.approx(height)


def test_refining_finds_the_best_frequency_of_those_tried() -> None:
    time, value, weight = series()
    tried = [0.7305 + k * 2e-4 for k in range(-3, 4)]
    residuals = [fit_at(time, value, weight, frequency, 5)[1] for frequency in tried]
    frequency, residual = refine(time, value, weight, 0.7305, 2e-4, 3, 5)
    assert frequency == pytest.approx(tried[int(np.argmin(residuals))])
    assert residual == pytest.approx(min(residuals))


def test_refining_stays_at_positive_frequencies() -> None:
    time, value, weight = series()
    assert refine(time, value, weight, 1e-4, 2e-4, 3, 2)[0] > 0


def test_the_faintest_phase_is_that_of_the_largest_value() -> None:
    coefficients = np.array([0.5, 0.0, 0.0, 1.0, 0.0])
    phase, height = faintest_phase(coefficients, 2)
    assert phase == pytest.approx(0.25)
    assert height == pytest.approx(1.5)


def test_few_observations_bear_few_harmonics() -> None:
    assert [usable_harmonics(n) for n in (10, 12, 16, 23, 24, 5000)] == [1, 2, 3, 4, 5, 5]
