"""Close binaries: detached, semi-detached and contact eclipsing ones, and ellipsoidal variables."""

import numpy as np
from numpy.typing import NDArray

from astra.data.simulation.generators.eclipses import (
    Binary,
    add_eclipses,
    ellipsoidal,
    roche_radius,
)
from astra.data.simulation.generators.fourier import NEVER, add_fourier
from astra.data.simulation.scene import Scene, Truth

# Main sequence at solar abundance: g - r, effective temperature [K], mass [solar]
# (Pecaut & Mamajek 2013, ApJS 208, 9; colours of Covey et al. 2007, AJ 134, 2398).
MAIN_SEQUENCE = np.array(
    [
        [-0.4, -0.2, 0.0, 0.2, 0.35, 0.5, 0.7, 0.95, 1.25, 1.45],
        [14000.0, 9800.0, 8100.0, 7000.0, 6350.0, 5850.0, 5200.0, 4500.0, 3850.0, 3300.0],
        [3.6, 2.3, 1.75, 1.45, 1.2, 1.03, 0.86, 0.71, 0.55, 0.3],
    ]
)
SOLAR_RADII_PER_ORBIT = 4.208  # a = 4.208 (M P^2)^(1/3), solar radii, solar masses, days


def eclipsing(scene: Scene) -> Truth:
    """Paint eclipsing binaries: 30 % detached (EA), 16 % semi-detached (EB), 54 % contact (EW).

    The anomaly ``eclipses stop`` is a detached binary whose eclipses end, as those of SS Lacertae
    did when its orbit turned (Torres & Stefanik 2000, AJ 119, 1914).
    """
    dice = scene.dice
    kind = np.where(scene.anomaly == "eclipses stop", 0, dice.choice("kind", (0.30, 0.16, 0.54)))
    period = np.full(len(scene), np.nan)
    for number, make in enumerate((_detached, _semi_detached, _contact)):
        rows = np.flatnonzero(kind == number)
        part = scene.only(rows)
        binary = make(part)
        add_eclipses(part, binary)
        period[rows] = binary.period
    return Truth(np.array(["EA", "EB", "EW"])[kind], period)


def _main_sequence(scene: Scene) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Temperature [K] and mass [solar] of dwarfs of the scene's colours."""
    colour, temperature, mass = MAIN_SEQUENCE
    return np.interp(scene.colour, colour, temperature), np.interp(scene.colour, colour, mass)


def _detached(scene: Scene) -> Binary:
    """Make two dwarfs well inside their Roche lobes; wide orbits are eccentric."""
    dice = scene.dice
    temperature, mass = _main_sequence(scene)
    stops = scene.anomaly == "eclipses stop"
    # Those that stop are close and of equal stars: an end of shallow, rare eclipses is no news.
    close = dice.log_uniform("close period", 0.6, 2.5)
    period = np.where(stops, close, dice.bounded("period", 2.8, 0.42, 0.55, 80.0))
    ratio = np.clip(dice.uniform("mass ratio", np.where(stops, 0.8, 0.25), 1.15), 0.25, 1.0)
    axis = SOLAR_RADII_PER_ORBIT * np.cbrt(mass * (1.0 + ratio) * period**2)
    evolved = dice.uniform("evolved", 1.0, 2.2)
    radius = np.minimum(evolved * mass**0.85 / axis, 0.78 * roche_radius(1.0 / ratio))
    other = np.minimum((mass * ratio) ** 0.85 / axis, 0.78 * roche_radius(ratio))
    wide = np.clip((period - 3.0) / 10.0, 0.0, 1.0)
    eccentricity = wide * np.abs(dice.normal("eccentricity", 0.0, 0.28))
    graze = dice.uniform("graze", 0.0, np.where(stops, 0.15, 0.62))
    return Binary(
        period=period,
        phase=dice.uniform("phase"),
        inclination=np.arccos(np.minimum(graze * (radius + other), 0.99)),
        eccentricity=np.where(eccentricity < 0.02, 0.0, np.minimum(eccentricity, 0.6)),
        periastron=dice.uniform("periastron", 0.0, 2.0 * np.pi),
        radius=radius,
        other_radius=other,
        mass_ratio=ratio,
        temperature=temperature,
        other_temperature=temperature * ratio**0.55,
        third_light=np.where(stops, 0.0, _third_light(scene)),
        reflection=0.3 * other**2 * (1.0 - ratio**4),
        spot=np.zeros(len(scene)),
        until=np.where(stops, scene.some_exposure("end of eclipses", 0.4, 0.65), NEVER),
    )


