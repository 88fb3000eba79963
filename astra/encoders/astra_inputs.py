"""What the Astra encoder is shown of a light curve: plain arrays, no torch.

Legend of shape suffixes: B objects, C channels, N phase bins, Q spread numbers, S period numbers,
L lags, D band numbers, M modalities.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from astra.data.light_curves import LightCurves
from astra.encoders.observations import usable_observations
from astra.encoders.variation import band_numbers, structure_function
from astra.encoders.windows import cut_windows, start_middle_end
from astra.periods import PERIOD_COLUMNS, Merged, fold, quantiles
from astra.periods.search import search_merged

NUMBERS = ("quantiles", "side", "lags", "bands")
"""Modalities that are a few numbers: spread of the values, the period search, how values differ
over lags, and how the bands differ."""

MODALITIES = ("fold", *NUMBERS, "observations")
"""Folded curves, the numbers, and the observations themselves in windows of time."""

TOKENS = 96
"""Observations in a window."""

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
    """Columns of the period search, float [objects] each: those that travel along, or a new one."""
    if all(name in light_curves.columns for name in PERIOD_COLUMNS):
        return light_curves.columns
    return search_merged(merged)


def inputs(
    light_curves: LightCurves,
    merged: Merged,
    columns: Mapping[str, NDArray],
    chosen: NDArray[np.bool_] | None = None,
    position: NDArray[np.float64] | None = None,
) -> dict[str, NDArray]:
    """Inputs of the encoder from all observations, or from the chosen ones.

    Parameters
    ----------
    light_curves : LightCurves
    merged : Merged
        The same, merged.
    columns : mapping of name to float [objects]
        Results of the period search. They, and the band numbers, are of all observations in either
        case.
    chosen : bool [observations], optional
    position : float64 [objects, windows], optional
        Where the windows lie, as in :func:`cut_windows`; by default the start, the middle and the
        end.

    Returns
    -------
    dict
        ``fold`` float32 [B, C, N]: value and coverage at the period, value and coverage at twice
        the period; ``quantiles`` float32 [B, Q]; ``side`` float32 [B, S]; ``lags`` float32 [B, L];
        ``bands`` float32 [B, D]; ``window/...``, the tensors of :func:`cut_windows`; ``present``
        bool [B, M], true where a modality is there. What is not there is 0.
    """
    there = None if chosen is None else chosen[merged.source]
    period = np.asarray(columns["period_days"], np.float64)
    zero = np.asarray(columns["phase_zero_mjd"], np.float64)
    folded = np.concatenate(
        [fold(merged, period, zero, there), fold(merged, 2 * period, zero, there)], axis=1
    )
    numbers = {
        "quantiles": quantiles(merged, there),
        "side": side_numbers(columns),
        "lags": structure_function(merged, there),
        "bands": band_numbers(light_curves, period),
    }
    known = [np.isfinite(values).all(axis=1) for values in numbers.values()]
    for values, is_known in zip(numbers.values(), known, strict=True):
        values[~is_known] = 0
    windows = _windows(light_curves, chosen, position)
    seen = windows["window/mask"].any(axis=(1, 2))
    present = np.stack([folded.any(axis=(1, 2)), *known, seen], axis=1)
    return {"fold": folded, **numbers, **windows, "present": present}


def side_numbers(columns: Mapping[str, NDArray]) -> NDArray[np.float32]:
    """Numbers of the period search, float32 [B, S], in the order of ``SIDE``; NaN where unknown."""
    return np.stack(
        [np.log10(columns[name]) if name in LOG_PERIODS else columns[name] for name in SIDE], axis=1
    ).astype(np.float32)


def _windows(
    light_curves: LightCurves,
    chosen: NDArray[np.bool_] | None,
    position: NDArray[np.float64] | None,
) -> dict[str, NDArray]:
    observations = usable_observations(light_curves, chosen)
    if position is None:
        position = start_middle_end(observations, TOKENS)
    cut = cut_windows(observations, position, TOKENS)
    return {f"window/{name}": array for name, array in cut.items()}
