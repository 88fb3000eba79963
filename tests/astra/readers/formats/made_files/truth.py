"""The light curves that files are written from, and what a format can hold of them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

FID = {"ztf_g": 1, "ztf_r": 2}
POSITIONS = {"ZTF18aaaaaaa": (10.5, -5.25), "ZTF18bbbbbbb": (200.125, 40.5)}


@dataclass(frozen=True)
class Made:
    """How a format is written, and what of the truth it can hold.

    Attributes
    ----------
    write : callable
        Folder and truth to the file that is read.
    difference : bool
    one : bool
        A file holds the first object only, and names it ``name``.
    bands : mapping of the truth's bands to those that the format gives
    flags : bool
        The truth's flags are written.
    name : str
        Id of the one object; None for the truth's.
    options : dict
        For ``read``.
    """

    write: Callable[[Path, pd.DataFrame], Path]
    difference: bool
    one: bool = False
    bands: dict[str, str] = field(default_factory=dict)
    flags: bool = False
    name: str | None = None
    options: dict = field(default_factory=dict)


def truth_of(seed: int = 0, count: int = 24) -> pd.DataFrame:
    """Two objects of ZTF, sorted by time, one epoch at a time."""
    rng = np.random.default_rng(seed)
    parts = []
    for object_id, (ra, dec) in POSITIONS.items():
        mjd = 58_300 + np.sort(rng.uniform(0, 900, count)).round(4)
        flux = rng.uniform(80, 400, count)
        parts.append(
            pd.DataFrame(
                {
                    "object_id": object_id,
                    "ra": ra,
                    "dec": dec,
                    "mjd": mjd,
                    "band": rng.choice(list(FID), count),
                    "flux": flux,
                    "error": flux * rng.uniform(0.01, 0.08, count),
                    "flagged": rng.random(count) < 0.2,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def magnitudes(truth: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """AB magnitudes and errors of fluxes in microjansky, by the definition in jansky."""
    magnitude = -2.5 * np.log10(truth["flux"] / 3631e6)
    # 3631 Jy is 8.90 to five parts in 1e5; the formats say 23.9.
    magnitude += 23.9 - 2.5 * np.log10(3631e6)
    return magnitude, 2.5 / np.log(10) * truth["error"] / truth["flux"]


def table(truth: pd.DataFrame, **columns: object) -> pd.DataFrame:
    return pd.DataFrame(columns, index=truth.index)
