import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from astropy.timeseries import LombScargle
from numpy.typing import NDArray

from astra.data.light_curves import LightCurves
from astra.periods import PERIOD_COLUMNS, search
from astra.periods.search import MIN_OBSERVATIONS

Shape = Callable[[NDArray], NDArray]


def sine(phase: NDArray) -> NDArray:
    return 0.3 * np.sin(2 * np.pi * phase)


def sawtooth(phase: NDArray) -> NDArray:
    """RR Lyrae of type ab: a steep rise, a slow fall."""
    phase = phase % 1
    return np.where(phase < 0.85, phase / 0.85, (1 - phase) / 0.15) - 0.5


def eclipses(secondary: float) -> Shape:
    """Detached binary with eclipses of 0.6 mag and of ``secondary`` at phase 0.5."""

    def shape(phase: NDArray) -> NDArray:
        near = (phase + 0.5) % 1 - 0.5
        far = phase % 1 - 0.5
        return 0.6 * np.exp(-0.5 * (near / 0.04) ** 2) + secondary * np.exp(
            -0.5 * (far / 0.04) ** 2
        )

    return shape


@pytest.fixture
def periodic(magnitudes, epochs) -> Callable[..., LightCurves]:
    def make(
        shape: Shape,
        periods: list[float],
        number: int = 235,
        span: float = 2900,
        noise: float = 0.03,
    ) -> LightCurves:
        rows = []
        for seed, period in enumerate(periods):
            mjd = epochs(number, span, seed)
            scatter = np.random.default_rng(seed + 100).normal(0, noise, number)
            rows.append((mjd, 16 + shape((mjd - 55000) / period) + scatter, np.full(number, noise)))
        return magnitudes(rows)

    return make


PERIODS = [0.0713, 0.2911, 0.5531, 0.73, 2.171, 9.37, 47.3, 311.0]


def test_columns_are_those_promised(periodic) -> None:
    columns = search(periodic(sine, [0.5, 0.6]))
    assert list(columns) == list(PERIOD_COLUMNS)
    assert next(iter(PERIOD_COLUMNS)) == "period_days"
    assert all(values.shape == (2,) for values in columns.values())
    assert all(
        len(values) == 0 for values in search(periodic(sine, [0.5]).take(slice(0, 0))).values()
    )


@pytest.mark.parametrize("shape", [sine, sawtooth], ids=["sine", "sawtooth"])
def test_known_periods_are_found(periodic, shape: Shape) -> None:
    columns = search(periodic(shape, PERIODS))
    np.testing.assert_allclose(columns["period_days"], PERIODS, rtol=2e-3)
    assert (columns["gain_5"] > 0.9).all()
    assert (np.diff([columns[f"gain_{k}"] for k in (1, 2, 5)], axis=0) > -1e-3).all()
    assert (columns["usable_observations"] == 235).all()


def test_a_sine_leaves_nothing_to_more_harmonics(periodic) -> None:
    columns = search(periodic(sine, PERIODS))
    np.testing.assert_allclose(columns["gain_5"], columns["gain_1"], atol=0.02)
    np.testing.assert_allclose(columns["log_rms"], np.log10(0.3 / np.sqrt(2)), atol=0.03)


def test_unequal_eclipses_give_the_orbital_period(periodic) -> None:
    periods = [0.43, 0.871, 1.37, 3.19]
    columns = search(periodic(eclipses(0.25), periods, number=400, noise=0.02))
    np.testing.assert_allclose(columns["period_days"], periods, rtol=1e-3)


def test_equal_eclipses_give_half_the_orbital_period(periodic) -> None:
    periods = np.array([0.43, 0.871, 1.37, 3.19])
    columns = search(periodic(eclipses(0.6), list(periods), number=400, noise=0.02))
    np.testing.assert_allclose(columns["period_days"], periods / 2, rtol=1e-3)
    assert (columns["double_period"] < 3.1).all()


def test_the_double_period_statistic_tells_slightly_unequal_eclipses(periodic) -> None:
    equal = search(periodic(eclipses(0.6), [0.43, 1.37], number=400))
    unequal = search(periodic(eclipses(0.5), [0.43, 1.37], number=400))
    halved = np.isclose(unequal["period_days"], [0.215, 0.685], rtol=1e-3)
    assert (unequal["double_period"] > equal["double_period"])[halved].all()


def test_phase_zero_is_the_fainter_eclipse(periodic) -> None:
    period = 1.37
    light_curves = periodic(eclipses(0.3), [period], number=400, noise=0.01)
    columns = search(light_curves)
    cycles = (columns["phase_zero_mjd"] - 55000) / period
    np.testing.assert_allclose(cycles, np.round(cycles), atol=0.03)
    middle = light_curves[0].mjd[[0, -1]].mean()
    assert np.abs(columns["phase_zero_mjd"] - middle) < 2 * period


def test_two_bands_with_different_levels_are_one_series(epochs) -> None:
    mjd = epochs(160, 900)
    band = np.random.default_rng(1).choice(["ztf_g", "ztf_r"], 160)
    magnitude = 15 + 2 * (band == "ztf_g") + sine(mjd / 0.618)
    flux = 10 ** (-0.4 * (magnitude - 23.9))
    table = pd.DataFrame(
        {"object_id": "a", "mjd": mjd, "band": band, "flux_ujy": flux, "flux_err_ujy": 0.02 * flux}
    )
    columns = search(LightCurves.from_tables(pd.DataFrame({"object_id": ["a"]}), table))
    assert columns["period_days"][0] == pytest.approx(0.618, rel=1e-3)


