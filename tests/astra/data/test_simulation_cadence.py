"""When the simulated survey looks, and how well it measures."""

from collections.abc import Iterator

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import AltAz, EarthLocation, SkyCoord, get_body, get_sun
from astropy.time import Time
from astropy.utils import iers

from astra.data.light_curves import magnitude_error
from astra.data.simulation.cadence import (
    LATITUDE,
    LONGITUDE,
    Cadence,
    cadence,
    field_centres,
    field_of,
    palomar_nights,
)
from astra.data.simulation.dice import Dice
from astra.data.simulation.noise import Photometry, observe
from astra.data.simulation.scene import Exposures, expose

PALOMAR = EarthLocation.from_geodetic(LONGITUDE * u.deg, LATITUDE * u.deg, 1712 * u.m)


@pytest.fixture(autouse=True)
def offline() -> Iterator[None]:
    with iers.conf.set_temp("auto_download", False):
        yield


@pytest.fixture(scope="module")
def plan() -> Cadence:
    return cadence(5)


def some_exposures(plan: Cadence, number: int) -> tuple[np.ndarray, SkyCoord, Time]:
    chosen = np.sort(np.random.default_rng(1).choice(len(plan.mjd), number, replace=False))
    field = np.searchsorted(plan.offsets, chosen, side="right") - 1
    ra, dec = field_centres()
    place = SkyCoord(ra[field] * u.deg, dec[field] * u.deg)
    return chosen, place, Time(plan.mjd[chosen], format="mjd", scale="utc")


def test_exposures_are_taken_in_the_dark_and_above_the_horizon(plan) -> None:
    _, place, time = some_exposures(plan, 1500)
    frame = AltAz(obstime=time, location=PALOMAR)
    assert get_sun(time).transform_to(frame).alt.deg.max() < -17.7
    assert place.transform_to(frame).alt.deg.min() > 26.0


def test_the_moon_is_kept_at_a_distance_and_takes_depth(plan) -> None:
    chosen, place, time = some_exposures(plan, 1500)
    moon = get_body("moon", time)
    assert place.separation(SkyCoord(moon.ra, moon.dec)).deg.min() > 12
    lit = (1 - np.cos(moon.separation(get_sun(time)).rad)) / 2
    green = plan.band[chosen] == 0
    bright, dark = (np.median(plan.sky[chosen][green & part]) for part in (lit > 0.9, lit < 0.1))
    assert 2.0 < bright / dark < 4.0


def test_nights_agree_with_the_almanac() -> None:
    nights = palomar_nights(1)
    time = Time(nights.middle[::40], format="mjd", scale="utc")
    sidereal = time.sidereal_time("mean", LONGITUDE * u.deg).deg
    difference = (nights.sidereal[::40] - sidereal + 180) % 360 - 180
    assert np.abs(difference).max() < 0.02
    moon = get_body("moon", time)
    ours = SkyCoord(nights.moon_ra[::40] * u.deg, nights.moon_dec[::40] * u.deg)
    assert ours.separation(SkyCoord(moon.ra, moon.dec)).deg.max() < 4
    assert 0.65 < nights.is_open.mean() < 0.85


def test_numbers_of_epochs_span_and_seconds(plan) -> None:
    fields = np.repeat(np.arange(len(plan.offsets) - 1), np.diff(plan.offsets))
    counts = np.bincount(fields * 3 + plan.band, minlength=3 * (fields[-1] + 1)).reshape(-1, 3)
    g, r, i = np.median(counts, axis=0)
    assert 250 < g < 400
    assert 280 < r < 450
    assert 35 < i < 75
    assert counts[:, 0].std() > 60
    assert 58194 <= plan.mjd.min() < 58200
    assert 59945 < plan.mjd.max() < 59952
    seconds = plan.mjd * 86400
    assert np.abs(seconds - np.round(seconds)).max() < 2e-3
    starts = plan.offsets[:-1][np.diff(plan.offsets) > 0]
    inside = np.ones(len(plan.mjd), dtype=bool)
    inside[starts] = False
    assert (np.diff(plan.mjd)[inside[1:]] >= 0).all()


