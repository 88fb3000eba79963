"""How far annotators agree, drawn as dots with intervals, and where on the map: safe HTML."""

from collections.abc import Mapping, Sequence
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from app.markup.curation_html import Style
from app.words import count, fixed, percent, safe
from astra.labels.agreement import Clash, Opinions
from astra.labels.kappa import Agreement

FIT = 0.667
_WIDTH, _LINE, _LEFT, _RIGHT = 330, 22, 96, 44
_MOST = 9
_MAP = (300, 150)


def panel(opinions: Opinions | None, style: Style) -> str:
    """Alpha, each pair of annotators, each class, self-consistency, frequent conflicts."""
    if opinions is None:
        return '<span class="title">Agreement</span><p class="small">Reading the log …</p>'
    overall = opinions.overall
    shared = f"{count(overall.objects)} objects with ≥ 2 annotators"
    top = f'<div class="row"><span class="title">Agreement</span><span class="small push">{shared}'
    if not overall.objects:
        return (
            f'{top}</span></div><p class="small">When two annotators have labelled the same '
            "objects, it is told here how far they agree.</p>" + _consistency(opinions)
        )
    value = "not defined" if not isfinite(overall.value) else f"α = {fixed(overall.value)}"
    interval = f"95 % interval {fixed(overall.low)}\u2013{fixed(overall.high)}"
    pairs = {f"{p.first} \u2013 {p.second}": p.agreement for p in opinions.pairs[:_MOST]}
    classes = dict(sorted(opinions.by_class.items(), key=lambda pair: -_order(pair[1]))[:_MOST])
    return (
        f'{top}</span></div><div class="row"><span class="headline">{value}</span>'
        f'<span class="small">{interval}, Krippendorff; missing votes allowed</span></div>'
        f'{dots(pairs)}<div class="axis small">Cohen κ, 95 % bootstrap</div>'
        f'{dots(classes, FIT)}<div class="axis small">Agreement by class, Krippendorff α</div>'
        '<div class="small">Hollow: below 0.667, not fit to train on alone.</div>'
        f"{_consistency(opinions)}{_clashes(opinions.clashes[:5], style)}"
    )


def _order(figure: Agreement) -> float:
    return figure.value if isfinite(figure.value) else -2.0


def _consistency(opinions: Opinions) -> str:
    if not opinions.consistency:
        return ""
    return (
        '<div class="head part">Asked again, each with themselves</div>'
        f"{dots(opinions.consistency)}"
        '<div class="axis small">Cohen κ of hidden repeats</div>'
    )


def dots(figures: Mapping[str, Agreement], limit: float | None = None) -> str:
    """Dot plot with intervals as SVG; figures below ``limit`` are hollow."""
    known = {name: figure for name, figure in figures.items() if isfinite(figure.value)}
    if not known:
        return '<p class="small">Not defined: too little is shared.</p>'
    lows = [f.low if isfinite(f.low) else f.value for f in known.values()]
    start = min(0.5, np.floor(10 * max(min(lows), -1)) / 10)
    scale = (_WIDTH - _LEFT - _RIGHT) / (1 - start)
    height = _LINE * len(known) + 20
    ticks = np.linspace(start, 1, 6)
    lines = [
        f'<line x1="{_x(t, start, scale):.1f}" x2="{_x(t, start, scale):.1f}" y1="0" '
        f'y2="{height - 18}" class="grid"/><text x="{_x(t, start, scale):.1f}" y="{height - 4}" '
        f'class="tick">{fixed(float(t), 1)}</text>'
        for t in ticks
    ]
    if limit is not None:
        x = _x(limit, start, scale)
        lines.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{height - 18}" class="limit"/>')
    for i, (name, figure) in enumerate(known.items()):
        lines.append(_dot(name, figure, _LINE * i + 11, (start, scale), limit))
    return (
        f'<svg class="dots" viewBox="0 0 {_WIDTH} {height}" width="100%" role="img" '
        f'aria-label="agreement of {len(known)}">{"".join(lines)}</svg>'
    )


def _x(value: float, start: float, scale: float) -> float:
    return _LEFT + (max(value, start) - start) * scale


