import numpy as np
import pytest
from numpy.typing import NDArray

from astra.data.light_curves import LightCurves
from astra.periods import Merged, fold, merge, quantiles
from astra.periods.folding import QUANTILES


@pytest.fixture
def merged(magnitudes, epochs) -> Merged:
    generator = np.random.default_rng(8)
    rows = []
    for number, size in enumerate((200, 40, 3, 1, 30)):
        mjd = epochs(size, 900, seed=number)
        magnitude = 15 + generator.normal(0, 0.2, size) * (number != 4)
        rows.append((mjd, magnitude, generator.uniform(0.01, 0.1, size)))
    return merge(magnitudes(rows))


PERIOD = np.array([0.51, 33.0, 1.0, 2.0, 1.0])
ZERO = np.array([55003.2, 55100.0, 55000.0, 55000.0, 55000.0])


def slow_fold(
    time: NDArray, value: NDArray, error: NDArray, period: float, bins: int
) -> NDArray[np.float64]:
    plain = 1 / (error**2 + 0.02**2)
    rms = np.sqrt(np.average(value**2, weights=plain))
    weight = 1 / (error**2 + 0.02**2 + (0.1 * rms) ** 2)
    place = time / period % 1 * bins
    distance = np.abs((place[:, None] - np.arange(bins) + bins / 2) % bins - bins / 2)
    share = weight[:, None] * np.clip(1 - distance / 1.5, 0, None)
    total = share.sum(axis=0)
    mean = (share * value[:, None] / rms).sum(axis=0) / (total + 0.05 * total.mean())
    return np.stack([mean.clip(-5, 5), np.sqrt(total / total.mean()).clip(max=2)])


@pytest.mark.parametrize("bins", [16, 64])
def test_folds_agree_with_a_slow_and_obvious_twin(merged: Merged, bins: int) -> None:
    chosen = np.random.default_rng(0).random(len(merged.time)) < 0.6
    folded = fold(merged, PERIOD, ZERO, chosen, bins)
    for i in range(3):
        part = np.arange(merged.offsets[i], merged.offsets[i + 1])
        part = part[chosen[part]]
        slow = slow_fold(
            merged.time[part] - (ZERO[i] - merged.zero),
            merged.value[part],
            merged.error[part],
            PERIOD[i],
            bins,
        )
        np.testing.assert_allclose(folded[i], slow, atol=1e-5)


def test_folds_of_nothing_are_zero(merged: Merged) -> None:
    unknown = np.where(np.arange(5) < 3, np.nan, PERIOD)
    assert not fold(merged, unknown, ZERO).any()
    assert not fold(merged, PERIOD, np.full(5, np.nan)).any()
    assert not fold(merged, PERIOD, ZERO, np.zeros(len(merged.time), bool)).any()


def test_a_constant_object_folds_to_zero(merged: Merged) -> None:
    assert np.abs(merged.value[merged.offsets[4] :]).max() < 1e-6
    assert not fold(merged, PERIOD, ZERO)[3].any()


def test_quantiles_agree_with_a_slow_and_obvious_twin(merged: Merged) -> None:
    chosen = np.random.default_rng(1).random(len(merged.time)) < 0.7
    numbers = quantiles(merged, chosen)
    assert numbers.shape == (5, 2 + len(QUANTILES))
    for i in range(3):
        part = np.arange(merged.offsets[i], merged.offsets[i + 1])
        part = part[chosen[part]]
        value, error = merged.value[part], merged.error[part]
        rms = np.sqrt(np.average(value**2, weights=1 / (error**2 + 0.02**2)))
        nearest = np.floor(np.array(QUANTILES) * (len(part) - 1) + 0.5).astype(int)
        expected = [np.log10(rms), np.log10(error).mean(), *np.sort(value)[nearest] / rms]
        np.testing.assert_allclose(numbers[i], expected, rtol=1e-5)


def test_nothing_chosen_has_no_quantiles(merged: Merged) -> None:
    assert np.isnan(quantiles(merged, np.zeros(len(merged.time), bool))).all()


def test_folding_does_not_depend_on_companions(magnitudes, epochs, merged: Merged) -> None:
    mjd = epochs(50, 400)
    rows = [
        (mjd, 15 + np.sin(mjd), np.full(50, 0.02)),
        (mjd, 15 + np.cos(mjd), np.full(50, 0.03)),
    ]
    period, zero = np.array([1.7, 2.9]), np.array([55000.0, 55001.0])
    both = magnitudes(rows)
    swapped: LightCurves = both.take(np.array([1, 0]))
    np.testing.assert_array_equal(
        fold(merge(both), period, zero)[::-1], fold(merge(swapped), period[::-1], zero[::-1])
    )
    np.testing.assert_array_equal(quantiles(merge(both))[::-1], quantiles(merge(swapped)))
