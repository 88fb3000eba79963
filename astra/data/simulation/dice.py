"""Random numbers that belong to an object: the same whatever is drawn beside it, in any order.

Everything derives from one counter-based hash, the finaliser of SplitMix64 (Steele, Lea & Flood
2014, OOPSLA, "Fast splittable pseudorandom number generators"). :class:`Dice` draws one number
per object by name, vectorised; the compiled kernels draw one per observation from a stream that
starts at a number of the object's dice.
"""

import hashlib
import math
from collections.abc import Sequence
from typing import Self

import numpy as np
from numba import njit
from numpy.typing import NDArray

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
_UNIT = 2.0**-53
Numbers = float | NDArray[np.float64]


class Dice:
    """One independent random number per object and name.

    Parameters
    ----------
    seed : int
        Seed of the sky.
    objects : uint64 [objects]
        Numbers of the objects in the sky; all that a draw depends on beside seed and name.
    scope : str
        Sets the names of one purpose apart from those of another.
    """

    def __init__(self, seed: int, objects: NDArray[np.uint64], scope: str = "") -> None:
        self.seed = seed
        self.objects = np.ascontiguousarray(objects, dtype=np.uint64)
        self.scope = scope
        self._drawn: set[str] = set()

    def __len__(self) -> int:
        return len(self.objects)

    def scoped(self, scope: str) -> Self:
        """Give dice for the same objects whose names stand apart from all others."""
        return type(self)(self.seed, self.objects, f"{self.scope}/{scope}")

    def only(self, rows: NDArray) -> Self:
        """Give the dice of some of the objects (row numbers, or a mask)."""
        some = type(self)(self.seed, self.objects[rows], self.scope)
        some._drawn = set(self._drawn)
        return some

    def streams(self, name: str) -> NDArray[np.uint64]:
        """Draw the start of a stream for compiled kernels, uint64 [objects].

        Raises
        ------
        ValueError
            The name was drawn before from these dice: two quantities would be equal.
        """
        if name in self._drawn:
            raise ValueError(f"{name!r} is drawn twice in scope {self.scope!r}; rename one")
        self._drawn.add(name)
        text = f"{self.seed}{self.scope}:{name}".encode()
        digest = hashlib.blake2b(text, digest_size=8).digest()
        channel = np.uint64(int.from_bytes(digest, "little"))
        return _hash(_hash(self.objects * GOLDEN + channel) + channel)

    def uniform(self, name: str, low: Numbers = 0.0, high: Numbers = 1.0) -> NDArray[np.float64]:
        """Draw from [low, high), float64 [objects]."""
        return low + (high - low) * _fraction(self.streams(name))

    def log_uniform(self, name: str, low: Numbers, high: Numbers) -> NDArray[np.float64]:
        """Draw numbers whose logarithm is uniform in [log low, log high), float64 [objects]."""
        return np.exp(self.uniform(name, np.log(low), np.log(high)))

    def normal(self, name: str, mean: Numbers = 0.0, sigma: Numbers = 1.0) -> NDArray[np.float64]:
        """Draw from a normal distribution (Box & Muller 1958), float64 [objects]."""
        bits = self.streams(name)
        radius = np.sqrt(-2 * np.log(_fraction(bits) + _UNIT))
        angle = 2 * np.pi * _fraction(_hash(bits + GOLDEN))
        return mean + sigma * radius * np.cos(angle)

    def log_normal(self, name: str, median: Numbers, dex: Numbers) -> NDArray[np.float64]:
        """Draw numbers whose log10 is normal with the given scatter [dex], float64 [objects]."""
        return median * 10.0 ** self.normal(name, 0.0, dex)

    def bounded(
        self, name: str, median: Numbers, dex: float, low: float, high: float
    ) -> NDArray[np.float64]:
        """Draw as :meth:`log_normal`, reflecting what lies outside [low, high] back into it."""
        span = math.log(high / low)
        away = np.log(self.log_normal(name, median, dex) / low) % (2.0 * span)
        return low * np.exp(span - np.abs(away - span))

    def choice(self, name: str, weights: Sequence[float]) -> NDArray[np.int64]:
        """Draw a number from 0 to len(weights) - 1 with the given weights, int64 [objects]."""
        edges = np.cumsum(weights) / np.sum(weights)
        return np.searchsorted(edges[:-1], self.uniform(name), side="right")


def _hash(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    bits = (bits ^ (bits >> _S30)) * _FIRST
    bits = (bits ^ (bits >> _S27)) * _SECOND
    return bits ^ (bits >> _S31)


def _fraction(bits: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Numbers in [0, 1) of the 53 highest bits."""
    return (bits >> _S11).astype(np.float64) * _UNIT


@njit(cache=True, nogil=True)
def next_uniform(state: NDArray[np.uint64]) -> float:
    """Draw from [0, 1) and advance the stream, a uint64 array of one element."""
    state[0] += GOLDEN
    bits = state[0]
    bits = (bits ^ (bits >> _S30)) * _FIRST
    bits = (bits ^ (bits >> _S27)) * _SECOND
    return ((bits ^ (bits >> _S31)) >> _S11) * _UNIT


@njit(cache=True, nogil=True)
def next_normal(state: NDArray[np.uint64]) -> float:
    """Draw from the standard normal distribution and advance the stream."""
    radius = math.sqrt(-2.0 * math.log(next_uniform(state) + _UNIT))
    return radius * math.cos(2.0 * math.pi * next_uniform(state))
