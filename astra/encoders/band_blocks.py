"""Light curves as Astra-CLR reads them: blocks of g, r and i, each a contiguous run of its band.

Majumder, Malanchev & Ishida (2026, arXiv:2606.31627). A band that is none of these three joins the
block nearest to it in log wavelength and keeps its own wavelength as an input.
"""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numba import njit
from numpy.typing import NDArray

from astra.data.light_curves import DAYS_PER_TICK, LightCurves
from astra.encoders.observations import Observations, usable_observations

BLOCK_WAVELENGTH = (4746.48, 6366.38, 7829.03)
BLOCKS = len(BLOCK_WAVELENGTH)
MJD_ZERO = 58_000.0
SMALLEST_ERROR = 1e-6
PAD_TO = 16


@dataclass(frozen=True, slots=True, eq=False)
class BandBlocks:
    """Usable observations of many objects, told apart by block.

    Attributes
    ----------
    observations : Observations
        Magnitudes minus the mean over all bands with weights 1 / error^2; difference fluxes as
        :func:`astra.encoders.observations.usable_observations` gives them, about zero flux.
    day : float64 [observations]
        MJD - 58000.
    block : uint8 [bands]
        0, 1 or 2: the block that a band belongs to.
    is_total : bool [objects]
        True where the fluxes have magnitudes.
    """

    observations: Observations
    day: NDArray[np.float64]
    block: NDArray[np.uint8]
    is_total: NDArray[np.bool_]

    @classmethod
    def of(cls, light_curves: LightCurves) -> Self:
        """Read light curves: what is not usable is left out."""
        seen = usable_observations(light_curves)
        is_total = ~np.asarray(light_curves.is_difference)
        return cls(
            centred(seen, is_total),
            seen.time.astype(np.float64) * DAYS_PER_TICK + (light_curves.mjd_zero - MJD_ZERO),
            nearest_block(seen.wavelength),
            is_total,
        )

    @property
    def owner(self) -> NDArray[np.int64]:
        """Object of each observation, int64 [observations]."""
        return owners(self.observations.lengths)

    @property
    def counts(self) -> NDArray[np.int64]:
        """Observations of each object in each block, int64 [objects, 3]."""
        block = self.block[self.observations.band]
        return count_blocks(self.observations.lengths, block)

    def with_value(self, value: NDArray[np.float32]) -> Self:
        """Give the same blocks with other magnitudes, float32 [observations]."""
        return replace(self, observations=self.observations.with_value(value))

    def cut(
        self,
        start: NDArray[np.integer],
        size: tuple[int, ...],
        hidden: NDArray[np.bool_] | None = None,
        by_run: bool = False,
        relative: bool = False,
    ) -> dict[str, NDArray]:
        """Cut windows: one run of each block, side by side.

        Only real tokens are written, so the arrays are as long as the fullest window, in steps of
        16; a transformer with a time encoding cannot tell where padding stands.

        Parameters
        ----------
        start : integer [objects, windows, 3]
            First observation of each run, counted within its block.
        size : tuple of 3 int
            Longest run of each block.
        hidden : bool [observations], optional
            Observations that count in a run but are not written.
        by_run : bool
            Centre each run of each window on its own weighted mean.
        relative : bool
            Count time from the first token of each window instead of MJD 58000.

        Returns
        -------
        dict of str to array
            ``value`` [mag], ``day``, ``log_wavelength`` (log10 of Angstrom), float32
            [objects, windows, tokens]; ``mask``, bool, true where a token is real.
        """
        seen = self.observations
        longest = int(np.minimum(self.counts, size).sum(axis=1).max(initial=1))
        shape = (*start.shape[:2], -(-longest // PAD_TO) * PAD_TO)
        value, log_wavelength = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
        day, mask = np.zeros(shape), np.zeros(shape, np.bool_)
        _cut(
            (seen.value, weights(seen), self.day, np.log10(seen.wavelength), seen.band),
            np.zeros(len(seen.value), np.bool_) if hidden is None else hidden,
            seen.offsets,
            self.block,
            start,
            np.array(size),
            self.is_total if by_run else np.zeros_like(self.is_total),
            (value, day, log_wavelength, mask),
        )
        if relative:
            first = np.where(mask, day, np.inf).min(axis=-1, keepdims=True)
            day = np.where(mask, day - np.where(mask.any(-1, keepdims=True), first, 0), 0)
        width = -(-int(mask.sum(axis=-1).max(initial=1)) // PAD_TO) * PAD_TO
        cut = {"value": value, "day": day.astype(np.float32), "log_wavelength": log_wavelength}
        return {name: array[..., :width] for name, array in (cut | {"mask": mask}).items()}


def nearest_block(wavelength: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Block of each band, uint8 [bands]: the nearest in log wavelength."""
    distance = np.abs(np.log(wavelength)[:, None] - np.log(BLOCK_WAVELENGTH))
    return distance.argmin(axis=1).astype(np.uint8)


def owners(lengths: NDArray[np.integer]) -> NDArray[np.int64]:
    """Object of each observation, int64 [observations]."""
    return np.repeat(np.arange(len(lengths)), lengths)


def count_blocks(lengths: NDArray[np.integer], block: NDArray[np.integer]) -> NDArray[np.int64]:
    """Count observations by block, int64 [objects, 3]; ``block`` is that of each observation."""
    place = owners(lengths) * BLOCKS + block
    return np.bincount(place, minlength=len(lengths) * BLOCKS).reshape(-1, BLOCKS)


def weights(seen: Observations) -> NDArray[np.float64]:
    """Weights 1 / error^2, float64 [observations]."""
    return np.maximum(seen.error.astype(np.float64), SMALLEST_ERROR) ** -2


def centred(seen: Observations, chosen: NDArray[np.bool_]) -> Observations:
    """Centre the chosen objects, bool [objects], on the mean with weights 1 / error^2."""
    owner, objects = owners(seen.lengths), len(seen.lengths)
    weight = weights(seen)
    total = np.bincount(owner, weight * seen.value, minlength=objects)
    weight_total = np.bincount(owner, weight, minlength=objects)
    mean = np.divide(total, weight_total, where=chosen & (weight_total > 0), out=np.zeros(objects))
    return seen.with_value((seen.value - mean[owner]).astype(np.float32))


@njit(cache=True, nogil=True)
def _cut(columns, hidden, offsets, block, start, size, by_run, out):
    value, weight, day, log_wavelength, band = columns
    out_value, out_day, out_log_wavelength, out_mask = out
    for row in range(start.shape[0]):
        for window in range(start.shape[1]):
            n = 0
            for b in range(len(size)):
                run_begins, rank, total, weight_total = n, 0, 0.0, 0.0
                for k in range(offsets[row], offsets[row + 1]):
                    if block[band[k]] != b:
                        continue
                    place = rank - start[row, window, b]
                    rank += 1
                    if place < 0 or place >= size[b] or hidden[k]:
                        continue
                    out_value[row, window, n] = value[k]
                    out_day[row, window, n] = day[k]
                    out_log_wavelength[row, window, n] = log_wavelength[band[k]]
                    out_mask[row, window, n] = True
                    total += weight[k] * value[k]
                    weight_total += weight[k]
                    n += 1
                if by_run[row] and n > run_begins:
                    for k in range(run_begins, n):
                        out_value[row, window, k] -= total / weight_total
