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

SUFFICIENT = 0.7
"""Share of a period's criterion that a part of it must reach to be taken in its place."""

_NARROWER = 0.1
_NARROWEST = 0.95
_SYMMETRIC = 0.1
_SPOTTED = 0.2


def is_doubled(series: Series, frequency: float, score: float, double_score: float) -> bool:
    """Whether catalogues would have the double of a period.

    They do where its two halves differ, by the criterion of the fits, and it is no pulsation; where
    the curve falls as it rises and its minima are narrower than its maxima, as those of eclipses
    are; and for short sinusoids. Short curves may be less even than long ones: there are hardly
    any pulsations to take them for, and stars in contact are spotted. The limits hold for stars of
    the Catalina catalogue (Drake et al. 2017).

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
        return not is_pulsation(series, frequency, score, double_score)
    if frequency * SHORTEST_ORBIT > 2:
        return False
    in_phase, out_of_phase = minimum_shape(series, frequency)
    is_short = frequency * SHORTEST_SINUSOID > 1
    if abs(out_of_phase) > max(_SPOTTED if is_short else _SYMMETRIC, 0.5 * in_phase):
        return False
    is_pair = _NARROWER < in_phase < _NARROWEST
    return is_pair or (is_short and abs(in_phase) < _SYMMETRIC)


def is_pulsation(series: Series, frequency: float, score: float, double_score: float) -> bool:
    """Whether a period is that of a pulsation, though its double fits better.

    Pulsations that beat or change fit better over two cycles than over one, by chance. It is one
    where the curve of one cycle explains nearly as much, and is steeper on one side than on the
    other: more so than spots make it, and eclipses are the same on both sides.

    Parameters
    ----------
    series : Series
    frequency : float
        Of the shorter period [cycles/d].
    score, double_score : float
        As of :func:`is_doubled`.
    """
    if score > SUFFICIENT * double_score:
        return False
    in_phase, out_of_phase = minimum_shape(series, frequency)
    return abs(out_of_phase) > max(_SPOTTED, in_phase)


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
