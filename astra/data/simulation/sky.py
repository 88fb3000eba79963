"""What is in the sky: the mix of classes, where they are, how bright and of which colour."""

from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray

from astra.data.simulation.anomalies import draw_anomalies
from astra.data.simulation.cadence import LOWEST_DECLINATION
from astra.data.simulation.dice import Dice

ZONE_OF_AVOIDANCE = 10.0


@dataclass(frozen=True, slots=True)
class Population:
    """How the objects of one class are spread.

    Attributes
    ----------
    share : float
        Part of the sky [percent].
    bright, faint, slope : float
        Limits in r [mag], between which counts grow as 10^(slope r).
    g_r, r_i : (float, float)
        Mean unreddened colour and its scatter [mag].
    height : float or None
        Galactic latitude at which the density has fallen by e [deg]; None outside the Galaxy.
    """

    share: float
    bright: float
    faint: float
    slope: float
    g_r: tuple[float, float]
    r_i: tuple[float, float]
    height: float | None


# Classes of Gaia's third release (Rimoldini et al. 2023, A&A 674, A14) plus transients. Shares are
# its order of frequency, flattened so that the rare classes can be learnt from a small sky.
POPULATIONS: dict[str, Population] = {
    "SOLAR_LIKE": Population(19.9, 13.4, 18.3, 0.22, (0.70, 0.28), (0.26, 0.05), 16.0),
    "ECL": Population(17.0, 13.2, 19.8, 0.18, (0.55, 0.24), (0.20, 0.05), 14.0),
    "AGN": Population(14.0, 15.8, 20.7, 0.50, (0.22, 0.16), (0.14, 0.13), None),
    "DSCT|GDOR|SXPHE": Population(10.0, 13.0, 18.5, 0.15, (0.10, 0.13), (0.00, 0.05), 14.0),
    "RS": Population(9.0, 13.2, 19.0, 0.18, (0.85, 0.18), (0.36, 0.08), 12.0),
    "S": Population(6.0, 14.5, 20.2, 0.20, (0.40, 0.55), (0.15, 0.12), 18.0),
    "LPV": Population(6.0, 14.8, 19.4, 0.08, (1.75, 0.30), (1.50, 0.45), 10.0),
    "RR": Population(6.0, 13.5, 20.4, 0.14, (0.24, 0.08), (0.07, 0.04), 40.0),
    "YSO": Population(3.5, 14.0, 19.8, 0.18, (1.20, 0.25), (0.80, 0.20), 5.0),
    "ELL": Population(3.0, 13.2, 18.8, 0.18, (0.70, 0.25), (0.26, 0.06), 10.0),
    "CV": Population(2.3, 16.2, 21.0, 0.22, (0.28, 0.22), (0.22, 0.18), 22.0),
    "CEP": Population(2.3, 13.0, 18.8, 0.06, (0.62, 0.12), (0.24, 0.06), 4.0),
    "SNIa": Population(0.5, 16.0, 19.5, 0.40, (-0.02, 0.08), (-0.15, 0.06), None),
    "SNcc": Population(0.3, 16.0, 19.5, 0.40, (0.05, 0.12), (0.05, 0.08), None),
    "TDE": Population(0.2, 16.5, 19.8, 0.40, (0.65, 0.12), (0.35, 0.05), None),
}
TRANSIENTS = ("SNIa", "SNcc", "TDE")
# Right ascension, declination and radius [deg] of star-forming regions near and far.
_CLOUDS = np.array(
    [
        [84.0, -4.0, 5.0], [67.0, 27.0, 5.0], [54.0, 31.5, 3.0], [336.0, 63.0, 4.0],
        [277.5, 0.5, 3.0], [314.0, 44.0, 2.5], [100.2, 9.8, 1.5], [246.7, -24.0, 2.5],
        [308.0, 41.0, 4.0], [38.0, 61.5, 2.0],
    ]
)  # fmt: skip
# Rows: the galactic x, y, z axes in equatorial coordinates J2000 (ESA 1997, Hipparcos 1, 1.5.3).
_GALACTIC = np.array(
    [
        [-0.0548755604162154, -0.8734370902348850, -0.4838350155487132],
        [0.4941094278755837, -0.4448296299600112, 0.7469822444972189],
        [-0.8676661490190047, -0.1980763734312015, 0.4559837761750669],
    ]
)


@dataclass(frozen=True)
class Sky:
    """Objects as drawn.

    ``astra_class`` and ``anomaly`` are str [objects], ``ra`` and ``dec`` float64 [objects] in
    degrees, ``magnitude`` float64 [objects, 3] the means in g, r, i, ``colour`` float64 [objects]
    g - r without the dust.
    """

    astra_class: NDArray[np.str_]
    anomaly: NDArray[np.str_]
    ra: NDArray[np.float64]
    dec: NDArray[np.float64]
    magnitude: NDArray[np.float64]
    colour: NDArray[np.float64]


