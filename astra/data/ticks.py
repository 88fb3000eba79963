"""Times as int32 ticks of 1e-5 d (0.9 s) from a zero that holds them all."""

import numpy as np
from numpy.typing import NDArray

from astra.data.errors import StoreError

DAYS_PER_TICK = 1e-5
DEFAULT_MJD_ZERO = 55000.0


def ticks(mjd: NDArray[np.float64], mjd_zero: float) -> NDArray[np.int32]:
    """Times [MJD] as int32 ticks of 1e-5 d since ``mjd_zero``."""
    return np.rint((mjd - mjd_zero) / DAYS_PER_TICK).astype(np.int32)


def choose_mjd_zero(mjd: NDArray[np.float64]) -> float:
    """Zero of the time ticks [MJD] that holds all times; 55000 where it can.

    Raises
    ------
    StoreError
        The times span more than int32 ticks can hold.
    """
    if not len(mjd):
        return DEFAULT_MJD_ZERO
    low, high = float(mjd.min()), float(mjd.max())
    reach = np.iinfo(np.int32).max * DAYS_PER_TICK
    if max(abs(low - DEFAULT_MJD_ZERO), abs(high - DEFAULT_MJD_ZERO)) < reach:
        return DEFAULT_MJD_ZERO
    # The zero is a whole day, so it can lie half a day off the middle.
    if high - low >= 2 * reach - 1:
        raise StoreError(f"times from MJD {low} to {high} span more than {2 * reach - 1:.0f} d")
    return float(np.round((low + high) / 2))
