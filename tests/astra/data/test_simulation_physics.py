"""The generators against theory and published numbers."""

import math

import numpy as np
import pandas as pd
import pytest
from astropy.cosmology import FlatLambdaCDM
from astropy.timeseries import LombScargle
from shapely.geometry import Point

from astra.data.light_curves import LightCurves, magnitude
from astra.data.simulation.dice import Dice
from astra.data.simulation.generators.binaries import eclipsing
from astra.data.simulation.generators.eclipses import (
    Binary,
    add_eclipses,
    hidden,
    overlap,
    ring_steps,
    roche_radius,
    true_anomaly,
)
from astra.data.simulation.generators.fourier import NEVER, add_fourier
from astra.data.simulation.generators.long_period import long_period
from astra.data.simulation.generators.outbursts import Events, add_events
from astra.data.simulation.generators.pulsators import rr_lyrae, scaled
from astra.data.simulation.generators.rotation import rs_cvn
from astra.data.simulation.generators.stochastic import (
    add_damped_random_walk,
    agn,
    distance_modulus,
    macleod,
)
from astra.data.simulation.generators.transients import supernova_ia
from astra.data.simulation.scene import Scene
from astra.data.simulation.simulate import simulate


def scene_of(objects: int, mjd: np.ndarray, bands: int = 3, mean: float = 17.0) -> Scene:
    """Objects that are all seen at the same times, in all bands at each of them."""
    times = np.repeat(mjd, bands)
    number = len(times)
    starts = np.arange(objects, dtype=np.int64) * number
    return Scene(
        dice=Dice(4, np.arange(objects, dtype=np.uint64)),
        magnitude=np.tile([mean + 0.5, mean, mean - 0.2], (objects, 1)),
        colour=np.full(objects, 0.5),
        anomaly=np.full(objects, "", dtype="U20"),
        starts=starts,
        stops=starts + number,
        mjd=np.tile(times, objects),
        band=np.tile(np.arange(bands, dtype=np.uint8), objects * len(mjd)),
        variation=np.zeros(objects * number),
    )


def curves(scene: Scene, bands: int = 3) -> np.ndarray:
    """Variation as [objects, times, bands]."""
    return scene.variation.reshape(len(scene), -1, bands)


def test_damped_random_walk_has_the_structure_function_of_theory() -> None:
    mjd = 58200 + np.arange(0, 1500, 5.0)
    scene = scene_of(600, mjd)
    sigma = np.array([0.3, 0.2, 0.1])
    add_damped_random_walk(scene, np.full(600, 80.0), np.tile(sigma, (600, 1)))
    walk = curves(scene)
    np.testing.assert_allclose(walk[..., 0], 1.5 * walk[..., 1], atol=1e-12)
    assert walk[..., 1].std() == pytest.approx(0.2, rel=0.03)
    for lag in (1, 4, 16, 60):
        measured = np.sqrt(np.mean((walk[:, lag:, 1] - walk[:, :-lag, 1]) ** 2))
        theory = np.sqrt(2) * 0.2 * np.sqrt(1 - np.exp(-5.0 * lag / 80))
        assert measured == pytest.approx(theory, rel=0.04)


def test_quasars_follow_macleod_2010() -> None:
    redshift = np.array([4746 / 4000 - 1, 6366 / 4000 - 1])
    tau, sf = macleod(redshift, np.array([-23.0, -23.0]), np.array([9.0, 9.0]))
    assert sf[0, 0] == pytest.approx(10**-0.51)
    assert tau[1] == pytest.approx(10**2.4 * 6366 / 4000)
    brighter = macleod(redshift, np.array([-27.0, -27.0]), np.array([9.0, 9.0]))[1]
    np.testing.assert_allclose(np.log10(brighter / sf), -0.131 * 4)


def test_quasars_are_bluer_when_brighter() -> None:
    scene = scene_of(50, 58200 + np.arange(0, 1700, 3.0), mean=19.0)
    truth = agn(scene)
    variation = curves(scene)
    colour, light = variation[..., 0] - variation[..., 1], variation[..., 1]
    assert (np.sum((colour - colour.mean(1, keepdims=True)) * light, axis=1) > 0).all()
    assert np.isnan(truth.period_days).all()
    assert 0.3 < np.median(truth.redshift) < 2.5


