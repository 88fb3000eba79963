import numpy as np
import pytest
from scipy.stats import mannwhitneyu
from scipy.stats.contingency import odds_ratio

from astra.selections.contrast import difference, differences, lifts


@pytest.mark.parametrize("sizes", [(40, 300), (500, 90)])
def test_delta_is_that_of_mann_whitney(sizes):
    rng = np.random.default_rng(2)
    x, y = rng.normal(0.4, 1, sizes[0]), rng.normal(0, 2, sizes[1])
    x, y = np.round(x, 1), np.round(y, 1)  # with ties
    found = difference("a", x, y)
    area = mannwhitneyu(x, y).statistic / (len(x) * len(y))
    assert found.delta == pytest.approx(2 * area - 1, abs=1e-12)
    assert (found.inside, found.outside) == (np.median(x), np.median(y))


def test_the_interval_holds_the_truth_nineteen_times_in_twenty():
    rng = np.random.default_rng(3)
    truth = 2 * 0.6381632 - 1  # 2 Phi(0.5 / sqrt 2) - 1
    held = 0
    for _ in range(600):
        found = difference("a", rng.normal(0.5, 1, 60), rng.normal(0, 1, 200))
        held += found.low <= truth <= found.high
    assert 0.925 <= held / 600 <= 0.975


def test_unknown_values_are_left_out_and_too_few_say_nothing():
    x, y = np.array([1.0, np.nan, 2, 3]), np.array([np.inf, 0.0, 0.5, 0.2])
    found = difference("a", x, y)
    assert (found.known_inside, found.known_outside) == (3, 3)
    assert found.delta == 1
    assert found.low < 1
    assert difference("a", x[:2], y) is None


def test_no_difference_has_none():
    values = np.arange(50.0)
    found = difference("a", values, values)
    assert found.delta == pytest.approx(0, abs=1e-12)
    assert found.least == 0


def test_what_surely_differs_most_comes_first():
    rng = np.random.default_rng(4)
    outside = rng.normal(size=400)
    columns = {
        "none": (rng.normal(size=100), outside),
        "much": (rng.normal(3, 1, 100), outside),
        "less": (rng.normal(-1, 1, 100), outside),
        "few": (rng.normal(1.2, 1, 4), outside),
    }
    found = differences(columns)
    assert [d.name for d in found][:2] == ["much", "less"]
    assert found[-1].name == "none"
    assert found[1].delta < 0


def test_odds_ratio_is_that_of_scipy():
    inside, outside = np.array([30, 5, 65, 0]), np.array([20, 60, 300, 11])
    for lift in lifts(["a", "b", "c", "d"], inside, outside):
        table = np.array(
            [
                [lift.inside, lift.of_inside - lift.inside],
                [lift.outside, lift.of_outside - lift.outside],
            ]
        )
        expected = odds_ratio(2 * table + 1, kind="sample").statistic  # half an object to each
        assert np.exp(lift.log_odds) == pytest.approx(expected, rel=1e-12)
        error = np.sqrt((1 / (table + 0.5)).sum())
        assert lift.high - lift.log_odds == pytest.approx(1.959964 * error, rel=1e-6)


def test_frequent_and_missing_classes_come_before_equal_ones():
    inside, outside = np.array([50, 50, 0, 0]), np.array([500, 50, 450, 0])
    found = lifts(["same", "more", "missing", "nowhere"], inside, outside)
    assert [lift.name for lift in found] == ["more", "missing", "same"]
    assert found[1].log_odds < 0 < found[0].log_odds
    assert found[2].least == 0


def test_nothing_to_compare_with():
    assert lifts(["a"], np.array([3]), np.array([0])) == []
