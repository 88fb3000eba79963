"""What the Astra encoder is shown of a light curve: plain arrays, no torch.

Legend of shape suffixes: B objects, C channels, N phase bins, Q spread numbers, S period numbers,
M modalities.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from astra.data.light_curves import LightCurves
from astra.periods import PERIOD_COLUMNS, Merged, fold, quantiles
from astra.periods.search import search_merged

MODALITIES = ("fold", "quantiles", "side")
"""Folded curves, spread of the values, numbers of the period search."""

FOLD_CHANNELS = 4
LOG_PERIODS = (
    "period_days",
    "period_lomb_scargle_days",
    "period_multiharmonic_days",
)
SIDE = (
    *LOG_PERIODS,
    "gain_lomb_scargle",
    "gain_5",
    "gain_1",
    "gain_2",
    "double_period",
    "second_peak",
    "log_rms",
)
"""Columns of the period search that are shown; of the periods, log10."""


def period_columns(light_curves: LightCurves, merged: Merged) -> Mapping[str, NDArray]:
    """Columns of the period search: those that travel with the light curves, or a new search."""
    if all(name in light_curves.columns for name in PERIOD_COLUMNS):
        return light_curves.columns
    return search_merged(merged)


def inputs(
    merged: Merged,
    columns: Mapping[str, NDArray],
    chosen: NDArray[np.bool_] | None = None,
) -> dict[str, NDArray]:
    """Inputs of the encoder from all observations, or from the chosen ones.

    Parameters
    ----------
    merged : Merged
    columns : mapping of name to float [objects]
        Results of the period search; they are of all observations in either case.
    chosen : bool [observations], optional

    Returns
    -------
    dict
        ``fold`` float32 [B, C, N]: value and coverage at the period, value and coverage at twice
        the period; ``quantiles`` float32 [B, Q]; ``side`` float32 [B, S]; ``present`` bool [B, M],
        true where a modality is there. What is not there is 0.
    """
    period = np.asarray(columns["period_days"], np.float64)
    zero = np.asarray(columns["phase_zero_mjd"], np.float64)
    folded = np.concatenate(
        [fold(merged, period, zero, chosen), fold(merged, 2 * period, zero, chosen)], axis=1
    )
    spread = quantiles(merged, chosen)
    side = side_numbers(columns)
    present = np.stack(
        [
            folded.any(axis=(1, 2)),
            np.isfinite(spread).all(axis=1),
            np.isfinite(side).all(axis=1),
        ],
        axis=1,
    )
    spread[~present[:, 1]] = 0
    side[~present[:, 2]] = 0
    return {
        "fold": folded,
        "quantiles": spread,
        "side": side,
        "present": present,
    }


def side_numbers(columns: Mapping[str, NDArray]) -> NDArray[np.float32]:
    """Numbers of the period search, float32 [B, S], in the order of ``SIDE``; NaN where unknown."""
    return np.stack(
        [np.log10(columns[name]) if name in LOG_PERIODS else columns[name] for name in SIDE], axis=1
    ).astype(np.float32)
