"""A light curve turned into what a chart is told to draw: points by band, ranges, texts."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from app.drawing.bands import BandStyle, band_styles
from app.drawing.photometry import (
    PHASE_RANGE,
    Measured,
    axis_range,
    fluxes,
    magnitudes,
    observed_bands,
    phase,
    phase_zero,
    time_zero,
)
from app.words import NARROW_SPACE, number
from astra.data.light_curves import LightCurve

_TIME_MARGIN = 0.02


@dataclass(frozen=True, eq=False)
class BandPoints:
    """Points of one band.

    Attributes
    ----------
    style : BandStyle
    x, y, error : float64 [points]
        ``error`` is one sigma of ``y``.
    flagged : bool [points]
        Drawn hollow.
    """

    style: BandStyle
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    error: NDArray[np.float64]
    flagged: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Drawing:
    """Everything that a chart shows of one light curve.

    Attributes
    ----------
    bands : list of BandPoints
        In the order of drawing, the last on top: red under blue.
    x_range, y_range : (low, high)
    x_label, y_label : str
    inverted : bool
        The low end of ``y`` is at the top: magnitudes.
    zero_mjd : float
        What ``x`` counts days from [MJD]; 0 where it is a phase.
    outside : int
        Points that lie beyond ``y_range``.
    folded : bool
        ``x`` is a phase, and two cycles are drawn.
    """

    bands: list[BandPoints]
    x_range: tuple[float, float]
    y_range: tuple[float, float]
    x_label: str
    y_label: str
    inverted: bool
    zero_mjd: float
    outside: int
    folded: bool


@dataclass(frozen=True, eq=False)
class Drawer:
    """Draws one light curve, in one quantity, without some of its bands.

    Parameters
    ----------
    light_curve : LightCurve
    theme : str
    in_flux : bool
        Flux rather than magnitude; difference fluxes are always drawn as flux.
    errors : bool
    hidden : frozenset of str
        Names of bands that are left out.
    """

    light_curve: LightCurve
    theme: str
    in_flux: bool = False
    errors: bool = True
    hidden: frozenset[str] = frozenset()

    @cached_property
    def styles(self) -> Mapping[int, BandStyle]:
        """Style of each observed band by its code, blue bands first."""
        codes = list(observed_bands(self.light_curve))
        styles = band_styles([self.light_curve.bands[code] for code in codes], self.theme)
        return dict(zip(codes, styles, strict=True))

    @cached_property
    def measured(self) -> Measured:
        """The quantity that is drawn."""
        as_flux = self.in_flux or self.light_curve.is_difference
        return fluxes(self.light_curve) if as_flux else magnitudes(self.light_curve)

    @cached_property
    def shown(self) -> NDArray[np.bool_]:
        """Observations that are drawn, bool [observations]."""
        codes = [c for c in self.styles if self.light_curve.bands[c].name not in self.hidden]
        return np.isin(self.light_curve.band, codes) & np.isfinite(self.measured.value)

    @cached_property
    def without_value(self) -> int:
        """Observations that have no magnitude."""
        return int((~np.isfinite(self.measured.value)).sum())

    def against_time(self, time_scale: str) -> Drawing:
        """Draw against days since a printed zero; ``time_scale`` is the survey's, or "unknown"."""
        mjd = self.light_curve.mjd
        zero = time_zero(mjd)
        days = mjd - zero
        low, high = (float(days.min()), float(days.max())) if len(days) else (0.0, 1.0)
        margin = _TIME_MARGIN * (high - low) or 1.0
        scale = "time scale unknown" if time_scale == "unknown" else time_scale
        label = f"MJD \u2212 {zero:.0f} ({scale})"
        return self._draw(days, self.shown, (low - margin, high + margin), label, zero)

    def against_phase(self, period: float) -> Drawing:
        """Draw two cycles against phase; flagged observations are left out."""
        zero = phase_zero(self.light_curve, period)
        band = self.light_curve.bands[zero.band].filter
        mjd = f"{zero.mjd:,.4f}".replace(",", NARROW_SPACE)
        label = f"Phase (P = {number(period, 7)} d, t\u2080 = MJD {mjd}, {zero.event} in {band})"
        phases = phase(self.light_curve.mjd, period, zero.mjd)
        return self._draw(phases, self.shown & ~self.light_curve.flagged, PHASE_RANGE, label)

    def _draw(
        self,
        x: NDArray[np.float64],
        drawn: NDArray[np.bool_],
        x_range: tuple[float, float],
        x_label: str,
        zero_mjd: float = 0.0,
    ) -> Drawing:
        measured, folded = self.measured, x_range == PHASE_RANGE
        low, high = axis_range(measured, drawn & ~self.light_curve.flagged)
        value = measured.value[drawn]
        return Drawing(
            bands=[self._points(code, x, drawn, folded) for code in reversed(list(self.styles))],
            x_range=x_range,
            y_range=(low, high),
            x_label=x_label,
            y_label=measured.label,
            inverted=measured.brighter_is_less,
            zero_mjd=zero_mjd,
            outside=int(((value < low) | (value > high)).sum()),
            folded=folded,
        )

    def _points(
        self, code: int, x: NDArray[np.float64], drawn: NDArray[np.bool_], folded: bool
    ) -> BandPoints:
        chosen = drawn & (self.light_curve.band == code)
        times = 2 if folded else 1
        error = self.measured.error[chosen] if self.errors else np.zeros(int(chosen.sum()))
        return BandPoints(
            self.styles[code],
            np.concatenate([x[chosen], x[chosen] + 1]) if folded else x[chosen],
            np.tile(self.measured.value[chosen], times),
            np.tile(error, times),
            np.tile(self.light_curve.flagged[chosen], times),
        )
