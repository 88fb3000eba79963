"""Periods and times that a person types."""

from math import isfinite

JULIAN = 2_000_000


def read_number(text: str) -> float | None:
    """Read a finite number with a decimal point or comma; None where there is none."""
    try:
        value = float(text.strip().replace(",", ".").replace("\u2212", "-").replace("\u202f", ""))
    except ValueError:
        return None
    return value if isfinite(value) else None


def read_period(text: str) -> float | None:
    """Period [d], positive, or None."""
    period = read_number(text)
    return period if period is not None and period > 0 else None


def read_mjd(text: str) -> float | None:
    """Time [MJD], or None; a number that must be a Julian date is not taken for an MJD."""
    time = read_number(text)
    return time if time is not None and abs(time) < JULIAN else None
