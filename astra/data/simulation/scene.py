"""What a generator paints on: some objects, their exposures, and an empty variation in magnitudes.

Kernels of this package take flat arrays: object ``k`` of a scene owns the exposures
``starts[k]:stops[k]`` of ``mjd`` [d], ``band`` (0 g, 1 r, 2 i) and ``variation`` [mag]. They add to
``variation``, the deviation from the object's mean magnitude in the band; positive is fainter.
"""

from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
from numba import njit
from numpy.typing import NDArray

from astra.data.simulation.cadence import Cadence
from astra.data.simulation.dice import Dice, next_uniform

UNSEEN = 99.0
NO_ANOMALY = ""


@dataclass(frozen=True)
class Exposures:
    """Exposures that reach the objects of a chunk, flat.

    Attributes
    ----------
    offsets : int64 [objects + 1]
    mjd : float64 [exposures], days
    band : uint8 [exposures]
    sky : float32 [exposures], microjansky
    """

    offsets: NDArray[np.int64]
    mjd: NDArray[np.float64]
    band: NDArray[np.uint8]
    sky: NDArray[np.float32]


@dataclass(frozen=True)
class Scene:
    """Some objects of a chunk.

    Attributes
    ----------
    dice : Dice
        Random numbers of these objects.
    magnitude : float64 [objects, 3]
        Mean magnitude in g, r, i.
    colour : float64 [objects]
        Mean g - r without the dust [mag].
    anomaly : str [objects]
        What is planted in each; empty for most.
    starts, stops : int64 [objects]
    mjd, band, variation : flat arrays of the whole chunk
    """

    dice: Dice
    magnitude: NDArray[np.float64]
    colour: NDArray[np.float64]
    anomaly: NDArray[np.str_]
    starts: NDArray[np.int64]
    stops: NDArray[np.int64]
    mjd: NDArray[np.float64]
    band: NDArray[np.uint8]
    variation: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def canvas(self) -> tuple[NDArray, NDArray, NDArray, NDArray, NDArray]:
        """Leading arguments of every kernel, with ``variation`` for the last of them."""
        return self.starts, self.stops, self.mjd, self.band, self.variation

    def only(self, rows: NDArray) -> Self:
        """Give the scene of some of the objects (row numbers, or a mask)."""
        return replace(
            self,
            dice=self.dice.only(rows),
            magnitude=self.magnitude[rows],
            colour=self.colour[rows],
            anomaly=self.anomaly[rows],
            starts=self.starts[rows],
            stops=self.stops[rows],
        )

    def some_exposure(self, name: str, early: float = 0.0, late: float = 1.0) -> NDArray:
        """Time [MJD] of a random exposure between two fractions of each light curve."""
        exposures = self.stops - self.starts
        place = self.dice.uniform(name, early, late) * exposures
        return self.mjd[self.starts + np.minimum(place.astype(np.int64), exposures - 1)]


@dataclass
class Truth:
    """What a generator knows of its objects.

    Attributes
    ----------
    subclass : str [objects]
    period_days : float64 [objects]
        The period that the light curve repeats with [d]; NaN where there is none.
    redshift : float64 [objects]
        NaN inside the Galaxy.
    """

    subclass: NDArray[np.str_]
    period_days: NDArray[np.float64]
    redshift: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))

    def __post_init__(self) -> None:
        if not len(self.redshift):
            self.redshift = np.full(len(self.subclass), np.nan)


def expose(cadence: Cadence, field_number: NDArray[np.int64], dice: Dice) -> Exposures:
    """Let the exposures of its field reach each object, but for its own losses.

    Objects of one field share their times; ``field_number`` is that of each, int64 [objects]. A few
    percent of the exposures of each object fall on gaps and edges of the detectors, more for
    objects near a corner.
    """
    starts, stops = cadence.offsets[field_number], cadence.offsets[field_number + 1]
    kept = np.where(
        dice.uniform("near a corner") < 0.1,
        dice.uniform("kept in a corner", 0.35, 0.8),
        dice.uniform("kept", 0.88, 0.98),
    )
    streams = dice.streams("exposures")
    reach = np.zeros(int((stops - starts).sum()), dtype=np.bool_)
    lengths = _choose(starts, stops, kept, streams, reach)
    offsets = np.concatenate([[0], lengths.cumsum()])
    mjd, band, sky = _gather(
        starts, stops, reach, int(offsets[-1]), cadence.mjd, cadence.band, cadence.sky
    )
    return Exposures(offsets, mjd, band, sky)


@njit(cache=True, nogil=True)
def _choose(starts, stops, kept, streams, reach):
    lengths = np.zeros(len(starts), np.int64)
    state = np.empty(1, np.uint64)
    place = 0
    for k in range(len(starts)):
        state[0] = streams[k]
        for _ in range(starts[k], stops[k]):
            if next_uniform(state) < kept[k]:
                reach[place] = True
                lengths[k] += 1
            place += 1
    return lengths


@njit(cache=True, nogil=True)
def _gather(starts, stops, reach, total, mjd, band, sky):
    own_mjd, own_band = np.empty(total, np.float64), np.empty(total, np.uint8)
    own_sky = np.empty(total, np.float32)
    place = 0
    to = 0
    for k in range(len(starts)):
        for j in range(starts[k], stops[k]):
            if reach[place]:
                own_mjd[to], own_band[to], own_sky[to] = mjd[j], band[j], sky[j]
                to += 1
            place += 1
    return own_mjd, own_band, own_sky
