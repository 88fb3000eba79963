"""What to label next: the probe, the queue and what the labels cover, as safe HTML."""

from datetime import datetime
from typing import Any

import numpy as np

from app.advice import TITLES
from app.markup.light_curve_html import group, toggle
from app.words import count, counted, fixed, percent, safe
from astra.labels.coverage import Coverage
from astra.runs.advice import Advice

MOST_CLASSES = 6
_SIDE = 96


def probe(advice: Advice | None, asking: str, shown: bool) -> str:
    """What a probe on the labels of the moment reaches, and the button that asks for it."""
    off = " disabled" if asking else ""
    button = (
        f'<button class="control push astra-probe-now" data-press="ask"{off}>'
        f"{'Probing …' if asking else 'Probe now'}</button>"
    )
    head = f'<div class="row"><span class="head">What to label next</span>{button}</div>'
    if asking:
        return head + f'<div class="small">{safe(asking)}</div>'
    if advice is None:
        said = "A linear probe on the labels of the moment fills the queues; it takes seconds."
        return head + f'<div class="small">{said}</div>'
    return head + _scores(advice) + f'<div class="row">{_colour(shown)}</div>'


def _scores(advice: Advice) -> str:
    facts = advice.facts
    made = datetime.fromisoformat(facts["made"]).astimezone().strftime("%H:%M")
    when = f"{counted(facts['labels'], 'label')}, {made}, {fixed(facts['seconds'], 1)} s"
    if "scores" not in facts:
        return f'<div class="small">{safe(facts["not_scored"])} ({when})</div>'
    scores: dict[str, Any] = facts["scores"]
    low, high = scores["intervals"]["macro_f1"]
    rare = ", ".join(f"{name} {n}" for name, n in facts["left_out"].items())
    left_out = f'<div class="small">Too few labels: {safe(rare)}</div>' if rare else ""
    return (
        f'<div class="row astra-probe-score"><span class="title">{fixed(scores["macro_f1"], 3)}'
        f"</span><span>macro-F1 [{fixed(low, 3)}, {fixed(high, 3)}]</span>"
        f'<span class="quiet">majority {fixed(scores["majority"]["macro_f1"], 3)}</span></div>'
        f'<div class="small">On {counted(scores["objects"], "object")} held out by '
        f"{safe(facts['split'])}. {when}</div>{left_out}"
    )


def _colour(shown: bool) -> str:
    text = "Map shows what it predicts" if shown else "Show what it predicts"
    return toggle("show", text, shown)


def choices(chosen: str, possible: list[str]) -> str:
    """The queues, and one line on the chosen one."""
    buttons = [
        toggle(f"queue:{name}", safe(title), name == chosen, title=said)
        for name, (title, said) in TITLES.items()
        if name in possible
    ]
    if not buttons:
        return ""
    said = TITLES[chosen][1] if chosen in TITLES else ""
    return (
        f'<div class="queues">{group("Queue", *buttons)}</div>'
        f'<div class="small astra-queue-said">{safe(said)}</div>'
    )


def place(at: int, of: int, done: int, object_id: str) -> str:
    """Where in the queue one is, with the buttons to go on."""
    if not of:
        return '<div class="small">Nothing waits in this queue.</div>'
    back = "" if at > 0 else " disabled"
    on = "" if at < of - 1 else " disabled"
    bar = f'<span class="bar"><i style="width:{100 * done / of:.1f}%"></i></span>'
    return (
        '<div class="row astra-queue-place">'
        f'<button class="control" data-press="previous"{back} title="Previous">‹</button>'
        f'<button class="control" data-press="next"{on} title="Next">›</button>'
        f"<span>{count(at + 1)} of {count(of)}</span>"
        f'<span class="quiet name">{safe(object_id)}</span></div>'
        f'<div class="row">{bar}<span class="small">{count(done)} labelled</span></div>'
    )


def meter(found: Coverage | None) -> str:
    """What the labels cover: as a whole, by class, and on a small map."""
    if found is None:
        return ""
    whole = found.whole
    lines = "".join(
        f'<div class="meter"><span>{safe(part.name)}</span><span class="bar"><i style="width:'
        f'{100 * part.share:.1f}%"></i></span><span class="small">'
        f"{percent(part.covered, part.objects)} of {count(part.objects)}</span></div>"
        for part in found.by_class[:MOST_CLASSES]
    )
    blank = f", {counted(found.blank, 'blank cell')}" if found.blank else ""
    return (
        '<div class="row"><span class="head">What the labels cover</span>'
        f'<span class="small push">{percent(whole.covered, whole.objects)}{blank}</span></div>'
        '<div class="small">Objects with a label among their ten nearest, by predicted class, '
        "the least covered first.</div>"
        f'<div class="covered"><div>{lines}</div>{_map(found)}</div>'
    )


def _map(found: Coverage) -> str:
    size = _SIDE / len(found.cells)
    squares = "".join(
        f'<rect x="{column * size:.1f}" y="{_SIDE - (row + 1) * size:.1f}" width="{size:.1f}" '
        f'height="{size:.1f}" fill="var(--astra-accent)" fill-opacity="{share:.2f}" '
        'stroke="var(--astra-line)" stroke-width="0.4"/>'
        for row, cells in enumerate(found.cells)
        for column, share in enumerate(cells)
        if np.isfinite(share)
    )
    return (
        f'<svg width="{_SIDE}" height="{_SIDE}" role="img" aria-label="Covered parts of the map">'
        f"{squares}</svg>"
    )
