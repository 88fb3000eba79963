"""Cepheids: the Hertzsprung progression of the classical ones, first overtones, type II."""

import numpy as np
from numpy.typing import NDArray

from astra.data.simulation.generators.fourier import add_fourier
from astra.data.simulation.generators.pulsators import clock_glitch, scaled
from astra.data.simulation.generators.stochastic import add_damped_random_walk
from astra.data.simulation.scene import Scene, Truth

# Amplitude in g, r, i relative to V (Klagyivik & Szabados 2009, A&A 504, 959, for UBVRI).
BANDS = np.array([1.15, 0.80, 0.61])
# The progression of fundamental-mode Cepheids with period: amplitude in V [mag], Fourier ratios and
# phases phi_k1 [rad] in the cosine convention, unwrapped (Simon & Lee 1981, ApJ 248, 291; Simon &
# Moffett 1985, PASP 97, 1078). Near 10 d the bump passes the maximum: R21 collapses, phases leap.
PERIOD = np.array([2.0, 3.0, 4.0, 5.0, 6.5, 8.0, 9.0, 9.7, 10.7, 12.0, 15.0, 20.0, 30.0, 60.0])
AMPLITUDE = np.array(
    [0.60, 0.75, 0.80, 0.80, 0.75, 0.68, 0.60, 0.58, 0.65, 0.80, 0.95, 1.05, 1.05, 0.85]
)
RATIOS = np.array(
    [
        [0.38, 0.43, 0.43, 0.42, 0.39, 0.33, 0.25, 0.18, 0.13, 0.15, 0.20, 0.28, 0.36, 0.35],
        [0.17, 0.20, 0.19, 0.17, 0.12, 0.09, 0.07, 0.07, 0.09, 0.11, 0.13, 0.15, 0.20, 0.20],
        [0.10, 0.11, 0.10, 0.08, 0.05, 0.05, 0.05, 0.05, 0.06, 0.08, 0.10, 0.12, 0.13, 0.10],
    ]
)
ANGLES = np.array(
    [
        [3.95, 4.02, 4.18, 4.38, 4.70, 5.00, 5.25, 5.40, 4.75, 4.55, 4.60, 4.70, 4.75, 4.80],
        [1.98, 2.02, 2.25, 2.55, 2.90, 3.30, 4.00, 5.20, 6.50, 6.90, 7.50, 8.00, 8.50, 8.90],
        [-0.15, 0.00, 0.25, 0.50, 0.90, 1.50, 2.30, 3.40, 4.60, 5.20, 5.90, 6.10, 6.70, 7.00],
    ]
)


def cepheid(scene: Scene) -> Truth:
    """Paint Cepheids: 62 % classical fundamental, 14 % first overtone, 24 % type II.

    Type II Cepheids (BL Herculis and W Virginis stars) repeat less well from cycle to cycle and are
    given a slow wander (Soszynski et al. 2008, AcA 58, 293).
    """
    dice = scene.dice
    kind = dice.choice("kind", (0.62, 0.14, 0.24))
    kind = np.where(scene.anomaly == "period change", 0, kind)
    period = np.choose(
        kind,
        [
            dice.bounded("fundamental", 6.6, 0.29, 2.2, 55.0),
            dice.bounded("overtone", 2.5, 0.18, 0.8, 6.5),
            dice.log_uniform("type II", 1.1, 22.0),
        ],
    )
    amplitude, ratios, angles = _progression(period)
    overtone, old = kind == 1, kind == 2
    amplitude = np.where(overtone, 0.38, np.where(old, 0.75, amplitude))
    amplitude = amplitude * np.exp(dice.normal("amplitude", 0.0, 0.14))
    ratios[overtone, 1:] *= np.array([0.42, 0.3, 0.3])
    ratios[old, 1:] *= dice.uniform("shape of ratios", 0.3, 0.9)[old, None]
    angles[:, 1] += np.where(old, dice.normal("shape of phases", 0.7, 0.6), 0.0)
    angles[:, 1:] += dice.normal("shape", 0.0, 0.08)[:, None] * np.arange(1, 4)
    series = scaled(ratios, angles, amplitude)[:, None, :] * BANDS[:, None]
    lag = 2.0 * np.pi * np.array([0.0, 0.012, 0.025])[:, None] * np.arange(1, 5)
    glitch = clock_glitch(scene, period)
    angle = angles[:, None, :] - lag
    add_fourier(scene, period, dice.uniform("phase"), series, angle, glitch=glitch)
    rows = np.flatnonzero(old)
    sigma = 0.05 * amplitude[rows, None] * BANDS
    add_damped_random_walk(scene.only(rows), 4.0 * period[rows], sigma)
    return Truth(np.array(["DCEP", "DCEPS", "CW"])[kind], period)


def _progression(
    period: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Mean amplitude [objects], ratios and phases [objects, 4] at each period."""
    place, grid = np.log10(period), np.log10(PERIOD)
    ones = np.ones(len(period))
    ratios = np.stack([ones] + [np.interp(place, grid, row) for row in RATIOS], axis=1)
    angles = np.stack([0 * ones] + [np.interp(place, grid, row) for row in ANGLES], axis=1)
    return np.interp(place, grid, AMPLITUDE), ratios, angles
