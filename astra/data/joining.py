"""Light curves of several surveys as one set."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from astra.data.light_curves import FLAGGED, LightCurves
from astra.data.store import StoreError


def join(parts: Sequence[LightCurves]) -> LightCurves:
    """Put light curves one after the other.

    Columns that all parts have are kept; catalogues are not.

    Parameters
    ----------
    parts : sequence of LightCurves
        One at least, all with the same zero of time.

    Raises
    ------
    StoreError
        The zeros of time differ, or together there are more bands than can be numbered.
    """
    zeros = sorted({part.mjd_zero for part in parts})
    if len(zeros) > 1:
        raise StoreError(
            f"light curves that count time from MJD {zeros[0]:g} and from {zeros[1]:g} cannot be "
            "joined"
        )
    bands = sorted({band for part in parts for band in part.bands}, key=lambda band: band.name)
    if len(bands) > FLAGGED:
        raise StoreError(f"{len(bands)} bands: at most {FLAGGED} can be numbered")
    place = {band: code for code, band in enumerate(bands)}
    renumbered = [
        _renumbered(part, np.array([place[band] for band in part.bands], np.uint8))
        for part in parts
    ]
    names = set.intersection(*(set(part.columns) for part in parts))
    ends = np.cumsum([0, *(part.n_observations for part in parts)])
    return LightCurves(
        time=np.concatenate([part.time for part in parts]),
        flux=np.concatenate([part.flux for part in parts]),
        flux_error=np.concatenate([part.flux_error for part in parts]),
        band_and_flag=np.concatenate(renumbered),
        offsets=np.concatenate(
            [[0], *(part.offsets[1:] + end for part, end in zip(parts, ends[:-1], strict=True))]
        ).astype(np.int64),
        is_difference=np.concatenate([part.is_difference for part in parts]),
        bands=tuple(bands),
        mjd_zero=zeros[0],
        columns={
            name: np.concatenate([part.columns[name] for part in parts]) for name in sorted(names)
        },
    )


def _renumbered(part: LightCurves, code_of: NDArray[np.uint8]) -> NDArray[np.uint8]:
    coded = np.asarray(part.band_and_flag)
    if not len(code_of):
        return coded
    return code_of[coded & np.uint8(FLAGGED - 1)] | (coded & np.uint8(FLAGGED))
