"""Notices survey-wide signs of wrong units, which no single row can show."""

import numpy as np
from numpy.typing import NDArray

from astra.data.light_curves import LightCurves, magnitude
from astra.readers.quarantine import Quarantine

BRIGHTEST, FAINTEST = 5.0, 30.0
_LOOKED_AT = 1_000_000
_ENOUGH = 20
_ERROR_TO_FLUX = (1e-6, 10.0)


def note_distributions(light_curves: LightCurves, quarantine: Quarantine) -> None:
    """Note bands whose fluxes or errors are hardly in microjansky.

    Medians over at most a million observations of total flux, evenly taken.
    """
    step = max(1, light_curves.n_observations // _LOOKED_AT)
    total = np.repeat(~light_curves.is_difference, light_curves.lengths)[::step]
    band = light_curves.band[::step][total]
    flux = light_curves.flux[::step][total].astype(np.float64)
    error = light_curves.flux_error[::step][total].astype(np.float64)
    for code in np.unique(band):
        here = band == code
        if here.sum() >= _ENOUGH:
            for doubt in _doubts(flux[here], error[here]):
                quarantine.note(f"band {light_curves.bands[code].name}: {doubt}")


def _doubts(flux: NDArray[np.float64], error: NDArray[np.float64]) -> list[str]:
    """Sentences on what is odd about the fluxes and errors of one band [microjansky]."""
    doubts = []
    level = float(np.median(magnitude(flux[flux > 0]))) if (flux > 0).any() else np.nan
    if flux.min() > BRIGHTEST and flux.max() < FAINTEST and error.max() < 1:
        doubts.append("all fluxes lie between 5 and 30: are they magnitudes?")
    elif not BRIGHTEST <= level <= FAINTEST:
        doubts.append(
            f"the median magnitude is {level:.1f}: are the fluxes in microjansky "
            "(jansky x 1e6, nanojansky / 1000)?"
        )
    ratio = float(np.median(error / np.maximum(np.abs(flux), np.finfo(np.float32).tiny)))
    if not _ERROR_TO_FLUX[0] <= ratio <= _ERROR_TO_FLUX[1]:
        doubts.append(
            f"the median error is {ratio:.1g} of the flux: do errors and fluxes have one unit?"
        )
    return doubts
