"""Counts and medians of a selection against numpy's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from astra.selections.summing import count_by, median

FLOATS = st.floats(width=32, allow_nan=True, allow_infinity=True)


def truth(values, mask):
    known = values[mask]
    known = known[np.isfinite(known)].astype(float)
    return np.median(known) if len(known) else np.nan


@settings(deadline=None)  # the first call compiles
@given(arrays.arrays(np.float32, st.integers(0, 70), elements=FLOATS), st.randoms())
def test_the_median_is_that_of_the_finite_values_chosen(values, dice):
    mask = np.array([dice.random() < 0.7 for _ in values], bool)
    assert np.isclose(median(values, mask), truth(values, mask), rtol=0, atol=0, equal_nan=True)


@pytest.mark.parametrize("scale", [1e-38, 1e-3, 1.0, 1e30])
@pytest.mark.parametrize("digits", [0, 3, 20])
def test_the_median_of_many_with_ties_and_signs(scale, digits):
    dice = np.random.default_rng(3)
    values = (np.round(dice.normal(size=20_001), digits) * scale).astype(np.float32)
    mask = np.zeros(len(values), bool)
    mask[500:9_999] = dice.random(9_499) < 0.8
    assert median(values, mask) == truth(values, mask)


def test_nothing_chosen_has_no_median():
    assert np.isnan(median(np.ones(20, np.float32), np.zeros(20, bool)))


@pytest.mark.parametrize("kind", [np.int8, np.int16, np.int32])
@pytest.mark.parametrize("objects", [0, 1, 8, 9, 4_003])
def test_classes_are_counted_and_the_last_has_none(kind, objects):
    dice = np.random.default_rng(4)
    codes = dice.integers(-1, 5, objects).astype(kind)
    mask = dice.random(objects) < 0.3
    chosen = codes[mask]
    wanted = [*(np.count_nonzero(chosen == code) for code in range(5)), (chosen < 0).sum()]
    assert count_by(codes, 5, mask).tolist() == wanted
