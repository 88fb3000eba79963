"""Counts and medians of a selection against numpy's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from astra.selections.summing import Chosen, count_by, count_known, median

FLOATS = st.floats(width=32, allow_nan=True, allow_infinity=True)


def truth(values, mask):
    known = values[mask]
    known = known[np.isfinite(known)].astype(float)
    return np.median(known) if len(known) else np.nan


@settings(deadline=None)  # the first call compiles
@given(arrays.arrays(np.float32, st.integers(0, 70), elements=FLOATS), st.randoms())
def test_the_median_is_that_of_the_finite_values_chosen(values, dice):
    mask = np.array([dice.random() < 0.7 for _ in values], bool)
    assert np.isclose(
        median(values, Chosen.of(mask)), truth(values, mask), rtol=0, atol=0, equal_nan=True
    )


@pytest.mark.parametrize("scale", [1e-38, 1e-3, 1.0, 1e30])
@pytest.mark.parametrize("digits", [0, 3, 20])
def test_the_median_of_many_with_ties_and_signs(scale, digits):
    dice = np.random.default_rng(3)
    values = (np.round(dice.normal(size=20_001), digits) * scale).astype(np.float32)
    mask = np.zeros(len(values), bool)
    mask[500:9_999] = dice.random(9_499) < 0.8
    assert median(values, Chosen.of(mask)) == truth(values, mask)


def test_nothing_chosen_has_no_median():
    assert np.isnan(median(np.ones(20, np.float32), Chosen.of(np.zeros(20, bool))))


@pytest.mark.parametrize("shape", ["skewed", "two values", "one value", "mostly unknown", "wild"])
@pytest.mark.parametrize("pick", ["runs", "every other", "few", "all"])
def test_the_median_of_long_columns(shape, pick):
    dice = np.random.default_rng(5)
    values = {
        "skewed": dice.lognormal(0, 3, 100_037),
        "two values": dice.integers(0, 2, 100_037),
        "one value": np.full(100_037, 0.7),
        "mostly unknown": np.where(dice.random(100_037) < 0.97, np.nan, dice.random(100_037)),
        "wild": dice.choice([-np.inf, np.inf, np.nan, -3.4e38, 3.4e38, 0.0, -0.0, 1e-45], 100_037),
    }[shape].astype(np.float32)
    # What a sample would be taken from lies elsewhere than the rest.
    values[:64_000:64] *= 2
    rows = np.arange(len(values))
    mask = {
        "runs": (rows // 777) % 3 == 0,
        "every other": rows % 2 == 1,
        "few": rows % 20_011 == 7,
        "all": rows >= 0,
    }[pick]
    found = median(values, Chosen.of(mask))
    assert np.isclose(found, truth(values, mask), rtol=0, atol=0, equal_nan=True)


def test_a_median_outside_what_the_sample_promises_is_found_all_the_same():
    # Of every block the row that is sampled is low, all others are high.
    values = np.full(64 * 500, 9.0, np.float32) + np.arange(64 * 500) / 64_000
    values = values.astype(np.float32)
    blocks = np.arange(500)
    values[blocks * 64 + blocks * 37 % 64] = -blocks
    mask = np.ones(len(values), bool)
    assert median(values, Chosen.of(mask)) == truth(values, mask)


def test_blocks_tell_what_they_hold():
    mask = np.zeros(64 * 3 + 5, bool)
    mask[64:128] = mask[130] = mask[-1] = True
    chosen = Chosen.of(mask)
    assert chosen.blocks.tolist() == [0, 1, 2, 2]
    assert chosen.objects == mask.sum()


@pytest.mark.parametrize("kind", [np.int8, np.int16, np.int32])
@pytest.mark.parametrize("objects", [0, 1, 63, 64, 65, 4_003])
@pytest.mark.parametrize("share", [0.3, 1.0])
def test_classes_are_counted_and_the_last_has_none(kind, objects, share):
    dice = np.random.default_rng(4)
    codes = dice.integers(-1, 5, objects).astype(kind)
    mask = dice.random(objects) < share
    chosen = codes[mask]
    wanted = [*(np.count_nonzero(chosen == code) for code in range(5)), (chosen < 0).sum()]
    assert count_by(codes, 5, Chosen.of(mask)).tolist() == wanted
    assert count_known(codes, Chosen.of(mask)) == (chosen >= 0).sum()
