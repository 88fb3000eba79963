"""A light curve turned into what a chart is told to draw."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.drawing.bands import BandStyle, band_styles
from app.drawing.photometry import (
    PHASE_RANGE,
    PhaseZero,
    TimeZero,
    axis_range,
    median_line,
    observed_bands,
    phase,
    time_of,
    time_zero,
)
from app.drawing.points import NO_NUMBERS, BandPoints, Drawing, Numbers, Observed
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


class Across(NamedTuple):
    """Horizontal axis: where each observation lies on it, and the rest as in `Drawing`."""

    x: Numbers
    range: tuple[float, float]
    label: str
    zero_mjd: float = 0.0
    event: str = ""
    time_scale: str = "time scale unknown"


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

    def against_time(self, time_scale: str, event: str = "MJD") -> Drawing:
        """Draw against days since a printed zero.

        Parameters
        ----------
        time_scale : str
            The survey's, or ``unknown``.
        event : str
            See `time_of`: ``peak``, ``first detection``; where there is none, and else, MJD.
        """
        mjd = self.light_curve.mjd
        zero = time_of(self.light_curve, event, self.hidden) or TimeZero(time_zero(mjd))
        days = mjd - zero.mjd
        low, high = (float(days.min()), float(days.max())) if len(days) else (0.0, 1.0)
        margin = _TIME_MARGIN * (high - low) or 1.0
        scale = _in_words(time_scale)
        label = f"MJD \u2212 {zero.mjd:.0f} ({scale})"
        if zero.event:
            label = f"Days since {zero.event} ({zero.band}, MJD {_apart(zero.mjd)}, {scale})"
        across = Across(days, (low - margin, high + margin), label, zero.mjd, zero.event, scale)
        return self._draw(across, self.shown)

    def against_phase(self, period: float, zero: PhaseZero, time_scale: str = "unknown") -> Drawing:
        """Draw two cycles against phase; flagged observations and limits are left out."""
        when = f"t\u2080 = MJD {_apart(zero.mjd)}, {zero.said}"
        label = f"Phase (P = {number(period, 7)} d, {when})"
        phases = phase(self.light_curve.mjd, period, zero.mjd)
        across = Across(phases, PHASE_RANGE, label, time_scale=_in_words(time_scale))
        return self._draw(across, self.shown & ~self.flagged)

    def _draw(self, across: "Across", drawn: NDArray[np.bool_]) -> Drawing:
        folded = across.range == PHASE_RANGE
        measured = self._aligned(drawn) if folded and self.aligned else self.measured
        steady = drawn & ~self.flagged
        low, high = axis_range(measured, steady if steady.any() else drawn)
        if not drawn.any() and (self.in_sight & self.limited).any():
            faint = measured.of(self.significance.limit[self.in_sight & self.limited])
            margin = 0.5 if self.is_magnitude else 0.5 * float(np.ptp(faint)) or 1.0
            low, high = float(np.nanmin(faint)) - margin, float(np.nanmax(faint)) + margin
        value = measured.value[drawn]
        flux = fluxes(self.light_curve)
        name, unit = flux.label.removesuffix("]").split(" [")
        return Drawing(
            bands=[
                self._points(code, measured, across.x, drawn, folded)
                for code in reversed(list(self.styles))
            ],
            x_range=across.range,
            y_range=(low, high),
            x_label=across.label,
            y_label=measured.label,
            inverted=measured.brighter_is_less,
            zero_mjd=across.zero_mjd,
            outside=int(((value < low) | (value > high)).sum()),
            folded=folded,
            softening=measured.softening,
            with_fluxes=self.is_magnitude and measured is self.measured,
            errors=self.errors,
            flux=(name, unit, flux.scale),
            event=across.event,
            time_scale=across.time_scale,
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
        low, high = (end[chosen] for end in measured.ends)
        limited = self.in_sight & self.limited & of_band & (self.limits and not folded)
        medians = median_line(x[chosen], y, self.bins) if folded and self.bins else None
        return BandPoints(
            band=self.light_curve.bands[code],
            style=self.styles[code],
            x=np.concatenate([x[chosen], x[chosen] + 1]) if folded else x[chosen],
            y=np.tile(y, times),
            low=np.tile(low, times),
            high=np.tile(high, times),
            observed=self._observed(chosen, times),
            flagged=np.tile(self.flagged[chosen], times),
            negative=np.tile(self.significance.negative[chosen], times),
            limit_x=x[limited],
            limit_y=measured.of(self.significance.limit[limited]),
            limit_observed=self._observed(limited),
            median_x=NO_NUMBERS if medians is None else medians[0],
            median_y=NO_NUMBERS if medians is None else medians[1],
        )

    def _observed(self, chosen: NDArray[np.bool_], times: int = 1) -> Observed:
        light_curve = self.light_curve
        return Observed(
            np.tile(light_curve.mjd[chosen], times),
            np.tile(light_curve.flux[chosen], times),
            np.tile(light_curve.flux_error[chosen], times),
        )


def _in_words(time_scale: str) -> str:
    return "time scale unknown" if time_scale == "unknown" else time_scale


def _apart(mjd: float) -> str:
    return f"{mjd:,.4f}".replace(",", NARROW_SPACE)
