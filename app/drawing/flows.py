"""Predictions that changed: from classes of one run to classes of another, as SVG."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from app.drawing.palette import ClassStyle
from app.words import safe, short_count

MOST = 9
_GAP, _BAR, _LABEL, _LINE = 6.0, 8.0, 104.0, 14.0


def flow_chart(
    names: Sequence[str],
    counts: NDArray[np.int64],
    styles: Mapping[str, ClassStyle],
    theme: str,
    width: int = 480,
    height: int = 280,
) -> str:
    """Bands from the classes at the left to those at the right; what stayed is left out.

    Parameters
    ----------
    names : sequence of str
    counts : int64 [classes, classes]
        Objects by class before and after.
    styles : mapping of name to ClassStyle
    theme : str
    width, height : int
        Size of the drawing [px]; it scales.
    """
    moved = counts.copy()
    np.fill_diagonal(moved, 0)
    if not moved.any():
        return '<p class="quiet">No prediction changed.</p>'
    names, moved = _largest(names, moved)
    left, right = _order(moved.sum(axis=1)), _order(moved.sum(axis=0))
    unit = (height - _GAP * (max(len(left), len(right)) - 1)) / moved.sum()
    from_y, to_y = _tops(left, moved.sum(axis=1), unit), _tops(right, moved.sum(axis=0), unit)
    x_low, x_high = _LABEL + _BAR, width - _LABEL - _BAR
    colours = [styles[name].colour(theme) for name in names]
    bands, at = [], dict(from_y)
    into = dict(to_y)
    for i in left:
        for j in right:
            if not moved[i, j]:
                continue
            thick = unit * float(moved[i, j])
            title = f"{safe(names[i])} to {safe(names[j])}: {short_count(int(moved[i, j]))}"
            bands.append(_band(x_low, at[i], x_high, into[j], thick, colours[j], title))
            at[i] += thick
            into[j] += thick
    sides = (
        (left, moved.sum(axis=1), from_y, _LABEL, "end"),
        (right, moved.sum(axis=0), to_y, x_high, "start"),
    )
    ends = []
    for order, totals, tops, x, anchor in sides:
        lines = _apart([tops[i] + unit * float(totals[i]) / 2 for i in order], height)
        for i, line in zip(order, lines, strict=True):
            bar = (x, tops[i], max(unit * float(totals[i]), 1.0))
            ends.append(_end(names[i], int(totals[i]), bar, line, colours[i], anchor))
    return (
        f'<svg class="flows" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="predictions that changed">{"".join(bands)}{"".join(ends)}</svg>'
    )


def _largest(names: Sequence[str], moved: NDArray[np.int64]) -> tuple[list[str], NDArray[np.int64]]:
    """The classes with most in- and outflow; all others become one."""
    weight = moved.sum(axis=0) + moved.sum(axis=1)
    order = np.argsort(-weight, kind="stable")
    order = order[weight[order] > 0]
    if len(order) <= MOST:
        return [names[int(i)] for i in order], moved[np.ix_(order, order)]
    kept, rest = order[: MOST - 1], order[MOST - 1 :]
    joined = np.zeros((MOST, MOST), np.int64)
    joined[:-1, :-1] = moved[np.ix_(kept, kept)]
    joined[:-1, -1] = moved[np.ix_(kept, rest)].sum(axis=1)
    joined[-1, :-1] = moved[np.ix_(rest, kept)].sum(axis=0)
    return [*(names[int(i)] for i in kept), "other"], joined


def _order(totals: NDArray[np.int64]) -> list[int]:
    return [int(i) for i in np.argsort(-totals, kind="stable") if totals[i]]


def _tops(order: Sequence[int], totals: NDArray[np.int64], unit: float) -> dict[int, float]:
    tops, y = {}, 0.0
    for i in order:
        tops[i] = y
        y += unit * float(totals[i]) + _GAP
    return tops


def _band(x0: float, y0: float, x1: float, y1: float, thick: float, fill: str, title: str) -> str:
    middle = (x0 + x1) / 2
    return (
        f'<path d="M{x0:.1f} {y0:.1f}C{middle:.1f} {y0:.1f} {middle:.1f} {y1:.1f} {x1:.1f} {y1:.1f}'
        f"V{y1 + thick:.1f}C{middle:.1f} {y1 + thick:.1f} {middle:.1f} {y0 + thick:.1f} "
        f'{x0:.1f} {y0 + thick:.1f}Z" fill="{fill}" fill-opacity=".5"><title>{title}</title></path>'
    )


def _apart(middles: Sequence[float], height: float) -> list[float]:
    """Middles of lines of text, ascending, that neither overlap nor leave the drawing [px]."""
    lines, low = [], _LINE / 2
    for middle in middles:
        lines.append(max(middle, low))
        low = lines[-1] + _LINE
    high = height - _LINE / 2
    for i in reversed(range(len(lines))):
        lines[i] = min(lines[i], high)
        high = lines[i] - _LINE
    return lines


def _end(
    name: str,
    total: int,
    bar: tuple[float, float, float],
    line: float,
    colour: str,
    anchor: str,
) -> str:
    """Bar (its x, top and height) of a class and its name at the height ``line``."""
    x, top, high = bar
    text_x = x - 6 if anchor == "end" else x + _BAR + 6
    short = name if len(name) <= 11 else name[:10] + "…"
    return (
        f'<rect x="{x:.1f}" y="{top:.1f}" width="{_BAR}" height="{high:.1f}" fill="{colour}"/>'
        f'<text x="{text_x:.1f}" y="{line:.1f}" text-anchor="{anchor}">'
        f"<title>{safe(name)}</title>{safe(short)} "
        f'<tspan class="n">{short_count(total)}</tspan></text>'
    )
