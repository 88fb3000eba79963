"""What a survey covers: sky, time, bands; counted once for all visitors."""

import threading
from collections import OrderedDict
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from astra.data.light_curves import DAYS_PER_TICK
from astra.data.surveys import Survey
from astra.runs.run import Run

WIDTH, HEIGHT = 300, 150
BINS = 96
MOST_OBSERVATIONS = 20_000_000
_BLOCK = 20_000
_KEPT = 8


class Coverage(NamedTuple):
    """A survey in numbers.

    Attributes
    ----------
    sky : float32 [HEIGHT, WIDTH]
        Objects in each pixel of a Hammer projection, east to the left; NaN outside of the sky.
    placed : int
        Objects whose position is known.
    edges : float64 [BINS + 1], MJD
    times : int64 [BINS]
        Observations in each stretch of time.
    bands : int64 [bands]
        Observations in each band.
    flagged : int
    share : float
        Share of the observations that was counted for ``times``, ``bands`` and ``flagged``.
    bytes : int
        Size on disk.
    """

    sky: NDArray[np.float32]
    placed: int
    edges: NDArray[np.float64]
    times: NDArray[np.int64]
    bands: NDArray[np.int64]
    flagged: int
    share: float
    bytes: int


_counted: OrderedDict[str, Coverage] = OrderedDict()
_lock = threading.Lock()


def coverage_of(survey: Survey) -> Coverage:
    """Count a survey, or give what was counted before.

    Raises
    ------
    StoreError
        The survey is damaged.
    """
    with _lock:
        if survey.fingerprint not in _counted:
            _counted[survey.fingerprint] = _count(survey)
            while len(_counted) > _KEPT:
                _counted.popitem(last=False)
        return _counted[survey.fingerprint]


def _count(survey: Survey) -> Coverage:
    light_curves, catalogue = survey.light_curves, survey.catalogue
    empty = np.full(len(catalogue), np.nan)
    ra, dec = (
        np.asarray(catalogue[name], np.float64) if name in catalogue else empty
        for name in ("ra", "dec")
    )
    n = light_curves.n_observations
    bands = np.zeros(256, np.int64)
    counted = 0
    blocks = list(_blocks(n))
    # The ends of time are those of all: a column of ticks is read fast, but not for billions.
    first, last = _ends(light_curves.time, blocks)
    ticks = np.linspace(first, last + 1, BINS + 1)
    times = np.zeros(BINS, np.int64)
    for block in blocks:
        times += np.histogram(light_curves.time[block], ticks)[0]
        bands += np.bincount(light_curves.band_and_flag[block], minlength=256)
        counted += block.stop - block.start
    return Coverage(
        sky=sky_image(ra, dec),
        placed=int(np.count_nonzero(np.isfinite(ra) & np.isfinite(dec))),
        edges=light_curves.mjd_zero + DAYS_PER_TICK * ticks,
        times=times,
        bands=(bands[:128] + bands[128:])[: len(light_curves.bands)],
        flagged=int(bands[128:].sum()),
        share=counted / n if n else 1.0,
        bytes=sum(file.stat().st_size for file in survey.path.rglob("*") if file.is_file()),
    )


def _blocks(n: int) -> list[slice]:
    """All observations, or stretches spread evenly over them where they are too many."""
    every = max(1, -(-n // MOST_OBSERVATIONS))
    return [slice(i, min(i + _BLOCK, n)) for i in range(0, n, every * _BLOCK)]


def _ends(time: NDArray[np.int32], blocks: list[slice]) -> tuple[float, float]:
    if not blocks:
        return 0.0, 1.0
    return (
        float(min(time[block].min() for block in blocks)),
        float(max(time[block].max() for block in blocks)),
    )


def hammer(
    ra: NDArray[np.float64], dec: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Hammer's equal-area projection, x in [-2, 2] with east to the left, y in [-1, 1].

    ``ra`` 180 deg is in the middle; positions in degrees.
    """
    longitude = np.radians(180 - ra)
    latitude = np.radians(dec)
    size = np.sqrt(1 + np.cos(latitude) * np.cos(longitude / 2))
    return 2 * np.cos(latitude) * np.sin(longitude / 2) / size, np.sin(latitude) / size


def sky_image(ra: NDArray[np.float64], dec: NDArray[np.float64]) -> NDArray[np.float32]:
    """Objects in each pixel, float32 [HEIGHT, WIDTH]; NaN outside of the sky; row 0 is south."""
    known = np.isfinite(ra) & np.isfinite(dec)
    x, y = hammer(ra[known] % 360, dec[known])
    counts, _, _ = np.histogram2d(y, x, bins=(HEIGHT, WIDTH), range=((-1, 1), (-2, 2)))
    image = counts.astype(np.float32)
    row, column = np.mgrid[:HEIGHT, :WIDTH]
    on_sky = ((column + 0.5) / WIDTH * 2 - 1) ** 2 + ((row + 0.5) / HEIGHT * 2 - 1) ** 2 <= 1
    image[~on_sky & (image == 0)] = np.nan
    return image


def size_of(run: Run) -> int:
    """Bytes of a run on disk."""
    return sum(part.bytes for each in run.manifest.artefacts.values() for part in each.parts)
