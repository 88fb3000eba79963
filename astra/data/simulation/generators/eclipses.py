"""The light of two stars that pass before each other: limb-darkened discs on a Kepler orbit."""

import math
from dataclasses import astuple, dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from astra.data.simulation.generators.stochastic import WAVELENGTH
from astra.data.simulation.scene import Scene

RINGS = 6
_SECOND_RADIATION = 1.438777e8  # Angstrom kelvin
# Linear limb darkening in g, r, i of a 6000 K dwarf (Claret & Bloemen 2011, A&A 529, A75).
LIMB_DARKENING = np.array([0.72, 0.57, 0.48])
GRAVITY_DARKENING = 0.32


@dataclass(frozen=True)
class Binary:
    """Two stars in orbit, float64 [objects] each.

    Attributes
    ----------
    period : days
    phase : cycles at MJD 58000; the first star is eclipsed at whole cycles of a circular orbit
    inclination : radians
    eccentricity, periastron : the latter in radians
    radius, other_radius : radii over the semi-major axis
    mass_ratio : mass of the second star over that of the first
    temperature, other_temperature : kelvin
    third_light : fraction of the light that is of neither
    reflection : semi-amplitude of the reflected light, fraction of the light
    spot : semi-amplitude of the O'Connell effect, fraction of the light
    until : MJD after which nothing varies any more
    """

    period: NDArray[np.float64]
    phase: NDArray[np.float64]
    inclination: NDArray[np.float64]
    eccentricity: NDArray[np.float64]
    periastron: NDArray[np.float64]
    radius: NDArray[np.float64]
    other_radius: NDArray[np.float64]
    mass_ratio: NDArray[np.float64]
    temperature: NDArray[np.float64]
    other_temperature: NDArray[np.float64]
    third_light: NDArray[np.float64]
    reflection: NDArray[np.float64]
    spot: NDArray[np.float64]
    until: NDArray[np.float64]


def add_eclipses(
    scene: Scene, binary: Binary, limb_darkening: NDArray[np.float64] = LIMB_DARKENING
) -> None:
    """Add the light of each binary relative to that of its two stars, round and unobscured.

    The depth of each eclipse follows from the stars' surface brightness in each band. Tides add a
    cosine of twice the phase (:func:`ellipsoidal`), the heated side one of the phase itself.

    Parameters
    ----------
    scene : Scene
        Of one object a binary.
    binary : Binary
    limb_darkening : float64 [3]
        Linear coefficient in g, r, i.
    """
    if not len(scene):
        return
    ratio = planck(binary.other_temperature) / planck(binary.temperature)
    light = binary.radius[:, None] ** 2 * np.ones(3)
    other = binary.other_radius[:, None] ** 2 * ratio
    share = (1.0 - binary.third_light[:, None]) / (light + other)
    tide = share * (
        light * ellipsoidal(binary.radius, binary.mass_ratio, binary.inclination)
        + other * ellipsoidal(binary.other_radius, 1.0 / binary.mass_ratio, binary.inclination)
    )
    steps = np.stack([ring_steps(u) for u in limb_darkening])
    columns = tuple(np.ascontiguousarray(column) for column in astuple(binary))
    _add_eclipses(*scene.canvas, columns, light * share, other * share, tide, steps)


def planck(temperature: NDArray[np.float64]) -> NDArray[np.float64]:
    """Brightness of a black body in g, r, i up to a factor per band, float64 [objects, 3]."""
    return 1.0 / np.expm1(_SECOND_RADIATION / (WAVELENGTH * np.asarray(temperature)[:, None]))


