"""Colours and markers of classes: a fixed dictionary by name, never by place in a frame."""

import hashlib
from collections.abc import Callable, Iterable
from typing import NamedTuple

from app.categories import OTHER
from app.drawing.contrast import readable
from app.theme import DARK, LIGHT
from app.words import UNLABELLED

ColourOf = Callable[[str], str | None]


class ClassStyle(NamedTuple):
    """How a class is drawn: a Bokeh marker and one colour per theme."""

    marker: str
    dark: str
    light: str

    def colour(self, theme: str) -> str:
        """Colour under a theme, ``#rrggbb``."""
        return self.dark if theme == "dark" else self.light


# Okabe-Ito; its yellow, and white, give way on a light page. Smallest CIE76 distance under normal,
# protan, deutan and tritan sight: 26, 21, 17, 16.
_EW = ClassStyle("circle", "#56B4E9", "#56B4E9")
_EA = ClassStyle("square", "#0072B2", "#0072B2")
_RRAB = ClassStyle("diamond", "#E69F00", "#E69F00")
_RRC = ClassStyle("plus", "#F0E442", "#513DCA")
_RS = ClassStyle("x", "#009E73", "#009E73")
_LPV = ClassStyle("hex", "#D55E00", "#D55E00")
_DSCT = ClassStyle("square_pin", "#CC79A7", "#CC79A7")
_CEP = ClassStyle("asterisk", "#FFFFFF", "#4D4D4D")

KNOWN: dict[str, ClassStyle] = {
    **dict.fromkeys(("EW", "EB", "EB/EW", "ECL"), _EW),
    "EA": _EA,
    **dict.fromkeys(("RRab", "RRAB", "RR"), _RRAB),
    **dict.fromkeys(("RRc", "RRC"), _RRC),
    **dict.fromkeys(("RSCVn", "RS CVn", "RS"), _RS),
    **dict.fromkeys(("LPV", "Mira"), _LPV),
    **dict.fromkeys(("DSCT", "delta Sct", "δ Sct", "DSCT|GDOR|SXPHE"), _DSCT),
    **dict.fromkeys(("CEP", "Cep"), _CEP),
}
NO_CLASS = ClassStyle("circle", "#5A6784", "#8B93A1")
_NOWHERE = ClassStyle("", "", "")

# For every other name: colours of colorcet's Glasbey sets that lie far (CIE76 > 22) from those
# above, from the accents and from each other, with at least 2.6:1 on both maps and no neon.
LEAST_CONTRAST = 2.6
_OTHERS = (
    "#C94248", "#6D7400", "#C773DD", "#7EA59B", "#BA8D7C", "#C63189", "#2DB152", "#D98152",
    "#8A70B1", "#657848", "#9A6900", "#0A8289", "#FF6A8A", "#0774D8", "#77A343", "#C56A71",
)  # fmt: skip
_OTHER_MARKERS = ("circle_cross", "square_x", "diamond_cross", "circle_x", "square_cross")


class ClassStyles(dict[str, ClassStyle]):
    """Colour and marker of each class; a name that is asked for first is given its own then.

    A known name has its own style; any other gets the place that its hash asks for among sixteen
    more colours, or the next that is free, so that it keeps its colour from run to run as a rule.
    A known name whose colour is taken here is treated as any other. No style ever changes, but
    where people choose a colour for a class.

    Parameters
    ----------
    names : iterable of str
    colour_of : callable, optional
        See `choose`.
    """

    def __init__(self, names: Iterable[str] = (), colour_of: ColourOf | None = None) -> None:
        self._own = {UNLABELLED: NO_CLASS, OTHER: NO_CLASS}
        self.colour_of = colour_of or _none_chosen
        super().__init__(self._own)
        for name in sorted(set(names), key=lambda name: (name not in KNOWN, name)):
            _ = self[name]

    def choose(self, colour_of: ColourOf) -> None:
        """Give classes the colours that people chose; all others keep, or get back, their own.

        A chosen colour that stands out too little on one of the maps is made lighter or darker
        there until it does.

        Parameters
        ----------
        colour_of : callable
            Gives the colour of a class by its name, ``#rrggbb``, or None.
        """
        self.colour_of = colour_of
        for name in tuple(self._own):
            self[name] = self._worn(name)

    def __missing__(self, name: str) -> ClassStyle:
        taken = {style.dark for style in self._own.values()}
        style = KNOWN.get(name)
        if style is None or style.dark in taken:
            style = _other(name, taken)
        self._own[name] = style
        self[name] = self._worn(name)
        return self[name]

    def _worn(self, name: str) -> ClassStyle:
        own = self._own[name]
        return own if own is NO_CLASS else _in_colour(own, self.colour_of(name))

    def alike(self, colour: str, names: Iterable[str]) -> list[str]:
        """Classes of some names that a class of a chosen colour, ``#rrggbb``, would look like.

        One that is not here, and for which nobody chose a colour, is given none by being asked of.
        """
        style = _in_colour(NO_CLASS, colour)
        worn = {name: self.get(name, _in_colour(_NOWHERE, self.colour_of(name))) for name in names}
        return [
            name
            for name, other in worn.items()
            if _same(style.dark, other.dark) or _same(style.light, other.light)
        ]


def _in_colour(own: ClassStyle, colour: str | None) -> ClassStyle:
    if colour is None:
        return own
    dark, light = (readable(colour, theme.map, LEAST_CONTRAST) for theme in (DARK, LIGHT))
    return ClassStyle(own.marker, dark, light)


def _same(one: str, other: str) -> bool:
    return one.lower() == other.lower()


def _none_chosen(name: str) -> None:
    """Where nobody has chosen colours."""


def _other(name: str, taken: set[str]) -> ClassStyle:
    first = hashlib.sha256(name.encode()).digest()[0]
    places = [(first + step) % len(_OTHERS) for step in range(len(_OTHERS))]
    place = next((place for place in places if _OTHERS[place] not in taken), places[0])
    colour = _OTHERS[place]
    return ClassStyle(_OTHER_MARKERS[place % len(_OTHER_MARKERS)], colour, colour)
