"""Whether a curve repeats once or twice in a period: pulsations, and pairs of eclipses."""

import numpy as np

from astra.periods.harmonics import fit_at
from astra.periods.series import Series


def is_doubled(series: Series, frequency: float, score: float, double_score: float) -> bool:
    """Whether the double of a period is the one that a catalogue would have."""
    return double_score < score


def minimum_shape(series: Series, frequency: float) -> tuple[float, float]:
    """Second harmonic over the first, in phase with the minimum and out of phase with it.

    Returns
    -------
    in_phase : float
        Positive where minima are narrower than maxima, as eclipses are.
    out_of_phase : float
        0 for a curve that falls as it rises.
    """
    curve = fit_at(series.time, series.value, series.weight, frequency, 2)[0]
    first, second = complex(curve[1], curve[3]), complex(curve[2], curve[4])
    turned = second * (np.conj(first) / abs(first)) ** 2
    return float(turned.real / abs(first)), float(turned.imag / abs(first))
