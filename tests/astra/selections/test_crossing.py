"""Crossing filters against a table that is filtered anew for every histogram."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from astra.selections.crossing import (
    BINS,
    UNKNOWN,
    Axis,
    bins_of,
    clear,
    histogram,
    mark_not,
    mark_outside,
)

RNG = np.random.default_rng(4)
N = 3000
COLUMNS = [
    RNG.normal(size=N).astype(np.float32),
    np.where(RNG.random(N) < 0.2, np.nan, 10 ** RNG.uniform(-2, 3, N)).astype(np.float32),
    RNG.random(N).astype(np.float32),
]
AXES = [Axis.of(COLUMNS[0]), Axis.of(COLUMNS[1]), Axis.of(COLUMNS[2], share=True)]
CODES = [bins_of(values, axis) for values, axis in zip(COLUMNS, AXES, strict=True)]
CHOSEN = RNG.random(N) < 0.3


def slow_bins(values, axis):
    """Bin of each value by its edges."""
    edges = [axis.at(i / BINS) for i in range(BINS + 1)]
    return np.clip(np.searchsorted(edges, values, side="right") - 1, 0, BINS - 1)


@pytest.mark.parametrize("i", range(3))
def test_bins_are_those_of_the_edges(i):
    known = np.isfinite(COLUMNS[i])
    assert (CODES[i][~known] == UNKNOWN).all()
    difference = CODES[i][known].astype(int) - slow_bins(COLUMNS[i][known], AXES[i])
    assert np.abs(difference).max() <= 1  # a value on an edge, by rounding
    assert np.mean(difference != 0) < 0.005


def test_an_axis_leaves_half_a_percent_at_each_end_and_is_logarithmic_over_decades():
    assert AXES[1].log
    assert not AXES[0].log
    assert AXES[2] == (0, 1, False)
    inside = (COLUMNS[0] >= AXES[0].low) & (COLUMNS[0] <= AXES[0].high)
    assert np.mean(inside) == pytest.approx(0.99, abs=0.002)


@pytest.mark.parametrize("axis", AXES)
def test_a_share_of_an_axis_and_a_value_are_each_others_contrary(axis):
    for share in (0, 0.2, 1):
        assert axis.share(axis.at(share)) == pytest.approx(share)


@pytest.mark.parametrize("values", [np.empty(0), np.full(3, np.nan), np.full(5, 2.0)])
def test_a_column_without_a_range_has_an_axis(values):
    axis = Axis.of(values)
    assert axis.low < axis.high
    assert len(bins_of(values, axis)) == len(values)


ENDS = st.one_of(st.just(-np.inf), st.floats(-3, 3, width=32), st.just(np.inf))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("brush"), st.integers(0, 2), ENDS, ENDS),
        st.tuples(st.just("clear"), st.integers(0, 2)),
        st.tuples(st.just("only"), st.floats(0, 1)),
    ),
    max_size=8,
)


@settings(max_examples=80, deadline=None)
@given(STEPS)
def test_histograms_show_their_column_under_all_other_filters(steps):
    failed = np.zeros(N, np.uint16)
    passing = {i: np.ones(N, bool) for i in range(4)}
    for step in steps:
        if step[0] == "brush":
            _, i, low, high = step
            mark_outside(COLUMNS[i], low, high, np.uint16(1 << i), failed)
            passing[i] = (COLUMNS[i] >= low) & (COLUMNS[i] <= high)
        elif step[0] == "clear":
            clear(np.uint16(1 << step[1]), failed)
            passing[step[1]] = np.ones(N, bool)
        else:
            passing[3] = COLUMNS[2] < step[1]
            mark_not(passing[3], np.uint16(8), failed)
    np.testing.assert_array_equal(failed == 0, np.all(list(passing.values()), axis=0))
    for i in range(3):
        others = np.all([mask for j, mask in passing.items() if j != i], axis=0)
        counts = histogram(CODES[i], failed, 1 << i, CHOSEN)
        expected = [
            np.bincount(CODES[i][mask], minlength=256)[:BINS]
            for mask in (np.ones(N, bool), others, others & CHOSEN)
        ]
        np.testing.assert_array_equal(counts, expected)


def test_the_last_of_sixteen_filters_has_a_bit_too():
    failed = np.zeros(3, np.uint16)
    values = np.array([1, 2, np.nan], np.float32)
    mark_outside(values, 0, 1, np.uint16(1 << 15), failed)
    assert failed.tolist() == [0, 1 << 15, 1 << 15]
    clear(np.uint16(1 << 15), failed)
    assert not failed.any()