def ellipsoidal(
    radius: NDArray[np.float64], mass_ratio: NDArray[np.float64], inclination: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Relative semi-amplitude of a star's tidal distortion in g, r, i, float64 [objects, 3].

    Morris & Naftilan 1993 (ApJ 419, 344), leading term:
    0.15 (15 + u)(1 + y) / (3 - u) (m_other / m) (R / a)^3 sin^2 i.
    """
    u = LIMB_DARKENING
    factor = 0.15 * (15.0 + u) * (1.0 + GRAVITY_DARKENING) / (3.0 - u)
    return (mass_ratio * radius**3 * np.sin(inclination) ** 2)[:, None] * factor


def roche_radius(mass_ratio: NDArray[np.float64]) -> NDArray[np.float64]:
    """Radius over semi-major axis of a star's Roche lobe; ``mass_ratio`` is its own to the other's.

    Both float64 [objects]. Eggleton 1983 (ApJ 268, 368).
    """
    cube = np.cbrt(mass_ratio)
    return 0.49 * cube**2 / (0.6 * cube**2 + np.log1p(cube))


def ring_steps(limb_darkening: float) -> NDArray[np.float64]:
    """Write a linearly limb-darkened disc of unit flux as nested uniform ones.

    Returns
    -------
    float64 [RINGS, 2]
        Radius of each disc, and its brightness times pi (so that a disc of radius 1 alone has 1).
    """
    # Equal steps in the angle from the centre put rings where the brightness falls fastest.
    edge = np.sin(np.linspace(0.0, np.pi / 2, RINGS + 1))
    inner, outer = edge[:-1], edge[1:]
    cosine = 2 / 3 * ((1 - inner**2) ** 1.5 - (1 - outer**2) ** 1.5) / (outer**2 - inner**2)
    brightness = (1.0 - limb_darkening * (1.0 - cosine)) / (1.0 - limb_darkening / 3.0)
    return np.stack([outer, brightness - np.append(brightness[1:], 0.0)], axis=1)


@njit(cache=True, nogil=True)
def overlap(radius: float, other: float, distance: float) -> float:
    """Area that two discs share, over pi."""
    if distance >= radius + other:
        return 0.0
    if distance <= abs(radius - other):
        return min(radius, other) ** 2
    r2, o2, d2 = radius * radius, other * other, distance * distance
    at = math.acos(max(-1.0, min(1.0, (d2 + r2 - o2) / (2.0 * distance * radius))))
    at_other = math.acos(max(-1.0, min(1.0, (d2 + o2 - r2) / (2.0 * distance * other))))
    kite = 0.5 * math.sqrt(max(0.0, 4.0 * d2 * r2 - (d2 + r2 - o2) ** 2))
    return (r2 * at + o2 * at_other - kite) / math.pi


@njit(cache=True, nogil=True)
def hidden(radius: float, other: float, distance: float, steps: NDArray[np.float64]) -> float:
    """Fraction of a limb-darkened star's light that a disc of radius ``other`` hides.

    The radii and the ``distance`` of the centres are in one unit; ``steps``, float64 [rings, 2],
    are those of the star (see `ring_steps`).
    """
    total = 0.0
    for ring in range(steps.shape[0]):
        area = overlap(radius * steps[ring, 0], other, distance)
        total += steps[ring, 1] * area
    return total / (radius * radius)


@njit(cache=True, nogil=True)
def true_anomaly(mean: float, eccentricity: float) -> float:
    """Solve Kepler's equation by Newton's method (angles in radians)."""
    if eccentricity == 0.0:
        return mean
    eccentric = mean + eccentricity * math.sin(mean)
    for _ in range(8):
        slope = 1.0 - eccentricity * math.cos(eccentric)
        eccentric -= (eccentric - eccentricity * math.sin(eccentric) - mean) / slope
    half = math.sqrt((1.0 + eccentricity) / (1.0 - eccentricity)) * math.tan(eccentric / 2.0)
    return 2.0 * math.atan(half)


@njit(cache=True, nogil=True)
def _add_eclipses(starts, stops, mjd, band, variation, columns, light, other_light, tide, steps):
    (
        period, phase, inclination, eccentricity, periastron, radius, other_radius,
        _, _, _, _, reflection, spot, until,
    ) = columns  # fmt: skip
    for k in range(len(starts)):
        sine = math.sin(inclination[k]) ** 2
        e, w, reach = eccentricity[k], periastron[k], radius[k] + other_radius[k]
        for j in range(starts[k], stops[k]):
            if mjd[j] > until[k]:
                continue
            cycle = (mjd[j] - 58000.0) / period[k] + phase[k]
            turn = 2.0 * math.pi * (cycle - math.floor(cycle))
            # For a circular orbit the angle from the first star's eclipse is the mean anomaly.
            angle = turn if e == 0.0 else true_anomaly(turn, e) + w - math.pi / 2.0
            c = math.cos(angle)
            distance = math.sqrt(max(0.0, 1.0 - c * c * sine))
            if e > 0.0:
                distance *= (1.0 - e * e) / (1.0 + e * math.cos(angle - w + math.pi / 2.0))
            b = band[j]
            lost = tide[k, b] * (2.0 * c * c - 1.0) + reflection[k] * c - spot[k] * math.sin(angle)
            if distance < reach:
                front = light[k, b] * hidden(radius[k], other_radius[k], distance, steps[b])
                back = other_light[k, b] * hidden(other_radius[k], radius[k], distance, steps[b])
                lost += front if c > 0.0 else back
            variation[j] -= 2.5 * math.log10(max(1.0 - lost, 0.003))
