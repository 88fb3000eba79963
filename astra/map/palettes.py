"""Palettes of the map, lists of 256 hex colours in the order of `astra.map.shading`."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from bokeh.palettes import Cividis256, Inferno256, interp_palette

from astra.map.shading import COLOURS, class_levels, ramp_levels

Theme = Literal["dark", "light"]


class Surface(NamedTuple):
    """What the map is painted on, and the grey of what is not selected."""

    background: str
    context: str


SURFACES: dict[Theme, Surface] = {
    "dark": Surface("#0f1420", "#5a6784"),
    "light": Surface("#fbfbf9", "#8b93a1"),
}

FAINTEST, FAINTEST_SELECTED = 0.20, 0.45
CONTEXT_GREY = 0.58
CONTEXT_STRENGTH = (0.12, 0.62)


def density_palette(theme: Theme, with_selection: bool = False) -> list[str]:
    """Cividis, from dark to bright on a dark map and from bright to dark on a light one."""
    low, high = (0.12, 1.0) if theme == "dark" else (0.80, 0.0)
    return _ramp_palette(_clip(Cividis256, low, high), theme, with_selection)


def score_palette(theme: Theme, with_selection: bool = False) -> list[str]:
    """Inferno without the ends that would merge with a dark or a light map."""
    return _ramp_palette(_clip(Inferno256, 0.22, 0.93), theme, with_selection)


def class_palette(colours: Sequence[str], background: str, context: str | None = None) -> list[str]:
    """Levels of every class, from faint on the background to its full colour.

    With `context`, a grey, the first half are the classes greyed and fainter still, for what is not
    selected, and the second half the classes of what is.

    Raises
    ------
    ValueError
        When the palette has no colour for each class.
    """
    levels = class_levels(len(colours), context is not None)
    if context is None:
        ramps = [_ramp(background, colour, FAINTEST, 1.0, levels) for colour in colours]
    else:
        greyed = [_mix(colour, context, CONTEXT_GREY) for colour in colours]
        ramps = [_ramp(background, colour, *CONTEXT_STRENGTH, levels) for colour in greyed]
        ramps += [_ramp(background, colour, FAINTEST_SELECTED, 1.0, levels) for colour in colours]
    return _padded([colour for ramp in ramps for colour in ramp], background)


def _ramp_palette(ramp: Sequence[str], theme: Theme, with_selection: bool) -> list[str]:
    """Background and a ramp; with a selection the ramp greyed and faint, and the ramp itself."""
    background, context = SURFACES[theme]
    levels = ramp_levels(with_selection)
    colours = interp_palette(tuple(ramp), levels)
    if not with_selection:
        return _padded(colours, background)
    low, high = CONTEXT_STRENGTH
    faint = [
        _mix(background, _mix(colour, context, CONTEXT_GREY), low + (high - low) * k / (levels - 1))
        for k, colour in enumerate(colours)
    ]
    return _padded([*faint, *colours], background)


def _clip(ramp: Sequence[str], low: float, high: float) -> Sequence[str]:
    """Part of a ramp between two of its fractions, backwards where the first is the higher."""
    first, last = (round(end * (len(ramp) - 1)) for end in (min(low, high), max(low, high)))
    part = ramp[first : last + 1]
    return part if low < high else part[::-1]


def _ramp(background: str, colour: str, low: float, high: float, levels: int) -> Sequence[str]:
    return interp_palette((_mix(background, colour, low), _mix(background, colour, high)), levels)


def _mix(one: str, other: str, share: float) -> str:
    """Colour between two, with `share` of the other."""
    return interp_palette((one, other), 101)[round(100 * share)]


def _padded(colours: Sequence[str], background: str) -> list[str]:
    return [background, *colours, *[background] * (COLOURS - 1 - len(colours))]
