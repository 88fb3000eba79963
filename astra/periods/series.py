"""The usable observations of one light curve, as the search for its period takes them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from astra.data.errors import AstraError
from astra.data.light_curves import DEFAULT_MJD_ZERO, FLAGGED, LightCurve, LightCurves
from astra.periods.merging import MIN_RMS, SYSTEMATIC, merge

FEWEST = 10
"""Usable observations that a period takes."""

BRIGHTEST = 3.0
"""Standard deviations that a value may be brighter than the median: what is far brighter is a
satellite, a neighbour's light or a flare. The deviation is that of the tenth brightest of a
hundred, so that the maxima of pulsations stay as they are: theirs are not so rare."""

LONE = 0.01
"""Share of the faintest values of a band that are taken for no fainter than the next: no period is
seen in one observation of a hundred."""

_BRIGHT = 0.1
_DEVIATION_OF_BRIGHT = 1.2816


class NoPeriodError(AstraError):
    """A light curve in which no period can be looked for; the message says why."""


@dataclass(frozen=True, slots=True, eq=False)
class Bands:
    """Observations in an order in which those of one band stand together.

    Attributes
    ----------
    time, value, error, weight : float64 [observations]
        As in :class:`Series`.
    starts : int64 [bands + 1]
        Band ``b`` has the observations ``starts[b]:starts[b + 1]``.
    """

    time: NDArray[np.float64]
    value: NDArray[np.float64]
    error: NDArray[np.float64]
    weight: NDArray[np.float64]
    starts: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Series:
    """All bands of a light curve, each less its mean, in one sequence of time.

    Attributes
    ----------
    time : float64 [observations], days since ``middle``, ascending
    value : float64 [observations]
        Magnitude less the mean of its band [mag]; of a difference flux, minus the flux in units of
        its robust scale. Larger is fainter. Outlying values are drawn in: see ``BRIGHTEST`` and
        ``LONE``.
    error : float64 [observations]
        One-sigma errors of ``value``, with ``SYSTEMATIC`` in quadrature.
    band : uint8 [observations]
    middle : float, MJD
        Middle of the first and last observation.
    """

    time: NDArray[np.float64]
    value: NDArray[np.float64]
    error: NDArray[np.float64]
    band: NDArray[np.uint8]
    middle: float

    def __len__(self) -> int:
        return len(self.time)

    @property
    def span(self) -> float:
        """Time from the first to the last observation [d]."""
        return float(self.time[-1] - self.time[0])

    @cached_property
    def weight(self) -> NDArray[np.float64]:
        """Weights ``1 / error²`` over their sum, float64 [observations]."""
        weight = 1 / self.error**2
        return weight / weight.sum()

    @cached_property
    def bands(self) -> Bands:
        """The same observations, band by band."""
        order = np.argsort(self.band, kind="stable")
        counts = np.unique(self.band, return_counts=True)[1]
        starts = np.concatenate([[0], counts.cumsum()]).astype(np.int64)
        return Bands(
            self.time[order], self.value[order], self.error[order], self.weight[order], starts
        )


def series_of(light_curve: LightCurve) -> Series:
    """Take what is usable of a light curve.

    Left out is what :func:`astra.periods.merging.merge` leaves out: flagged observations, and of
    total fluxes those without a magnitude of an error below 1 mag.

    Raises
    ------
    NoPeriodError
        Fewer than ``FEWEST`` observations are usable, all at one time, or the object is constant.
    """
    finite = np.isfinite(light_curve.mjd)
    # A store counts time in ticks of 0.9 s; the times of one light curve are kept as they are.
    merged = merge(
        LightCurves(
            time=np.zeros(len(light_curve), np.int32),
            flux=light_curve.flux,
            flux_error=light_curve.flux_error,
            band_and_flag=light_curve.band
            | np.where(light_curve.flagged | ~finite, FLAGGED, 0).astype(np.uint8),
            offsets=np.array([0, len(light_curve)]),
            is_difference=np.array([light_curve.is_difference]),
            bands=light_curve.bands,
            mjd_zero=DEFAULT_MJD_ZERO,
        )
    )
    order = np.argsort(light_curve.mjd[merged.source], kind="stable")
    source = merged.source[order]
    mjd = np.asarray(light_curve.mjd, np.float64)[source]
    return _series(light_curve, mjd, merged.value[order], merged.error[order], source)


def _series(
    light_curve: LightCurve,
    mjd: NDArray[np.float64],
    value: NDArray[np.float64],
    error: NDArray[np.float64],
    source: NDArray[np.int64],
) -> Series:
    name = light_curve.object_id or "this light curve"
    if len(mjd) < FEWEST:
        raise NoPeriodError(
            f"{name}: {len(mjd)} of {len(light_curve)} observations are usable; "
            f"a period takes at least {FEWEST}"
        )
    if mjd[0] == mjd[-1]:
        raise NoPeriodError(f"{name}: all observations are of one time, MJD {mjd[0]:.5f}")
    band, middle = light_curve.band[source], float(mjd[0] + mjd[-1]) / 2
    error = np.sqrt(error**2 + SYSTEMATIC**2)
    series = Series(mjd - middle, _drawn_in(value, band), error, band, middle)
    if not np.sqrt((series.weight * series.value**2).sum()) > MIN_RMS:
        raise NoPeriodError(f"{name}: all observations are of one brightness")
    return series


def _drawn_in(value: NDArray[np.float64], band: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Values of which the outliers of each band are no further out than the limits."""
    kept = value.copy()
    for code in np.unique(band):
        one = band == code
        values = value[one]
        bright, middle = np.quantile(values, [_BRIGHT, 0.5])
        spread = (middle - bright) / _DEVIATION_OF_BRIGHT
        brightest = middle - BRIGHTEST * spread if spread > 0 else -np.inf
        lone = max(1, int(LONE * len(values)))
        faintest = np.sort(values)[-1 - lone] if len(values) > lone else np.inf
        kept[one] = np.clip(values, brightest, max(brightest, faintest))
    return kept