def _semi_detached(scene: Scene) -> Binary:
    """Make a dwarf and a cooler, evolved star that fills its Roche lobe (beta Lyrae, Algol)."""
    dice = scene.dice
    temperature, _ = _main_sequence(scene)
    ratio = dice.uniform("mass ratio", 0.18, 0.7)
    other = 0.98 * roche_radius(ratio)
    radius = dice.uniform("radius", 0.45, 0.92) * roche_radius(1.0 / ratio)
    cooler = dice.uniform("cooler", 0.58, 0.88)
    graze = dice.uniform("graze", 0.0, 0.75)
    return Binary(
        period=dice.bounded("period", 0.85, 0.25, 0.36, 12.0),
        phase=dice.uniform("phase"),
        inclination=np.arccos(np.minimum(graze * (radius + other), 0.99)),
        eccentricity=np.zeros(len(scene)),
        periastron=np.zeros(len(scene)),
        radius=radius,
        other_radius=other,
        mass_ratio=ratio,
        temperature=temperature,
        other_temperature=temperature * cooler,
        third_light=_third_light(scene),
        reflection=dice.uniform("reflection", 0.0, 0.03),
        spot=dice.normal("spot", 0.0, 0.006),
        until=np.full(len(scene), NEVER),
    )


def _contact(scene: Scene) -> Binary:
    """Make a contact binary of nearly one temperature (W Ursae Majoris); bluer ones are slower.

    Mass ratios and inclinations as in Rucinski 2001 (AJ 122, 1007), the period-colour relation
    after Rucinski 1997 (AJ 113, 407).
    """
    dice = scene.dice
    temperature, _ = _main_sequence(scene)
    ratio = np.clip(0.12 + 0.88 * dice.uniform("mass ratio") ** 1.5, 0.12, 1.0)
    fill = 1.0 + 0.06 * dice.uniform("fill-out")
    typical = 10.0 ** (-0.455 - 0.28 * (scene.colour - 0.55))
    return Binary(
        period=dice.bounded("period", typical, 0.05, 0.215, 1.1),
        phase=dice.uniform("phase"),
        inclination=np.arccos(dice.uniform("tilt", 0.0, 0.52)),
        eccentricity=np.zeros(len(scene)),
        periastron=np.zeros(len(scene)),
        radius=fill * roche_radius(1.0 / ratio),
        other_radius=fill * roche_radius(ratio),
        mass_ratio=ratio,
        temperature=temperature,
        other_temperature=temperature * np.clip(dice.normal("cooler", 0.985, 0.03), 0.88, 1.06),
        third_light=_third_light(scene),
        reflection=np.zeros(len(scene)),
        spot=dice.normal("spot", 0.0, 0.012),
        until=np.full(len(scene), NEVER),
    )


def _third_light(scene: Scene) -> NDArray[np.float64]:
    """Light of a third star: none for two thirds of the binaries (Tokovinin et al. 2006)."""
    has = scene.dice.uniform("is triple") < 0.33
    return np.where(has, scene.dice.uniform("third light", 0.0, 0.35), 0.0)


def ellipsoidal_variable(scene: Scene) -> Truth:
    """Paint binaries too inclined to eclipse that show their tides (Morris 1985, ApJ 295, 143).

    Half the orbit repeats but for gravity darkening and heating, the terms of phase and of three
    times it.
    """
    dice = scene.dice
    ratio = dice.log_uniform("mass ratio", 0.3, 2.5)
    radius = dice.uniform("filling", 0.85, 1.0) * roche_radius(1.0 / ratio)
    inclination = np.radians(dice.uniform("inclination", 40.0, 72.0))
    giant = dice.uniform("giant") < 0.35
    period = np.where(
        giant,
        dice.log_uniform("giant period", 8.0, 150.0),
        dice.bounded("period", 1.1, 0.4, 0.22, 30.0),
    )
    tide = ellipsoidal(radius, ratio, inclination) * dice.uniform("own light", 0.6, 1.0)[:, None]
    odd = dice.uniform("heating", 0.02, 0.12)[:, None] * tide
    third = 0.6 * (radius / np.tan(inclination))[:, None] * tide * 0.3
    # Relative flux to magnitudes; at phase 0 the star in front is faintest, hence the sign.
    series = 1.0857 * np.stack([odd, tide, third], axis=2)
    angle = np.stack([dice.uniform("heated side", -0.4, 0.4), *np.zeros((2, len(scene)))], axis=1)
    add_fourier(scene, period, dice.uniform("phase"), series, angle[:, None, :])
    return Truth(np.full(len(scene), "ELL"), period)
