"""Numbers, units and names as people read them; the one place where user text is escaped."""

from html import escape
from math import isfinite

NARROW_SPACE = "\u202f"
MINUS = "\u2212"
NOTHING = "\u2013"
UNLABELLED = "unlabelled"


def count(number: int | float) -> str:
    """A whole number with its thousands apart: ``1 512 059``."""
    return f"{int(number):,}".replace(",", NARROW_SPACE).replace("-", MINUS)


def short_count(number: int | float) -> str:
    """A whole number in four characters or so: ``817``, ``4.9 k``, ``338 k``, ``1.2 M``."""
    for size, unit in ((1e6, "M"), (1e3, "k")):
        if number >= size:
            value = number / size
            return f"{value:.1f} {unit}" if value < 10 else f"{value:.0f} {unit}"
    return str(int(number))


def counted(number: int, noun: str) -> str:
    """A whole number and its noun: ``1 object``, ``12 objects``."""
    return f"{count(number)} {noun}" + ("" if number == 1 else "s")


def percent(part: float, whole: float) -> str:
    """Share of a whole: ``7.3 %``; small but real shares are ``< 0.1 %``."""
    if not whole:
        return NOTHING
    share = 100 * part / whole
    return "< 0.1 %" if 0 < share < 0.1 else f"{share:.1f} %"


def number(value: float | None, digits: int = 4) -> str:
    """A measured value with ``digits`` significant digits; a dash where it is unknown."""
    if value is None or not isfinite(value):
        return NOTHING
    if value != 0 and not 1e-4 <= abs(value) < 1e6:
        return f"{value:.{digits - 1}e}".replace("-", MINUS)
    text = f"{value:.{digits}g}"
    if "e" in text:
        text = f"{value:.0f}"
    return text.replace("-", MINUS)


def fixed(value: float | None, decimals: int = 2) -> str:
    """A measured value with a fixed number of decimals; a dash where it is unknown."""
    if value is None or not isfinite(value):
        return NOTHING
    return f"{value:.{decimals}f}".replace("-", MINUS)


def safe(text: object) -> str:
    """Text of a user, a file or a survey, made harmless inside HTML."""
    return escape(str(text), quote=True)


def title(column: str, unit: str = "") -> str:
    """What a column is called on screen: ``found_period_days``, ``d`` -> ``Found period [d]``."""
    words = column.removesuffix("_days").removesuffix("_deg").replace("_", " ").strip()
    named = {"ra": "RA", "dec": "Dec", "n obs": "Observations"}.get(words)
    named = named or words[:1].upper() + words[1:]
    return f"{named} [{unit}]" if unit else named
