"""What a chart of a light curve is told to draw: points by band, ranges, texts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.drawing.bands import BandStyle
from astra.data.bands import Band

Numbers = NDArray[np.float64]
NO_NUMBERS: Numbers = np.empty(0)


@dataclass(frozen=True, eq=False)
class Observed:
    """What was observed, as it is told of each point.

    Attributes
    ----------
    mjd : float64 [points], days
    flux, error : float32 [points], microjansky
    """

    mjd: Numbers
    flux: NDArray[np.float32]
    error: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class BandPoints:
    """Points of one band.

    Attributes
    ----------
    band : Band
    style : BandStyle
    x, y, low, high : float64 [points]
        ``low`` and ``high`` are the ends of the error bar; NaN where the error is unknown.
    observed : Observed [points]
    flagged : bool [points]
        Drawn hollow.
    negative : bool [points]
        Fluxes that are surely negative: drawn dark.
    limit_x, limit_y : float64 [limits]
        Upper limits: drawn as arrows.
    limit_observed : Observed [limits]
    median_x, median_y : float64 [nodes]
        Line through the medians of phase bins; NaN where it breaks off.
    """

    band: Band
    style: BandStyle
    x: Numbers
    y: Numbers
    low: Numbers
    high: Numbers
    observed: Observed
    flagged: NDArray[np.bool_]
    negative: NDArray[np.bool_]
    limit_x: Numbers
    limit_y: Numbers
    limit_observed: Observed
    median_x: Numbers
    median_y: Numbers


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
    softening : float
        Of an asinh axis: `app.drawing.quantities.Measured.softening`.
    with_fluxes : bool
        Magnitudes of ``y`` may be said as fluxes at the other side.
    errors : bool
        With error bars.
    flux : (name, unit, scale)
        How a flux is told: ``Difference flux``, ``nJy``, and what one in microjansky is
        multiplied by.
    event : str
        What ``x`` counts days from, where that is no MJD.
    time_scale : str
        In words.
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
    softening: float = 0.0
    with_fluxes: bool = False
    errors: bool = True
    flux: tuple[str, str, float] = ("Flux", "µJy", 1.0)
    event: str = ""
    time_scale: str = "time scale unknown"


def asinh_ticks(softening: float, y_range: tuple[float, float]) -> dict[float, str]:
    """Ticks of an asinh axis: where they stand, and the flux that each says.

    Parameters
    ----------
    softening : float
        Flux below which the axis is about linear.
    y_range : (low, high)
        Range of the axis, in asinh(flux / softening).
    """
    low, high = (float(softening * np.sinh(y)) for y in y_range)
    top = max(abs(low), abs(high), softening)
    decades = np.arange(np.floor(np.log10(softening)) + 1, np.floor(np.log10(top)) + 1)
    powers = [10.0**decade for decade in decades[-4:]]
    steps = (1, 3) if len(powers) < 2 else (1,)
    sizes = [step * power for power in powers for step in steps if step * power <= top]
    fluxes = sorted({0.0, *sizes, *(-size for size in sizes)})
    return {
        float(np.arcsinh(flux / softening)): f"{flux:g}".replace("-", "\u2212")
        for flux in fluxes
        if low <= flux <= high
    }
