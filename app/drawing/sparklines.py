"""Thumbnails of light curves for lists: inline SVG of at most 60 points, made on the server."""

import numpy as np
from numpy.typing import NDArray

from app.drawing.bands import BandStyle, band_styles
from app.drawing.photometry import axis_range, observed_bands, phase, phase_zero
from app.drawing.quantities import Measured, fluxes, magnitudes
from astra.data.light_curves import LightCurve

MOST_POINTS = 60
_MARGIN = 3.0
# Outlines of markers about their centre; everything not named here is a small square.
_CIRCLE = "m-1.5 0a1.5 1.5 0 1 0 3 0a1.5 1.5 0 1 0-3 0"
_DIAMOND = "m0-1.9l1.9 1.9l-1.9 1.9l-1.9-1.9z"
_SQUARE = "m-1.4-1.4h2.8v2.8h-2.8z"
_OUTLINES = {
    "triangle": "m0-1.9l1.8 3.2h-3.6z",
    "inverted_triangle": "m0 1.9l1.8-3.2h-3.6z",
    "circle": _CIRCLE,
    "hex": _CIRCLE,
    "diamond": _DIAMOND,
    "star": _DIAMOND,
}


def sparkline(
    light_curve: LightCurve,
    theme: str,
    width: int = 72,
    height: int = 36,
    period: float | None = None,
) -> str:
    """Light curve as an SVG element made of numbers only; bands are aligned at their medians.

    Parameters
    ----------
    light_curve : LightCurve
        Flagged observations are left out; difference fluxes are drawn as flux, others as magnitude.
    theme : str
        ``light`` or ``dark``.
    width, height : int
        Size [CSS px].
    period : float, optional
        Fold on it [d], over phases -0.25 to 1.25.
    """
    measured = _aligned(light_curve)
    good = ~light_curve.flagged & np.isfinite(measured.value)
    x = light_curve.mjd
    if period:
        zero = phase_zero(light_curve, period).mjd
        x = phase(light_curve.mjd, period, zero + 0.25 * period) + 0.25
    kept = spread(np.flatnonzero(good), x, measured.value, MOST_POINTS * (2 if period else 3) // 3)
    across, down = _pixels(x, measured, kept, (width, height), folded=bool(period))
    codes = observed_bands(light_curve)
    bands = [light_curve.bands[code] for code in codes]
    styles = band_styles(bands, theme, list(codes.values()))
    band = np.tile(light_curve.band[kept], 2 if period else 1)
    # Red bands first: blue ones lie over them.
    paths = "".join(
        _path(across, down, band == code, style)
        for code, style in reversed(list(zip(codes, styles, strict=True)))
    )
    return (
        f'<svg class="astra-sparkline" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="light curve, {int(good.sum())} observations">{paths}</svg>'
    )


def _aligned(light_curve: LightCurve) -> Measured:
    if light_curve.is_difference:
        return fluxes(light_curve)
    measured = magnitudes(light_curve)
    for code in np.unique(light_curve.band):
        of_band = light_curve.band == code
        known = measured.value[of_band & np.isfinite(measured.value)]
        if len(known):
            measured.value[of_band] -= np.median(known)
    return measured


def spread(
    rows: NDArray[np.intp], x: NDArray[np.float64], value: NDArray[np.float64], most: int
) -> NDArray[np.intp]:
    """Of some observations, at most so many: evenly along x, and the brightest and the faintest."""
    if len(rows) <= most:
        return rows
    ordered = rows[np.argsort(x[rows], kind="stable")]
    even = ordered[np.linspace(0, len(ordered) - 1, most - 2).astype(np.intp)]
    # Eclipses may fall between; the very ends are as a rule noise.
    ranked = rows[np.argsort(value[rows])]
    one_in_a_hundred = len(rows) // 100
    return np.union1d(even, ranked[[one_in_a_hundred, -1 - one_in_a_hundred]])


def _pixels(
    x: NDArray[np.float64],
    measured: Measured,
    kept: NDArray[np.intp],
    size: tuple[int, int],
    folded: bool,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    across, value = x[kept], measured.value[kept]
    left, right = (-0.25, 1.25) if folded else _ends(across)
    if folded:
        across, value = np.concatenate([across, across + 1]), np.tile(value, 2)
    counted = np.zeros(len(x), bool)
    counted[kept] = True
    low, high = axis_range(measured, counted, margin=0)
    along = (across - left) / (right - left)
    up = np.clip((value - low) / (high - low), 0, 1)
    up = 1 - up if measured.brighter_is_less else up
    width, height = size
    along = np.where(along > 1, np.nan, along)
    return (
        _MARGIN + along * (width - 2 * _MARGIN),
        _MARGIN + (1 - up) * (height - 2 * _MARGIN),
    )


def _ends(across: NDArray[np.float64]) -> tuple[float, float]:
    if not len(across) or across.min() == across.max():
        middle = float(across[0]) if len(across) else 0.0
        return middle - 1, middle + 1
    return float(across.min()), float(across.max())


def _path(
    across: NDArray[np.float64],
    down: NDArray[np.float64],
    chosen: NDArray[np.bool_],
    style: BandStyle,
) -> str:
    chosen = chosen & np.isfinite(across)
    if not chosen.any():
        return ""
    outline = _OUTLINES.get(style.marker, _SQUARE)
    points = zip(across[chosen], down[chosen], strict=True)
    drawn = "".join(f"M{x:.1f} {y:.1f}{outline}" for x, y in points)
    return f'<path fill="{style.small}" d="{drawn}"/>'
