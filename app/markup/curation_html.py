"""The words and buttons of the Labels screen: queue, one object, its history, as safe HTML."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from app.curation import QUEUES
from app.markup.facts import short_id
from app.markup.labels_html import marked
from app.opened_runs import OpenedRun
from app.words import NOTHING, count, counted, fixed, number, safe
from astra.labels.agreement import Opinions
from astra.labels.taxonomy import Taxonomy

PAGE_SIZE = 11
_EMPTY = {
    "conflict": "No conflicts: where two annotators name an object differently, it stands here.",
    "one": "No object has the label of one annotator alone.",
    "unsure": "Nobody is unsure of an object.",
    "doubt": "No doubtful labels. Look for some: a probe on held-out sky is asked about each.",
    "again": "You have labelled nothing yet that could be asked again.",
}
_TITLES = {"agree": "agreed", "one": "one label", "": "no label"}


class Style(NamedTuple):
    """How classes are marked: run, theme, colours of the taxonomy."""

    run: OpenedRun
    theme: str
    colours: Mapping[str, str]

    def mark(self, name: str | None) -> str:
        """Marker of a class."""
        return marked(self.run, name, self.theme, dict(self.colours))


class Entry(NamedTuple):
    """One object of a queue: what each annotator said, and in words what else is known."""

    object_id: str
    row: int
    said: Sequence[tuple[str, str | None]]
    remark: str


def initials(annotator: str) -> str:
    """Annotator as a badge: two letters at most."""
    words = [word for word in annotator.split() if word]
    letters = "".join(word[0] for word in words[:2]) if len(words) > 1 else annotator.strip()[:2]
    return f'<span class="who" title="{safe(annotator)}">{safe(letters.upper())}</span>'


def queue_tabs(queue: str, counts: Mapping[str, int]) -> str:
    """Which queue is shown, each with its number of objects."""
    buttons = "".join(
        f'<button class="control" data-press="queue:{name}" '
        f'aria-pressed="{str(name == queue).lower()}">{title}'
        f'<span class="quiet">{count(counts[name]) if name in counts else ""}</span></button>'
        for name, title in QUEUES.items()
    )
    return f'<div class="queues" role="group" aria-label="Queue">{buttons}</div>'


def queue_list(
    entries: Sequence[Entry], focus: int | None, style: Style, queue: str, hidden: bool
) -> str:
    """One page of a queue."""
    if not entries:
        return f'<p class="small">{_EMPTY[queue]}</p>'
    return "".join(_entry(entry, focus, style, hidden) for entry in entries)


def _entry(entry: Entry, focus: int | None, style: Style, hidden: bool) -> str:
    said = "".join(
        f'<span class="vote">{initials(who)}{style.mark(label)}'
        f"{safe(label) if label else 'unsure'}</span>"
        for who, label in entry.said
    )
    remark = f'<span class="small">{entry.remark}</span>'
    return (
        f'<button class="entry" data-press="open:{entry.row}" '
        f'aria-current="{str(entry.row == focus).lower()}">'
        f'<span class="name">{safe(short_id(entry.object_id))}{remark}</span>'
        f'<span class="votes">{"" if hidden else said}</span></button>'
    )


def pager(page: int, total: int, queue: str, busy: str) -> str:
    """Where one is in the queue; what can be asked of it."""
    first = (page - 1) * PAGE_SIZE + 1
    where = f"{first}\u2013{min(first + PAGE_SIZE - 1, total)} of {count(total)}" if total else ""
    look = (
        '<button class="control astra-look-again" data-press="suspect">Look for doubtful labels'
        "</button>"
        if queue == "doubt" and not busy
        else f'<span class="small">{safe(busy)}</span>'
    )
    turn = (
        '<span class="push segments"><button class="control" data-press="page:-1" '
        'aria-label="Page before">‹</button><button class="control" data-press="page:1" '
        'aria-label="Next page">›</button></span>'
        if total > PAGE_SIZE
        else ""
    )
    return f'<div class="row"><span class="small">{where}</span>{look}{turn}</div>'


def footer(opinions: Opinions | None, labelled: int, events: int) -> str:
    """How much the log holds, and the way in and out of it."""
    seconds = None if opinions is None else opinions.median_seconds
    stats = [
        ("Objects labelled", count(labelled)),
        ("Events", count(events)),
        ("Median time", f"{fixed(seconds, 1)} s" if seconds == seconds and seconds else NOTHING),
    ]
    cells = "".join(
        f'<span class="stat"><span class="small">{name}</span><b>{value}</b></span>'
        for name, value in stats
    )
    return (
        '<div class="row"><span class="head">Label log</span>'
        '<span class="small push">append-only</span></div>'
        f'<div class="stats">{cells}</div><div class="row">'
        '<button class="control astra-export" data-press="export:current" '
        'title="What objects are called now">Export labels</button>'
        '<button class="control" data-press="export:events" '
        'title="Everything that was said, for another log">Export log</button></div>'
    )


def head(object_id: str, state: str, place: str, facts: str, blind: bool) -> str:
    """Id and state of the object, and where it stands in the queue."""
    kind = {"conflict": "warn", "agree": "ok", "adjudicated": "ok"}.get(state, "quiet")
    chip = f'<span class="chip {kind}">{safe(_TITLES.get(state, state))}</span>'
    return (
        f'<div class="row top"><span class="headline">{safe(short_id(object_id))}</span>'
        f'{"" if blind else chip}<span class="quiet facts">{facts}</span>'
        f'<span class="quiet push">{safe(place)}</span>'
        '<button class="control" data-press="step:-1" aria-label="Object before">‹</button>'
        '<button class="control" data-press="step:1" aria-label="Next object">›</button>'
        f'<button class="control astra-blind" data-press="blind" aria-pressed='
        f'"{str(blind).lower()}" title="Hide predictions, and what others said">Blind</button>'
        '<button class="control" data-press="inspect">Inspect <kbd>↵</kbd></button></div>'
    )


def decision(labels: Sequence[str], decided: str | None, deciding: bool, style: Style) -> str:
    """Buttons that decide between what was said."""
    buttons = "".join(
        f'<button class="control decide" data-press="decide:{safe(label)}" '
        f'aria-pressed="{str(label == decided).lower()}">{style.mark(label)}{safe(label)}</button>'
        for label in labels
    )
    other = (
        f'<button class="control" data-press="other" aria-pressed="{str(deciding).lower()}" '
        'title="The next class button decides">Other …</button>'
    )
    back = (
        '<button class="control" data-press="reopen">Reopen</button>' if decided is not None else ""
    )
    return (
        '<div class="row astra-adjudicate"><span class="quiet">Adjudicate as</span>'
        f"{buttons}{other}"
        '<button class="control astra-unsure" data-press="unsure">Unsure <kbd>U</kbd></button>'
        f"{back}"
        '<input class="comment push" data-change="comment" maxlength="2000" '
        'placeholder="Comment, then Enter" aria-label="Comment"></div>'
    )


def history(events: pd.DataFrame, style: Style, hidden: str) -> str:
    """All that was said of the object, newest first."""
    top = (
        '<div class="row"><span class="head">History of this object</span>'
        '<span class="small push">nothing is ever overwritten</span></div>'
    )
    if hidden:
        return f'{top}<p class="small">{hidden}</p>'
    if events.empty:
        return f'{top}<p class="small">Nothing was said of it yet.</p>'
    rows = "".join(_event(event, style) for event in events.iloc[::-1].to_dict("records"))
    return (
        f'{top}<div class="scroll"><table class="astra-object-history"><tr><th>When / UTC</th>'
        "<th>Who</th><th>Label</th><th>Came as</th><th>Run</th><th>Prediction</th>"
        f"<th>Comment</th></tr>{rows}</table></div>"
    )


def _event(event: Mapping[Any, Any], style: Style) -> str:
    label = event["label"] if isinstance(event["label"], str) else None
    unsure = label is None and event["confidence"] == 0
    said = f"{style.mark(label)} {safe(label)}" if label else "unsure" if unsure else "clear"
    if event["origin"] == "comment":
        said = ""
    shown = event["prediction_shown"]
    seen = "blind" if event["blind"] else f"saw {safe(shown)}" if isinstance(shown, str) else ""
    undone = ' class="undone"' if event["withdrawn"] else ""
    cells = (
        event["time"].strftime("%d %b %H:%M:%S"),
        initials(event["annotator"]),
        f'<span class="row">{said}</span>',
        safe(event["origin"]),
        safe(event["run"]),
        seen,
        safe(event["comment"]),
    )
    return f"<tr{undone}>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def rule(labels: Sequence[str], taxonomy: Taxonomy, version: int) -> str:
    """What the taxonomy says of the classes that stand against each other."""
    said = []
    for label in labels:
        entry = taxonomy.find(label)
        if entry is not None and entry.guideline:
            said.append(f"<p><b>{safe(entry.name)}</b> {safe(entry.guideline)}</p>")
    text = "".join(said) or '<p class="small">The taxonomy has no guideline for these classes.</p>'
    names = " / ".join(safe(label) for label in labels)
    return (
        f'<span class="head">Rule{f" for {names}" if names else "s"}</span>{text}'
        f'<span class="small">{safe(taxonomy.name)}, version {version}, '
        f"{counted(len(taxonomy), 'class').replace('classs', 'classes')}</span>"
    )


def caption(annotator: str, label: str | None, period: float | None, style: Style) -> str:
    """Who says what, above the light curve folded as they see it."""
    folded = f"P = {number(period, 5)} d" if period else "by time"
    who = initials(annotator) if annotator else ""
    name = f"{style.mark(label)}<b>{safe(label)}</b>" if label else ""
    return f'<div class="row">{who}{name}<span class="quiet">{folded}</span></div>'
