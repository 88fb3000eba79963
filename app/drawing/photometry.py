"""Where a light curve lies on a chart: robust ranges, phases, medians of phase bins."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.drawing.quantities import DETECTION, LIMIT, Measured, band_counts
from astra.data.light_curves import LightCurve

PHASE_RANGE = (-0.5, 1.5)
FEW = 3
FEW_SHARE = 0.01
WORST_ERROR_MAG = 1.0


def observed_bands(light_curve: LightCurve) -> dict[int, int]:
    """Number of observations by band code, blue bands first."""
    counts = band_counts(light_curve)
    return {c: counts[c] for c in sorted(counts, key=lambda c: light_curve.bands[c].wavelength)}


def axis_range(
    measured: Measured, chosen: NDArray[np.bool_], margin: float = 0.06
) -> tuple[float, float]:
    """Range of the value axis (low, high), not moved by a few stray points.

    Points left out of it are still drawn: flagged ones or ones of another band (not ``chosen``),
    magnitudes with an error of more than 1 mag, and up to three points, or one in a hundred, that
    stand further from all others than those spread. The points of a deep eclipse are neither
    few nor alone, so they stay.

    Parameters
    ----------
    measured : Measured
    chosen : bool [observations]
        Points that count.
    margin : float
        Share of the range that is added at each end.
    """
    good = chosen & np.isfinite(measured.value)
    if measured.brighter_is_less:
        sure = good & (measured.error <= WORST_ERROR_MAG)
        good = sure if sure.any() else good
    values = np.sort(measured.value[good])
    if not len(values):
        return (0.0, 1.0)
    low, high = _without_strays(values)
    pad = margin * (high - low) if high > low else max(0.05, 0.01 * abs(high))
    return low - pad, high + pad


def _without_strays(values: NDArray[np.float64]) -> tuple[float, float]:
    few = max(FEW, int(FEW_SHARE * len(values)))
    if len(values) < 4 * few:
        return float(values[0]), float(values[-1])
    core = values[few:-few]
    spread = core[-1] - core[0]
    gaps = np.diff(values)
    below = np.flatnonzero(gaps[:few] > spread)
    above = np.flatnonzero(gaps[-few:] > spread)
    first = int(below[-1]) + 1 if len(below) else 0
    last = len(values) - 1 - (few - int(above[0]) if len(above) else 0)
    return float(values[first]), float(values[last])


def time_zero(mjd: NDArray[np.float64]) -> float:
    """Zero that is subtracted from the time axis [MJD]: the thousand below the first time."""
    return float(np.floor(mjd.min() / 1000) * 1000) if len(mjd) else 0.0


@dataclass(frozen=True, slots=True)
class TimeZero:
    """What days are counted from [MJD], and what that is: "peak", "g"; no words for an MJD."""

    mjd: float
    event: str = ""
    band: str = ""


def time_of(
    light_curve: LightCurve, event: str, hidden: frozenset[str] = frozenset()
) -> TimeZero | None:
    """Time of an event of a light curve, None where it has no such event.

    The ``peak`` is the detection whose flux less its error is highest, so that one uncertain
    point does not make it; the ``first detection`` of a difference flux is the first that is
    above five errors. Flagged observations and hidden bands do not count; total fluxes, which are
    all detections, have no first one.

    Parameters
    ----------
    light_curve : LightCurve
    event : str
        ``peak`` or ``first detection``; anything else: the thousand below the first MJD.
    hidden : frozenset of str
        Names of bands that do not count.
    """
    if event not in ("peak", "first detection"):
        return TimeZero(time_zero(light_curve.mjd))
    flux = light_curve.flux.astype(np.float64)
    error = light_curve.flux_error.astype(np.float64)
    seen = np.array([band.name not in hidden for band in light_curve.bands], bool)
    level = DETECTION if event == "peak" else LIMIT
    sure = ~light_curve.flagged & np.isfinite(error) & (flux > level * error)
    rows = np.flatnonzero(sure & seen[light_curve.band] if len(seen) else sure)
    if not len(rows) or (event == "first detection" and not light_curve.is_difference):
        return None
    row = rows[(flux - error)[rows].argmax()] if event == "peak" else rows[0]
    return TimeZero(
        float(light_curve.mjd[row]), event, light_curve.bands[light_curve.band[row]].filter
    )


def phase(mjd: NDArray[np.float64], period: float, zero: float) -> NDArray[np.float64]:
    """Phase in [-0.5, 0.5) of times [MJD], for a period [d] and the time of phase zero [MJD]."""
    return (((mjd - zero) / period + 0.5) % 1.0) - 0.5


@dataclass(frozen=True, slots=True)
class PhaseZero:
    """Time of phase zero [MJD], and in words what it is: "maximum in g", "chosen"."""

    mjd: float
    said: str


def phase_zero(
    light_curve: LightCurve, period: float, event: str = "", hidden: frozenset[str] = frozenset()
) -> PhaseZero:
    """Phase zero of a fold: the minimum of a curve that dips, the maximum of any other.

    Medians of phase bins of the band with most observations decide: where the faintest lies
    further from the median than the brightest, as eclipses do, the minimum is at zero. There are
    about eight observations to a bin, for narrow eclipses, but not less than 10 or more than 200
    bins.

    Parameters
    ----------
    light_curve : LightCurve
    period : float
        In days.
    event : str
        ``maximum`` or ``minimum``, whichever way the curve goes; anything else: by its shape.
    hidden : frozenset of str
        Names of bands that do not count, as long as there are others.
    """
    good = ~light_curve.flagged & np.isfinite(light_curve.flux)
    names = np.array([band.name in hidden for band in light_curve.bands], bool)
    in_sight = good & ~names[light_curve.band] if len(names) else good
    good = in_sight if in_sight.any() else good
    codes, counts = np.unique(light_curve.band[good], return_counts=True)
    if not len(codes):
        return PhaseZero(float(light_curve.mjd[0]) if len(light_curve) else 0.0, "first time")
    code = int(codes[counts.argmax()])
    chosen = (light_curve.band == code) & good
    mjd, flux = light_curve.mjd[chosen], light_curve.flux[chosen].astype(np.float64)
    start = float(mjd[0])
    bins = min(max(len(mjd) // 8, 10), 200)
    centres, medians = binned(phase(mjd, period, start), flux, bins)
    middle = np.median(medians)
    dips = middle - medians.min() > medians.max() - middle
    if event in ("maximum", "minimum"):
        dips = event == "minimum"
    at = centres[medians.argmin() if dips else medians.argmax()]
    said = f"{'minimum' if dips else 'maximum'} in {light_curve.bands[code].filter}"
    return PhaseZero(start + float(at) * period, said)


def median_line(
    phases: NDArray[np.float64], values: NDArray[np.float64], most: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Line through the medians of phase bins, over two cycles: phases and medians, float64.

    There are as many bins as leave five values to each, but not more than ``most``; fewer than
    eight would draw a shape that is not there, so then there is no line. NaN parts bins that do
    not touch.
    """
    bins = min(most, len(values) // 5)
    if bins < 8:
        return np.empty(0), np.empty(0)
    centres, medians = binned(phases, values, bins)
    across, line = np.concatenate([centres, centres + 1]), np.tile(medians, 2)
    gaps = np.flatnonzero(np.diff(across) > 1.5 / bins) + 1
    return np.insert(across, gaps, np.nan), np.insert(line, gaps, np.nan)


def binned(
    phases: NDArray[np.float64], values: NDArray[np.float64], bins: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Median of the values in each phase bin that has any: centres and medians, float64 [<= bins].

    Phases lie in [-0.5, 0.5).
    """
    where = np.minimum(((phases + 0.5) * bins).astype(np.int64), bins - 1)
    order = np.lexsort([values, where])
    present, starts, counts = np.unique(where[order], return_index=True, return_counts=True)
    ranked = values[order]
    medians = (ranked[starts + (counts - 1) // 2] + ranked[starts + counts // 2]) / 2
    return (present + 0.5) / bins - 0.5, medians