def _dot(
    name: str, figure: Agreement, y: float, axis: tuple[float, float], limit: float | None
) -> str:
    x = _x(figure.value, *axis)
    weak = limit is not None and figure.value < limit
    kind = "weak" if weak else "strong"
    bar = ""
    if isfinite(figure.low):
        low, high = _x(figure.low, *axis), _x(figure.high, *axis)
        bar = f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{y}" y2="{y}" class="bar {kind}"/>'
    short = name if len(name) <= 14 else f"{name[:13]}…"
    return (
        f'<text x="{_LEFT - 10}" y="{y + 4}" class="name"><title>{safe(name)}</title>{safe(short)}'
        f'</text>{bar}<circle cx="{x:.1f}" cy="{y}" r="4" class="{kind}"/>'
        f'<text x="{_WIDTH - 2}" y="{y + 4}" class="number">{count(figure.objects)}</text>'
    )


def _clashes(clashes: Sequence[Clash], style: Style) -> str:
    if not clashes:
        return ""
    most = clashes[0].objects
    rows = "".join(
        f'<div class="clash"><span class="row">{style.mark(clash.first)}{safe(clash.first)}</span>'
        f'<span class="row">/ {style.mark(clash.second)}{safe(clash.second)}</span>'
        f'<span class="meter"><i style="width:{percent(clash.objects, most).replace(" ", "")}">'
        f"</i></span><span>{count(clash.objects)}</span></div>"
        for clash in clashes
    )
    return f'<div class="head part">Most frequent conflicts</div>{rows}'


def snapshots(rows: Sequence[tuple[str, str, int, str]]) -> str:
    """What runs have learnt from: run, day, labels, hash."""
    if not rows:
        return ""
    lines = "".join(
        f"<tr><td>{safe(run)}</td><td>{safe(day)}</td><td>{count(labels)}</td>"
        f'<td class="hash">{safe(digest[:6])}</td></tr>'
        for run, day, labels, digest in rows
    )
    return (
        '<div class="row part"><span class="head">Snapshots</span>'
        '<span class="small push">what a run reads</span></div><table><tr><th>Run</th>'
        f"<th>Frozen</th><th>Labels</th><th>sha256</th></tr>{lines}</table>"
    )


def small_map(
    background: NDArray[np.floating], agree: NDArray[np.floating], conflict: NDArray[np.floating]
) -> str:
    """Where annotators agree and where they do not: places on the map, float [points, 2] each."""
    drawn = (
        _points(background, background, "M{x:.1f} {y:.1f}h.9v.9h-.9z", "ground")
        + _points(
            agree,
            background,
            "M{x:.1f} {y:.1f}m-1.8 0a1.8 1.8 0 1 0 3.6 0a1.8 1.8 0 1 0-3.6 0",
            "agree",
        )
        + _points(
            conflict, background, "M{x:.1f} {y:.1f}m-2.4-2.4l4.8 4.8m0-4.8l-4.8 4.8", "conflict"
        )
    )
    return (
        '<div class="row"><span class="head">Disagreement</span><span class="small push">'
        '<span class="ok">● agree</span> <span class="err">✕ conflict</span></span></div>'
        f'<svg class="where" viewBox="0 0 {_MAP[0]} {_MAP[1]}" width="100%" role="img" '
        f'aria-label="{len(agree)} objects agreed and {len(conflict)} in conflict on the map">'
        f"{drawn}</svg>"
    )


def _points(
    places: NDArray[np.floating], ground: NDArray[np.floating], shape: str, kind: str
) -> str:
    if not len(places) or not len(ground):
        return ""
    low, high = np.nanmin(ground, axis=0), np.nanmax(ground, axis=0)
    unit = (places - low) / np.where(high > low, high - low, 1)
    x = 4 + np.clip(unit[:, 0], 0, 1) * (_MAP[0] - 8)
    y = 4 + (1 - np.clip(unit[:, 1], 0, 1)) * (_MAP[1] - 8)
    path = "".join(shape.format(x=a, y=b) for a, b in zip(x, y, strict=True) if isfinite(a + b))
    return f'<path class="{kind}" d="{path}"/>'
