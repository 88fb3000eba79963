"""When a ZTF-like survey looks at a field: nights, moon, weather, seasons, and how deep it sees.

The facility is that of Bellm et al. 2019 (PASP 131, 018002), its public survey and partnership
time those of Bellm et al. 2019b (PASP 131, 068003): fields of 7 degrees from Palomar, g and r on
the same night every third night, every second from December 2020, i less often and in bright time.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

LATITUDE, LONGITUDE = 33.3563, -116.8650
FIRST_NIGHT, LAST_NIGHT = 58194, 59951
SECOND_PHASE = 59184
BANDS = ("ztf_g", "ztf_r", "ztf_i")
GREEN, RED, INFRARED = 0, 1, 2
LOWEST_DECLINATION = -28.0
FIELD_SIZE = 7.0
SUN_BELOW, FIELD_ABOVE = -18.0, 27.0
SIDEREAL_RATE = 360.98564736629
FIVE_SIGMA_DARK = np.array([20.9, 20.75, 20.15])
MOONLIGHT_LOSS = np.array([1.15, 0.75, 0.4])


@dataclass(frozen=True, slots=True)
class Nights:
    """The nights of the survey, float64 [nights] each, angles in degrees.

    ``middle`` [MJD] and ``half`` [d] give the hours of darkness, ``sidereal`` the local sidereal
    time at the middle, ``moonlight`` the lit fraction of the disc, ``is_open`` (bool) the weather.
    """

    middle: NDArray[np.float64]
    half: NDArray[np.float64]
    sidereal: NDArray[np.float64]
    moon_ra: NDArray[np.float64]
    moon_dec: NDArray[np.float64]
    moonlight: NDArray[np.float64]
    is_open: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Cadence:
    """The exposures of all fields, flat; field ``f`` owns ``offsets[f]:offsets[f + 1]``.

    ``mjd`` float64 [exposures], whole seconds, sorted in each field; ``band`` uint8 (0 g, 1 r,
    2 i); ``sky`` float32, the noise of the sky under a star [microjansky].
    """

    offsets: NDArray[np.int64]
    mjd: NDArray[np.float64]
    band: NDArray[np.uint8]
    sky: NDArray[np.float32]


def _rings() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Fields in each ring of declination, and the first field of each."""
    south = np.arange(LOWEST_DECLINATION, 90.0, FIELD_SIZE)
    widest = np.cos(np.radians(np.clip(south, 0.0, 89.0)))
    fields = np.ceil(360.0 * widest / FIELD_SIZE).astype(np.int64)
    return fields, np.concatenate([[0], fields.cumsum()])


def field_of(ra: NDArray[np.float64], dec: NDArray[np.float64]) -> NDArray[np.int64]:
    """Field that holds each position [deg], int64 [objects]."""
    fields, first = _rings()
    ring = np.floor((dec - LOWEST_DECLINATION) / FIELD_SIZE).astype(np.int64)
    return first[ring] + np.floor(ra % 360.0 / 360.0 * fields[ring]).astype(np.int64)


def field_centres() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Right ascension and declination of all field centres [deg]."""
    fields, first = _rings()
    ring = np.repeat(np.arange(len(fields)), fields)
    column = np.arange(first[-1]) - first[ring]
    ra = (column + 0.5) * (360.0 / fields)[ring]
    dec = np.arange(LOWEST_DECLINATION, 90.0, FIELD_SIZE)[ring] + FIELD_SIZE / 2.0
    return ra, dec


def _sun(days: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Right ascension and declination [deg], days from J2000 (Astronomical Almanac, page C5)."""
    anomaly = np.radians(357.529 + 0.98560028 * days)
    longitude = 280.459 + 0.98564736 * days + 1.915 * np.sin(anomaly) + 0.020 * np.sin(2 * anomaly)
    return _from_ecliptic(np.radians(longitude), np.zeros_like(days))


