from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from astropy.timeseries import LombScargleMultiband
from numpy.typing import NDArray

from astra.analysis.periods import NoPeriodError, Period, find_period
from astra.data.bands import band
from astra.data.light_curves import LightCurve
from astra.periods.aliases import is_daily
from astra.periods.boxes import Boxes
from astra.periods.finding import SearchCancelledError, fit_near
from astra.periods.series import series_of
from astra.periods.spectrum import MAX_FREQUENCY

Curve = Callable[[NDArray], NDArray]
TWO = (band("ztf_g"), band("ztf_r"))
ZERO = 15.0


def light_curve(
    curve: Curve, mjd: NDArray, period: float, noise: float = 0.03, seed: int = 0
) -> LightCurve:
    """A curve of phase [mag] seen in two bands, of different mean and amplitude."""
    generator = np.random.default_rng(seed)
    code = generator.integers(0, 2, len(mjd)).astype(np.uint8)
    phase = mjd / period % 1
    magnitude = ZERO + 0.6 * code + (1 - 0.2 * code) * curve(phase)
    magnitude = magnitude + generator.normal(0, noise, len(mjd))
    flux = 10 ** (-0.4 * (magnitude - 23.9))
    error = flux * noise * np.log(10) / 2.5
    flags = np.zeros(len(mjd), bool)
    return LightCurve(
        mjd, flux.astype(np.float32), error.astype(np.float32), code, flags, TWO, object_id="one"
    )


def sawtooth(phase: NDArray) -> NDArray:
    return 0.8 * (np.minimum(phase / 0.8, (1 - phase) / 0.2) - 0.5)


def sine(phase: NDArray) -> NDArray:
    return 0.3 * np.sin(2 * np.pi * phase)


def eclipse(phase: NDArray, at: float, half_width: float, depth: float) -> NDArray:
    return depth * (np.abs((phase - at + 0.5) % 1 - 0.5) < half_width)


def like_eclipses(phase: NDArray) -> NDArray:
    """A contact binary: two rounded minima of one depth, narrower than the maxima."""
    return 0.3 * np.abs(np.cos(2 * np.pi * phase)) ** 3


def unlike_eclipses(phase: NDArray) -> NDArray:
    return eclipse(phase, 0.0, 0.05, 0.9) + eclipse(phase, 0.5, 0.05, 0.4)


def one_narrow_eclipse(phase: NDArray) -> NDArray:
    return eclipse(phase, 0.3, 0.015, 0.8)


@pytest.mark.parametrize(
    ("curve", "period"),
    [
        (sawtooth, 0.5612),
        (sawtooth, 4.217),
        (sine, 0.3317),
        (sine, 47.3),
        (like_eclipses, 0.3641),
        (unlike_eclipses, 2.3174),
    ],
)
def test_injected_periods_are_found(curve, period, epochs) -> None:
    found = find_period(light_curve(curve, epochs(220, 1500), period))
    assert found.days == pytest.approx(period, rel=1e-3)
    assert abs(found.days - period) < 6 * found.candidates[0].error_days
    assert found.false_alarm < 1e-10
    assert 0.7 < found.power <= 1


def test_of_eclipses_alike_the_orbit_is_found_and_of_pulsations_the_cycle(epochs) -> None:
    orbit = find_period(light_curve(like_eclipses, epochs(220, 1500), 0.3641)).candidates[0]
    cycle = find_period(light_curve(sawtooth, epochs(220, 1500), 0.3641)).candidates[0]
    assert orbit.other_days == pytest.approx(orbit.days / 2)
    assert cycle.other_days == pytest.approx(cycle.days * 2)


def test_a_narrow_eclipse_is_found_as_a_box(epochs) -> None:
    found = find_period(light_curve(one_narrow_eclipse, epochs(500, 900), 1.7371, noise=0.02))
    near = [c for c in found.candidates if c.origin == "box"]
    assert any(min(abs(c.days / (m * 1.7371) - 1) for m in (0.5, 1, 2)) < 1e-3 for c in near)


def test_a_box_explains_what_two_levels_explain(epochs) -> None:
    series = series_of(light_curve(one_narrow_eclipse, epochs(400, 400), 1.37, noise=0.02))
    box = Boxes(series).near(1 / 1.37, 1e-6)
    best = 0.0
    for start in np.arange(0, 1, 0.002):  # the same by trying all dips, slowly
        for width in (0.03, 0.06, 0.12):
            inside = (series.time * box.frequency - start) % 1 < width
            if 4 <= inside.sum() < len(series):
                levels = [
                    np.average(series.value[part], weights=series.weight[part])
                    for part in (inside, ~inside)
                ]
                fitted = np.where(inside, *levels)
                rest = (series.weight * (series.value - fitted) ** 2).sum()
                if levels[0] > levels[1]:
                    best = max(best, 1 - rest / (series.weight * series.value**2).sum())
    assert box.gain == pytest.approx(best, rel=0.1)
    assert box.gain > 0.8


