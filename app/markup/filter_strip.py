"""The filter strip as safe HTML: chips, histograms with their brushes, the hint of the field."""

from collections.abc import Mapping, Sequence
from math import ceil, floor, isinf, log10

import numpy as np
from numpy.typing import NDArray

from app.crossing import Brush
from app.words import count, number, safe
from astra.selections.crossing import BINS, Axis
from astra.selections.errors import ExpressionError

MOST_TICKS = 4
_STEPS = (1, 2, 2.5, 5, 10)


def split_title(title: str) -> tuple[str, str]:
    """Words and unit of a column's title: ``Period [d]`` -> ``Period``, ``d``."""
    words, _, unit = title.partition(" [")
    return words, unit.rstrip("]")


def range_in_words(brush: Brush, digits: int = 3) -> str:
    """``≥ 0.1``, ``≤ 3`` or ``0.1 – 3``."""
    low, high = (number(end, digits) for end in brush)
    if isinf(brush.high):
        return f"≥ {low}"
    return f"≤ {high}" if isinf(brush.low) else f"{low} – {high}"


def chips(brushes: Mapping[str, Brush], titles: Mapping[str, str], texts: Sequence[str]) -> str:
    """Active filters, each with a cross that removes it; a press on an expression edits it."""
    drawn = []
    for column, brush in brushes.items():
        words, unit = split_title(titles.get(column, column))
        said = f"{safe(words)} {range_in_words(brush)} {safe(unit)}".rstrip()
        drawn.append(_chip(said, f"clear:{column}", f"clear:{column}", "Remove", ""))
    for place, text in enumerate(texts):
        drawn.append(_chip(safe(text), f"edit:{place}", f"remove:{place}", "Edit", " mono"))
    return f'<span class="chips">{"".join(drawn)}</span>'


def _chip(said: str, press: str, remove: str, verb: str, kind: str) -> str:
    return (
        f'<span class="chip{kind}"><button data-press="{safe(press)}" title="{verb}: {said}">'
        f'{said}</button><button class="x" data-press="{safe(remove)}" '
        f'aria-label="Remove the filter {said}">close</button></span>'
    )


def passing(objects: int, of: int) -> str:
    """How many of how many pass."""
    return f'<span class="passing push astra-passing"><b>{count(objects)}</b> of {count(of)}</span>'


def plot(
    column: str, title: str, axis: Axis, counts: NDArray[np.int64], brush: Brush | None
) -> str:
    """One histogram, root of the counts: all, those that pass the others, and the selected."""
    words, unit = split_title(title)
    scale = "log" if axis.log else ""
    remark = ", ".join(part for part in (unit, scale) if part)
    most = max(int(counts[0].max(initial=0)), 1)
    bars = "".join(
        f'<path class="{kind}" d="{_bars(np.sqrt(row / most))}"/>'
        for kind, row in zip(("all", "pass", "sel"), counts, strict=True)
    )
    said = "" if brush is None else range_in_words(brush)
    label = f"{words}{f', {said} {unit}' if said else ''}: drag to filter, Delete clears"
    return (
        f'<div><div class="label" title="{safe(words)}, root of the counts"><b>{safe(words)}</b>'
        f'<span>{"" if said else safe(remark)}</span><span class="range">{said}</span></div>'
        f'<div class="plot" tabindex="0" role="group" aria-label="{safe(label)}" '
        f'data-brush="{safe(column)}"{_ends(axis, brush)}>'
        f'<svg viewBox="0 0 {BINS} 100" preserveAspectRatio="none" aria-hidden="true">{bars}</svg>'
        f"{_brush(axis, brush)}</div>"
        f'<div class="ticks">{_ticks(axis)}</div></div>'
    )


def _bars(heights: NDArray[np.float64]) -> str:
    return "".join(
        f"M{i + 0.05:g} 100V{100 - 98 * height:.1f}h.9V100z"
        for i, height in enumerate(heights)
        if height > 0
    )


def shares(axis: Axis, brush: Brush) -> tuple[float, float]:
    """Where a brush begins and ends on its axis, from 0 to 1."""
    low = 0.0 if isinf(brush.low) else axis.share(brush.low)
    high = 1.0 if isinf(brush.high) else axis.share(brush.high)
    return float(np.clip(low, 0, 1)), float(np.clip(high, 0, 1))


