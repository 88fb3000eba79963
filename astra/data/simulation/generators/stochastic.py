"""Damped random walks: active galactic nuclei, and the flickering of accretion elsewhere."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from astra.data.simulation.dice import next_normal
from astra.data.simulation.scene import Scene, Truth

WAVELENGTH = np.array([4746.0, 6366.0, 7829.0])
SPEED_OF_LIGHT, HUBBLE, MATTER = 299_792.458, 70.0, 0.3


def add_damped_random_walk(
    scene: Scene, tau: NDArray[np.float64], sigma: NDArray[np.float64], name: str = "walk"
) -> None:
    """Add a stationary Ornstein-Uhlenbeck process, the same in all bands but for its size.

    It is stepped exactly between irregular times: x' = x e + sqrt(1 - e^2) n, e = exp(-dt / tau)
    (Kelly, Bechtold & Siemiginowska 2009, ApJ 698, 895).

    Parameters
    ----------
    scene : Scene
    tau : float64 [objects]
        Damping time, as observed [d].
    sigma : float64 [objects, 3]
        Standard deviation in g, r, i [mag]; SF_inf / sqrt(2).
    name : str
        Name of the stream.
    """
    if len(scene):
        _add_walk(*scene.canvas, scene.dice.streams(name), tau, sigma)


@njit(cache=True, nogil=True)
def _add_walk(starts, stops, mjd, band, variation, streams, tau, sigma):
    state = np.empty(1, np.uint64)
    for k in range(len(starts)):
        state[0] = streams[k]
        walk = next_normal(state)
        before = mjd[starts[k]]
        for j in range(starts[k], stops[k]):
            kept = math.exp((before - mjd[j]) / tau[k])
            walk = walk * kept + math.sqrt(1.0 - kept * kept) * next_normal(state)
            before = mjd[j]
            variation[j] += sigma[k, band[j]] * walk


def agn(scene: Scene) -> Truth:
    """Paint active galactic nuclei and quasars.

    Damping time and amplitude follow luminosity, mass and rest wavelength as in MacLeod et al. 2010
    (ApJ 721, 1014, equation 7 and table 1); being larger in the blue, the variation makes them
    bluer when brighter. Masses given luminosities are those of Shen et al. 2008 (ApJ 680, 169).
    A changing-look nucleus fades smoothly by one to two magnitudes in g, less where the host
    galaxy shines (LaMassa et al. 2015, ApJ 800, 144).
    """
    dice = scene.dice
    apparent = scene.magnitude[:, 2]
    # Brighter nuclei are nearer on average.
    typical = 1.1 * 10 ** (0.16 * (apparent - 18.8))
    redshift = dice.bounded("redshift", typical, 0.24, 0.03, 4.2)
    absolute = apparent - distance_modulus(redshift) + 1.25 * np.log10(1.0 + redshift)
    mass = dice.normal("mass", 2.0 - 0.27 * absolute, np.maximum(0.58 + 0.011 * absolute, 0.2))
    tau, sf_infinity = macleod(redshift, absolute, mass)
    tau *= dice.log_normal("scatter of tau", 1.0, 0.25)
    sf_infinity *= dice.log_normal("scatter of amplitude", 1.0, 0.12)[:, None]
    add_damped_random_walk(scene, tau, sf_infinity / np.sqrt(2.0))
    changing = scene.only(scene.anomaly == "changing look")
    if len(changing):
        _fade(changing)
    subclass = np.where(absolute < -23.0, "QSO", "Seyfert")
    return Truth(subclass, np.full(len(scene), np.nan), redshift)


def macleod(
    redshift: NDArray[np.float64], absolute: NDArray[np.float64], mass: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Observed damping time [d] (at r) and SF_inf in g, r, i [mag] of quasars.

    ``absolute`` is M_i, ``mass`` log10 of the black hole's mass [solar]. Equation 7:
    log f = A + B log(lambda_rest / 4000 A) + C (M_i + 23) + D log(M_BH / 10^9).
    """
    rest = np.log10(WAVELENGTH / 4000.0 / (1.0 + redshift[:, None]))
    luminous, massive = (absolute + 23.0)[:, None], (mass - 9.0)[:, None]
    sf_infinity = 10 ** (-0.51 - 0.479 * rest + 0.131 * luminous + 0.18 * massive)
    tau = 10 ** (2.4 + 0.17 * rest + 0.03 * luminous + 0.21 * massive)
    return tau[:, 1] * (1.0 + redshift), sf_infinity


def distance_modulus(redshift: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance modulus [mag] at redshifts up to 5, float64 [objects] both.

    In a flat universe with H0 = 70 km/s/Mpc and Omega_m = 0.3.
    """
    grid = np.linspace(0.0, 5.0, 2001)
    integrand = 1.0 / np.sqrt(MATTER * (1.0 + grid) ** 3 + 1.0 - MATTER)
    steps = (integrand[1:] + integrand[:-1]) / 2 * np.diff(grid)
    comoving = np.interp(redshift, grid, np.concatenate([[0.0], steps.cumsum()]))
    megaparsec = SPEED_OF_LIGHT / HUBBLE * comoving * (1.0 + redshift)
    return 5.0 * np.log10(megaparsec) + 25.0


def _fade(scene: Scene) -> None:
    when = scene.some_exposure("fading", 0.3, 0.7)
    depth = scene.dice.uniform("depth of fading", 1.1, 2.2)
    sign = np.where(scene.dice.uniform("rises") < 0.35, -1.0, 1.0)
    width = scene.dice.log_uniform("duration of fading", 60.0, 250.0)
    _add_step(*scene.canvas, when, width, (sign * depth)[:, None] * np.array([1.0, 0.75, 0.55]))


@njit(cache=True, nogil=True)
def _add_step(starts, stops, mjd, band, variation, when, width, depth):
    for k in range(len(starts)):
        for j in range(starts[k], stops[k]):
            rise = 1.0 + math.tanh((mjd[j] - when[k]) / width[k])
            variation[j] += 0.5 * depth[k, band[j]] * rise
