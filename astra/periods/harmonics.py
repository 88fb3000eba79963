"""Weighted least-squares fits of a constant and a few harmonics, the kernel of the period search.

All kernels take a *series*: ``time`` [days, centred], ``value``, and ``weight``, which sums to 1;
all float64 [observations].
"""

import numpy as np
from numba import njit

RIDGE = 1e-4
"""Penalty on squared amplitudes, relative to the sum of the weights: it keeps the curve tame across
gaps in phase."""


@njit(cache=True, nogil=True)
def usable_harmonics(observations):
    """Harmonics that so many observations can bear: 5 from 24 on, 1 at fewer than 12."""
    return min(5, max(1, observations // 4 - 1))


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "nsz"})
def moments(cos_1, sin_1, value, weight, harmonics):
    """Weighted sums of cos k, sin k (k up to twice ``harmonics``), and of these times the value."""
    sums = np.zeros((4, 2 * harmonics + 1))
    cos_k, sin_k = weight.copy(), np.zeros(len(weight))
    sums[0, 0] = 1.0
    sums[2, 0] = (weight * value).sum()
    for k in range(1, 2 * harmonics + 1):
        sum_cos = sum_sin = sum_value_cos = sum_value_sin = 0.0
        for j in range(len(value)):
            turned = cos_k[j] * cos_1[j] - sin_k[j] * sin_1[j]
            sin_k[j] = sin_k[j] * cos_1[j] + cos_k[j] * sin_1[j]
            cos_k[j] = turned
            sum_cos += turned
            sum_sin += sin_k[j]
            sum_value_cos += turned * value[j]
            sum_value_sin += sin_k[j] * value[j]
        sums[0, k], sums[1, k] = sum_cos, sum_sin
        sums[2, k], sums[3, k] = sum_value_cos, sum_value_sin
    return sums


@njit(cache=True, nogil=True)
def _normal_matrix(sums, harmonics):
    """Products of the basis 1, cos 1.., sin 1.. with itself, by the addition theorem."""
    cos, sin = sums[0], sums[1]
    size = 2 * harmonics + 1
    matrix = np.empty((size, size))
    for a in range(harmonics + 1):
        for b in range(harmonics + 1):
            matrix[a, b] = (cos[abs(a - b)] + cos[a + b]) / 2
            if b > 0:
                low = sin[b - a] if b >= a else -sin[a - b]
                matrix[a, harmonics + b] = matrix[harmonics + b, a] = (sin[a + b] + low) / 2
            if a > 0 and b > 0:
                matrix[harmonics + a, harmonics + b] = (cos[abs(a - b)] - cos[a + b]) / 2
    return matrix


@njit(cache=True, nogil=True)
def _solve(matrix, right):
    """Solve a positive definite system in place by Cholesky factors; the answer is in ``right``."""
    size = len(right)
    for j in range(size):
        for k in range(j):
            for i in range(j, size):
                matrix[i, j] -= matrix[i, k] * matrix[j, k]
        root = np.sqrt(max(matrix[j, j], 1e-12))
        for i in range(j, size):
            matrix[i, j] /= root
        for k in range(j):
            right[j] -= matrix[j, k] * right[k]
        right[j] /= matrix[j, j]
    for j in range(size - 1, -1, -1):
        for i in range(j + 1, size):
            right[j] -= matrix[i, j] * right[i]
        right[j] /= matrix[j, j]


@njit(cache=True, nogil=True)
def _fit(cos_1, sin_1, value, weight, harmonics):
    """Coefficients (1, cos 1.., sin 1..) and what the curve explains of the sum of squares."""
    sums = moments(cos_1, sin_1, value, weight, harmonics)
    matrix = _normal_matrix(sums, harmonics)
    right = np.concatenate((sums[2, : harmonics + 1], sums[3, 1 : harmonics + 1]))
    coefficients = right.copy()
    for k in range(1, len(right)):
        matrix[k, k] += RIDGE
    _solve(matrix, coefficients)
    explained = 0.0
    for k in range(len(right)):
        penalty = RIDGE * coefficients[k] if k > 0 else 0.0
        explained += coefficients[k] * (right[k] + penalty)
    return coefficients, explained


@njit(cache=True, nogil=True)
def fit_at(time, value, weight, frequency, harmonics):
    """Fit at one frequency [cycles/d].

    Returns
    -------
    coefficients : float64 [2 harmonics + 1]
        Constant, cosines 1 to ``harmonics``, sines 1 to ``harmonics``, of the phase at ``time``.
    residual : float
        Weighted mean of the squared residuals.
    """
    angle = 2 * np.pi * frequency * time
    coefficients, explained = _fit(np.cos(angle), np.sin(angle), value, weight, harmonics)
    squares = (weight * value * value).sum()
    return coefficients, max(squares - explained, 1e-9 * squares)


@njit(cache=True, nogil=True)
def refine(time, value, weight, frequency, step, steps, harmonics):
    """Best of the frequencies ``frequency + k step`` for ``k`` from ``-steps`` to ``steps``.

    Returns
    -------
    frequency : float
    residual : float
        Weighted mean of the squared residuals there.
    """
    lowest = max(-steps, int(np.ceil(1e-3 - frequency / step)))
    angle = 2 * np.pi * (frequency + lowest * step) * time
    cos, sin = np.cos(angle), np.sin(angle)
    turn = 2 * np.pi * step * time
    cos_turn, sin_turn = np.cos(turn), np.sin(turn)
    best, best_explained = frequency, -np.inf
    for k in range(lowest, steps + 1):
        explained = _fit(cos, sin, value, weight, harmonics)[1]
        if explained > best_explained:
            best, best_explained = frequency + k * step, explained
        cos, sin = cos * cos_turn - sin * sin_turn, sin * cos_turn + cos * sin_turn
    squares = (weight * value * value).sum()
    return best, max(squares - best_explained, 1e-9 * squares)


@njit(cache=True, nogil=True)
def faintest_phase(coefficients, harmonics, samples=256):
    """Phase [cycles] and height of the largest value of a fitted curve."""
    best, height = 0.0, -np.inf
    for k in range(samples):
        value = curve_at(coefficients, harmonics, k / samples)
        if value > height:
            best, height = k / samples, value
    return best, height


@njit(cache=True, nogil=True)
def curve_at(coefficients, harmonics, phase):
    """Value of a fitted curve at a phase [cycles]."""
    value = coefficients[0]
    for h in range(1, harmonics + 1):
        angle = 2 * np.pi * h * phase
        value += coefficients[h] * np.cos(angle) + coefficients[harmonics + h] * np.sin(angle)
    return value
