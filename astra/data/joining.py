"""Light curves of several surveys as one set."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from astra.data.bands import Band
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
    renumbered = [with_bands(part, tuple(bands)).band_and_flag for part in parts]
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


def with_bands(light_curves: LightCurves, bands: tuple[Band, ...]) -> LightCurves:
    """The same light curves, their bands numbered as in ``bands``, which holds all of them."""
    code_of = np.array([bands.index(band) for band in light_curves.bands], np.uint8)
    coded = np.asarray(light_curves.band_and_flag)
    if len(code_of):
        coded = code_of[coded & np.uint8(FLAGGED - 1)] | (coded & np.uint8(FLAGGED))
    return replace(light_curves, bands=bands, band_and_flag=coded)
