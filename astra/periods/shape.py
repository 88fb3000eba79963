"""Whether a curve repeats once or twice in a period: pulsations, and pairs of eclipses."""

from astra.periods.harmonics import fit_at
from astra.periods.series import Series

LONGEST_PAIR = 60.0
"""Half of the longest orbit [d] that is taken for that of two like eclipses."""

SHORTEST_SINUSOID = 0.25
"""A shorter sinusoid [d] is half the orbit of a contact binary, which outnumber by far the
pulsating stars of these periods."""

SHORTEST_ORBIT = 0.2
"""No two stars that are not degenerate go around each other in less [d]."""

_NARROWER = 0.06
_NARROWEST = 0.95
_SYMMETRIC = 0.1


def is_doubled(series: Series, frequency: float, score: float, double_score: float) -> bool:
    """Whether catalogues would have the double of a period.

    They do where its two halves differ, by the criterion of the fits; where the curve falls as it
    rises and its minima are narrower than its maxima, as those of eclipses are; and for short
    sinusoids. The limits hold for stars of the Catalina catalogue (Drake et al. 2017).

    Parameters
    ----------
    series : Series
    frequency : float
        Of the shorter period [cycles/d].
    score, double_score : float
        Criterion of the best fits at the period and at its double; lower is better.
    """
    if frequency * LONGEST_PAIR < 1:
        return False
    if double_score < score:
        return True
    if frequency * SHORTEST_ORBIT > 2:
        return False
    in_phase, out_of_phase = minimum_shape(series, frequency)
    if abs(out_of_phase) > max(_SYMMETRIC, 0.5 * in_phase):
        return False
    is_pair = _NARROWER < in_phase < _NARROWEST
    return is_pair or (frequency * SHORTEST_SINUSOID > 1 and abs(in_phase) < _SYMMETRIC)


def minimum_shape(series: Series, frequency: float) -> tuple[float, float]:
    """Second harmonic over the first, in phase with the minimum and out of phase with it.

    Returns
    -------
    in_phase : float
        Positive where minima are narrower than maxima.
    out_of_phase : float
        0 for a curve that falls as it rises.
    """
    curve = fit_at(series.time, series.value, series.weight, frequency, 2)[0]
    first, second = complex(curve[1], curve[3]), complex(curve[2], curve[4])
    turned = second * (first.conjugate() / abs(first)) ** 2 / abs(first)
    return float(turned.real), float(turned.imag)
