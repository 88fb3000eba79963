"""Power spectrum of one irregular series on a fine, regular grid of frequencies."""

from dataclasses import dataclass

import finufft
import numpy as np
from numba import njit
from numpy.typing import NDArray

MIN_FREQUENCY = 1 / 1500
"""Lowest frequency searched [cycles/d]."""

MAX_FREQUENCY = 25.0
"""Highest frequency searched [cycles/d]."""

SAMPLES_PER_PEAK = 3
"""Frequencies in one 1/T, where T is the span of the object's own observations."""

MAX_FREQUENCIES = 1 << 20
"""Longest grid: spans over 38 years are sampled more coarsely. One object's work space is then
about 25 MB."""

MIN_FREQUENCIES = 256
_SUB_BANDS = 32
_MIN_MODES = 256


@dataclass(frozen=True, slots=True)
class FrequencyGrid:
    """Frequencies ``(first + j) * step`` for ``j`` from 0 to ``count - 1``, in cycles/d.

    ``first`` is a whole number, so harmonics of a frequency on the grid are on the grid too.
    """

    first: int
    step: float
    count: int


def frequency_grid(span: float) -> FrequencyGrid:
    """Grid of an object whose observations span ``span`` days (> 0)."""
    step = 1 / (SAMPLES_PER_PEAK * span)
    step = min(step, MAX_FREQUENCY / MIN_FREQUENCIES)
    step = max(step, MAX_FREQUENCY / MAX_FREQUENCIES)
    first = max(1, int(np.ceil(MIN_FREQUENCY / step)))
    return FrequencyGrid(first, step, int(MAX_FREQUENCY / step) - first + 1)


def power_spectrum(
    time: NDArray[np.float64],
    value: NDArray[np.float64],
    weight: NDArray[np.float64],
    grid: FrequencyGrid,
) -> NDArray[np.float32]:
    """Weighted power of a series with zero weighted mean, in units of its variance.

    ``P(f) = 2 |sum w y exp(2 pi i f t)|² / (sum w sum w y²)``, nearly the Lomb-Scargle power,
    without a floating mean. One non-uniform FFT in single precision [1]_; the grid is cut into
    sub-bands, each shifted to frequency zero, so that the FFT stays in the processor's cache.

    Parameters
    ----------
    time : float64 [observations], days
        Centred on the middle of the span.
    value, weight : float64 [observations]
    grid : FrequencyGrid

    Returns
    -------
    float32 [grid.count]

    References
    ----------
    .. [1] Barnett, Magland & af Klinteberg 2019, SIAM J. Sci. Comput. 41, C479.
    """
    sub_bands = int(np.clip(grid.count // _MIN_MODES, 1, _SUB_BANDS))
    modes = -(-grid.count // sub_bands)
    strengths = _shifted(
        time, value * weight, (grid.first + modes // 2) * grid.step, modes * grid.step, sub_bands
    )
    transform = finufft.nufft1d1(
        (2 * np.pi * grid.step * time).astype(np.float32),
        strengths,
        modes,
        eps=1e-3,
        upsampfac=1.25,
        nthreads=1,
    )
    scale = 2 / (weight.sum() * (weight * value**2).sum())
    return _squared(transform.ravel(), grid.count, scale)


@njit(cache=True, nogil=True)
def _shifted(time, strength, centre, spacing, sub_bands):
    """Strengths times exp(2 pi i centre_k t) for the centre of each sub-band, complex64."""
    shifted = np.empty((sub_bands, len(time)), np.complex64)
    for j in range(len(time)):
        phase = 2 * np.pi * centre * time[j]
        step = 2 * np.pi * spacing * time[j]
        now = strength[j] * complex(np.cos(phase), np.sin(phase))
        turn = complex(np.cos(step), np.sin(step))
        for k in range(sub_bands):
            shifted[k, j] = now
            now *= turn
    return shifted


@njit(cache=True, nogil=True)
def _squared(transform, count, scale):
    power = np.empty(count, np.float32)
    for j in range(count):
        power[j] = scale * (transform[j].real ** 2 + transform[j].imag ** 2)
    return power


@njit(cache=True, nogil=True)
def harmonic_sum(power, first, harmonics):
    """Sum of the power at 1, 2, ... ``harmonics`` times each frequency of the grid, float32.

    Of each harmonic the largest of three neighbouring bins counts. Harmonics beyond the end of the
    grid count nothing.
    """
    total = power.copy()
    for h in range(2, harmonics + 1):
        for j in range(len(power)):
            k = h * (first + j) - first
            if k + 1 >= len(power):
                break
            total[j] += max(power[k - 1], power[k], power[k + 1])
    return total


@njit(cache=True, nogil=True)
def highest_peaks(power, number, separation):
    """Indices of the highest local maxima, highest first, int64 [<= number].

    Of maxima within ``separation`` bins of each other only the highest counts.
    """
    peaks = np.full(number, -1, np.int64)
    heights = np.full(number, -np.inf, power.dtype)
    last = len(power) - 1
    for j in range(len(power)):
        height = power[j]
        if height <= heights[number - 1]:
            continue
        if (j > 0 and power[j - 1] >= height) or (j < last and power[j + 1] > height):
            continue
        _keep_peak(peaks, heights, j, height, separation)
    return peaks[peaks >= 0]


@njit(cache=True, nogil=True)
def _keep_peak(peaks, heights, j, height, separation):
    slot = len(peaks) - 1
    for k in range(len(peaks)):
        if peaks[k] >= 0 and abs(peaks[k] - j) <= separation:
            if heights[k] >= height:
                return
            slot = k
            break
    while slot > 0 and heights[slot - 1] < height:
        peaks[slot], heights[slot] = peaks[slot - 1], heights[slot - 1]
        slot -= 1
    peaks[slot], heights[slot] = j, height