def draw_sky(dice: Dice) -> Sky:
    """Draw class, place, brightness, colours, and what is planted, of each object."""
    names = np.array(list(POPULATIONS))
    shares = [population.share for population in POPULATIONS.values()]
    astra_class = names[dice.choice("class", shares)]
    ra, dec = np.empty(len(dice)), np.empty(len(dice))
    magnitude, colour = np.empty((len(dice), 3)), np.empty(len(dice))
    for name in POPULATIONS:
        rows = np.flatnonzero(astra_class == name)
        own = dice.only(rows).scoped("place")
        ra[rows], dec[rows], latitude = draw_positions(own, name)
        magnitude[rows], colour[rows] = draw_magnitudes(own, name, latitude)
    return Sky(astra_class, draw_anomalies(dice, astra_class), ra, dec, magnitude, colour)


def draw_magnitudes(
    dice: Dice, name: str, latitude: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw mean magnitudes in g, r, i, float64 [objects, 3], and g - r without dust [objects].

    The dust follows the galactic latitude [deg], r - i follows g - r along the stellar locus (slope
    0.4: Covey et al. 2007, AJ 134, 2398).
    """
    population = POPULATIONS[name]
    low, high = 10.0 ** (population.slope * np.array([population.bright, population.faint]))
    r = np.log10(dice.uniform("r", low, high)) / population.slope
    dust = 0.02 / np.maximum(np.sin(np.radians(np.abs(latitude))), 0.06)
    reddening = np.minimum(-np.log1p(-dice.uniform("dust")) * dust, 0.8)
    intrinsic = dice.normal("g - r", *population.g_r)
    along = 0.4 * (intrinsic - population.g_r[0])
    r_i = dice.normal("r - i", population.r_i[0] + along, population.r_i[1]) + 0.6 * reddening
    return np.stack([r + intrinsic + reddening, r, r - r_i], axis=1), intrinsic


def draw_positions(
    dice: Dice, name: str
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Draw positions north of declination -28: ra, dec and galactic latitude [deg].

    Each is float64 [objects].
    Stars crowd to the galactic plane and, within it, to the centre; most young ones lie in known
    clouds. What is outside the Galaxy is uniform but for the ten degrees beside its plane.
    """
    height = POPULATIONS[name].height
    ra, dec, latitude = (np.empty(len(dice)) for _ in range(3))
    pending = np.arange(len(dice))
    for attempt in count():
        tries = dice.only(pending).scoped(str(attempt))
        place = _galactic_direction(tries, height)
        if name == "YSO":
            clustered = tries.uniform("in a cloud") < 0.7
            place = np.where(clustered[:, None], _cloud_direction(tries), place)
        equatorial = _rotated(place, _GALACTIC)
        tried_dec = np.degrees(np.arcsin(np.clip(equatorial[:, 2], -1.0, 1.0)))
        tried_latitude = np.degrees(np.arcsin(np.clip(place[:, 2], -1.0, 1.0)))
        kept = tried_dec > LOWEST_DECLINATION
        if height is None:
            kept &= np.abs(tried_latitude) > ZONE_OF_AVOIDANCE
        rows = pending[kept]
        ra[rows] = np.degrees(np.arctan2(equatorial[kept, 1], equatorial[kept, 0])) % 360.0
        dec[rows], latitude[rows] = tried_dec[kept], tried_latitude[kept]
        pending = pending[~kept]
        if not len(pending):
            break
    return ra, dec, latitude


def _galactic_direction(dice: Dice, height: float | None) -> NDArray[np.float64]:
    """Unit vectors in galactic axes, float64 [objects, 3]."""
    turn = dice.uniform("longitude")
    if height is None:
        return _unit(2.0 * np.pi * turn, np.arcsin(dice.uniform("latitude", -1.0, 1.0)))
    grid = np.linspace(0.0, 2.0 * np.pi, 721)
    longitude = np.interp(turn, (grid + 0.6 * np.sin(grid)) / (2.0 * np.pi), grid)
    grid = np.linspace(0.0, np.pi / 2.0, 721)
    within = np.cumsum(np.exp(-np.degrees(grid) / height) * np.cos(grid))
    side = dice.uniform("latitude", -1.0, 1.0)
    latitude = np.interp(np.abs(side), (within - within[0]) / (within[-1] - within[0]), grid)
    return _unit(longitude, np.copysign(latitude, side))


def _cloud_direction(dice: Dice) -> NDArray[np.float64]:
    """Unit vectors in galactic axes of places in star-forming regions, float64 [objects, 3]."""
    ra, dec, radius = _CLOUDS[dice.choice("cloud", [1.0] * len(_CLOUDS))].T
    away = np.radians(radius * np.abs(dice.normal("distance", 0.0, 0.5)))
    around = dice.uniform("direction", 0.0, 2.0 * np.pi)
    dec = np.radians(dec) + away * np.sin(around)
    return _rotated(_unit(np.radians(ra) + away * np.cos(around) / np.cos(dec), dec), _GALACTIC.T)


def _unit(longitude: NDArray[np.float64], latitude: NDArray[np.float64]) -> NDArray[np.float64]:
    flat = np.cos(latitude)
    return np.stack([flat * np.cos(longitude), flat * np.sin(longitude), np.sin(latitude)], axis=1)


def _rotated(vectors: NDArray[np.float64], axes: NDArray[np.float64]) -> NDArray[np.float64]:
    # Not a matrix product: BLAS may round differently for chunks of another size.
    return vectors[:, :1] * axes[0] + vectors[:, 1:2] * axes[1] + vectors[:, 2:] * axes[2]
