"""Simulated stars seen through the exposures of another survey: its times, bands and errors.

What a survey would have seen, had the star been another one whose class and period are known: the
truth that teaches an encoder, and the injected signal that tests a search.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numba import njit
from numpy.typing import NDArray

from astra.data.errors import AstraError
from astra.data.light_curves import DAYS_PER_TICK, LightCurves
from astra.data.simulation.dice import Dice, next_normal, next_uniform
from astra.data.simulation.paint import GENERATORS, vary
from astra.data.simulation.scene import NO_ANOMALY, Scene
from astra.data.simulation.sky import TRANSIENTS, draw_magnitudes

SHARES: dict[str, float] = {
    "ECL": 4.0,
    "RR": 3.0,
    "CEP": 2.0,
    "DSCT|GDOR|SXPHE": 2.0,
    "RS": 2.0,
    "ELL": 1.5,
    "AGN": 1.0,
    "LPV": 1.0,
    "S": 1.0,
    "SOLAR_LIKE": 1.0,
    "YSO": 1.0,
    "CV": 0.7,
}
"""Relative frequencies: classes of several shapes come more often."""

# Effective wavelengths of g, r, i [Angstrom]: a band shows the variation of the nearest of them.
_WAVELENGTHS = np.array([4746.5, 6366.4, 7829.0])
_LATITUDE = 40.0
_LARGEST_EXTRA = 0.015
_SMALLEST_ERROR, _LARGEST_ERROR = 1e-3, 0.5
_OUTLIERS, _OUTLIER_SIZE = 0.004, 0.5
_MAG_PER_RELATIVE_FLUX = 2.5 / np.log(10.0)


def simulate_at(
    light_curves: LightCurves,
    seed: int,
    start: int = 0,
    shares: Mapping[str, float] = SHARES,
) -> tuple[LightCurves, pd.DataFrame]:
    """Put a simulated variable star in the place of each object.

    Each keeps the times, the bands, the brightness and the relative errors of the object whose
    place it takes; its variation, its colours and the noise are simulated. An error that the
    survey does not know of, up to 0.015 mag, and rare outliers are added.

    Parameters
    ----------
    light_curves : LightCurves
        Total fluxes.
    seed : int
        Not negative.
    start : int
        Number of the first star among those of the seed: chunks with their own numbers give what
        all at once would.
    shares : mapping of class to float
        Classes to draw from, by relative frequency; no transients.

    Returns
    -------
    light_curves : LightCurves
        Object ``i`` in the place of object ``i``, without flags and without columns.
    truth : DataFrame
        ``astra_class``, ``subclass``, ``period_days`` (NaN where nothing repeats).

    Raises
    ------
    AstraError
        Difference fluxes, or a class that cannot be drawn.
    """
    _check(light_curves, shares)
    numbers = np.arange(start, start + len(light_curves), dtype=np.uint64)
    dice = Dice(seed, numbers, "borrowed")
    astra_class = np.array(list(shares))[dice.choice("class", list(shares.values()))]
    scene = _scene(dice, astra_class, light_curves)
    known = vary(scene, astra_class)
    flux, flux_error = _observe(light_curves, scene, dice)
    truth = {
        "astra_class": astra_class,
        "subclass": known.subclass,
        "period_days": known.period_days,
    }
    return _seen(light_curves, flux, flux_error), pd.DataFrame(truth)


def _seen(
    light_curves: LightCurves, flux: NDArray[np.float32], flux_error: NDArray[np.float32]
) -> LightCurves:
    """Total fluxes and errors [microjansky] at the times and in the bands of others."""
    return LightCurves(
        time=np.asarray(light_curves.time),
        flux=flux,
        flux_error=flux_error,
        band_and_flag=light_curves.band,
        offsets=np.asarray(light_curves.offsets),
        is_difference=np.zeros(len(light_curves), np.bool_),
        bands=light_curves.bands,
        mjd_zero=light_curves.mjd_zero,
    )


def _check(light_curves: LightCurves, shares: Mapping[str, float]) -> None:
    difference = np.flatnonzero(light_curves.is_difference)
    if len(difference):
        raise AstraError(
            f"object {difference[0]} has difference fluxes: a simulated star can only take the "
            "place of an object with total fluxes"
        )
    wrong = [name for name in shares if name not in GENERATORS or name in TRANSIENTS]
    if wrong:
        raise AstraError(f"no star of class {wrong[0]!r}; there are {', '.join(SHARES)}")


def _scene(dice: Dice, astra_class: NDArray[np.str_], light_curves: LightCurves) -> Scene:
    """Stars of these classes, with the exposures of these light curves."""
    magnitude, colour = _magnitudes(dice, astra_class)
    wavelengths = np.array([band.wavelength for band in light_curves.bands])
    nearest = np.abs(wavelengths[:, None] - _WAVELENGTHS).argmin(axis=1).astype(np.uint8)
    offsets = np.asarray(light_curves.offsets)
    mjd = light_curves.mjd_zero + DAYS_PER_TICK * np.asarray(light_curves.time, np.float64)
    return Scene(
        dice.scoped("light"), magnitude, colour, np.full(len(light_curves), NO_ANOMALY),
        offsets[:-1], offsets[1:], mjd, nearest[light_curves.band], np.zeros(len(mjd)),
    )  # fmt: skip


def _magnitudes(
    dice: Dice, astra_class: NDArray[np.str_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean magnitudes in g, r, i, float64 [objects, 3], and g - r [objects], by class."""
    magnitude, colour = np.empty((len(dice), 3)), np.empty(len(dice))
    for name in np.unique(astra_class):
        rows = np.flatnonzero(astra_class == name)
        latitude = np.full(len(rows), _LATITUDE)
        own = dice.only(rows).scoped("place")
        magnitude[rows], colour[rows] = draw_magnitudes(own, str(name), latitude)
    return magnitude, colour


