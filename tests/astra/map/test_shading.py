import datashader.transfer_functions as tf
import numpy as np
import pytest
import xarray
from hypothesis import given, settings
from hypothesis import strategies as st

from astra.map.grid import PointGrid
from astra.map.shading import (
    class_levels,
    quantile_of_filled,
    ramp_levels,
    shade_classes,
    shade_density,
    shade_values,
)

LEVELS = 255
counts = st.one_of(st.integers(0, 5), st.integers(0, 3_000), st.integers(0, 40_000_000))
planes = st.lists(counts, min_size=6, max_size=6).map(
    lambda values: np.array(values, np.uint32).reshape(2, 3)
)


def levels_of_log(count, high, levels=LEVELS):
    """Levels from 1 by the logarithm, pixel by pixel; the slow twin of the thresholds."""
    step = (levels - 1) * np.log(np.minimum(np.maximum(count, 1), high)) / np.log(max(high, 2))
    return np.where(count == 0, 0, 1 + (np.rint(step) if high > 1 else levels - 1)).astype(int)


@pytest.fixture(scope="module")
def images(points):
    grid = PointGrid(points.x, points.y)
    view = (grid.x_extent, grid.y_extent, 200, 150)
    return {
        "count": grid.count(*view),
        "selected": grid.count(*view, mask=points.chosen & (points.category == 3)),
        "by": grid.count_by(points.category, *view, classes=7),
        "selected_by": grid.count_by(points.category, *view, classes=7, mask=points.x > 1),
        "mean": grid.mean(points.values, *view),
    }


def test_equal_shares_are_those_of_datashader(images):
    for count in (images["count"], images["selected"], images["count"] * np.uint32(1000)):
        shaded = tf.shade(
            xarray.DataArray(count, dims=["y", "x"]),
            cmap=[(level, 0, 0) for level in range(LEVELS)],
            how="eq_hist",
        )
        red, alpha = (shaded.data.view(np.uint8).reshape(*count.shape, 4)[..., k] for k in (0, 3))
        of_datashader = np.where(alpha > 0, red.astype(int) + 1, 0)
        plane = shade_density(count, "eq_hist")
        assert np.abs(plane - of_datashader).max() <= 1
        assert len(np.unique(plane)) > 3


@settings(deadline=None)
@given(planes, st.one_of(st.none(), st.integers(1, 10_000)))
def test_log_and_linear_levels_are_those_of_the_formula(count, high):
    top = max(int(count.max()), 1) if high is None else high
    assert np.abs(shade_density(count, "log", high) - levels_of_log(count, top)).max() <= 1
    plane = shade_density(count, "linear", high)
    step = (LEVELS - 1) * (np.minimum(count, top) - 1.0) / max(top - 1, 1)
    expected = np.where(count == 0, 0, 1 + np.rint(step) if top > 1 else LEVELS)
    assert np.abs(plane - expected).max() <= 1


@settings(deadline=None)
@given(planes, st.sampled_from(["log", "linear", "eq_hist"]))
def test_more_points_are_never_fainter_and_the_most_take_the_last_colour(count, scale):
    plane = shade_density(count, scale)
    np.testing.assert_array_equal(plane == 0, count == 0)
    assert (np.diff(plane.ravel()[np.argsort(count, axis=None)].astype(int)) >= 0).all()
    if count.any():
        assert plane.max() == LEVELS


def test_what_is_selected_takes_the_second_half_of_the_palette_on_the_same_scale(images):
    count, selected = images["count"], images["selected"]
    plane = shade_density(count, selected=selected)
    levels, high = ramp_levels(with_selection=True), int(count.max())
    expected = np.where(
        selected > 0,
        levels + levels_of_log(selected, high, levels),
        levels_of_log(count, high, levels),
    )
    assert 0 < (selected > 0).sum() < (count > 0).sum()
    np.testing.assert_array_equal(plane, expected)


