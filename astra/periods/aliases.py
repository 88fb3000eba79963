"""What a frequency may be in place of a period: the day, the Moon, the year, and their mirrors."""

from collections.abc import Sequence

from numpy.typing import NDArray

SIDEREAL_DAY = 0.99726957
LUNAR_MONTH = 29.530589
YEAR = 365.25
SEASONS = 0.0031
"""Half width [cycles/d] of the peaks around each cycle a day that yearly gaps make."""

_RHYTHMS = {
    "1 d": 1.0,
    "0.5 d": 2.0,
    "0.33 d": 3.0,
    "29.5 d": 1 / LUNAR_MONTH,
    "1 yr": 1 / YEAR,
    "0.5 yr": 2 / YEAR,
}
_DIFFERENCES = {
    "1/d": 1.0,
    "2/d": 2.0,
    "3/d": 3.0,
    "1/(29.5 d)": 1 / LUNAR_MONTH,
    "1/yr": 1 / YEAR,
    "2/yr": 2 / YEAR,
}
_RATIOS = {
    2.0: "2 P",
    0.5: "P/2",
    3.0: "3 P",
    1 / 3: "P/3",
    1.5: "3 P/2",
    2 / 3: "2 P/3",
    4.0: "4 P",
    0.25: "P/4",
}


def rhythms(
    frequency: float, resolution: float, window: NDArray | Sequence[float] = ()
) -> tuple[str, ...]:
    """Name the rhythms of observing that a frequency cannot be told from.

    Parameters
    ----------
    frequency, resolution : float
        Cycles/d; ``resolution`` is 1 over the span.
    window : float [peaks]
        Frequencies at which the window function of these observations peaks.

    Returns
    -------
    tuple of str
        Of ``1 d``, ``0.5 d``, ``0.33 d`` (solar or sidereal days), ``29.5 d``, ``1 yr``,
        ``0.5 yr``; else ``window`` where only the window function tells.
    """
    near = [name for name, rhythm in _RHYTHMS.items() if _meets(frequency, rhythm, resolution)]
    if not near and any(abs(frequency - peak) < resolution for peak in window):
        near = ["window"]
    return tuple(near)


def is_daily(frequency: float, resolution: float) -> bool:
    """Whether a frequency [cycles/d] cannot be told from one, two or three cycles a day."""
    return any(_meets(frequency, rhythm, resolution) for rhythm in (1.0, 2.0, 3.0))


def relation(
    frequency: float, first: float, resolution: float, window: NDArray | Sequence[float] = ()
) -> str:
    """Say how a frequency is made from the first candidate's, or nothing.

    Parameters
    ----------
    frequency, first, resolution : float
        Both frequencies, and how near two are told apart [cycles/d].
    window : float [peaks], optional
        Frequencies of the window's peaks [cycles/d].

    Returns
    -------
    str
        ``2 P``, ``P/2``, ``3 P/2`` ... ; ``f + 1/d``, ``f - 2/d``, ``-f + 1/d``, ``2 f - 1/d``,
        ``f + 1/yr`` ...; ``f + window``; or empty.
    """
    for ratio, name in _RATIOS.items():
        if abs(frequency - first / ratio) < resolution * max(1.0, 1 / ratio):
            return name
    for times, word in ((1.0, "f"), (-1.0, "\u2212f"), (2.0, "2 f"), (0.5, "f/2")):
        difference = frequency - times * first
        name = _difference(difference, resolution * max(1.0, abs(times)), window)
        if name:
            return f"{word} {'+' if difference > 0 else chr(0x2212)} {name}"
    return ""


def _difference(
    difference: float, resolution: float, window: NDArray | Sequence[float]
) -> str | None:
    for name, step in _DIFFERENCES.items():
        # Of the Moon and the year only where the span resolves them.
        if step > resolution and _meets(abs(difference), step, resolution):
            return name
    if any(abs(abs(difference) - peak) < resolution for peak in window):
        return "window"
    return None


def _meets(frequency: float, rhythm: float, resolution: float) -> bool:
    """Whether two frequencies are one; about a cycle a day, as far as its sidelobes reach."""
    if rhythm < 1:
        return abs(frequency - rhythm) < resolution
    middle = rhythm * (1 + 1 / SIDEREAL_DAY) / 2
    return abs(frequency - middle) < max(resolution, SEASONS + rhythm * (1 / SIDEREAL_DAY - 1) / 2)
