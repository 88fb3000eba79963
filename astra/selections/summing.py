"""What is said of a selection at once: its classes counted, the median of a column, exactly.

At ten million objects these run while a person waits for the numbers of a lasso. Rows are in the
order of the map's grid, so what a lasso chose lies in runs: eight rows of a mask are passed over
at a time where none of them is chosen.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

_SIGN = np.uint32(0x8000_0000)
_ALL = np.uint32(0xFFFF_FFFF)
_HALF = 16
_LOW = np.uint32((1 << _HALF) - 1)


def count_by(codes: NDArray[np.integer], names: int, mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Objects of each class among some, int64 [names + 1]; the last counts those without a class.

    Parameters
    ----------
    codes : integer [objects]
        Class of each object; negative: none.
    names : int
        Classes.
    mask : bool [objects]
        Whom to count.
    """
    counts = np.zeros(names + 1, np.int64)
    _count(codes, mask, _words(mask), counts)
    return counts


def median(values: NDArray[np.float32], mask: NDArray[np.bool_]) -> float:
    """Median of the finite values among some objects; NaN where there is none.

    Found by the bits of the values, the upper half first: nothing is sorted.

    Parameters
    ----------
    values : float32 [objects]
    mask : bool [objects]
    """
    bits = np.ascontiguousarray(values, np.float32).view(np.uint32)
    keys, upper = np.empty(np.count_nonzero(mask), np.uint32), np.zeros(1 << _HALF, np.int64)
    keys = _gather(bits, mask, _words(mask), keys, upper)
    if not len(keys):
        return float("nan")
    below = np.cumsum(upper)
    middle = {(len(keys) - 1) // 2, len(keys) // 2}
    return sum(_ranked(keys, below, rank) for rank in middle) / len(middle)


def warm() -> None:
    """Compile the kernels for the types that a run has."""
    mask = np.ones(9, bool)
    median(np.zeros(9, np.float32), mask)
    for kind in (np.int8, np.int16, np.int32):
        count_by(np.zeros(9, kind), 1, mask)


def _words(mask: NDArray[np.bool_]) -> NDArray[np.uint64]:
    return mask[: len(mask) // 8 * 8].view(np.uint64)


def _ranked(keys: NDArray[np.uint32], below: NDArray[np.int64], rank: int) -> float:
    """The value with so many below it; ``below[h]`` keys have an upper half of at most h."""
    half = int(np.searchsorted(below, rank, side="right"))
    within = rank - (int(below[half - 1]) if half else 0)
    lower = np.zeros(1 << _HALF, np.int64)
    _count_lower(keys, np.uint32(half), lower)
    low = int(np.searchsorted(np.cumsum(lower), within, side="right"))
    key = np.array(half << _HALF | low, np.uint32)
    return float((key ^ (_SIGN if key & _SIGN else _ALL)).view(np.float32))


@njit(cache=True, nogil=True)
def _gather(bits, mask, words, keys, upper):
    """Finite values among some, as numbers that grow with them; their upper halves are counted."""
    found = 0
    for start in range(0, len(mask), 8):
        if start // 8 < len(words) and not words[start // 8]:
            continue
        for i in range(start, min(start + 8, len(mask))):
            one = bits[i]
            if mask[i] and (one & np.uint32(0x7F80_0000)) != np.uint32(0x7F80_0000):
                key = one ^ (_ALL if one & _SIGN else _SIGN)
                keys[found] = key
                upper[key >> _HALF] += 1
                found += 1
    return keys[:found]


@njit(cache=True, nogil=True)
def _count_lower(keys, half, lower):
    """Count the lower halves of the keys with one upper half."""
    for key in keys:
        if key >> _HALF == half:
            lower[key & _LOW] += 1


@njit(cache=True, nogil=True)
def _count(codes, mask, words, counts):
    last = len(counts) - 1
    for start in range(0, len(mask), 8):
        if start // 8 < len(words) and not words[start // 8]:
            continue
        for i in range(start, min(start + 8, len(mask))):
            if mask[i]:
                code = codes[i]
                counts[code if code >= 0 else last] += 1
