"""Frequencies that are worth a fit: peaks of the periodogram, of sums over harmonics, mirrors."""

from collections.abc import Iterator

import numpy as np

from astra.periods.aliases import SIDEREAL_DAY
from astra.periods.periodogram import Periodogram
from astra.periods.spectrum import MAX_FREQUENCY, harmonic_sum, highest_peaks

_PEAKS = {1: 8, 2: 8, 3: 8, 6: 4}
_SEPARATION = 6
_LOWEST = 1e-3
_DAILY = (1 / SIDEREAL_DAY, 2 / SIDEREAL_DAY, 1.0)


def proposals(periodogram: Periodogram) -> Iterator[tuple[float, str]]:
    """Frequencies [cycles/d] from the periodogram, each with where it came from.

    The highest peaks of the power, and of its sums over 2, 3 and 6 harmonics; of the four highest
    peaks also a half, a third and the double.
    """
    grid = periodogram.grid
    power = periodogram.power.astype(np.float32)
    for harmonics, number in _PEAKS.items():
        summed = power if harmonics == 1 else harmonic_sum(power, grid.first, harmonics)
        peaks = highest_peaks(summed, number, _SEPARATION)
        name = "periodogram" if harmonics == 1 else f"{harmonics} harmonics"
        for place, peak in enumerate(peaks):
            frequency = (grid.first + int(peak)) * grid.step
            yield frequency, name
            if harmonics == 1 and place < 4:
                for ratio in (1 / 2, 1 / 3, 2.0):
                    if frequency * ratio <= MAX_FREQUENCY:
                        yield frequency * ratio, "multiple of a peak"


def mirrors(frequency: float) -> Iterator[float]:
    """Frequencies that one or two cycles a day, sidereal or solar, turn into this one."""
    for step in _DAILY:
        for mirrored in (frequency + step, abs(frequency - step)):
            if _LOWEST < mirrored <= MAX_FREQUENCY:
                yield mirrored