def _ends(axis: Axis, brush: Brush | None) -> str:
    if brush is None:
        return ""
    low, high = shares(axis, brush)
    return f' data-from="{low:.4f}" data-to="{high:.4f}"'


def _brush(axis: Axis, brush: Brush | None) -> str:
    if brush is None:
        return '<div class="brush" hidden></div>'
    low, high = shares(axis, brush)
    return (
        f'<div class="brush" style="left:{100 * low:.2f}%;width:{100 * (high - low):.2f}%"></div>'
    )


def _ticks(axis: Axis) -> str:
    drawn = ((axis.share(value), value) for value in ticks(axis))
    return "".join(
        f'<span style="left:{100 * at:.1f}%">{number(value, 3)}</span>'
        for at, value in drawn
        if 0.03 <= at <= 0.97
    )


def ticks(axis: Axis) -> list[float]:
    """Round values on an axis, at most four: decades where it is logarithmic."""
    if axis.log:
        decades = range(ceil(log10(axis.low)), floor(log10(axis.high)) + 1)
        return [10.0**k for k in decades][:: max(1, ceil(len(decades) / MOST_TICKS))]
    rough = (axis.high - axis.low) / MOST_TICKS
    size = 10.0 ** floor(log10(rough))
    step = next(size * each for each in _STEPS if size * each >= rough)
    first = ceil(axis.low / step)
    return [round(k * step, 12) for k in range(first, floor(axis.high / step) + 1)]


def menu(titles: Mapping[str, str], shown: Sequence[str], most: int) -> str:
    """Which columns have a histogram."""
    buttons = "".join(
        f'<button role="menuitemcheckbox" aria-checked="{str(name in shown).lower()}" '
        f'data-press="column:{safe(name)}"><i>{"check" if name in shown else ""}</i>'
        f"{safe(title)}</button>"
        for name, title in titles.items()
    )
    return (
        f'<div class="menu" role="menu"><div class="small">Histograms, at most {most}</div>'
        f"{buttons}</div>"
    )


def wrong(error: ExpressionError) -> str:
    """What is wrong with an expression, with a mark at the character."""
    text, at = error.text, error.at
    marked = safe(text[at]) if at < len(text) else "\u2423"
    start = max(0, at - 44)
    before = ("…" if start else "") + safe(text[start:at])
    reason = error.reason[:1].upper() + error.reason[1:]
    return (
        f"<pre>{before}<b>{marked}</b>{safe(text[at + 1 : at + 24])}</pre>"
        f'<div class="err astra-expression-error">{safe(reason)}</div>'
    )


def would_pass(objects: int, of: int) -> str:
    """How many objects an expression is true of."""
    return (
        f"<div><b>{count(objects)}</b> of {count(of)} "
        '<span class="quiet">· Enter filters</span></div>'
    )


def names_for(text: str, names: Sequence[str]) -> str:
    """Columns that complete the word being typed; before anything is typed, the first ones."""
    word, matching = completions(text, names)
    if not matching:
        return ""
    before = safe(text[: len(text) - len(word)])
    buttons = "".join(
        f'<button data-complete="{before}{safe(name)}">{safe(name)}</button>' for name in matching
    )
    return f'<div class="names">{buttons}</div>'


def completions(text: str, names: Sequence[str], most: int = 12) -> tuple[str, list[str]]:
    """Word that a text ends with, and the columns that begin so; all where it ends with none."""
    start = len(text)
    while start and (text[start - 1].isalnum() or text[start - 1] == "_"):
        start -= 1
    word = text[start:]
    if word[:1].isdigit() or (not word and text.strip() and text[-1] in "\"')"):
        return word, []
    quoted = [name if name.isidentifier() else f"`{name}`" for name in names]
    begins = [
        name for name in quoted if name.strip("`").lower().startswith(word.lower()) and name != word
    ]
    if not word and text.strip() and text.rstrip()[-1] in "<>=":
        return word, []
    return word, begins[:most]
