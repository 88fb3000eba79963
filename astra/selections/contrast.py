"""What sets some objects apart from others: effect sizes with intervals, largest first.

Nothing is tested for significance: with a million objects everything is significant. What counts
is how large a difference is, and how large it may at least be.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Z = 1.959964  # of an interval of 95 %
FEWEST = 3


class Difference(NamedTuple):
    """How a number differs inside from outside.

    Attributes
    ----------
    name : str
    delta : float
        Cliff's delta, -1 to 1: how much more often a value from inside is larger than one from
        outside than smaller. 0: no difference, 1: all inside are larger.
    low, high : float
        Its interval of 95 %.
    inside, outside : float
        Medians of the known values.
    known_inside, known_outside : int
        How many are known.
    """

    name: str
    delta: float
    low: float
    high: float
    inside: float
    outside: float
    known_inside: int
    known_outside: int

    @property
    def least(self) -> float:
        """Smallest size that the interval allows: 0 where it holds 0."""
        return least(self.low, self.high)


class Lift(NamedTuple):
    """How much more frequent a class is inside than outside.

    Attributes
    ----------
    name : str
    log_odds : float
        Natural logarithm of the ratio of its odds inside to those outside.
    low, high : float
        Its interval of 95 %.
    inside, of_inside, outside, of_outside : int
        Objects of the class, and objects that have any class.
    """

    name: str
    log_odds: float
    low: float
    high: float
    inside: int
    of_inside: int
    outside: int
    of_outside: int

    @property
    def least(self) -> float:
        """Smallest size that the interval allows: 0 where it holds 0."""
        return least(self.low, self.high)


def least(low: float, high: float) -> float:
    """Smallest distance from 0 inside an interval."""
    return max(low, -high, 0.0)


def difference(
    name: str, inside: NDArray[np.floating], outside: NDArray[np.floating]
) -> Difference | None:
    """Compare a number inside and outside; None where fewer than three are known on a side.

    Parameters
    ----------
    name : str
    inside, outside : float [objects]
        NaN where unknown.

    References
    ----------
    Cliff 1993, Psychological Bulletin 114, 494. Variance by placements: DeLong, DeLong &
    Clarke-Pearson 1988, Biometrics 44, 837; not less than that of half an object, so that sides
    that do not overlap have an interval too.
    """
    x, y = (np.sort(v[np.isfinite(v)].astype(np.float64)) for v in (inside, outside))
    if min(len(x), len(y)) < FEWEST:
        return None
    above_y, above_x = _placements(x, y), _placements(y, x)
    area = float(above_y.mean())
    variance = above_y.var(ddof=1) / len(x) + above_x.var(ddof=1) / len(y)
    error = max(float(np.sqrt(variance)), 0.5 / min(len(x), len(y)))
    delta = 2 * area - 1
    return Difference(
        name,
        delta,
        max(delta - 2 * Z * error, -1.0),
        min(delta + 2 * Z * error, 1.0),
        float(np.median(x)),
        float(np.median(y)),
        len(x),
        len(y),
    )


def _placements(values: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of the sorted ``others`` below each value, ties counting half."""
    below = np.searchsorted(others, values, "left")
    upto = np.searchsorted(others, values, "right")
    return (below + upto) / (2 * len(others))


def differences(
    columns: Mapping[str, tuple[NDArray[np.floating], NDArray[np.floating]]],
) -> list[Difference]:
    """Compare several numbers, each given inside and outside, as two float [objects].

    What surely differs most comes first.
    """
    found = (difference(name, *sides) for name, sides in columns.items())
    return sorted(
        (one for one in found if one is not None), key=lambda d: (-d.least, -abs(d.delta))
    )


def lifts(
    names: Sequence[str], inside: NDArray[np.integer], outside: NDArray[np.integer]
) -> list[Lift]:
    """Compare how frequent classes are; what is surely more, or less, frequent inside first.

    Parameters
    ----------
    names : sequence of str
    inside, outside : int [classes]
        Objects of each class.

    References
    ----------
    Logarithm of the odds ratio with half an object added to each cell (Haldane-Anscombe), and
    Woolf's interval: Woolf 1955, Annals of Human Genetics 19, 251.
    """
    of_inside, of_outside = int(inside.sum()), int(outside.sum())
    if not of_inside or not of_outside:
        return []
    cells = np.stack([inside, of_inside - inside, outside, of_outside - outside]) + 0.5
    logs = np.log(cells)
    ratio = logs[0] - logs[1] - logs[2] + logs[3]
    error = Z * np.sqrt((1 / cells).sum(axis=0))
    found = [
        Lift(name, float(r), float(r - e), float(r + e), int(a), of_inside, int(b), of_outside)
        for name, r, e, a, b in zip(names, ratio, error, inside, outside, strict=True)
        if a or b
    ]
    return sorted(found, key=lambda lift: (-lift.least, -abs(lift.log_odds)))