def test_distance_modulus_agrees_with_astropy() -> None:
    redshift = np.array([0.01, 0.1, 0.5, 1.0, 3.0])
    expected = FlatLambdaCDM(H0=70, Om0=0.3, Tcmb0=0).distmod(redshift).value
    np.testing.assert_allclose(distance_modulus(redshift), expected, atol=0.003)


def test_overlap_of_discs_agrees_with_polygons() -> None:
    for radius, other, distance in (
        (1, 0.5, 0.8),
        (0.4, 0.4, 0.1),
        (1, 0.2, 0.95),
        (0.3, 0.9, 0.7),
    ):
        disc = Point(0, 0).buffer(radius, quad_segs=512)
        area = disc.intersection(Point(distance, 0).buffer(other, quad_segs=512)).area
        assert overlap(radius, other, distance) * math.pi == pytest.approx(area, rel=1e-4)
    assert overlap(1, 0.5, 1.6) == 0
    assert overlap(1, 0.5, 0.2) == pytest.approx(0.25)


def test_limb_darkened_disc_hides_what_direct_summation_says() -> None:
    steps = ring_steps(0.6)
    assert (steps[:, 1] * steps[:, 0] ** 2).sum() == pytest.approx(1.0)
    x, y = np.meshgrid(np.linspace(-1, 1, 1201), np.linspace(-1, 1, 1201))
    inside = x**2 + y**2 < 1
    light = np.where(inside, 1 - 0.6 * (1 - np.sqrt(np.maximum(1 - x**2 - y**2, 0))), 0)
    for other, distance in ((0.7, 0.0), (0.7, 0.6), (0.5, 1.2), (1.2, 0.9)):
        covered = (x - distance) ** 2 + y**2 < other**2
        expected = light[covered].sum() / light.sum()
        assert hidden(1.0, other, distance, steps) == pytest.approx(expected, abs=0.006)


def binary(objects: int = 1, **changes: float) -> Binary:
    settings = {
        "period": 2.0, "phase": 0.0, "inclination": math.pi / 2, "eccentricity": 0.0,
        "periastron": 0.0, "radius": 0.05, "other_radius": 0.02, "mass_ratio": 1.0,
        "temperature": 6000.0, "other_temperature": 600.0, "third_light": 0.0,
        "reflection": 0.0, "spot": 0.0, "until": NEVER,
    } | changes  # fmt: skip
    return Binary(**{name: np.full(objects, value) for name, value in settings.items()})


def test_eclipse_by_a_dark_disc_is_as_deep_as_its_area() -> None:
    scene = scene_of(1, np.array([58000.0, 58000.5, 58001.0, 58002.0]))
    add_eclipses(scene, binary(), limb_darkening=np.zeros(3))
    depth = curves(scene)[0]
    expected = -2.5 * np.log10(1 - (0.02 / 0.05) ** 2)
    # Tides of stars this small are of the order of (R / a)^3.
    np.testing.assert_allclose(depth[[0, 3]], expected, atol=3e-4)
    np.testing.assert_allclose(depth[[1, 2]], 0.0, atol=3e-4)


def test_secondary_eclipse_is_as_deep_as_the_light_that_it_hides() -> None:
    scene = scene_of(2, np.array([58000.0, 58001.0]))
    equal = binary(2, other_radius=0.05, other_temperature=6000.0, third_light=0.2)
    add_eclipses(scene, equal)
    np.testing.assert_allclose(curves(scene), -2.5 * np.log10(1 - 0.4), atol=1e-3)
    scene = scene_of(1, np.array([58000.0, 58001.0]))
    add_eclipses(scene, binary(other_radius=0.05, other_temperature=4500.0))
    primary, secondary = curves(scene)[0]
    assert (primary > secondary).all()
    assert secondary[0] < secondary[1] < secondary[2]


