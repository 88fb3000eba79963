"""What a band looks like: colour and marker, from its filter's letter, else its wavelength.

Colours and markers of u g r i z y are Rubin's (RTN-045, one set for light and one for dark
backgrounds), for every survey that uses the letter; the others lie between them in hue. Bands of
several surveys that would look alike in one light curve are mixed with the text's colour.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from astra.data.bands import Band

Theme = str


@dataclass(frozen=True, slots=True)
class BandStyle:
    """How the points of one band are drawn.

    Attributes
    ----------
    label : str
        Filter, with its survey where filters of several surveys meet, and with its photometric
        system where several do.
    colour, small : str
        Fill of markers of 5 px and more, and of smaller ones, ``#rrggbb``.
    outline : str
        Line around markers of 5 px and more; smaller ones have none.
    marker : str
        Bokeh's name of the marker.
    """

    label: str
    colour: str
    small: str
    outline: str
    marker: str


# filter: (light colour, dark colour, marker, wavelength [Angstrom]; 0: reached by letter alone)
_LOOKS: dict[str, tuple[str, str, str, float]] = {
    "uvw2": ("#7B2FBE", "#c08bff", "circle", 2055),
    "uvm2": ("#A0359C", "#f08be0", "diamond", 2246),
    "uvw1": ("#4A3AA8", "#8f8bff", "square", 2600),
    "u": ("#1600EA", "#3eb7ff", "circle", 3671),
    "B": ("#1F6FD0", "#7aa2ff", "diamond", 4380),
    "g": ("#31DE1F", "#30c39f", "triangle", 4827),
    "c": ("#00829B", "#b9d4ff", "diamond", 0),
    "V": ("#5F7D00", "#c3dc5a", "hex", 5450),
    "r": ("#B52626", "#ff7e00", "inverted_triangle", 6223),
    "o": ("#C76A00", "#ffb27a", "star", 0),
    "i": ("#370201", "#2af5ff", "square", 7546),
    "z": ("#BA52FF", "#a7f9c1", "star", 8691),
    "y": ("#61A2B3", "#fdc900", "hex", 9712),
}
_SMALL = {"#31DE1F": "#21a713", "#61A2B3": "#4f8d9e"}
_OUTLINE = {"light": "#10151f", "dark": "#0b0f19"}
_TEXT = {"light": "#1a2130", "dark": "#e7ebf3"}
_MIX = 0.42


def look_of(band: Band) -> str:
    """Filter whose colour and marker a band takes: its own letter's, else the nearest in colour."""
    if band.filter in _LOOKS:
        return band.filter
    ranked = [name for name, look in _LOOKS.items() if look[3]]
    return min(ranked, key=lambda name: abs(_LOOKS[name][3] - band.wavelength))


def band_styles(bands: Sequence[Band], theme: Theme, counts: Sequence[int] = ()) -> list[BandStyle]:
    """Styles of the bands of one light curve, in their order; no two are alike.

    Parameters
    ----------
    bands : sequence of Band
    theme : str
        ``light`` or ``dark``.
    counts : sequence of int, optional
        Observations in each: of bands that would look alike, the one with most keeps its colour.
    """
    several = len({band.survey for band in bands}) > 1
    mixed = len({band.system for band in bands}) > 1
    order = sorted(range(len(bands)), key=lambda i: -counts[i]) if counts else range(len(bands))
    seen: dict[str, int] = {}
    styles = {}
    for i in order:
        band = bands[i]
        name = look_of(band)
        label = f"{band.survey} {band.filter}" if several else band.filter
        label += f" {band.system}" if mixed else ""
        styles[i] = _mixed(_style(name, label, theme), seen.get(name, 0), theme)
        seen[name] = seen.get(name, 0) + 1
    return [styles[i] for i in range(len(bands))]


def _style(name: str, label: str, theme: Theme) -> BandStyle:
    light, dark, marker, _ = _LOOKS[name]
    colour = dark if theme == "dark" else light
    return BandStyle(label, colour, _SMALL.get(colour, colour), _OUTLINE[theme], marker)


def _mixed(style: BandStyle, times: int, theme: Theme) -> BandStyle:
    for _ in range(times):
        style = replace(
            style,
            colour=mix(style.colour, _TEXT[theme], _MIX),
            small=mix(style.small, _TEXT[theme], _MIX),
        )
    return style


def mix(colour: str, other: str, share: float) -> str:
    """Colour with ``share`` of another mixed in, in sRGB, ``#rrggbb``."""
    a, b = bytes.fromhex(colour[1:]), bytes.fromhex(other[1:])
    return "#" + "".join(f"{round(x + share * (y - x)):02x}" for x, y in zip(a, b, strict=True))
