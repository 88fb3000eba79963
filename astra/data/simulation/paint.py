"""Vary the objects of a chunk: each class by its generator, then what is planted in any of them."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from astra.data.simulation.anomalies import (
    BLEND,
    DIP,
    MICROLENSING,
    add_blend,
    add_dips,
    add_microlensing,
    companion_class,
)
from astra.data.simulation.dice import Dice
from astra.data.simulation.generators.binaries import eclipsing, ellipsoidal_variable
from astra.data.simulation.generators.cepheids import cepheid
from astra.data.simulation.generators.long_period import long_period
from astra.data.simulation.generators.outbursts import cataclysmic
from astra.data.simulation.generators.pulsators import delta_scuti, rr_lyrae, short_timescale
from astra.data.simulation.generators.rotation import rs_cvn, solar_like
from astra.data.simulation.generators.stochastic import agn
from astra.data.simulation.generators.transients import (
    supernova_ia,
    supernova_ii,
    tidal_disruption,
)
from astra.data.simulation.generators.young import young
from astra.data.simulation.scene import NO_ANOMALY, Exposures, Scene, Truth
from astra.data.simulation.sky import Sky, draw_magnitudes

GENERATORS: dict[str, Callable[[Scene], Truth]] = {
    "AGN": agn,
    "CEP": cepheid,
    "CV": cataclysmic,
    "DSCT|GDOR|SXPHE": delta_scuti,
    "ECL": eclipsing,
    "ELL": ellipsoidal_variable,
    "LPV": long_period,
    "RR": rr_lyrae,
    "RS": rs_cvn,
    "S": short_timescale,
    "SOLAR_LIKE": solar_like,
    "YSO": young,
    "SNIa": supernova_ia,
    "SNcc": supernova_ii,
    "TDE": tidal_disruption,
}


def paint(sky: Sky, exposures: Exposures, dice: Dice) -> tuple[NDArray[np.float64], Truth]:
    """Vary all objects: the deviation from the mean magnitude at each exposure [mag], and truth."""
    variation = np.zeros(len(exposures.mjd))
    scene = Scene(
        dice.scoped("light"), sky.magnitude, sky.colour, sky.anomaly,
        exposures.offsets[:-1], exposures.offsets[1:], exposures.mjd, exposures.band, variation,
    )  # fmt: skip
    known = vary(scene, sky.astra_class)
    add_dips(scene.only(sky.anomaly == DIP))
    add_microlensing(scene.only(sky.anomaly == MICROLENSING))
    _blend(scene, sky.astra_class)
    return variation, known


def vary(scene: Scene, astra_class: NDArray[np.str_]) -> Truth:
    """Let each class paint its objects; ``astra_class`` is str [objects]."""
    nothing = np.full(len(scene), np.nan)
    known = Truth(np.full(len(scene), "", dtype="U8"), nothing, nothing.copy())
    for name, generator in GENERATORS.items():
        rows = np.flatnonzero(astra_class == name)
        if len(rows):
            own = generator(scene.only(rows))
            known.subclass[rows] = own.subclass
            known.period_days[rows] = own.period_days
            known.redshift[rows] = own.redshift
    return known


def _blend(scene: Scene, astra_class: NDArray[np.str_]) -> None:
    """Put a companion of another class under each object with that anomaly."""
    rows = np.flatnonzero(scene.anomaly == BLEND)
    if not len(rows):
        return
    both = scene.only(rows)
    classes = companion_class(astra_class[rows])
    dice = both.dice.scoped("companion")
    magnitude, colour = np.empty((len(rows), 3)), np.empty(len(rows))
    for name in np.unique(classes):
        own = np.flatnonzero(classes == name)
        latitude = np.full(len(own), 30.0)
        magnitude[own], colour[own] = draw_magnitudes(dice.only(own), str(name), latitude)
    fainter = dice.uniform("fainter", -0.4, 0.4)
    magnitude += (both.magnitude[:, 1] + fainter - magnitude[:, 1])[:, None]
    alone = np.full(len(rows), NO_ANOMALY, dtype=scene.anomaly.dtype)
    companion = Scene(
        dice.scoped("light"), magnitude, colour, alone, both.starts, both.stops,
        scene.mjd, scene.band, np.zeros_like(scene.variation),
    )  # fmt: skip
    vary(companion, classes)
    add_blend(both, magnitude, companion.variation)
