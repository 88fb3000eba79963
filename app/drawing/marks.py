"""Bokeh's markers as inline SVG, so that a class and a band look the same in text as in charts."""

_CIRCLE = "M5 1.2a3.8 3.8 0 1 1 0 7.6a3.8 3.8 0 1 1 0-7.6z"
_SQUARE = "M1.4 1.4h7.2v7.2h-7.2z"
_DIAMOND = "M5 .4l3.8 4.6l-3.8 4.6l-3.8-4.6z"
_CROSS = "M5 1.2v7.6M1.2 5h7.6"
_THICK_X = (
    "M2.6 .9l2.4 2.4l2.4-2.4l1.7 1.7l-2.4 2.4l2.4 2.4l-1.7 1.7l-2.4-2.4l-2.4 2.4l-1.7-1.7"
    "l2.4-2.4l-2.4-2.4z"
)
_X = "M1.8 1.8l6.4 6.4M8.2 1.8l-6.4 6.4"
# name: (outline that is filled, lines that are not)
_SHAPES: dict[str, tuple[str, str]] = {
    "circle": (_CIRCLE, ""),
    "square": (_SQUARE, ""),
    "diamond": (_DIAMOND, ""),
    "hex": ("M5 .8l3.7 2.1v4.2l-3.7 2.1l-3.7-2.1v-4.2z", ""),
    "plus": ("M3.6 .9h2.8v2.7h2.7v2.8h-2.7v2.7h-2.8v-2.7h-2.7v-2.8h2.7z", ""),
    "x": (_THICK_X, ""),
    "square_pin": ("M.8 .8q4.2 1.8 8.4 0q-1.8 4.2 0 8.4q-4.2-1.8-8.4 0q1.8-4.2 0-8.4z", ""),
    "star": ("M5 .4l1.2 3.1l3.4 .2l-2.6 2.1l.9 3.3l-2.9-1.8l-2.9 1.8l.9-3.3l-2.6-2.1l3.4-.2z", ""),
    "triangle": ("M5 .9l4.3 7.6h-8.6z", ""),
    "inverted_triangle": ("M5 9.1l4.3-7.6h-8.6z", ""),
    "asterisk": ("", _CROSS + _X),
    "circle_cross": (_CIRCLE, _CROSS),
    "circle_x": (_CIRCLE, _X),
    "square_cross": (_SQUARE, _CROSS),
    "square_x": (_SQUARE, _X),
    "diamond_cross": (_DIAMOND, _CROSS),
}  # fmt: skip


def mark(marker: str, colour: str, size: int = 10, hollow: bool = False) -> str:
    """Marker as an SVG element.

    Parameters
    ----------
    marker : str
        Bokeh's name; one that is not known here is drawn as a circle.
    colour : str
        Fill, ``#rrggbb``.
    size : int
        Width and height [CSS px].
    hollow : bool
        Draw the outline only.
    """
    outline, lines = _SHAPES.get(marker, _SHAPES["circle"])
    fill = "none" if hollow else colour
    drawn = f'<path d="{outline}" fill="{fill}" stroke="{colour}" stroke-width=".6"/>'
    if lines and outline:
        drawn += f'<path d="{lines}" stroke="var(--astra-surface)" stroke-width="1.3"/>'
    elif lines:
        drawn = f'<path d="{lines}" stroke="{colour}" stroke-width="1.4"/>'
    box = f'width="{size}" height="{size}" viewBox="0 0 10 10" aria-hidden="true"'
    return f"<svg {box}>{drawn}</svg>"
