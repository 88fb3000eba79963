"""What is said of a selection at once: its classes counted, the median of a column, exactly.

At ten million objects these run while a person waits for the numbers of a lasso. Rows are in the
order of the map's grid, so what a lasso chose lies in runs: a mask is looked at once, in blocks of
64 rows, and every sum passes over blocks without any chosen row, and runs through full ones without
asking row by row.
"""

from typing import Any, NamedTuple, Self

import numpy as np
from numba import njit
from numpy.typing import NDArray

_BLOCK = 64
_NONE, _ALL, _SOME = 0, 1, 2
_ONES = np.uint64(0x0101_0101_0101_0101)
_SPREADS = (1.25, 5.0, np.inf)
"""Half widths of the bracket to try, in roots of the sample's size: 2.5 and 10 sigma, then all."""
_LARGEST = np.finfo(np.float32).max
_1 = np.int32(1)


class Chosen(NamedTuple):
    """Some of the objects, ready for sums over them.

    Attributes
    ----------
    mask : bool [objects]
    blocks : uint8 [objects / 64]
        Of 64 rows each: 0 where none is chosen, 1 where all are, 2 where some are.
    objects : int
        How many are chosen.
    """

    mask: NDArray[np.bool_]
    blocks: NDArray[np.uint8]
    objects: int

    @classmethod
    def of(cls, mask: NDArray[np.bool_]) -> Self:
        """Look at a mask, bool [objects]."""
        mask = np.ascontiguousarray(mask)
        blocks = np.empty(-(-len(mask) // _BLOCK), np.uint8)
        words = mask[: len(mask) // _BLOCK * _BLOCK].view(np.uint64)
        return cls(mask, blocks, _look(mask, words, blocks))


def count_by(codes: NDArray[np.integer], names: int, chosen: Chosen) -> NDArray[np.int64]:
    """Objects of each class among some, int64 [names + 1]; the last counts those without a class.

    Parameters
    ----------
    codes : integer [objects]
        Class of each object; negative: none.
    names : int
        Classes.
    chosen : Chosen
        Whom to count.
    """
    # Neighbours are alike: four rows in turn are counted in four places, so none waits for another.
    counts = np.zeros((4, names + 1), np.int64)
    _count(codes, chosen.mask, chosen.blocks, counts)
    return counts.sum(axis=0)


def count_known(codes: NDArray[np.integer], chosen: Chosen) -> int:
    """How many among some have a class, that is a code that is not negative."""
    return int(_count_known(codes, chosen.mask, chosen.blocks))


def median(values: NDArray[np.float32], chosen: Chosen) -> float:
    """Median of the finite values among some objects; NaN where there is none.

    A sample brackets it, one pass counts what lies below the bracket and gathers what lies inside,
    and only that is ranked (Floyd & Rivest 1975, CACM 18, 165). Where it lies outside the bracket
    all values are ranked.

    Parameters
    ----------
    values : float32 [objects]
    chosen : Chosen
    """
    values = np.ascontiguousarray(values, np.float32)
    sample = np.empty(len(chosen.blocks), np.float32)
    sample = sample[: _sample(values, chosen.mask, chosen.blocks, sample)]
    inside = np.empty(chosen.objects + 1, np.float32)
    for spread in _SPREADS:
        low, high = _bracket(sample, spread)
        known, below, found, infinite = _gather(
            values, chosen.mask, chosen.blocks, low, high, inside
        )
        if infinite:
            return median(np.where(values < -_LARGEST, np.float32(np.nan), values), chosen)
        first, last = (known - 1) // 2 - below, known // 2 - below
        if known and 0 <= first <= last < found:
            return _ranked(inside[:found], first, last)
    return float("nan")


def warm() -> None:
    """Compile the kernels for the types that a run has."""
    chosen = Chosen.of(np.ones(9, bool))
    median(np.zeros(9, np.float32), chosen)
    for kind in (np.int8, np.int16, np.int32):
        count_by(np.zeros(9, kind), 1, chosen)
        count_known(np.zeros(9, kind), chosen)


def _bracket(sample: NDArray[np.float32], spread: float) -> tuple[np.float32, np.float32]:
    """Values between which the median lies, most likely; the rank of a sample's median scatters."""
    middle, reach = len(sample) // 2, spread * len(sample) ** 0.5 + 1
    if not reach < middle:
        return -_LARGEST, _LARGEST
    ranks = middle - int(reach), middle + int(reach)
    ranked = np.partition(sample, ranks)
    return ranked[ranks[0]], ranked[ranks[1]]


def _ranked(values: NDArray[np.float32], first: Any, last: Any) -> float:
    """Mean of the values of two ranks."""
    if values.min() < values.max():
        values = np.partition(values, (first, last))
    return (float(values[first]) + float(values[last])) / 2


@njit(cache=True, nogil=True)
def _look(mask, words, blocks):
    """Fill in what blocks hold; how many rows are chosen."""
    objects, each = 0, _BLOCK // 8
    for block in range(len(blocks)):
        full = (block + 1) * each <= len(words)
        some, every = np.uint64(0), _ONES
        if full:
            for word in words[block * each : (block + 1) * each]:
                some |= word
                every &= word
        if full and every == _ONES:
            blocks[block] = _ALL
            objects += _BLOCK
        elif full and not some:
            blocks[block] = _NONE
        else:
            blocks[block] = _SOME
            for is_chosen in mask[block * _BLOCK : (block + 1) * _BLOCK]:
                objects += is_chosen
    return objects


# The loops below are written so that the compiler makes vector code of them: whole blocks, indices
# that cannot be negative, sums of 32 bits, comparisons that do not ask each other.


@njit(cache=True, nogil=True)
def _count(codes, mask, blocks, counts):
    last, whole = counts.shape[1] - 1, len(mask) // _BLOCK * _BLOCK
    for start in range(0, whole, _BLOCK):
        state = blocks[start // _BLOCK]
        if state == _ALL:
            for i in range(start, start + _BLOCK, 4):
                for lane in range(4):
                    code = codes[i + lane]
                    counts[lane, code if code >= 0 else last] += 1
        elif state == _SOME:
            _count_some(codes, mask, start, start + _BLOCK, counts)
    _count_some(codes, mask, whole, len(mask), counts)


@njit(cache=True, nogil=True)
def _count_some(codes, mask, start, stop, counts):
    for i in range(start, stop):
        if mask[i]:
            code = codes[i]
            counts[i & 3, code if code >= 0 else -1] += 1


@njit(cache=True, nogil=True)
def _count_known(codes, mask, blocks):
    total, whole = 0, len(mask) // _BLOCK * _BLOCK
    for start in range(0, whole, _BLOCK):
        if blocks[start // _BLOCK] != _NONE:
            known = np.int32(0)
            for i in range(start, start + _BLOCK):
                if mask[i]:  # noqa: SIM102
                    if codes[i] >= 0:
                        known += _1
            total += known
    for i in range(whole, len(mask)):
        total += mask[i] & (codes[i] >= 0)
    return total


@njit(cache=True, nogil=True)
def _sample(values, mask, blocks, sample):
    """One finite value of each block, if the row it falls on is chosen; how many were taken."""
    taken = 0
    for block in range(len(blocks)):
        if blocks[block] == _NONE:
            continue
        i = min(block * _BLOCK + (block * 37) % _BLOCK, len(mask) - 1)
        if mask[i] and np.isfinite(values[i]):
            sample[taken] = values[i]
            taken += 1
    return taken


@njit(cache=True, nogil=True)
def _gather(values, mask, blocks, low, high, inside):
    """Count finite values and those below; gather what is from `low` to `high`, both finite.

    What is minus infinite counts as below, and how many rows are is counted too.
    """
    all_known, all_below, found, infinite = 0, 0, 0, 0
    whole = len(mask) // _BLOCK * _BLOCK
    for start in range(0, whole, _BLOCK):
        state = blocks[start // _BLOCK]
        if state != _NONE:
            known, below, not_above, minus = _compare(values, mask, np.uint64(start), low, high)
            all_known += known
            all_below += below
            infinite += minus
            if not_above > below and state == _ALL:
                for i in range(start, start + _BLOCK):
                    inside[found] = values[i]
                    found += (values[i] >= low) & (values[i] <= high)
            elif not_above > below:
                found = _take(values, mask, np.uint64(start), _BLOCK, low, high, inside, found)
    for i in range(whole, len(mask)):
        all_known += mask[i] & (abs(values[i]) < np.inf)
        all_below += mask[i] & (values[i] < low)
        infinite += values[i] < -_LARGEST
    found = _take(values, mask, np.uint64(whole), len(mask) - whole, low, high, inside, found)
    return all_known, all_below, found, infinite


@njit(cache=True, nogil=True)
def _compare(values, mask, start, low, high):
    """Of one block: finite values, those below, those not above, rows that are minus infinite."""
    known, below, not_above, minus = np.int32(0), np.int32(0), np.int32(0), np.int32(0)
    for row in range(_BLOCK):
        i = start + np.uint64(row)
        one = values[i]
        if mask[i]:
            if one < low:
                below += _1
            if one <= high:
                not_above += _1
            if abs(one) < np.inf:
                known += _1
    for row in range(_BLOCK):
        if values[start + np.uint64(row)] < -_LARGEST:
            minus += _1
    return known, below, not_above, minus


@njit(cache=True, nogil=True)
def _take(values, mask, start, rows, low, high, inside, found):
    for row in range(rows):
        i = start + np.uint64(row)
        inside[found] = values[i]
        found += mask[i] & (values[i] >= low) & (values[i] <= high)
    return found