def _moon(days: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Right ascension and declination of the moon [deg] to a degree (Astronomical Almanac, D22)."""
    anomaly = np.radians(134.9 + 13.064993 * days)
    node = np.radians(93.3 + 13.229350 * days)
    longitude = np.radians(218.32 + 13.176396 * days + 6.29 * np.sin(anomaly))
    return _from_ecliptic(longitude, np.radians(5.13 * np.sin(node)))


def _from_ecliptic(
    longitude: NDArray[np.float64], latitude: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    tilt = np.radians(23.439)
    x = np.cos(latitude) * np.cos(longitude)
    y = np.cos(latitude) * np.sin(longitude) * np.cos(tilt) - np.sin(latitude) * np.sin(tilt)
    z = np.cos(latitude) * np.sin(longitude) * np.sin(tilt) + np.sin(latitude) * np.cos(tilt)
    return np.degrees(np.arctan2(y, x)), np.degrees(np.arcsin(z))


def _sidereal(mjd: NDArray[np.float64]) -> NDArray[np.float64]:
    """Local mean sidereal time [deg]."""
    return 280.46061837 + SIDEREAL_RATE * (mjd - 51544.5) + LONGITUDE


def _wrapped(angle: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.remainder(angle + 180.0, 360.0) - 180.0


def _hour_angle_at(altitude: float, dec: NDArray[np.float64]) -> NDArray[np.float64]:
    """Hour angle at which a declination passes an altitude (all in deg); 180 if it never does."""
    latitude, declination = np.radians(LATITUDE), np.radians(dec)
    cosine = np.sin(np.radians(altitude)) - np.sin(latitude) * np.sin(declination)
    cosine = cosine / (np.cos(latitude) * np.cos(declination))
    return np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))


def _weather(nights: int, generator: np.random.Generator) -> NDArray[np.bool_]:
    """Open nights: runs of clear and bad weather, and two closures for engineering."""
    runs = np.empty(2 * nights, dtype=np.int64)
    runs[0::2], runs[1::2] = (
        generator.geometric(1 / 7, nights),
        generator.geometric(1 / 2.4, nights),
    )
    is_open = np.repeat(np.arange(2 * nights) % 2 == 0, runs)[:nights]
    for start, length in zip(generator.integers(0, nights, 2), (12, 21), strict=True):
        is_open[start : start + length] = False
    return is_open


def palomar_nights(seed: int) -> Nights:
    """Compute the nights of the survey; the seed makes the weather."""
    middle = np.arange(FIRST_NIGHT, LAST_NIGHT, dtype=np.float64) - LONGITUDE / 360.0
    sun_ra, sun_dec = _sun(middle - 51544.5)
    middle = middle + _wrapped(sun_ra + 180.0 - _sidereal(middle)) / SIDEREAL_RATE
    half = (180.0 - _hour_angle_at(SUN_BELOW, sun_dec)) / 360.0
    moon_ra, moon_dec = _moon(middle - 51544.5)
    moonlight = (1.0 - _cosine_between(sun_ra, sun_dec, moon_ra, moon_dec)) / 2.0
    is_open = _weather(len(middle), np.random.default_rng([seed, 1]))
    return Nights(middle, half, _sidereal(middle), moon_ra, moon_dec, moonlight, is_open)


def _cosine_between(
    ra: NDArray, dec: NDArray, other_ra: NDArray, other_dec: NDArray
) -> NDArray[np.float64]:
    ra, dec, other_ra, other_dec = (np.radians(angle) for angle in (ra, dec, other_ra, other_dec))
    along = np.cos(dec) * np.cos(other_dec) * np.cos(ra - other_ra)
    return np.sin(dec) * np.sin(other_dec) + along


@lru_cache(maxsize=2)
def cadence(seed: int) -> Cadence:
    """Make the exposures of every field of the sky; kept, because every chunk needs them."""
    nights = palomar_nights(seed)
    ra, dec = field_centres()
    fields = [
        _field_exposures(nights, ra[f], dec[f], np.random.default_rng([seed, 2, f]))
        for f in range(len(ra))
    ]
    lengths = [len(mjd) for mjd, _, _ in fields]
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    mjd, band, sky = (np.concatenate(column) for column in zip(*fields, strict=True))
    return Cadence(offsets, mjd, band, sky)


def _field_exposures(
    nights: Nights, ra: float, dec: float, generator: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.uint8], NDArray[np.float32]]:
    """Exposures of one field: times [MJD], bands, sky noise [microjansky]; sorted by time."""
    begin, length = _hours_of(nights, ra, dec)
    moon_near = _cosine_between(np.array(ra), np.array(dec), nights.moon_ra, nights.moon_dec)
    far = moon_near < np.cos(np.radians(15.0 + 25.0 * nights.moonlight))
    possible = nights.is_open & far & (length > 0.03)
    interval = np.where(nights.middle < SECOND_PHASE, 2.65, 1.8)
    pace = 10.0 ** generator.normal(0.0, 0.06) * (2.5 if generator.random() < 0.03 else 1.0)
    visited = possible & (generator.random(len(interval)) < pace / interval)
    chance = np.stack(
        [
            1.05 - 0.4 * nights.moonlight**2,
            np.full_like(interval, 0.97),
            0.19 * (0.35 + nights.moonlight),
            np.full_like(interval, 0.04),
        ]
    )
    taken = visited & (generator.random(chance.shape) < chance)
    slot, night = np.nonzero(taken)
    # g and r of one night stand half an hour or more apart, as the search for asteroids wants it.
    turn = generator.random((len(chance), 1)) * 0.2 + np.arange(len(chance))[:, None] * 0.25
    place = (turn + generator.random(chance.shape) * 0.3 + generator.random(len(interval))) % 1.0
    mjd = np.round((begin[night] + place[slot, night] * length[night]) * 86400.0) / 86400.0
    order = np.argsort(mjd, kind="stable")
    band = np.array([GREEN, RED, INFRARED, RED], dtype=np.uint8)[slot][order]
    return mjd[order], band, _sky_noise(nights, night[order], band, generator)


def _hours_of(
    nights: Nights, ra: float, dec: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Begin [MJD] and length [d] of the dark hours with the field well above the horizon."""
    transit = nights.middle + _wrapped(ra - nights.sidereal) / SIDEREAL_RATE
    reach = _hour_angle_at(FIELD_ABOVE, np.array(dec)) / SIDEREAL_RATE
    begin = np.maximum(nights.middle - nights.half, transit - reach)
    return begin, np.minimum(nights.middle + nights.half, transit + reach) - begin


def _sky_noise(
    nights: Nights,
    night: NDArray[np.int64],
    band: NDArray[np.uint8],
    generator: np.random.Generator,
) -> NDArray[np.float32]:
    """One-sigma noise [microjansky] of an empty place: moonlight, and seeing and cirrus."""
    five_sigma = FIVE_SIGMA_DARK[band] - MOONLIGHT_LOSS[band] * nights.moonlight[night] ** 2
    five_sigma -= np.abs(generator.normal(0.0, 0.25, len(band)))
    return (10.0 ** (-0.4 * (five_sigma - 23.9)) / 5.0).astype(np.float32)
