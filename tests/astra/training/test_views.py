from dataclasses import replace

import numpy as np
import pytest

from astra.encoders.observations import usable_observations
from astra.training.views import View, add_outlier, corrupt, dropped, thinned


@pytest.fixture
def seen(light_curves):
    return usable_observations(light_curves)


def occupied_bins(seen, row: int, kept: np.ndarray) -> tuple[set, set]:
    """Bins of one object by hand: those with kept and those with dropped observations."""
    span = slice(seen.offsets[row], seen.offsets[row + 1])
    if span.start == span.stop:
        return set(), set()
    days = 1e-5 * (seen.time[span].astype(float) - seen.time[span.start])
    bins = np.floor(days / 5 + 1e-9).astype(int)
    return set(bins[kept[span]]), set(bins[~kept[span]])


@pytest.mark.parametrize("fraction", [0.3, 0.5, 0.9])
def test_whole_bins_vanish_and_exactly_the_fraction_asked_for(seen, fraction: float) -> None:
    kept = ~dropped(seen, fraction, 5.0, np.random.default_rng(0))
    for row in range(len(seen.lengths)):
        there, gone = occupied_bins(seen, row, kept)
        assert not there & gone
        assert len(gone) == int(fraction * len(there | gone))
        assert there or not gone


def test_every_bin_vanishes_as_often(make_light_curves) -> None:
    seen = usable_observations(make_light_curves([12]))
    generator = np.random.default_rng(0)
    often = np.mean([dropped(seen, 0.5, 5.0, generator) for _ in range(2000)], axis=0)
    np.testing.assert_allclose(often, 0.5, atol=0.05)


def test_all_bands_of_a_bin_vanish_together(make_light_curves) -> None:
    light_curves = make_light_curves([300])
    nights = replace(light_curves, time=np.sort(light_curves.time // 1_000_000 * 1_000_000))
    seen = usable_observations(nights)
    kept = ~dropped(seen, 0.5, 5.0, np.random.default_rng(0))
    for night in np.unique(seen.time):
        assert len(set(kept[seen.time == night])) == 1


def test_each_band_of_each_object_keeps_a_fraction_of_its_own(make_light_curves) -> None:
    seen = usable_observations(make_light_curves([4000] * 30))
    kept = thinned(seen, 0.5, np.random.default_rng(0))
    owner = np.repeat(np.arange(30), 4000)
    fraction = np.array(
        [kept[(owner == row) & (seen.band == band)].mean() for row in range(30) for band in (0, 1)]
    )
    assert (fraction > 0.46).all()
    assert fraction.mean() == pytest.approx(0.75, abs=0.06)
    assert fraction.std() == pytest.approx(0.5 / np.sqrt(12), rel=0.2)
    assert abs(np.corrcoef(fraction[::2], fraction[1::2])[0, 1]) < 0.5


def test_noise_is_scaled_to_each_error(make_light_curves) -> None:
    seen = usable_observations(make_light_curves([20000]))
    noisy = corrupt(seen, View(96, noise=2.0), 5.0, np.random.default_rng(0))
    pull = (noisy.value - seen.value) / seen.error
    assert pull.mean() == pytest.approx(0, abs=0.05)
    assert pull.std() == pytest.approx(2, rel=0.03)
    assert abs(np.corrcoef(np.abs(pull), seen.error)[0, 1]) < 0.03


def test_a_plain_view_changes_nothing(seen) -> None:
    assert corrupt(seen, View(96), 5.0, np.random.default_rng(0)) is seen


def test_one_real_observation_becomes_the_brightest() -> None:
    generator = np.random.default_rng(0)
    count = np.array([0, 1, 3, 8, 8, 8, 8, 8])
    mask = np.arange(8) < count[:, None, None]
    before = np.where(mask, generator.standard_normal((8, 1, 8)), 0).astype(np.float32)
    value = before.copy()
    add_outlier(value, mask, generator)
    changed = value != before
    np.testing.assert_array_equal(changed.sum(axis=(1, 2)), np.minimum(count, 1))
    assert mask[changed].all()
    brighter = before[1:, 0].min(axis=1, where=mask[1:, 0], initial=np.inf) - value[1:, 0].min(1)
    assert (brighter >= 0).all()
    assert (brighter <= 1).all()
    assert len(set(np.nonzero(changed[3:, 0])[1])) > 1