def test_the_first_candidate_is_the_peak_of_astropys_multiband_periodogram(epochs) -> None:
    seen = light_curve(sine, epochs(60, 40), 0.7312, noise=0.05)
    frequency = np.arange(0.05, 5, 0.002)
    slow = LombScargleMultiband(
        seen.mjd, seen.magnitude, seen.band.astype(str), seen.magnitude_error
    ).power(frequency)
    days = find_period(seen).candidates[0].days
    assert days == pytest.approx(1 / frequency[np.argmax(slow)], rel=3e-3)


def test_candidates_are_ranked_distinct_and_marked(epochs) -> None:
    found = find_period(light_curve(sine, epochs(120, 700), 0.6173, noise=0.15))
    candidates = found.candidates
    assert 3 <= len(candidates) <= 5
    assert candidates[0].relation == "" and not candidates[0].is_suspect
    mirrors = [c.relation for c in candidates[1:] if c.is_suspect]
    assert any("/d" in relation for relation in mirrors), candidates
    for one in candidates:
        for other in candidates:
            if other is not one:
                assert min(abs(one.days / other.days / m - 1) for m in (0.5, 1, 2)) > 1e-4
        assert 1 / one.days <= MAX_FREQUENCY


def test_a_period_of_a_day_is_marked(epochs) -> None:
    found = find_period(light_curve(sine, epochs(200, 1200), 0.99727, noise=0.02))
    assert any("1 d" in candidate.rhythms for candidate in found.candidates)


def test_noise_is_no_period(epochs) -> None:
    chances = [
        find_period(
            light_curve(lambda phase: 0 * phase, epochs(80, 500, seed), 1.0, seed=seed)
        ).false_alarm
        for seed in range(12)
    ]
    assert np.median(chances) > 0.01


def test_the_same_light_curve_has_the_same_period(epochs) -> None:
    seen = light_curve(sawtooth, epochs(120, 900), 0.5612)
    assert find_period(seen).candidates == find_period(seen).candidates


def test_flagged_observations_are_left_out(epochs) -> None:
    seen = light_curve(sawtooth, epochs(150, 900), 0.5612)
    generator = np.random.default_rng(1)
    spoilt = generator.random(len(seen)) < 0.3
    flux = np.where(spoilt, seen.flux * generator.uniform(0.01, 9, len(seen)), seen.flux)
    flagged = replace(seen, flux=flux.astype(np.float32), flagged=spoilt)
    without = LightCurve(
        seen.mjd[~spoilt],
        seen.flux[~spoilt],
        seen.flux_error[~spoilt],
        seen.band[~spoilt],
        seen.flagged[~spoilt],
        TWO,
    )
    assert find_period(flagged).candidates == find_period(without).candidates
    assert find_period(flagged).observations == int((~spoilt).sum())


def test_differences_of_flux_have_periods_too(epochs) -> None:
    seen = light_curve(sine, epochs(150, 900), 0.7312)
    change = seen.flux - np.float32(seen.flux.mean())
    assert (change < 0).any()
    found = find_period(replace(seen, flux=change, is_difference=True))
    assert found.days == pytest.approx(0.7312, rel=1e-3)


def test_times_are_taken_as_they_are_not_in_ticks_of_a_store(epochs) -> None:
    mjd = epochs(300, 3) - 0.3 + np.random.default_rng(0).uniform(0, 1, 300)
    mjd.sort()
    found = find_period(light_curve(sine, mjd, 0.0437))
    assert found.days == pytest.approx(0.0437, rel=1e-3)


def test_phase_zero_is_where_the_curve_is_faintest(epochs) -> None:
    mjd = epochs(220, 1500)
    found: Period = find_period(light_curve(unlike_eclipses, mjd, 2.3174))
    assert mjd[0] < found.phase_zero_mjd < mjd[-1]
    off = (found.phase_zero_mjd / 2.3174 + 0.5) % 1 - 0.5
    assert abs(off) < 0.04


