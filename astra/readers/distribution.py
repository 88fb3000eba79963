"""Notices survey-wide signs of wrong units, which no single row can show."""

import numpy as np
from numpy.typing import NDArray

from astra.data.bands import Band
from astra.data.light_curves import LightCurves, magnitude
from astra.readers.quarantine import Quarantine

BRIGHTEST, FAINTEST = 5.0, 30.0
_LOOKED_AT = 1_000_000
_ENOUGH = 20
_ERROR_TO_FLUX = (1e-6, 10.0)
# Five-sigma depth of one visit [AB mag], of the surveys' own papers; good to half a magnitude.
_DEPTH = {
    "ztf": 20.6, "lsst": 24.0, "atlas": 19.5, "ps1": 22.0, "des": 23.5, "decam": 23.0,
    "sdss": 22.2, "ptf": 20.6, "asassn": 17.5, "css": 19.5, "gaia": 20.5,
}  # fmt: skip
# Nanojansky taken for microjansky shift the depth by 7.5 mag, millijansky as much the other way.
_OFF_DEPTH = 5.0
# Errors of bright stars grow with them: they say nothing of the depth.
_FAINT = 15.0


def note_distributions(light_curves: LightCurves, quarantine: Quarantine) -> None:
    """Doubt bands whose fluxes or errors are hardly in microjansky.

    Medians over at most a million unflagged observations, evenly taken; total and difference
    fluxes apart.
    """
    step = max(1, light_curves.n_observations // _LOOKED_AT)
    usable = ~light_curves.flagged[::step]
    difference = np.repeat(light_curves.is_difference, light_curves.lengths)[::step][usable]
    band = light_curves.band[::step][usable]
    flux = light_curves.flux[::step][usable].astype(np.float64)
    error = light_curves.flux_error[::step][usable].astype(np.float64)
    for is_difference in (False, True):
        for code in np.unique(band[difference == is_difference]):
            here = (band == code) & (difference == is_difference)
            if here.sum() >= _ENOUGH:
                found = light_curves.bands[code]
                for doubt in _doubts(found, flux[here], error[here], is_difference):
                    quarantine.doubt(f"band {found.name}: {doubt}")


def _doubts(
    band: Band, flux: NDArray[np.float64], error: NDArray[np.float64], is_difference: bool
) -> list[str]:
    """Sentences on what is odd about the fluxes and errors of one band [microjansky]."""
    doubts = [] if is_difference else _of_level(flux, error)
    ratio = float(np.median(error / np.maximum(np.abs(flux), np.finfo(np.float32).tiny)))
    if not is_difference and ratio > _ERROR_TO_FLUX[1]:
        doubts.append(
            f"the median error is {ratio:.1g} of the flux: are magnitude errors in units of 1e-4 "
            "mag (as Zubercal's), or do errors and fluxes differ in unit?"
        )
    elif ratio < _ERROR_TO_FLUX[0]:
        doubts.append(
            f"the median error is {ratio:.1g} of the flux: do errors and fluxes have one unit?"
        )
    return doubts or _of_depth(band, flux, error)


def _of_level(flux: NDArray[np.float64], error: NDArray[np.float64]) -> list[str]:
    if flux.min() > BRIGHTEST and flux.max() < FAINTEST and error.max() < 1:
        return ["all fluxes lie between 5 and 30: are they magnitudes?"]
    level = float(np.median(magnitude(flux[flux > 0]))) if (flux > 0).any() else np.nan
    if BRIGHTEST <= level <= FAINTEST:
        return []
    return [
        f"the median magnitude is {level:.1f}: are the fluxes in microjansky "
        "(jansky x 1e6, nanojansky / 1000), or fluxes where magnitudes were expected?"
    ]


def _of_depth(band: Band, flux: NDArray[np.float64], error: NDArray[np.float64]) -> list[str]:
    """Compare the depth that the errors amount to with that of the survey."""
    expected = _DEPTH.get(band.survey)
    if expected is None:
        return []
    depth = 23.9 - 2.5 * np.log10(5 * float(np.median(error)))
    faint = float(np.median(np.abs(flux) / error)) < _FAINT
    if depth < expected - _OFF_DEPTH and faint:
        hint = "are they nanojansky (divide by 1000)?"
    elif depth > expected + _OFF_DEPTH:
        hint = "are they jansky or millijansky (multiply by 1e6 or 1000)?"
    else:
        return []
    return [
        f"errors of {np.median(error):.3g} microjansky amount to a five-sigma depth of "
        f"{depth:.1f} mag, where {band.survey} reaches {expected:g}: {hint}"
    ]
