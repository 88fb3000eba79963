import warnings
from dataclasses import replace

import numpy as np
import pytest

from astra.data.light_curves import LightCurves
from astra.encoders.astra_clr_replica import start_middle_end
from astra.encoders.band_blocks import BandBlocks, nearest_block

SIZE = (30, 40, 5)
IN_ZTF = ("ztf_g", "ztf_r", "ztf_i")


@pytest.fixture(scope="module")
def ztf(make_light_curves) -> LightCurves:
    return make_light_curves([0, 1, 5, 60, 119, 300], bands=IN_ZTF, flagged=0.1)


def magnitudes(light_curves: LightCurves, row: int) -> tuple[np.ndarray, ...]:
    """MJD, magnitude, error and band of what one object may show, in float64."""
    curve = light_curves[row]
    good = ~curve.flagged & (curve.flux > 0)
    flux, error = curve.flux[good].astype(float), curve.flux_error[good].astype(float)
    return curve.mjd[good], -2.5 * np.log10(flux), 1.0857362 * error / flux, curve.band[good]


def test_magnitudes_are_about_one_weighted_mean_of_all_bands(ztf: LightCurves) -> None:
    seen = BandBlocks.of(ztf).observations
    for row in range(len(ztf)):
        _, magnitude, error, _ = magnitudes(ztf, row)
        found = seen.value[seen.offsets[row] : seen.offsets[row + 1]]
        if len(magnitude):
            mean = np.average(magnitude, weights=error**-2)
            np.testing.assert_allclose(found, magnitude - mean, atol=1e-5)


def test_difference_fluxes_stay_about_zero_flux(make_light_curves) -> None:
    light_curves = make_light_curves([50], difference=True)
    seen = BandBlocks.of(light_curves).observations
    assert ((seen.value < 0) == (light_curves.flux > 0)).all()


def test_days_count_from_mjd_58000(ztf: LightCurves) -> None:
    blocks = BandBlocks.of(ztf)
    mjd, *_ = magnitudes(ztf, 3)
    start, stop = blocks.observations.offsets[3:5]
    np.testing.assert_allclose(blocks.day[start:stop], mjd - 58000, atol=1e-6)


def test_bands_join_the_nearest_block() -> None:
    nearest = {3500: 0, 4746: 0, 5330: 0, 5510: 1, 6790: 1, 7000: 1, 7770: 2, 9700: 2}
    found = nearest_block(np.array(list(nearest), float))
    np.testing.assert_array_equal(found, list(nearest.values()))


def test_bands_of_one_block_keep_their_time_order_and_wavelength(make_light_curves) -> None:
    light_curves = make_light_curves([80], bands=("gaia_G", "ztf_r"))
    cut = BandBlocks.of(light_curves).cut(np.zeros((1, 1, 3), int), (10, 100, 10))
    assert cut["mask"].sum() == 80
    assert (np.diff(cut["day"][0, 0, :80]) >= 0).all()
    expected = np.log10([6220.0, 6366.0])[light_curves.band]
    np.testing.assert_allclose(cut["log_wavelength"][0, 0, :80], expected, rtol=1e-6)


def slow_windows(light_curves: LightCurves, row: int, start, hidden, size) -> list[np.ndarray]:
    """Rank of each observation that a window shows, block by block."""
    *_, band = magnitudes(light_curves, row)
    shown = []
    for window in start[row]:
        chosen = []
        for block in range(3):
            places = [k for k in range(len(band)) if band[k] == block]
            run = places[window[block] : window[block] + size[block]]
            chosen += [k for k in run if not hidden[k]]
        shown.append(np.array(chosen, int))
    return shown


def test_runs_equal_their_slow_twin(ztf: LightCurves) -> None:
    blocks, generator = BandBlocks.of(ztf), np.random.default_rng(0)
    seen = blocks.observations
    hidden = generator.random(len(seen.value)) < 0.3
    start = generator.integers(0, np.maximum(blocks.counts - SIZE, 1)[:, None], (len(ztf), 2, 3))
    cut = blocks.cut(start, SIZE, hidden)
    for row in range(len(ztf)):
        span = slice(seen.offsets[row], seen.offsets[row + 1])
        twin = slow_windows(ztf, row, start, hidden[span], SIZE)
        for window, chosen in enumerate(twin):
            mask = cut["mask"][row, window]
            assert mask[: len(chosen)].all()
            assert not mask[len(chosen) :].any()
            for name, column in (("value", seen.value), ("day", blocks.day)):
                np.testing.assert_allclose(
                    cut[name][row, window, mask], column[span][chosen], rtol=1e-6
                )
                assert not cut[name][row, window, ~mask].any()


def test_windows_and_their_own_centres_are_those_of_the_published_package(
    make_light_curves,
) -> None:
    embed = pytest.importorskip("light_curve.embed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = embed.AstraCLR(None, reduction=["beginning", "middle", "end"])
    light_curves = make_light_curves([7, 500, 1200], bands=IN_ZTF)
    blocks = BandBlocks.of(light_curves)
    size = (300, 350, 50)
    cut = blocks.cut(start_middle_end(blocks.counts, size), size, by_run=True)
    for row in range(len(light_curves)):
        tensors = theirs.preprocess_lc(*magnitudes(light_curves, row))
        for window in range(3):
            real, mask = tensors.bool_mask[window], cut["mask"][row, window]
            expected = {"value": tensors.input, "day": tensors.times}
            for name, tensor in expected.items():
                np.testing.assert_allclose(
                    cut[name][row, window, mask], tensor[window, real, 0], atol=2e-3
                )
            np.testing.assert_allclose(
                cut["log_wavelength"][row, window, mask],
                tensors.band_info[window, real, 0],
                atol=1e-4,
            )


def test_relative_times_begin_at_zero(ztf: LightCurves) -> None:
    blocks = BandBlocks.of(ztf)
    start = start_middle_end(blocks.counts, SIZE)
    absolute, relative = (blocks.cut(start, SIZE, relative=flag) for flag in (False, True))
    for row in range(1, len(ztf)):
        for window in range(3):
            mask = absolute["mask"][row, window]
            days = absolute["day"][row, window, mask]
            found = relative["day"][row, window, mask]
            np.testing.assert_allclose(found, days - days.min(), atol=1e-3)
    later = replace(ztf, mjd_zero=ztf.mjd_zero + 1000)
    np.testing.assert_allclose(
        BandBlocks.of(later).cut(start, SIZE, relative=True)["day"], relative["day"], atol=1e-3
    )
