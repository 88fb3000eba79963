"""What sets a selection apart, as safe HTML."""

from collections.abc import Mapping

import numpy as np

from app.drawing.sparklines import sparkline
from app.markup.facts import class_mark, facts_of, short_id
from app.opened_runs import OpenedRun
from app.why import BINS, FEWEST_FOLDED, Contrast, Portrait, Shape
from app.words import MINUS, count, counted, fixed, number, percent, safe
from astra.data.errors import StoreError
from astra.selections.contrast import Difference, Lift

MOST_CLASSES, MOST_NUMBERS = 4, 8
_MARKED = ("Class", "Predicted")
_WIDE, _HIGH, _LEFT, _BELOW = 430, 170, 40, 22
_SHOWN = (-0.25, 1.25)


def nothing(message: str) -> str:
    """Say why there is nothing to say."""
    return f'<p class="small">{safe(message)}</p>'


def head(found: Contrast, described: str) -> str:
    """Which objects are compared with which."""
    part = ""
    if (found.drawn_inside, found.drawn_outside) != (found.inside, found.outside):
        part = (
            f" Numbers are compared over {count(found.drawn_inside)} and "
            f"{count(found.drawn_outside)} of them, drawn at random."
        )
    return (
        f'<div class="title astra-why-title">Why here? {safe(described)}</div>'
        f'<div class="small">{counted(found.inside, "object")} against {count(found.outside)} '
        f"others. Bars are intervals of 95 %; grey: none is sure.{part}</div>"
    )


def said(run: OpenedRun, found: Contrast, described: str, theme: str) -> str:
    """All that needs no light curve: classes, numbers, other texts of the catalogue."""
    blocks = {title: _classes(run, found, title, theme) for title in found.classes}
    first = "".join(blocks.pop(title, "") for title in _MARKED)
    return head(found, described) + first + numbers(found) + "".join(blocks.values())


def _classes(run: OpenedRun, found: Contrast, title: str, theme: str) -> str:
    """Classes that are more, or less, frequent inside."""
    these = found.classes[title]
    rows = "".join(_class(run, lift, theme, title in _MARKED) for lift in these[:MOST_CLASSES])
    known = these[0].of_inside, these[0].of_outside
    some = f" · known for {count(known[0])} and {count(known[1])}"
    whole = known == (found.inside, found.outside)
    more = len(these) - MOST_CLASSES
    rest = f'<div class="small">and {count(more)} more</div>' if more > 0 else ""
    return (
        f'<div class="block"><div class="head">{safe(title)}<span class="small">'
        f'{"" if whole else some}</span></div><div class="grid classes small"><span></span>'
        f"<span></span><span>inside</span><span>others</span><span>odds</span></div>{rows}{rest}"
        "</div>"
    )


def _class(run: OpenedRun, lift: Lift, theme: str, marked: bool) -> str:
    mark = class_mark(run, lift.name, theme) if marked else ""
    sign, ends = (
        ("×", (lift.low, lift.high)) if lift.log_odds >= 0 else ("÷", (-lift.high, -lift.low))
    )
    low, high = (_times(end) for end in ends)
    sure = "" if lift.least else " unsure"
    return (
        f'<div class="grid classes{sure}"><span>{mark}</span>'
        f'<span class="name" title="{safe(lift.name)}">{safe(lift.name)}</span>'
        f"<span>{percent(lift.inside, lift.of_inside)}</span>"
        f"<span>{percent(lift.outside, lift.of_outside)}</span>"
        f"<span><b>{sign} {_times(abs(lift.log_odds))}</b> <i>{low}–{high}</i></span></div>"
    )


def _times(log_odds: float) -> str:
    times = float(np.exp(min(log_odds, 20.0)))
    return count(round(times)) if times >= 10 else number(times, 2)


def numbers(found: Contrast) -> str:
    """Numbers that are larger, or smaller, inside."""
    if not found.numbers:
        return ""
    rows = "".join(_number(d, found.titles) for d in found.numbers[:MOST_NUMBERS])
    more = len(found.numbers) - MOST_NUMBERS
    rest = f'<div class="small">and {count(more)} more, that differ less</div>' if more > 0 else ""
    return (
        '<div class="block"><div class="head">Numbers<span class="small"> · Cliff\'s delta: '
        f"{MINUS}1 all smaller, 0 alike, 1 all larger</span></div>"
        '<div class="grid numbers small"><span></span><span>inside</span><span>others</span>'
        f"<span>smaller · larger</span><span>delta</span></div>{rows}{rest}</div>"
    )


def _number(found: Difference, titles: Mapping[str, str]) -> str:
    left, right, at = (50 * (1 + value) for value in (found.low, found.high, found.delta))
    sure = "" if found.least else " unsure"
    name = safe(titles.get(found.name, found.name))
    known = f"known for {count(found.known_inside)} and {count(found.known_outside)}"
    return (
        f'<div class="grid numbers{sure}"><span class="name" title="{name}, {known}">{name}</span>'
        f"<span>{number(found.inside, 3)}</span><span>{number(found.outside, 3)}</span>"
        f'<span class="axis"><i style="left:{left:.1f}%;width:{max(right - left, 0.8):.1f}%"></i>'
        f'<u style="left:{at:.1f}%"></u></span><span>{fixed(found.delta)}</span></div>'
    )