def test_eccentric_eclipses_come_at_the_times_of_keplers_law() -> None:
    for mean in np.linspace(-3.1, 9.4, 40):
        angle = true_anomaly(mean, 0.6)
        eccentric = 2 * math.atan(math.sqrt(0.4 / 1.6) * math.tan(angle / 2))
        found = eccentric - 0.6 * math.sin(eccentric)
        assert math.remainder(found - mean, 2 * math.pi) == pytest.approx(0, abs=1e-9)


def test_roche_lobe_of_equal_masses() -> None:
    assert roche_radius(np.array([1.0]))[0] == pytest.approx(0.379, abs=0.001)


def test_eclipsing_binaries_repeat_with_their_period_and_only_fade() -> None:
    mjd = 58200 + np.linspace(0, 40, 3000)
    scene = scene_of(120, mjd, bands=1)
    truth = eclipsing(scene)
    first = curves(scene, bands=1)[..., 0]
    detached = truth.subclass == "EA"
    assert 20 < detached.sum() < 60
    assert (first[detached].max(axis=1) > 0.02).mean() > 0.95
    assert (first[detached].min(axis=1) > -0.1).all()
    contact = truth.subclass == "EW"
    reach = np.ptp(first[contact], axis=1)
    assert 0.1 < np.median(reach) < 0.7
    assert np.median(truth.period_days[contact]) < 0.5 < np.median(truth.period_days[detached])
    later = scene_of(120, mjd[:50], bands=1)
    later.mjd[:] += np.repeat(truth.period_days * 11, 50)
    eclipsing(later)
    np.testing.assert_allclose(curves(later, 1)[..., 0], first[:, :50], atol=1e-6)


def test_fourier_series_has_its_amplitude_and_its_modulation() -> None:
    ratios, angles = np.array([[1.0, 0.5, 0.3]]), np.array([[0.0, 4.0, 2.0]])
    mjd = 58000 + np.linspace(0, 1, 400, endpoint=False)
    scene = scene_of(1, mjd, bands=1)
    series = np.repeat(scaled(ratios, angles, np.array([0.8]))[:, None, :], 3, axis=1)
    add_fourier(scene, np.ones(1), np.zeros(1), series, angles[:, None, :])
    turn = 2 * np.pi * np.outer(mjd - 58000, [1, 2, 3])
    expected = (series[0, 0] * np.cos(turn + angles[0])).sum(axis=1)
    np.testing.assert_allclose(curves(scene, 1)[0, :, 0], expected, atol=1e-9)
    assert np.ptp(expected) == pytest.approx(0.8, rel=0.01)
    modulated = scene_of(1, 58000 + np.arange(0, 60, 0.01), bands=1)
    beat = np.array([[30.0, 0.0, 0.5, 0.0]])
    add_fourier(modulated, np.ones(1), np.zeros(1), series, angles[:, None, :], modulation=beat)
    flux = curves(modulated, 1)[0, :, 0].reshape(60, 100)
    assert np.ptp(flux[0]) / np.ptp(flux[15]) == pytest.approx(1.5 / 0.5, rel=0.05)


def test_rr_lyrae_amplitudes_fall_with_period_and_with_wavelength() -> None:
    scene = scene_of(300, 58200 + np.arange(0, 30, 0.037))
    truth = rr_lyrae(scene)
    reach = np.ptp(curves(scene), axis=1)
    ab = truth.subclass == "RRab"
    rank = pd.Series(truth.period_days[ab]).corr(pd.Series(reach[ab, 0]), method="spearman")
    assert rank < -0.6
    assert np.median(reach[ab, 0] / reach[ab, 1]) == pytest.approx(1.14 / 0.81, rel=0.05)
    # Sawtooth: RRab rise within a fifth of the cycle, RRc take twice as long.
    slope = np.gradient(curves(scene)[..., 1], axis=1) / reach[:, None, 1]
    steep = -slope.min(axis=1) * truth.period_days
    assert np.median(steep[ab]) > 1.5 * np.median(steep[truth.subclass == "RRc"])


