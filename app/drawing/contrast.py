"""How far a colour stands out from what it is drawn on, and the nearest one that does."""

_STEPS = 64
# Relative luminance from which black stands out more than white.
_MIDDLE = 0.18

Rgb = tuple[float, float, float]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours ``#rrggbb``, 1 to 21 (WCAG 2.2)."""
    low, high = sorted((_luminance(_rgb(one)), _luminance(_rgb(other))))
    return (high + 0.05) / (low + 0.05)


def readable(colour: str, on: str, least: float) -> str:
    """The colour, or where it stands out too little the first towards white or black that does.

    Parameters
    ----------
    colour, on : str
        ``#rrggbb``.
    least : float
        Contrast ratio to reach.
    """
    end = 0.0 if _luminance(_rgb(on)) > _MIDDLE else 1.0
    for step in range(_STEPS + 1):
        share = step / _STEPS
        mixed = _hex([part + share * (end - part) for part in _rgb(colour)]) if step else colour
        if contrast(mixed, on) >= least:
            return mixed
    return _hex([end] * 3)


def _rgb(colour: str) -> Rgb:
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


def _hex(parts: list[float]) -> str:
    return "#" + "".join(f"{round(255 * part):02x}" for part in parts)


def _luminance(rgb: Rgb) -> float:
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
