"""What a run predicts of one object, and what its catalogue says, as safe HTML."""

from collections.abc import Sequence

from app.markup.facts import Facts, class_mark
from app.opened_runs import OpenedRun
from app.words import count, fixed, number, percent, safe

MOST_CLASSES = 6
_HIDDEN = '<p class="small">Hidden while you label blind.</p>'


def predictions(
    run: OpenedRun, facts: Facts, probabilities: Sequence[tuple[str, float]], theme: str
) -> str:
    """Bars of the most probable classes, and the anomaly score.

    ``probabilities`` are class and probability, the most probable first; empty without a probe.
    """
    shown = probabilities[:MOST_CLASSES]
    bars = "".join(
        f'<div class="bar"><span>{class_mark(run, name, theme)}</span>'
        f'<span class="cut">{safe(name)}</span><i><b style="width:{100 * share:.1f}%;'
        f'background:{run.styles[name].colour(theme)}"></b></i>'
        f'<span class="right">{fixed(share, 3)}</span></div>'
        for name, share in shown
    )
    others = len(probabilities) - len(shown)
    if others:
        rest = sum(share for _, share in probabilities[MOST_CLASSES:])
        bars += f'<div class="small">{count(others)} other classes: {fixed(rest, 3)}</div>'
    if not probabilities:
        bars = '<p class="small">This run has no probe: precompute its stage probes.</p>'
    return f"{_head(run)}{bars}{_score(run, facts)}"


def hidden(run: OpenedRun) -> str:
    """Stand in for the predictions of a person who labels blind."""
    return _head(run) + _HIDDEN


def _head(run: OpenedRun) -> str:
    return (
        '<div class="row"><span class="head">Probe prediction</span>'
        f'<span class="small push cut" title="{safe(run.name)}">run {safe(run.name)}</span></div>'
    )


def _score(run: OpenedRun, facts: Facts) -> str:
    if facts.score is None or facts.rank is None:
        return ""
    above = percent(facts.rank, len(run))
    return (
        f'<div class="small">Anomaly score {fixed(facts.score, 3)} · rank {count(facts.rank)} of '
        f"{count(len(run))} · among the top {above}</div>"
    )


def columns(pairs: Sequence[tuple[str, object]]) -> str:
    """What the catalogue says: title and value of each column that has one."""
    lines = "".join(
        f'<div class="fact"><span class="small">{safe(title)}</span>'
        f'<span class="right cut" title="{_text(value)}">{_text(value)}</span></div>'
        for title, value in pairs
    )
    return f'<div class="row"><span class="head">Catalogue</span></div>{lines}'


def _text(value: object) -> str:
    return number(value, 7) if isinstance(value, float) else safe(value)
