"""A period to its last digit: a finer look at one peak, with weights that the fit itself corrects.

Errors of photometry say nothing of what a star does that its fitted curve does not: no two cycles
of a giant are alike, spots come and go, pulsations beat. Where the residuals are larger than the
errors, the excess scatter is added to them in quadrature, as to radial velocities the jitter of a
star. The brightest observations of a giant then no longer outweigh all others.
"""

import numpy as np
from numpy.typing import NDArray

from astra.periods.nested import gains_near, squares_of
from astra.periods.series import Series

_FINE = 24


def refined(series: Series, frequency: float, harmonics: int, steps: int) -> float:
    """Find the top of the peak at a frequency.

    Parameters
    ----------
    series : Series
    frequency : float
        Cycles/d.
    harmonics : int
        Of the fit, at least 1.
    steps : int
        How far the top may be to either side, in 24ths of the resolution; at least 1.

    Returns
    -------
    float
        The frequency of the best fit [cycles/d], between the steps by a parabola; the given one
        where there is no top so near.
    """
    bands = series.bands
    step = 1 / (_FINE * series.span)
    around = (bands.starts, frequency, step, steps, harmonics)
    explained = gains_near(bands.time, bands.value, bands.weight, *around).max()
    weight = _weights(series, explained)
    gains = gains_near(bands.time, bands.value, weight, *around)
    top = int(np.argmax(gains))
    if not 0 < top < len(gains) - 1:
        return frequency
    before, here, after = gains[top - 1 : top + 2]
    curvature = before - 2 * here + after
    place = 0.5 * (before - after) / curvature if curvature < 0 else 0.0
    return float(frequency + (top - steps + place) * step)


def _weights(series: Series, explained: float) -> NDArray[np.float64]:
    """Weights with the excess scatter about a fit, float64 [observations], band by band."""
    bands = series.bands
    variance = bands.error**2
    # The weighted mean of the squared errors, as of the squared residuals.
    expected = 1 / np.mean(1 / variance)
    left = squares_of(bands.value, bands.weight, bands.starts) - explained
    weight = 1 / (variance + max(0.0, left - expected))
    return weight / weight.sum()
