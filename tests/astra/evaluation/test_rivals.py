import nifty_ls
import numpy as np
import pytest

from astra.data.errors import AstraError
from astra.encoders.astra_inputs import side_numbers
from astra.evaluation import needs
from astra.evaluation.rivals import FEATURES, FOURIER, folded_numbers, rival_numbers
from astra.periods import merge, search
from astra.periods.spectrum import MAX_FREQUENCY


@pytest.fixture(scope="module")
def sinusoids(make_light_curves):
    light_curves = make_light_curves([150] * 30, bands=("ztf_r",))
    return light_curves, search(light_curves)


def test_both_rivals_give_finite_numbers(sinusoids):
    light_curves, columns = sinusoids
    numbers = rival_numbers(light_curves, columns)
    assert numbers[FEATURES].shape == (30, 34)
    assert numbers[FOURIER].shape == (30, 43)
    assert all(np.isfinite(table).all() for table in numbers.values())


def test_a_rival_is_given_what_the_encoder_is_shown_of_the_period_search(sinusoids):
    light_curves, columns = sinusoids
    shown = side_numbers(columns)
    found = rival_numbers(light_curves, columns)[FOURIER][:, : shown.shape[1]]
    np.testing.assert_allclose(found, shown, rtol=1e-6)
    expected = [np.log10(columns["period_days"]), columns["log_rms"]]
    np.testing.assert_allclose(found[:, [0, -1]].T, expected)


def test_statistics_are_those_of_numpy(sinusoids):
    light_curves, columns = sinusoids
    table = rival_numbers(light_curves, columns)[FEATURES]
    merged = merge(light_curves)
    for row in range(5):
        value = merged.value[merged.offsets[row] : merged.offsets[row + 1]]
        assert table[row, 0] == pytest.approx(np.ptp(value) / 2)
        assert table[row, 30] == pytest.approx(value.std(ddof=1))
    assert table[:, 32] == pytest.approx(np.log10(columns["period_lomb_scargle_days"]))


def test_the_lomb_scargle_period_is_that_of_nifty_ls(sinusoids):
    light_curves, columns = sinusoids
    merged = merge(light_curves)
    near = 0
    for row in range(len(merged)):
        span = slice(merged.offsets[row], merged.offsets[row + 1])
        time, value, error = merged.time[span], merged.value[span], merged.error[span]
        error = np.hypot(error, 0.02)
        length = time[-1] - time[0]
        found = nifty_ls.lombscargle(
            time, value, error, fmin=1 / 1500, fmax=MAX_FREQUENCY, samples_per_peak=5
        )
        peak = found.fmin + found.df * found.power.argmax()
        near += abs(peak - 1 / columns["period_lomb_scargle_days"][row]) < 0.5 / length
    assert near >= 28


def test_fourier_coefficients_are_those_of_a_slow_fit(sinusoids):
    light_curves, columns = sinusoids
    table = folded_numbers(light_curves, columns)
    merged = merge(light_curves)
    for row in range(3):
        span = slice(merged.offsets[row], merged.offsets[row + 1])
        weight = 1 / (merged.error[span] ** 2 + 0.02**2)
        weight /= weight.sum()
        value = merged.value[span]
        since = merged.time[span] + merged.zero - columns["phase_zero_mjd"][row]
        for factor, first in ((1, 21), (2, 32)):
            phase = 2 * np.pi * since / (factor * columns["period_days"][row])
            basis = [np.ones_like(phase)]
            basis += [np.cos(k * phase) for k in range(1, 6)]
            basis += [np.sin(k * phase) for k in range(1, 6)]
            root = np.sqrt(weight)
            fitted = np.linalg.lstsq(np.array(basis).T * root[:, None], value * root)[0]
            rms = np.sqrt((weight * value**2).sum())
            assert table[row, first : first + 11] == pytest.approx(fitted / rms, abs=0.02)


def test_objects_with_little_to_say_get_unknown_numbers(make_light_curves):
    light_curves = make_light_curves([0, 1, 3, 8, 60])
    numbers = rival_numbers(light_curves, search(light_curves))
    assert np.isnan(numbers[FEATURES][0]).all()
    assert np.isnan(numbers[FOURIER][:4, 0]).all()
    assert np.isfinite(numbers[FEATURES][4]).all()
    assert all(not np.isinf(table).any() for table in numbers.values())


def test_equal_times_in_two_bands_do_not_stop_the_features(make_light_curves):
    light_curves = make_light_curves([80, 80])
    light_curves.time[:] = np.repeat(light_curves.time[::2], 2)
    numbers = rival_numbers(light_curves, search(light_curves))[FEATURES]
    assert np.isfinite(numbers).all()
    merged = merge(light_curves)
    for row in range(2):
        span = slice(merged.offsets[row], merged.offsets[row + 1])
        first = np.unique(merged.time[span], return_index=True)[1]
        assert len(first) == 40
        assert numbers[row, 30] == pytest.approx(merged.value[span][first].std(ddof=1))


def test_a_missing_package_is_named_with_its_remedy():
    with pytest.raises(AstraError, match=r"package no-such-thing: pip install .*\[evaluate\]"):
        needs.needed("no_such_thing", "no-such-thing")