def _observe(
    light_curves: LightCurves, scene: Scene, dice: Dice
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Fluxes and errors of the scene's stars, float32 [observations], microjansky."""
    flux = np.asarray(light_curves.flux)
    seen, seen_error = np.empty_like(flux), np.empty_like(flux)
    _observe_all(
        flux,
        np.asarray(light_curves.flux_error),
        np.asarray(light_curves.offsets),
        scene.band,
        scene.magnitude,
        scene.variation,
        dice.uniform("error that nobody knows", 0.0, _LARGEST_EXTRA),
        dice.streams("noise"),
        seen,
        seen_error,
    )
    return seen, seen_error


@njit(cache=True, nogil=True)
def _observe_all(
    flux, flux_error, offsets, band, magnitude, variation, extra, streams, seen, seen_error
):
    state = np.empty(1, np.uint64)
    for i in range(len(offsets) - 1):
        state[0] = streams[i]
        span = slice(offsets[i], offsets[i + 1])
        level, usual_error = _level_and_error(flux[span], flux_error[span])
        shift = np.empty(offsets[i + 1] - offsets[i])
        for k in range(len(shift)):
            shift[k] = magnitude[i, band[offsets[i] + k]]
        middle = np.median(shift) if len(shift) else 0.0
        for j in range(offsets[i], offsets[i + 1]):
            error = flux_error[j] / flux[j] if flux[j] > 0 else usual_error
            error = min(max(error, _SMALLEST_ERROR), _LARGEST_ERROR)
            sigma = np.hypot(_MAG_PER_RELATIVE_FLUX * error, extra[i])
            deviation = variation[j] + sigma * next_normal(state)
            if next_uniform(state) < _OUTLIERS:
                deviation += _OUTLIER_SIZE * next_normal(state)
            deviation += shift[j - offsets[i]] - middle
            seen[j] = level * 10.0 ** (-0.4 * deviation)
            seen_error[j] = error * seen[j]


@njit(cache=True, nogil=True)
def _level_and_error(flux, flux_error):
    """Median flux and median relative error of the observations with a positive flux."""
    positive = flux > 0
    if not positive.any():
        return 1.0, 0.1
    return np.median(flux[positive]), np.median(flux_error[positive] / flux[positive])