def test_values_step_evenly_through_the_palette(images):
    plane = shade_values(images["mean"], 0, 5)
    step = np.clip((images["mean"].astype(float) / 5) * (LEVELS - 1), 0, LEVELS - 1)
    expected = np.where(np.isnan(step), 0, 1 + np.floor(step + 0.5))
    np.testing.assert_array_equal(plane, expected)

    selected = np.where(images["selected"] > 0, images["mean"], np.nan)
    plane = shade_values(images["mean"], 0, 5, selected)
    levels = ramp_levels(with_selection=True)
    assert plane[~np.isnan(selected)].min() > levels
    assert plane[np.isnan(selected)].max() == levels


@pytest.mark.parametrize("hidden", [(), (0,), (2, 6), range(7)])
@pytest.mark.parametrize("with_selection", [False, True])
def test_hue_is_the_majority_and_brightness_the_log_of_the_count(images, hidden, with_selection):
    shown = ~np.isin(np.arange(7), hidden)
    levels = class_levels(7, with_selection)
    high = max(int(images["by"][shown].sum(axis=0).max(initial=0)), 1)

    def indices(counts_by, first):
        counts_by = np.where(shown[:, None, None], counts_by, 0)
        total = counts_by.sum(axis=0)
        level = levels_of_log(total, high, levels)
        return np.where(total > 0, first + counts_by.argmax(axis=0) * levels + level, 0)

    expected, selected_by = indices(images["by"], 0), None
    if with_selection:
        selected_by = images["selected_by"]
        selected = indices(selected_by, 7 * levels)
        expected = np.where(selected > 0, selected, expected)
    plane = shade_classes(images["by"], shown, selected_by=selected_by)
    np.testing.assert_array_equal(plane, expected)


def test_of_equally_frequent_classes_the_first_is_drawn():
    assert shade_classes(np.array([0, 3, 3, 2], np.uint32).reshape(4, 1, 1)) == 1 * 30 + 30


def test_the_class_behind_appears_only_where_no_other_does():
    counts_by = np.array([[9, 9, 0], [1, 0, 0]], np.uint32).reshape(2, 1, 3)
    levels = class_levels(2)
    plane = shade_classes(counts_by, behind=0)
    np.testing.assert_array_equal(plane.ravel(), [levels + 1, levels, 0])
    hidden = shade_classes(counts_by, [False, True], behind=0)
    np.testing.assert_array_equal(hidden.ravel(), [2 * levels, 0, 0])


def test_the_palette_holds_as_many_classes_as_it_can():
    assert [class_levels(classes) for classes in (1, 8, 9, 127, 254)] == [30, 30, 28, 2, 1]
    assert class_levels(8, with_selection=True) == 15
    with pytest.raises(ValueError, match="255 classes do not fit"):
        class_levels(255)
    many = np.eye(254, dtype=np.uint32)[:, None, :]
    np.testing.assert_array_equal(shade_classes(many).ravel(), np.arange(1, 255))


def test_what_cannot_be_shaded_is_refused():
    count = np.ones((2, 2), np.uint32)
    with pytest.raises(ValueError, match="scale 'cube'"):
        shade_density(count, "cube")  # pyright: ignore[reportArgumentType]
    with pytest.raises(ValueError, match="from 1 to 1"):
        shade_values(count.astype(float), 1, 1)
    with pytest.raises(ValueError, match="for 1 classes"):
        shade_classes(count[None], [True, False])


def test_an_empty_view_is_background():
    empty = np.zeros((3, 4), np.uint32)
    assert not shade_density(empty).any()
    assert not shade_density(empty, "eq_hist", selected=empty).any()
    assert not shade_classes(np.zeros((0, 3, 4), np.uint32)).any()
    assert not shade_values(np.full((3, 4), np.nan), 0, 1).any()


@settings(deadline=None)
@given(planes, st.sampled_from([0.5, 0.9, 0.995, 1.0]))
def test_a_quantile_is_the_least_count_that_enough_pixels_do_not_exceed(count, share):
    count = np.minimum(count, 65_535)
    filled = np.sort(count[count > 0])
    found = quantile_of_filled(count, share)
    if len(filled) == 0:
        assert found == 0
    else:
        assert (filled <= found).sum() >= share * len(filled)
        assert found in filled


def test_a_quantile_of_large_counts_is_rounded_down_a_little():
    count = np.array([[1, 5, 9_000_001]], np.uint32)
    assert 0 <= 9_000_001 - quantile_of_filled(count, 1.0) < 9_000_001 / 32_768
