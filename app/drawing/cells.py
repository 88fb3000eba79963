"""A page of a contact sheet: many light curves in small, as numbers that the browser draws."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.drawing.bands import BandStyle, band_styles, look_of
from app.drawing.photometry import axis_range, observed_bands, phase, phase_zero
from app.drawing.quantities import Measured, band_counts, fluxes, magnitudes
from app.drawing.sparklines import spread
from astra.data.light_curves import LightCurve

MOST_POINTS = 400
FULL = 65535
_BEFORE = 0.25  # of a cycle is drawn before phase zero, and as much after the next


@dataclass(frozen=True, slots=True)
class SheetLook:
    """How the light curves of a sheet are drawn.

    Attributes
    ----------
    theme : str
    common : bool
        One scale for all: as many magnitudes, and in time the same days; else each its own.
    aligned : bool
        The bands of a light curve lie at one median; never those of difference fluxes.
    errors : bool
    hidden : frozenset of str
        Filters that are left out: see `app.drawing.bands.look_of`.
    """

    theme: str = "dark"
    common: bool = False
    aligned: bool = True
    errors: bool = False
    hidden: frozenset[str] = frozenset()


class Curve:
    """One light curve as it is drawn: flagged observations are left out, at most 400 are kept.

    Parameters
    ----------
    light_curve : LightCurve
    period : float or None
        Fold on it [d].
    look : SheetLook
    """

    def __init__(self, light_curve: LightCurve, period: float | None, look: SheetLook) -> None:
        self.light_curve, self.period, self.look = light_curve, period, look
        if look.aligned and not light_curve.is_difference:
            self.measured = _aligned(magnitudes(light_curve), light_curve)
        else:
            as_flux = light_curve.is_difference
            self.measured = fluxes(light_curve) if as_flux else magnitudes(light_curve)

    @cached_property
    def codes(self) -> list[int]:
        """Codes of the bands that are drawn, blue ones first."""
        bands, hidden = self.light_curve.bands, self.look.hidden
        codes = list(observed_bands(self.light_curve))
        return [code for code in codes if look_of(bands[code]) not in hidden] if hidden else codes

    @cached_property
    def styles(self) -> dict[int, tuple[str, str]]:
        """Marker and colour of each band that is drawn, by its code."""
        bands = [self.light_curve.bands[code] for code in self.codes]
        drawn = band_styles(bands, self.look.theme)
        return {c: (s.marker, s.small) for c, s in zip(self.codes, drawn, strict=True)}

    @cached_property
    def x(self) -> NDArray[np.float64]:
        """Time [MJD]; folded: phase from the quarter before zero on, 0 to 1."""
        if not self.period:
            return self.light_curve.mjd
        zero = phase_zero(self.light_curve, self.period).mjd
        middle = zero + (0.5 - _BEFORE) * self.period
        return phase(self.light_curve.mjd, self.period, middle) + 0.5

    @cached_property
    def good(self) -> NDArray[np.bool_]:
        """Observations that may be drawn, bool [observations]."""
        known = np.isfinite(self.measured.value) & ~self.light_curve.flagged
        return known & np.isin(self.light_curve.band, self.codes)

    @cached_property
    def kept(self) -> NDArray[np.intp]:
        """Observations that are drawn."""
        rows = np.flatnonzero(self.good)
        return spread(rows, self.x, self.measured.value, MOST_POINTS)

    @cached_property
    def x_range(self) -> tuple[float, float]:
        """First and last time [MJD], or 0 to 1."""
        if self.period:
            return 0.0, 1.0
        if not len(self.kept):
            return 0.0, 1.0
        low, high = float(self.x[self.kept].min()), float(self.x[self.kept].max())
        return (low, high) if low < high else (low - 1, high + 1)

    @cached_property
    def y_range(self) -> tuple[float, float]:
        """Range of the values, not moved by a few stray ones."""
        return axis_range(self.measured, self.good, margin=0.02)

    def points(
        self, x_range: tuple[float, float], y_range: tuple[float, float]
    ) -> NDArray[np.uint16]:
        """Points in their order of drawing, uint16 [points, 3]: across, down, half an error bar.

        Both axes run from 0 to 65535; what lies beyond is put on the edge.
        """
        kept = self.kept[np.argsort(self._depth(self.kept), kind="stable")]
        low, high = y_range
        up = (self.measured.value[kept] - low) / (high - low)
        down = up if self.measured.brighter_is_less else 1 - up
        across = (self.x[kept] - x_range[0]) / (x_range[1] - x_range[0])
        error = np.nan_to_num(self.measured.error[kept]) / (high - low)
        error = error if self.look.errors else np.zeros(len(kept))
        shares = np.column_stack([across, down, error])
        return np.rint(FULL * np.clip(shares, 0, 1)).astype(np.uint16)

    def _depth(self, rows: NDArray[np.intp]) -> NDArray[np.int64]:
        """Place of each band in the order of drawing: red ones first, blue ones over them."""
        place = np.zeros(256, np.int64)
        place[self.codes[::-1]] = np.arange(len(self.codes))
        return place[self.light_curve.band[rows]]

    def counts(self) -> list[tuple[int, int]]:
        """Code of each band and how many points it has, in the order of drawing."""
        band = self.light_curve.band[self.kept]
        return [(code, int((band == code).sum())) for code in reversed(self.codes)]


def _aligned(measured: Measured, light_curve: LightCurve) -> Measured:
    for code in band_counts(light_curve):
        of_band = light_curve.band == code
        known = measured.value[of_band & np.isfinite(measured.value) & ~light_curve.flagged]
        if len(known):
            measured.value[of_band] -= np.median(known)
    return measured


def page_of(curves: Sequence[Curve | None]) -> dict[str, Any]:
    """Everything that the browser needs to draw a page, JSON-able.

    Parameters
    ----------
    curves : sequence of Curve or None
        None where there is no light curve.
    """
    there = [curve for curve in curves if curve is not None]
    styles = sorted({style for curve in there for style in curve.styles.values()})
    place = {style: i for i, style in enumerate(styles)}
    ranges = _common_ranges(there) if there and there[0].look.common else _own_ranges(there)
    points = [c.points(*of_curve) for c, of_curve in zip(there, ranges, strict=True)]
    flat = np.concatenate(points) if points else np.empty((0, 3), np.uint16)
    return {
        "styles": styles,
        "cells": [None if curve is None else _cell(curve, place) for curve in curves],
        "points": base64.b64encode(flat.astype("<u2").tobytes()).decode(),
    }


def _cell(curve: Curve, place: Mapping[tuple[str, str], int]) -> dict[str, Any]:
    marks = [[place[curve.styles[code]], n] for code, n in curve.counts()]
    return {"folded": bool(curve.period), "marks": marks}


Range = tuple[float, float]


def _own_ranges(curves: Sequence[Curve]) -> list[tuple[Range, Range]]:
    return [(curve.x_range, curve.y_range) for curve in curves]


def _common_ranges(curves: Sequence[Curve]) -> list[tuple[Range, Range]]:
    """As many days and, of what has one unit, as wide a range of values for all."""
    timed = [curve.x_range for curve in curves if not curve.period]
    days = (min(low for low, _ in timed), max(high for _, high in timed)) if timed else (0.0, 1.0)
    widest: dict[str, float] = {}
    for curve in curves:
        low, high = curve.y_range
        widest[_unit(curve)] = max(widest.get(_unit(curve), 0.0), high - low)
    ranges = []
    for curve in curves:
        middle, half = sum(curve.y_range) / 2, widest[_unit(curve)] / 2
        x_range = curve.x_range if curve.period else days
        ranges.append((x_range, (middle - half, middle + half)))
    return ranges


def _unit(curve: Curve) -> str:
    return "mag" if curve.measured.brighter_is_less else curve.measured.label


def filters_of(curves: Sequence[Curve | None], theme: str) -> dict[str, BandStyle]:
    """Style of every filter among the light curves by its name, blue ones first."""
    seen = {}
    for curve in curves:
        if curve is not None:
            bands = curve.light_curve.bands
            seen |= {look_of(bands[code]): bands[code] for code in band_counts(curve.light_curve)}
    ordered = sorted(seen, key=lambda name: (seen[name].wavelength, name))
    return {name: band_styles([seen[name]], theme)[0] for name in ordered}