def refusals():
    mjd = np.arange(55000.0, 55030.0)
    yield light_curve(sine, mjd[:9], 0.7), r"one: 9 of 9 observations are usable; .* at least 10"
    seen = light_curve(sine, mjd, 0.7)
    yield replace(seen, flagged=np.arange(30) > 4), r"5 of 30 observations"
    yield replace(seen, mjd=np.full(30, 55000.5)), r"of one time, MJD 55000.50000"
    yield replace(seen, flux=np.full(30, 100, np.float32)), r"of one brightness"
    yield replace(seen, flux=np.full(30, np.nan, np.float32)), r"0 of 30"


@pytest.mark.parametrize(("seen", "said"), list(refusals()))
def test_what_has_no_period_is_refused_with_the_reason(seen, said) -> None:
    with pytest.raises(NoPeriodError, match=said):
        find_period(seen)


def test_a_search_that_nobody_waits_for_ends(epochs) -> None:
    asked = []

    def is_wanted() -> bool:
        asked.append(1)
        return len(asked) < 20

    with pytest.raises(SearchCancelledError):
        find_period(light_curve(sine, epochs(150, 900), 0.7312), is_wanted)
    assert len(asked) == 20


def test_a_period_that_is_pointed_at_is_refined_within_its_peak(epochs) -> None:
    seen = light_curve(sawtooth, epochs(150, 900), 0.5612)
    step = 0.5612**2 / 900
    assert fit_near(seen, 0.5612 + 0.2 * step).days == pytest.approx(0.5612, abs=0.03 * step)
    assert fit_near(seen, 0.47).days == pytest.approx(0.47, abs=0.5 * step)


def test_a_giant_that_is_seldom_observed_keeps_its_period(epochs) -> None:
    """Five harmonics at a third of its period explain most of twenty nights, and are not taken."""
    for seed in range(4):
        nights = epochs(22, 2600, seed)
        mjd = (nights[:, None] + 0.008 * np.arange(4)).ravel()
        found = find_period(light_curve(sine, mjd, 115.1, seed=seed))
        assert found.days == pytest.approx(115.1, rel=0.02)


def test_flaws_far_brighter_than_the_star_do_not_hide_its_period(epochs) -> None:
    for seed in range(4):
        seen = light_curve(sawtooth, epochs(160, 1500, seed), 0.3641, noise=0.05, seed=seed)
        flux = seen.flux.copy()
        flaws = np.random.default_rng(seed).choice(160, 2, replace=False)
        flux[flaws] *= np.float32(10**0.8)
        assert find_period(replace(seen, flux=flux)).days == pytest.approx(0.3641, rel=1e-3)


def test_a_pulsation_of_which_every_other_cycle_is_higher_is_not_doubled(epochs) -> None:
    """As of Blazhko stars (Szabo et al. 2010): catalogues have the time of one cycle."""
    for seed in range(4):
        mjd = epochs(220, 1500, seed)
        still = light_curve(lambda phase: 0 * phase, mjd, 1.0, seed=seed)
        height = 1 + 0.3 * (-1) ** np.floor(mjd / 0.5612)
        fainter = height * sawtooth(mjd / 0.5612 % 1)
        flux = (still.flux * 10 ** (-0.4 * fainter)).astype(np.float32)
        assert find_period(replace(still, flux=flux)).days == pytest.approx(0.5612, rel=1e-3)


def drifting(mjd: NDArray, drift: float, seed: int) -> LightCurve:
    """A weak pulsation of 0.3713 d under noise and a slow wave [mag]."""
    still = light_curve(lambda phase: 0 * phase, mjd, 1.0, noise=0.1, seed=seed)
    slow = drift * np.sin(2 * np.pi * mjd / (0.8 * (mjd[-1] - mjd[0])))
    fainter = slow + sine(mjd / 0.3713 % 1) / 3
    return replace(still, flux=(still.flux * 10 ** (-0.4 * fainter)).astype(np.float32))


@pytest.mark.parametrize("seed", [7, 15, 30])
def test_the_highest_peak_is_among_the_first_three(epochs, seed) -> None:
    found = find_period(drifting(epochs(80, 1500, seed), 0.2, seed))
    peak = found.periodogram.frequency[found.periodogram.power.argmax()]
    three = np.array([1 / candidate.days for candidate in found.candidates[:3]])
    assert np.abs(three[:, None] * [1, 2, 0.5] - peak).min() < 1.2 / found.span


@pytest.mark.parametrize("seed", [1, 3, 4])
def test_of_the_first_three_one_at_most_is_of_whole_cycles_a_day(epochs, seed) -> None:
    found = find_period(drifting(epochs(200, 2600, seed), 0.3, seed))
    assert sum(is_daily(1 / c.days, 1 / found.span) for c in found.candidates[:3]) <= 1