def test_spots_repeat_and_long_period_stars_do_not_quite() -> None:
    scene = scene_of(40, 58200 + np.arange(0, 1700, 0.7))
    truth = rs_cvn(scene)
    fades = curves(scene)
    assert (fades >= 0).all()
    assert (fades[..., 0].max(axis=1) > fades[..., 2].max(axis=1)).all()
    scene = scene_of(60, 58200 + np.arange(0, 1700, 4.0))
    truth = long_period(scene)
    reach = np.ptp(curves(scene), axis=1)
    mira = truth.subclass == "M"
    assert (reach[mira, 0] > 2.0).all()
    np.testing.assert_allclose(reach[:, 2] / reach[:, 0], 0.55 / 1.25, rtol=0.02)
    one = curves(scene)[np.flatnonzero(mira)[0], :, 1]
    period = truth.period_days[mira][0]
    shift = round(period / 4)
    assert 0.05 < np.std(one[shift:] - one[:-shift]) / np.std(one) < 1.0


def test_events_recur_with_their_interval_and_height() -> None:
    scene = scene_of(200, 58200 + np.arange(0, 1700, 0.25), bands=1)
    one = np.ones(200)
    train = Events(
        interval=40 * one,
        interval_scatter=0.3 * one,
        height=np.tile([-3.0, -2.0, -1.0], (200, 1)),
        height_scatter=0 * one,
        rise=one,
        plateau=4 * one,
        decline=5 * one,
        duration_scatter=0 * one,
    )
    add_events(scene, train, "bursts")
    light = curves(scene, 1)[..., 0]
    assert light.min() == pytest.approx(-3.0)
    begun = (light[:, 1:] < -1e-9) & (light[:, :-1] > -1e-9)
    assert begun.sum() / 200 == pytest.approx(1700 / 40, rel=0.05)
    assert (light < -2.999).mean() == pytest.approx(4 / 40, rel=0.1)


def test_supernovae_ia_decline_as_they_should() -> None:
    scene = scene_of(30, 58194 + np.arange(0, 1750, 1.0))
    supernova_ia(scene)
    light = np.where(curves(scene) < 50, curves(scene), np.nan)
    peak = np.nanargmin(light[..., 0], axis=1)
    rows = np.arange(30)[peak < 1700]
    decline = light[rows, peak[rows] + 15, 0] - light[rows, peak[rows], 0]
    assert 0.65 < np.median(decline) < 1.05
    # The second maximum: at a month, i has fallen far less than g.
    late = light[rows, peak[rows] + 28] - light[rows, peak[rows]]
    assert (late[:, 0] - late[:, 2]).min() > 0.8


@pytest.fixture(scope="module")
def bright() -> tuple[LightCurves, pd.DataFrame]:
    light_curves, _, truth = simulate(2500, 21)
    return light_curves, truth


@pytest.mark.parametrize(
    ("subclass", "highest", "factor"),
    [("RRab", 4.0, 1), ("DCEP", 1.0, 1), ("SXPHE", 24.0, 1), ("EW", 12.0, 2), ("ELL", 6.0, 2)],
)
def test_periods_of_truth_are_found_in_the_light_curves(
    bright, subclass: str, highest: float, factor: int
) -> None:
    light_curves, truth = bright
    rows = np.flatnonzero((truth["subclass"] == subclass) & ~truth["is_anomaly"])
    found = []
    for row in rows:
        curve = light_curves[int(row)]
        good = (curve.band == 1) & ~curve.flagged
        mjd, mag = curve.mjd[good], magnitude(curve.flux)[good]
        error = (curve.flux_error / curve.flux)[good]
        true = factor / truth["period_days"].iat[row]
        if len(mag) < 150 or true > highest or truth["amplitude"].iat[row] < 4 * np.median(error):
            continue
        low, middle, high = np.percentile(mag, [10, 50, 90])
        core = np.abs(mag - middle) < 3 * (high - low)
        frequency = np.arange(0.005, highest, 1 / 1757 / 4)
        power = LombScargle(mjd[core], mag[core], error[core]).power(frequency, method="fast")
        found.append(abs(frequency[power.argmax()] - true) < 1 / 1000)
        if len(found) == 5:
            break
    assert len(found) >= 4
    assert np.mean(found) > 0.75
