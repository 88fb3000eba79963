"""What a light curve becomes on a chart: quantities with units, robust ranges, phases."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from astra.data.light_curves import LightCurve

PHASE_RANGE = (-0.5, 1.5)
FEW = 3
FEW_SHARE = 0.01
WORST_ERROR_MAG = 1.0
MILLIJANSKY = 2000.0


@dataclass(frozen=True, eq=False)
class Measured:
    """One quantity of every observation.

    Attributes
    ----------
    value, error : float64 [observations]
        NaN where the quantity does not exist: the magnitude of a flux that is not positive.
    label : str
        Text of the axis, with the unit.
    brighter_is_less : bool
        True of magnitudes, whose axis is inverted.
    """

    value: NDArray[np.float64]
    error: NDArray[np.float64]
    label: str
    brighter_is_less: bool


def magnitudes(light_curve: LightCurve) -> Measured:
    """Magnitudes [mag], named after the photometric systems of the bands that were observed."""
    systems = {light_curve.bands[code].system for code in np.unique(light_curve.band)}
    if systems == {"unknown"}:
        label = "Magnitude (unknown system)"
    elif len(systems) == 1:
        label = f"{systems.pop()} magnitude"
    else:
        label = f"Magnitude ({', '.join(sorted(systems))})"
    return Measured(
        light_curve.magnitude.astype(np.float64),
        light_curve.magnitude_error.astype(np.float64),
        label,
        True,
    )


def fluxes(light_curve: LightCurve) -> Measured:
    """Fluxes, negative ones too, in microjansky or, where they are large, in millijansky."""
    flux = light_curve.flux.astype(np.float64)
    error = light_curve.flux_error.astype(np.float64)
    large = len(flux) > 0 and np.nanquantile(np.abs(flux), 0.9) >= MILLIJANSKY
    scale, unit = (1e-3, "mJy") if large else (1.0, "µJy")
    name = "Difference flux" if light_curve.is_difference else "Flux"
    return Measured(flux * scale, error * scale, f"{name} [{unit}]", False)


def observed_bands(light_curve: LightCurve) -> dict[int, int]:
    """Number of observations by band code, blue bands first."""
    codes, counts = np.unique(light_curve.band, return_counts=True)
    order = np.argsort([light_curve.bands[code].wavelength for code in codes], kind="stable")
    return {int(codes[i]): int(counts[i]) for i in order}


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


def phase(mjd: NDArray[np.float64], period: float, zero: float) -> NDArray[np.float64]:
    """Phase in [-0.5, 0.5) of times [MJD], for a period [d] and the time of phase zero [MJD]."""
    return (((mjd - zero) / period + 0.5) % 1.0) - 0.5


@dataclass(frozen=True, slots=True)
class PhaseZero:
    """Time of phase zero [MJD], what happens there, and in which band."""

    mjd: float
    event: str
    band: int


def phase_zero(light_curve: LightCurve, period: float) -> PhaseZero:
    """Phase zero of a fold: the minimum of a curve that dips, the maximum of any other.

    Medians of phase bins of the band with most observations decide: where the faintest lies
    further from the median than the brightest, as eclipses do, the minimum is at zero. There are
    about eight observations to a bin, for narrow eclipses, but not less than 10 or more than 200
    bins.
    """
    codes, counts = np.unique(light_curve.band[~light_curve.flagged], return_counts=True)
    if not len(codes):
        return PhaseZero(float(light_curve.mjd[0]) if len(light_curve) else 0.0, "maximum", 0)
    band = int(codes[counts.argmax()])
    chosen = (light_curve.band == band) & ~light_curve.flagged
    mjd, flux = light_curve.mjd[chosen], light_curve.flux[chosen].astype(np.float64)
    start = float(mjd[0])
    bins = min(max(len(mjd) // 8, 10), 200)
    centres, medians = binned(phase(mjd, period, start), flux, bins)
    middle = np.median(medians)
    dips = middle - medians.min() > medians.max() - middle
    at = centres[medians.argmin() if dips else medians.argmax()]
    return PhaseZero(start + float(at) * period, "minimum" if dips else "maximum", band)


def binned(
    phases: NDArray[np.float64], values: NDArray[np.float64], bins: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Median of the values in each phase bin that has any: centres and medians, float64 [<= bins].

    Phases lie in [-0.5, 0.5).
    """
    where = np.minimum(((phases + 0.5) * bins).astype(np.int64), bins - 1)
    order = np.argsort(where, kind="stable")
    present, starts = np.unique(where[order], return_index=True)
    medians = [np.median(part) for part in np.split(values[order], starts[1:])]
    return (present + 0.5) / bins - 0.5, np.array(medians)