def shapes(found: Portrait) -> str:
    """Median folded shape of each filter, with its spread."""
    said = f"{count(found.folded)} of {count(found.asked)} drawn at random have a period"
    if not found.shapes:
        if not found.asked:
            return ""
        return (
            '<div class="block"><div class="head">Folded shape</div><div class="small">'
            f"None: {said}; it takes {FEWEST_FOLDED} with enough observations.</div></div>"
        )
    legend = " ".join(
        f'<span class="legend"><i style="background:{shape.style.colour}"></i>{safe(name)} '
        f'<span class="small">{count(shape.objects)}</span></span>'
        for name, shape in found.shapes.items()
    )
    return (
        f'<div class="block"><div class="head row">Folded shape{legend}</div>'
        f"{_picture(found.shapes)}"
        f'<div class="small">Median and 16th to 84th percentile over objects; magnitude beside '
        f"each object's median in the band, phase zero at maximum (dips: minimum). {said}.</div>"
        "</div>"
    )


def _picture(found: Mapping[str, Shape]) -> str:
    values = np.concatenate([np.concatenate([s.low, s.high]) for s in found.values()])
    bright, faint = float(np.nanmin(values)), float(np.nanmax(values))
    pad = 0.06 * (faint - bright) or 0.05
    bright, faint = bright - pad, faint + pad

    def down(value: np.ndarray) -> np.ndarray:
        return 6 + (value - bright) / (faint - bright) * (_HIGH - _BELOW - 6)

    phase = (np.arange(-BINS // 2, 2 * BINS) + 0.5) / BINS + _SHOWN[0]
    inside = (phase >= _SHOWN[0]) & (phase <= _SHOWN[1])
    across = _LEFT + (phase[inside] - _SHOWN[0]) / (_SHOWN[1] - _SHOWN[0]) * (_WIDE - _LEFT - 6)
    bins = (np.arange(-BINS // 2, 2 * BINS) % BINS)[inside]
    drawn = "".join(
        _band(across, down(s.low[bins]), down(s.median[bins]), down(s.high[bins]), s.style.colour)
        for s in reversed(list(found.values()))
    )
    ticks = "".join(
        f'<text x="{_LEFT - 6}" y="{float(down(np.array(v))) + 4:.1f}" text-anchor="end">'
        f"{fixed(v)}</text>"
        for v in (bright + pad, 0.0, faint - pad)
    )
    phases = "".join(
        f'<text x="{_LEFT + (p - _SHOWN[0]) / 1.5 * (_WIDE - _LEFT - 6):.1f}" y="{_HIGH - 5}" '
        f'text-anchor="middle">{p:g}</text>'
        for p in (0, 0.5, 1)
    )
    return (
        f'<svg class="shape" viewBox="0 0 {_WIDE} {_HIGH}" role="img" '
        f'aria-label="median folded light curve">{drawn}{ticks}{phases}</svg>'
    )


def _band(
    across: np.ndarray, low: np.ndarray, median: np.ndarray, high: np.ndarray, colour: str
) -> str:
    known = np.isfinite(median)
    x, low, median, high = across[known], low[known], median[known], high[known]
    there = [f"{a:.1f},{b:.1f}" for a, b in zip(x, low, strict=True)]
    back = [f"{a:.1f},{b:.1f}" for a, b in zip(x[::-1], high[::-1], strict=True)]
    line = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, median, strict=True))
    return (
        f'<polygon points="{" ".join(there + back)}" fill="{colour}" fill-opacity=".18"/>'
        f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>'
    )


def members(run: OpenedRun, found: Portrait, theme: str, blind: bool = False) -> str:
    """The most and the least typical objects, each a button; ``blind``: without what is guessed."""
    if not found.typical:
        return ""
    typical, odd = (_cells(run, these, theme, blind) for these in (found.typical, found.odd))
    return (
        '<div class="block"><div class="head">Most typical<span class="small"> · nearest to the '
        f'mean in the embedding</span></div><div class="cells">{typical}'
        '</div></div><div class="block"><div class="head">Least typical<span class="small"> · '
        f'farthest from it</span></div><div class="cells">{odd}</div>'
        "</div>"
    )


def _cells(run: OpenedRun, pairs: list[tuple[int, float]], theme: str, blind: bool) -> str:
    cells = []
    for row, distance in pairs:
        facts = facts_of(run, row, blind=blind)
        try:
            picture = sparkline(run.light_curve(row), theme, 130, 48, facts.catalogue_period)
        except StoreError:  # the survey is gone; the run is whole without it
            picture = ""
        cells.append(
            f'<button class="cell astra-why-cell" data-press="focus:{row}" '
            f'title="{safe(facts.object_id)}">{picture}<span class="row">'
            f"{class_mark(run, facts.predicted or facts.label, theme)}"
            f'<span class="name">{safe(short_id(facts.object_id))}</span>'
            f'<span class="push quiet">{fixed(distance)}</span></span></button>'
        )
    return "".join(cells)