def test_seasons_follow_right_ascension(plan) -> None:
    ra, dec = field_centres()
    for hour, month in ((0, 10), (6, 1), (12, 4), (18, 7)):
        field = int(np.argmin(np.abs(ra - hour * 15) + np.abs(dec - 3.5)))
        mjd = plan.mjd[plan.offsets[field] : plan.offsets[field + 1]]
        gaps = np.sort(np.diff(mjd))[-4:]
        assert (gaps > 60).all()
        assert (gaps < 200).all()
        phase = np.exp(2j * np.pi * mjd / 365.25).mean()
        best = np.angle(phase) / (2 * np.pi) * 12 - Time(58119, format="mjd").mjd / 365.25 * 12
        assert abs((best - (month - 0.5) + 6) % 12 - 6) < 1.6


def test_objects_of_a_field_share_times_but_for_their_own_losses(plan) -> None:
    field = field_of(np.full(40, 210.3), np.full(40, 34.1))
    assert len(set(field)) == 1
    dice = Dice(1, np.arange(40, dtype=np.uint64))
    exposures = expose(plan, field, dice)
    own = plan.mjd[plan.offsets[field[0]] : plan.offsets[field[0] + 1]]
    assert np.isin(exposures.mjd, own).all()
    kept = np.diff(exposures.offsets) / len(own)
    assert 0.85 < np.median(kept) < 0.99
    assert kept.max() < 1
    assert len(np.unique(exposures.mjd)) == len(own)


def test_fields_tile_the_sky() -> None:
    ra, dec = field_centres()
    assert (field_of(ra, dec) == np.arange(len(ra))).all()
    generator = np.random.default_rng(0)
    there, high = generator.uniform(0, 360, 3000), generator.uniform(-28, 90, 3000)
    field = field_of(there, high)
    centre = SkyCoord(ra[field] * u.deg, dec[field] * u.deg)
    assert centre.separation(SkyCoord(there * u.deg, high * u.deg)).deg.max() < 5.2


def observe_constants(magnitude: float, objects: int = 400, epochs: int = 500) -> Photometry:
    number = objects * epochs
    mjd = np.tile(58200 + np.arange(epochs) * 1.0, objects)
    sky = np.full(number, 10 ** (-0.4 * (20.5 - 23.9)) / 5, dtype=np.float32)
    offsets = np.arange(objects + 1, dtype=np.int64) * epochs
    exposures = Exposures(offsets, mjd, np.ones(number, np.uint8), sky)
    means = np.full((objects, 3), magnitude)
    dice = Dice(2, np.arange(objects, dtype=np.uint64))
    return observe(means, np.zeros(number), exposures, dice)


def test_constants_scatter_as_their_errors_say() -> None:
    photometry = observe_constants(17.0)
    assert len(photometry.flux) > 0.999 * 400 * 500
    true = 10 ** (-0.4 * (17.0 - 23.9))
    deviation = (photometry.flux - true) / photometry.flux_error
    owner = np.repeat(np.arange(400), np.diff(photometry.offsets))
    core = np.abs(deviation) < 5
    chi2 = np.bincount(owner[core], deviation[core] ** 2) / np.bincount(owner[core])
    assert np.median(chi2) == pytest.approx(1.0, abs=0.02)
    assert 0.015 < np.mean(chi2 > 1.45) < 0.065
    honest = (chi2 < 1.3)[owner]
    assert 0.002 < np.mean(~core[honest]) < 0.006
    assert 0.35 < photometry.flagged[honest & ~core].mean() < 0.65
    assert photometry.flagged.mean() < 0.008
    assert np.isnan(photometry.amplitude).all()


@pytest.mark.parametrize(
    ("magnitude", "low", "high"), [(15.0, 0.010, 0.014), (17.0, 0.013, 0.022), (19.5, 0.06, 0.12)]
)
def test_errors_grow_with_magnitude(magnitude: float, low: float, high: float) -> None:
    photometry = observe_constants(magnitude, objects=10)
    assert low < np.median(magnitude_error(photometry.flux, photometry.flux_error)) < high


def test_beyond_the_limit_few_points_remain_but_never_fewer_than_eight() -> None:
    lengths = {mag: np.diff(observe_constants(mag, 100).offsets) for mag in (20.0, 20.9, 23.5)}
    assert lengths[20.0].min() > 400
    assert 20 < np.median(lengths[20.9]) < 150
    assert lengths[23.5].min() >= 8


def test_saturated_stars_are_not_published() -> None:
    photometry = observe_constants(12.45, objects=20)
    assert np.diff(photometry.offsets).mean() < 0.5 * 500
