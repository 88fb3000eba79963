"""Fits of 1, 2, 3 ... harmonics at once: what each explains, and how many are worth having.

The kernels take observations band by band (:class:`astra.periods.series.Bands`); each band has a
constant of its own, all bands share the harmonics. The weights of all observations sum to 1.
"""

import numpy as np
from numba import njit

from astra.periods.harmonics import RIDGE, moments

MOST_HARMONICS = 5
OBSERVATIONS_PER_HARMONIC = 8
_LOWEST_FREQUENCY = 5e-4


@njit(cache=True, nogil=True)
def most_harmonics(observations):
    """Harmonics that so many observations can bear."""
    return min(MOST_HARMONICS, max(1, observations // OBSERVATIONS_PER_HARMONIC))


@njit(cache=True, nogil=True)
def _centred_sums(cos_1, sin_1, value, weight, starts, harmonics):
    """Normal matrix and right side of cos 1, sin 1, cos 2, ..., the constants eliminated."""
    size = 2 * harmonics
    matrix, right = np.zeros((size, size)), np.zeros(size)
    mean, part = np.empty(size), np.empty(size)
    for b in range(len(starts) - 1):
        one, other = starts[b], starts[b + 1]
        sums = moments(
            cos_1[one:other], sin_1[one:other], value[one:other], weight[one:other], harmonics
        )
        total = weight[one:other].sum()
        sums[0, 0] = total
        for i in range(size):
            mean[i] = sums[i % 2, i // 2 + 1]
            part[i] = sums[2 + i % 2, i // 2 + 1]
        for i in range(size):
            right[i] += part[i] - mean[i] * sums[2, 0] / total
            for j in range(i + 1):
                matrix[i, j] += _product(sums, i, j) - mean[i] * mean[j] / total
    return matrix, right


@njit(cache=True, nogil=True)
def _product(sums, i, j):
    """Weighted product of two functions of the basis, by the addition theorem; j <= i."""
    a, b = i // 2 + 1, j // 2 + 1
    if i % 2 == 0 and j % 2 == 0:
        return (sums[0, a - b] + sums[0, a + b]) / 2
    if i % 2 == 1 and j % 2 == 1:
        return (sums[0, a - b] - sums[0, a + b]) / 2
    sign = 1.0 if i % 2 == 1 else -1.0
    return (sums[1, a + b] + sign * sums[1, a - b]) / 2


@njit(cache=True, nogil=True)
def nested_gains(cos_1, sin_1, value, weight, starts, harmonics):
    """Weighted squares that 0, 1, ... ``harmonics`` harmonics explain, float64 [harmonics + 1].

    One Cholesky factor holds the fits of all smaller numbers of harmonics.
    """
    matrix, right = _centred_sums(cos_1, sin_1, value, weight, starts, harmonics)
    size = 2 * harmonics
    gains = np.zeros(harmonics + 1)
    total = 0.0
    for j in range(size):
        matrix[j, j] += RIDGE
        for k in range(j):
            matrix[j, j] -= matrix[j, k] ** 2
            right[j] -= matrix[j, k] * right[k]
        root = np.sqrt(max(matrix[j, j], 1e-12))
        right[j] /= root
        for i in range(j + 1, size):
            for k in range(j):
                matrix[i, j] -= matrix[i, k] * matrix[j, k]
            matrix[i, j] /= root
        total += right[j] ** 2
        gains[j // 2 + 1] = total
    return gains


@njit(cache=True, nogil=True)
def squares_of(value, weight, starts):
    """Weighted squares about the mean of each band: what there is to explain."""
    squares = 0.0
    for b in range(len(starts) - 1):
        part = weight[starts[b] : starts[b + 1]]
        values = value[starts[b] : starts[b + 1]]
        mean = (part * values).sum() / part.sum()
        squares += (part * (values - mean) ** 2).sum()
    return squares


@njit(cache=True, nogil=True)
def best_near(time, value, weight, starts, frequency, step, steps, harmonics):
    """Best of the frequencies ``frequency + k step`` for ``k`` from ``-steps`` to ``steps``.

    The number of harmonics is the one of least Bayesian information criterion [1]_,
    ``n ln(1 - gain) + 2 harmonics ln(n)``; so is the frequency. Of few observations the
    harmonics cost more, as in the criterion of Akaike corrected for them.

    Returns
    -------
    frequency : float
    score : float
        The criterion, 0 for no variation; lower is better.
    harmonics : int
    gain : float
        Share of the weighted squares that is explained.

    References
    ----------
    .. [1] Schwarz 1978, Ann. Statist. 6, 461.
    """
    n, bands = len(time), len(starts)
    squares = squares_of(value, weight, starts)
    angle = 2 * np.pi * (frequency - steps * step) * time
    cos, sin = np.cos(angle), np.sin(angle)
    turn = 2 * np.pi * step * time
    cos_turn, sin_turn = np.cos(turn), np.sin(turn)
    best, best_score, best_harmonics, best_gain = frequency, np.inf, 1, 0.0
    for k in range(-steps, steps + 1):
        if frequency + k * step > _LOWEST_FREQUENCY:
            gains = nested_gains(cos, sin, value, weight, starts, harmonics)
            for h in range(1, harmonics + 1):
                gain = min(gains[h] / squares, 1 - 1e-9)
                score = n * np.log(1 - gain) + 2 * h * np.log(n) * n / (n - 2 * h - bands)
                if score < best_score:
                    best, best_score = frequency + k * step, score
                    best_harmonics, best_gain = h, gain
        cos, sin = cos * cos_turn - sin * sin_turn, sin * cos_turn + cos * sin_turn
    return best, best_score, best_harmonics, best_gain


@njit(cache=True, nogil=True)
def gains_near(time, value, weight, starts, frequency, step, steps, harmonics):
    """Weighted squares that ``harmonics`` harmonics explain at the frequencies around one.

    Returns
    -------
    float64 [2 steps + 1]
        At ``frequency + k step`` for ``k`` from ``-steps`` to ``steps``; 0 below the lowest
        frequency.
    """
    explained = np.zeros(2 * steps + 1)
    angle = 2 * np.pi * (frequency - steps * step) * time
    cos, sin = np.cos(angle), np.sin(angle)
    turn = 2 * np.pi * step * time
    cos_turn, sin_turn = np.cos(turn), np.sin(turn)
    for k in range(2 * steps + 1):
        if frequency + (k - steps) * step > _LOWEST_FREQUENCY:
            gains = nested_gains(cos, sin, value, weight, starts, harmonics)
            explained[k] = gains[harmonics]
        cos, sin = cos * cos_turn - sin * sin_turn, sin * cos_turn + cos * sin_turn
    return explained
