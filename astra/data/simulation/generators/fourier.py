"""Periodic variation as a Fourier series per band, with modulation and a broken clock."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from astra.data.simulation.scene import Scene

NEVER = 1.0e6


def add_fourier(
    scene: Scene,
    period: NDArray[np.float64],
    phase: NDArray[np.float64],
    amplitude: NDArray[np.float64],
    angle: NDArray[np.float64],
    *,
    modulation: NDArray[np.float64] | None = None,
    glitch: NDArray[np.float64] | None = None,
) -> None:
    """Add sum_k A_k cos(2 pi k x + angle_k), x = t / period + phase, to the variation.

    Parameters
    ----------
    scene : Scene
    period : float64 [objects]
        Period [d].
    phase : float64 [objects]
        Cycles at MJD 58000.
    amplitude : float64 [objects, 3, harmonics]
        Semi-amplitudes in g, r, i [mag].
    angle : float64 [objects, 3, harmonics] or [objects, 1, harmonics]
        Phases in the cosine convention of Simon & Lee (1981, ApJ 248, 291) [rad].
    modulation : float64 [objects, 4], optional
        Period of the modulation [d], its phase [cycles], relative depth in amplitude, depth in
        phase [rad] (Benko, Szabo & Paparo 2011, MNRAS 417, 974).
    glitch : float64 [objects, 2], optional
        Time [MJD] at which the frequency changes, and by which fraction.
    """
    objects = len(scene)
    if not objects:
        return
    if modulation is None:
        modulation = np.tile([NEVER, 0.0, 0.0, 0.0], (objects, 1))
    if glitch is None:
        glitch = np.tile([NEVER, 0.0], (objects, 1))
    angle = np.ascontiguousarray(np.broadcast_to(angle, amplitude.shape))
    cosine, sine = amplitude * np.cos(angle), -amplitude * np.sin(angle)
    _add_fourier(*scene.canvas, 1.0 / period, phase, cosine, sine, modulation, glitch)


@njit(cache=True, nogil=True)
def _add_fourier(
    starts, stops, mjd, band, variation, frequency, phase, cosine, sine, modulation, glitch
):
    harmonics = cosine.shape[2]
    for k in range(len(starts)):
        beat, beat_phase, depth, swing = modulation[k]
        for j in range(starts[k], stops[k]):
            cycle = (mjd[j] - 58000.0) * frequency[k] + phase[k]
            if mjd[j] > glitch[k, 0]:
                cycle += (mjd[j] - glitch[k, 0]) * frequency[k] * glitch[k, 1]
            gain, turn = 1.0, 2.0 * math.pi * (cycle - math.floor(cycle))
            if beat < NEVER:
                along = 2.0 * math.pi * ((mjd[j] - 58000.0) / beat + beat_phase)
                gain += depth * math.cos(along)
                turn += swing * math.sin(along)
            step_c, step_s = math.cos(turn), math.sin(turn)
            c, s, total = step_c, step_s, 0.0
            for h in range(harmonics):
                total += cosine[k, band[j], h] * c + sine[k, band[j], h] * s
                c, s = c * step_c - s * step_s, s * step_c + c * step_s
            variation[j] += gain * total
