"""A light curve turned into what a chart is told to draw."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from app.drawing.bands import BandStyle, band_styles
from app.drawing.photometry import (
    PHASE_RANGE,
    PhaseZero,
    axis_range,
    median_line,
    observed_bands,
    phase,
    time_zero,
)
from app.drawing.points import NO_NUMBERS, BandPoints, Drawing, Numbers
from app.drawing.quantities import (
    Measured,
    Significance,
    asinh_fluxes,
    fluxes,
    magnitudes,
    significance,
)
from app.words import NARROW_SPACE, number
from astra.data.light_curves import LightCurve, magnitude

_TIME_MARGIN = 0.02
_QUANTITIES = {"magnitude": magnitudes, "flux": fluxes, "asinh": asinh_fluxes}


@dataclass(frozen=True, eq=False)
class Drawer:
    """Draws one light curve, in one quantity, without some of its bands.

    Parameters
    ----------
    light_curve : LightCurve
    theme : str
    quantity : str
        ``magnitude``, ``flux``, or ``asinh``: flux on an asinh axis.
    errors, limits, flags : bool
        With error bars; with upper limits, where magnitudes are drawn; with flagged observations.
    hidden : frozenset of str
        Names of bands that are left out.
    bins : int
        Most phase bins whose medians are drawn over a fold; 0: none.
    aligned : bool
        Bands of a fold are shifted to one median.
    """

    light_curve: LightCurve
    theme: str
    quantity: str = "magnitude"
    errors: bool = True
    limits: bool = True
    flags: bool = True
    hidden: frozenset[str] = frozenset()
    bins: int = 0
    aligned: bool = False

    @cached_property
    def styles(self) -> Mapping[int, BandStyle]:
        """Style of each observed band by its code, blue bands first."""
        counts = observed_bands(self.light_curve)
        bands = [self.light_curve.bands[code] for code in counts]
        styles = band_styles(bands, self.theme, list(counts.values()))
        return dict(zip(counts, styles, strict=True))

    @cached_property
    def measured(self) -> Measured:
        """The quantity that is drawn; a flux that is surely negative has the magnitude of its size.

        Without the sign a magnitude says nothing, so those points are drawn apart.
        """
        found = _QUANTITIES[self.quantity](self.light_curve)
        if not found.brighter_is_less:
            return found
        negative = self.significance.negative
        flux = self.light_curve.flux[negative].astype(np.float64)
        error = self.light_curve.flux_error[negative].astype(np.float64)
        found.value[negative] = magnitude(-flux)
        found.error[negative] = 2.5 / np.log(10) * error / -flux
        return found

    @cached_property
    def significance(self) -> Significance:
        """Which observations detect the object."""
        return significance(self.light_curve)

    @property
    def is_magnitude(self) -> bool:
        """Magnitudes are drawn."""
        return self.quantity == "magnitude"

    @cached_property
    def in_sight(self) -> NDArray[np.bool_]:
        """Observations of bands that are shown, and not flagged where those are left out."""
        codes = [c for c in self.styles if self.light_curve.bands[c].name not in self.hidden]
        return np.isin(self.light_curve.band, codes) & (self.flags | ~self.flagged)

    @cached_property
    def flagged(self) -> NDArray[np.bool_]:
        """Observations that the survey warns of; those that it gives as limits are none."""
        return self.light_curve.flagged & ~self.light_curve.is_limit

    @cached_property
    def limited(self) -> NDArray[np.bool_]:
        """Observations that say an upper limit and no more: in magnitudes, or by the survey."""
        return self.light_curve.is_limit | (self.is_magnitude & self.significance.undetected)

    @cached_property
    def shown(self) -> NDArray[np.bool_]:
        """Observations that are drawn as points, bool [observations]."""
        return self.in_sight & ~self.limited & np.isfinite(self.measured.value)

    @cached_property
    def without_value(self) -> int:
        """Observations that have neither a magnitude nor a limit."""
        return int((~np.isfinite(self.measured.value) & ~self.limited).sum())

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

    def against_phase(self, period: float, zero: PhaseZero) -> Drawing:
        """Draw two cycles against phase; flagged observations and limits are left out."""
        mjd = f"{zero.mjd:,.4f}".replace(",", NARROW_SPACE)
        label = f"Phase (P = {number(period, 7)} d, t\u2080 = MJD {mjd}, {zero.said})"
        phases = phase(self.light_curve.mjd, period, zero.mjd)
        return self._draw(phases, self.shown & ~self.flagged, PHASE_RANGE, label)

    def _draw(
        self,
        x: Numbers,
        drawn: NDArray[np.bool_],
        x_range: tuple[float, float],
        x_label: str,
        zero_mjd: float = 0.0,
    ) -> Drawing:
        folded = x_range == PHASE_RANGE
        measured = self._aligned(drawn) if folded and self.aligned else self.measured
        steady = drawn & ~self.flagged
        low, high = axis_range(measured, steady if steady.any() else drawn)
        if not drawn.any() and (self.in_sight & self.limited).any():
            faint = measured.of(self.significance.limit[self.in_sight & self.limited])
            margin = 0.5 if self.is_magnitude else 0.5 * float(np.ptp(faint)) or 1.0
            low, high = float(np.nanmin(faint)) - margin, float(np.nanmax(faint)) + margin
        value = measured.value[drawn]
        points = [
            self._points(code, measured, x, drawn, folded) for code in reversed(list(self.styles))
        ]
        return Drawing(
            bands=points,
            x_range=x_range,
            y_range=(low, high),
            x_label=x_label,
            y_label=measured.label,
            inverted=measured.brighter_is_less,
            zero_mjd=zero_mjd,
            outside=int(((value < low) | (value > high)).sum()),
            folded=folded,
            softening=measured.softening,
            with_fluxes=self.is_magnitude and measured is self.measured,
        )

    def _aligned(self, drawn: NDArray[np.bool_]) -> Measured:
        measured = self.measured
        value = measured.value.copy()
        for code in self.styles:
            of_band = drawn & (self.light_curve.band == code)
            if of_band.any():
                value[self.light_curve.band == code] -= np.median(measured.value[of_band])
        label = f"{measured.label} \u2212 median of the band"
        return replace(measured, value=value, label=label)

    def _points(
        self,
        code: int,
        measured: Measured,
        x: Numbers,
        drawn: NDArray[np.bool_],
        folded: bool,
    ) -> BandPoints:
        of_band = self.light_curve.band == code
        chosen = drawn & of_band
        times = 2 if folded else 1
        y = measured.value[chosen]
        low, high = (end[chosen] for end in measured.ends) if self.errors else (y, y)
        limited = self.in_sight & self.limited & of_band & (self.limits and not folded)
        medians = median_line(x[chosen], y, self.bins) if folded and self.bins else None
        return BandPoints(
            style=self.styles[code],
            x=np.concatenate([x[chosen], x[chosen] + 1]) if folded else x[chosen],
            y=np.tile(y, times),
            low=np.tile(low, times),
            high=np.tile(high, times),
            flagged=np.tile(self.flagged[chosen], times),
            negative=np.tile(self.significance.negative[chosen], times),
            limit_x=x[limited],
            limit_y=measured.of(self.significance.limit[limited]),
            median_x=NO_NUMBERS if medians is None else medians[0],
            median_y=NO_NUMBERS if medians is None else medians[1],
        )
