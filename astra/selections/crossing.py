"""Filters that cross: each histogram shows its column under all filters but its own.

Every filter owns one bit. An object carries the bits of the filters it does not pass, uint16: it
is shown while it carries none, and it counts in the histogram of a column while it carries none
but that of the column's own filter. A filter that changes costs one pass over its column; columns
are put into bins once, one byte an object.
"""

from typing import NamedTuple, Self

import numpy as np
from numba import njit
from numpy.typing import NDArray

BINS = 48
UNKNOWN = 255
MOST_FILTERS = 16
_SAMPLED = 1_000_000
_DECADES = 1.5


class Axis(NamedTuple):
    """Where the values of a column lie on a histogram; what lies beyond is in the last bin.

    Attributes
    ----------
    low, high : float
        Ends, in the unit of the column.
    log : bool
        The bins are of equal width in the logarithm.
    """

    low: float
    high: float
    log: bool

    @classmethod
    def of(cls, values: NDArray, share: bool = False) -> Self:
        """Axis of a column: 0 to 1 for a share, else the range without half a percent at each end.

        ``values`` is numeric [objects], NaN where unknown. Logarithmic for positive values over
        more than 1.5 decades.
        """
        if share:
            return cls(0.0, 1.0, False)
        sample = np.asarray(values[:: max(1, len(values) // _SAMPLED)], np.float64)
        known = sample[np.isfinite(sample)]
        if not len(known):
            return cls(0.0, 1.0, False)
        low, high = (float(end) for end in np.percentile(known, [0.5, 99.5]))
        if not low < high:
            return cls(low - 0.5, low + 0.5, False)
        positive = bool(known.min() > 0)
        return cls(low, high, positive and high > 10**_DECADES * low)

    def at(self, share: float) -> float:
        """Value at a share of the axis: 0 at ``low``, 1 at ``high``."""
        if self.log:
            return self.low * (self.high / self.low) ** share
        return self.low + share * (self.high - self.low)

    def share(self, value: float) -> float:
        """Share of the axis at which a value lies, 0 to 1 where it is on the axis."""
        if self.log:
            if value <= 0:
                return 0.0
            return float(np.log(value / self.low) / np.log(self.high / self.low))
        return (value - self.low) / (self.high - self.low)


def bins_of(values: NDArray, axis: Axis) -> NDArray[np.uint8]:
    """Bin of each value, uint8 [objects]; 255 where it is not finite, or not positive on a log."""
    codes = np.empty(len(values), np.uint8)
    low, high = (np.log(axis.low), np.log(axis.high)) if axis.log else (axis.low, axis.high)
    put_in_bins(np.ascontiguousarray(values, np.float32), low, BINS / (high - low), axis.log, codes)
    codes.flags.writeable = False
    return codes


@njit(cache=True, nogil=True)
def put_in_bins(values, low, scale, log, codes):
    """Write the bin of each value to `codes`."""
    for i in range(values.size):
        value = np.float64(values[i])
        if log:
            value = np.log(value) if value > 0 else np.nan
        if np.isfinite(value):
            codes[i] = np.uint8(min(max(np.floor((value - low) * scale), 0), BINS - 1))
        else:
            codes[i] = np.uint8(UNKNOWN)


@njit(cache=True, nogil=True)
def mark_outside(values, low, high, bit, failed):
    """Set or clear `bit` of each object: set where its value is not within [low, high]."""
    keep = np.uint16(~bit)
    for i in range(values.size):
        outside = np.uint16(not (values[i] >= low and values[i] <= high))
        failed[i] = (failed[i] & keep) | (outside * bit)


@njit(cache=True, nogil=True)
def mark_not(passing, bit, failed):
    """Set or clear `bit` of each object: set where `passing`, bool [objects], is false."""
    keep = np.uint16(~bit)
    for i in range(passing.size):
        failed[i] = (failed[i] & keep) | (np.uint16(not passing[i]) * bit)


@njit(cache=True, nogil=True)
def clear(bit, failed):
    """Clear `bit` of every object."""
    keep = np.uint16(~bit)
    for i in range(failed.size):
        failed[i] &= keep


@njit(cache=True, nogil=True)
def count_bins(codes, failed, own, chosen, counts):
    """Count a column's bins into `counts`, int64 [3, 256]: all, passing, passing and chosen.

    `own` is the bit of the column's own filter, 0 without; `chosen` bool [objects] or None.
    """
    others = np.uint16(~own)
    for i in range(codes.size):
        passes = (failed[i] & others) == 0
        counts[0, codes[i]] += 1
        counts[1, codes[i]] += passes
        if chosen is not None:
            counts[2, codes[i]] += passes and chosen[i]


def histogram(
    codes: NDArray[np.uint8],
    failed: NDArray[np.uint16],
    own: int = 0,
    chosen: NDArray[np.bool_] | None = None,
) -> NDArray[np.int64]:
    """Objects per bin of a column, int64 [3, bins].

    First all of them, then those that pass every filter but the one whose bit is ``own``, then
    those of these that are chosen.
    """
    counts = np.zeros((3, 256), np.int64)
    count_bins(codes, failed, np.uint16(own), chosen, counts)
    return counts[:, :BINS]


def warm() -> None:
    """Compile the kernels, so that no visitor waits for the compiler."""
    failed, some = np.zeros(4, np.uint16), np.array([True, False, True, True])
    values = np.arange(4, dtype=np.float32)
    codes = bins_of(values, Axis(0.0, 3.0, False))
    sealed = values.copy()
    sealed.flags.writeable = False
    for each in (values, sealed):
        bins_of(each, Axis(0.0, 3.0, False))
        mark_outside(each, 0.0, 2.0, np.uint16(1), failed)
    mark_not(some, np.uint16(2), failed)
    clear(np.uint16(3), failed)
    for chosen in (None, some):
        histogram(codes, failed, 0, chosen)