def test_difference_fluxes_give_the_same_period_as_total_fluxes(epochs) -> None:
    mjd = epochs(200, 1500)
    flux = 40 * np.cos(2 * np.pi * (mjd - 55000) / 0.7321) + np.random.default_rng(0).normal(
        0, 4, 200
    )
    table = pd.DataFrame(
        {"object_id": "a", "mjd": mjd, "band": "ztf_g", "flux_ujy": flux, "flux_err_ujy": 4.0}
    )
    objects = pd.DataFrame({"object_id": ["a"], "flux_kind": ["difference"]})
    columns = search(LightCurves.from_tables(objects, table))
    assert columns["period_days"][0] == pytest.approx(0.7321, rel=1e-3)
    cycles = (columns["phase_zero_mjd"][0] - 55000) / 0.7321
    assert cycles % 1 == pytest.approx(0.5, abs=0.05)


def test_the_highest_peak_is_that_of_astropy(magnitudes, epochs) -> None:
    """Forty noisy stars, of which three may differ: the oracle's mean floats, ours does not."""
    generator = np.random.default_rng(42)
    rows = []
    for seed in range(40):
        mjd = epochs(120, 400, seed)
        magnitude = 16 + 0.5 * sine(mjd / generator.uniform(0.15, 3))
        error = generator.uniform(0.03, 0.15, 120)
        rows.append((mjd, magnitude + error * generator.normal(size=120), error))
    light_curves = magnitudes(rows)
    columns = search(light_curves)
    same = 0
    for i, light_curve in enumerate(light_curves):
        error = np.hypot(light_curve.magnitude_error, 0.02)
        oracle = LombScargle(light_curve.mjd, light_curve.magnitude, error)
        span = np.ptp(light_curve.mjd)
        frequency = np.arange(1 / 1500, 25, 1 / (3 * span))
        best = frequency[np.argmax(oracle.power(frequency, "standard", "fast", True))]
        same += abs(best - 1 / columns["period_lomb_scargle_days"][i]) < 1 / span
    assert same >= 37


def test_the_order_of_objects_does_not_matter(periodic) -> None:
    light_curves = periodic(sawtooth, PERIODS)
    order = np.random.default_rng(0).permutation(len(PERIODS))
    here, there = search(light_curves), search(light_curves.take(order))
    for name in PERIOD_COLUMNS:
        np.testing.assert_array_equal(here[name][order], there[name])


def test_a_shift_in_time_moves_the_phase_zero_and_nothing_else(magnitudes, epochs) -> None:
    mjd = np.round(epochs(200, 1500), 3)
    magnitude = 16 + sawtooth(mjd / 0.5531)
    early, late = (
        search(magnitudes([(mjd + shift, magnitude, np.full(200, 0.02))])) for shift in (0, 3000)
    )
    for name in PERIOD_COLUMNS:
        shift = 3000 if name == "phase_zero_mjd" else 0
        np.testing.assert_allclose(late[name], early[name] + shift, rtol=1e-6, atol=1e-5)


def test_hopeless_objects_have_no_period_and_raise_nothing(magnitudes, epochs) -> None:
    mjd = epochs(50, 900)
    error = np.full(50, 0.05)
    few = MIN_OBSERVATIONS - 1
    noise = np.random.default_rng(0).normal(0, 0.1, 50)
    light_curves = magnitudes(
        [
            (mjd[:few], 15 + noise[:few], error[:few]),
            (mjd, np.full(50, 15.0), error),
            (np.full(50, 55000.0), 15 + noise, error),
            (mjd, 15 + noise, np.full(50, 3.0)),
            (mjd, 15 + noise, error),
        ]
    )
    columns = search(light_curves)
    assert np.isfinite(columns["period_days"]).tolist() == [False, False, False, False, True]
    assert columns["usable_observations"].tolist() == [few, 50, 50, 0, 50]


@pytest.mark.parametrize(
    ("number", "span", "period"),
    [(12, 0.25, 0.09), (4000, 7300.0, 0.3371), (700, 1757.0, 12.3), (60, 25_000.0, 400.0)],
)
def test_spans_of_hours_to_decades_work(periodic, number: int, span: float, period: float) -> None:
    generator = np.random.default_rng(0)
    mjd = np.sort(52000 + generator.uniform(0, span, number))
    light_curves = periodic(sine, [period], number=number, span=max(span, 600))
    if span < 1:
        time = np.rint((mjd - 55000) / 1e-5).astype(np.int32)
        light_curves = LightCurves(**{**light_curves.__dict__, "time": time})
    columns = search(light_curves)
    if span > 1:
        assert columns["period_days"][0] == pytest.approx(period, rel=3e-3)
    else:
        assert columns["period_days"][0] > 0


@pytest.mark.observed
def test_catalogue_periods_are_recovered() -> None:
    """Catalina (Drake et al. 2017): P, P/2, 2P, P/3 or 3P within 1 %."""
    folder = os.environ.get("ASTRA_OBSERVED_DATA")
    if not folder:
        pytest.skip("set ASTRA_OBSERVED_DATA to the folder of observed light curves")
    objects = pd.read_parquet(Path(folder) / "variables_objects.parquet")
    objects = objects.query("survey == 'css_sss' and period_days > 0")
    objects = objects.sample(300, random_state=20)
    observations = pd.read_parquet(
        Path(folder) / "variables_observations.parquet",
        filters=[("object_id", "in", objects["object_id"].tolist())],
    )
    found = search(LightCurves.from_tables(objects, observations))["period_days"]
    ratio = found[:, None] / np.asarray(objects["period_days"])[:, None]
    recovered = (np.abs(ratio / [1, 1 / 2, 2, 1 / 3, 3] - 1) < 0.01).any(axis=1)
    assert recovered.mean() >= 0.85
