"""What is drawn of an observation: magnitude, flux, flux on an asinh axis, or an upper limit."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from astra.data.light_curves import LightCurve, magnitude

DETECTION = 3.0
LIMIT = 5.0
MILLIJANSKY = 2000.0
_RUBIN = "lsst"


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
    scale : float
        What a flux in microjansky is multiplied by to be in the unit of the label.
    softening : float
        Flux, in the unit of the label, below which an asinh axis is about linear; 0: no such axis.
    """

    value: NDArray[np.float64]
    error: NDArray[np.float64]
    label: str
    brighter_is_less: bool
    scale: float = 1.0
    softening: float = 0.0

    def of(self, flux: NDArray[np.float64]) -> NDArray[np.float64]:
        """Say fluxes [microjansky] in this quantity, as its axis has them; NaN where it cannot."""
        if self.brighter_is_less:
            return magnitude(flux).astype(np.float64)
        scaled = self.scale * flux
        return np.arcsinh(scaled / self.softening) if self.softening else scaled

    @property
    def ends(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Ends of the error bars, one sigma below and above the value, float64 [observations]."""
        if not self.softening:
            return self.value - self.error, self.value + self.error
        flux = self.softening * np.sinh(self.value)
        low, high = ((flux + s * self.error) / self.softening for s in (-1, 1))
        return np.arcsinh(low), np.arcsinh(high)


def band_counts(light_curve: LightCurve) -> dict[int, int]:
    """Number of observations by band code, those that were observed, in the order of their codes.

    Codes are bytes: counting them needs no sorting, which was a fifth of the time of a sheet.
    """
    counts = np.bincount(light_curve.band)
    return {int(code): int(counts[code]) for code in np.flatnonzero(counts)}


def systems(light_curve: LightCurve) -> list[str]:
    """Photometric systems of the bands that were observed, sorted."""
    return sorted({light_curve.bands[code].system for code in band_counts(light_curve)})


def magnitudes(light_curve: LightCurve) -> Measured:
    """Magnitudes [mag], named after the photometric systems of the bands that were observed."""
    found = systems(light_curve)
    if found == ["unknown"]:
        label = "Magnitude (unknown system)"
    elif len(found) == 1:
        label = f"{found[0]} magnitude"
    else:
        label = f"Magnitude ({', '.join(found)})"
    if light_curve.is_difference:
        label = f"{label} of the difference"
    return Measured(
        light_curve.magnitude.astype(np.float64),
        light_curve.magnitude_error.astype(np.float64),
        label,
        True,
    )


def fluxes(light_curve: LightCurve) -> Measured:
    """Fluxes, negative ones too: nJy for Rubin, else microjansky or, where large, millijansky.

    Magnitudes of other systems than AB came through the AB formula, and the label says so.
    """
    flux = light_curve.flux.astype(np.float64)
    error = light_curve.flux_error.astype(np.float64)
    surveys = {light_curve.bands[code].survey for code in band_counts(light_curve)}
    scale, unit = 1.0, "µJy"
    if surveys == {_RUBIN}:
        scale, unit = 1e3, "nJy"
    elif len(flux) and np.nanquantile(np.abs(flux), 0.9) >= MILLIJANSKY:
        scale, unit = 1e-3, "mJy"
    name = "Difference flux" if light_curve.is_difference else "Flux"
    formula = "" if systems(light_curve) in (["AB"], []) else " by the AB formula"
    return Measured(flux * scale, error * scale, f"{name}{formula} [{unit}]", False, scale)


def asinh_fluxes(light_curve: LightCurve) -> Measured:
    """Fluxes on an axis that is linear within about the median error, logarithmic far beyond.

    Values are asinh(flux / softening), after Lupton, Gunn & Szalay (1999, AJ 118, 1406).
    """
    linear = fluxes(light_curve)
    known = linear.error[np.isfinite(linear.error) & (linear.error > 0)]
    softening = float(np.median(known)) if len(known) else 1.0
    return replace(
        linear,
        value=np.arcsinh(linear.value / softening),
        label=f"{linear.label}, asinh",
        softening=softening,
    )


@dataclass(frozen=True, eq=False)
class Significance:
    """Which observations detect the object, by their own error.

    Attributes
    ----------
    undetected : bool [observations]
        Flux between minus and plus three sigma; none where the error is unknown.
    negative : bool [observations]
        Flux below minus three sigma.
    limit : float64 [observations]
        Flux of five sigma [microjansky]; NaN where the error is unknown.
    """

    undetected: NDArray[np.bool_]
    negative: NDArray[np.bool_]
    limit: NDArray[np.float64]


def significance(light_curve: LightCurve) -> Significance:
    """Tell detections, non-detections and negative fluxes apart: 3 sigma, limits at 5 sigma.

    Limits that the survey gives are non-detections, whatever their flux.
    """
    flux = light_curve.flux.astype(np.float64)
    error = light_curve.flux_error.astype(np.float64)
    known = np.isfinite(error) & (error > 0) & np.isfinite(flux)
    sigmas = np.divide(flux, error, out=np.full(len(flux), np.inf), where=known)
    return Significance(
        undetected=known & ((np.abs(sigmas) < DETECTION) | light_curve.is_limit),
        negative=known & (sigmas <= -DETECTION),
        limit=np.where(known, LIMIT * error, np.nan),
    )
