"""The words and buttons of the label panel, as safe HTML."""

from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

import numpy as np

from app.bulk_label import Preview, Thumbnail
from app.drawing.marks import mark
from app.known_labels import Known
from app.labelling import Commit
from app.markup.facts import class_mark
from app.markup.light_curve_html import group, toggle
from app.opened_runs import OpenedRun
from app.words import count, counted, safe

KEYS = 9
_MOST_NAMED = 3
_MOST_MIXED = 6
_ACTIONS = {"label": "", "undo": "undo ", "redo": "redo "}


def head(run: OpenedRun, rows: np.ndarray, target: str, described: str, known: Known | None) -> str:
    """What would be labelled, and what of it has a label already."""
    title = f"Label {counted(len(rows), 'object')}" if len(rows) else "Nothing to label"
    choices = group(
        "What to label",
        toggle("target:selection", "Selection", target == "selection"),
        toggle("target:object", "Object", target == "object"),
        push=True,
    )
    return (
        f'<div class="row"><span class="title astra-label-count">{title}</span>{choices}</div>'
        f'<div class="small">{safe(described)}</div>'
        f'<div class="small">{_overwritten(run, rows, known) if len(rows) else ""}</div>'
    )


def _overwritten(run: OpenedRun, rows: np.ndarray, known: Known | None) -> str:
    said = []
    if known is not None:
        mix = _mix(known.given.names, known.given.codes[rows])
        if mix:
            said.append(
                f'<span class="warn">replaces {mix} of annotators; nothing is deleted</span>'
            )
    mix = _mix(run.classes.names, run.classes.codes[rows])
    if mix:
        said.append(f"in this run's snapshot: {mix}")
    return " · ".join(said)


def _mix(names: Sequence[str], codes: np.ndarray) -> str:
    counts = np.bincount(codes[codes >= 0], minlength=len(names))
    order = [i for i in np.argsort(-counts, kind="stable") if counts[i]]
    named = [f"{safe(names[i])} {count(int(counts[i]))}" for i in order[:_MOST_NAMED]]
    rest = sum(int(counts[i]) for i in order[_MOST_NAMED:])
    return ", ".join(named + ([f"others {count(rest)}"] if rest else []))


class ButtonStyles(NamedTuple):
    """What the taxonomy says of the buttons: keys, colours and guidelines by class."""

    keys: dict[str, str]
    colours: dict[str, str]
    hints: dict[str, str]


def buttons(
    run: OpenedRun,
    classes: Sequence[str],
    known: Known | None,
    theme: str,
    styles: ButtonStyles,
) -> str:
    """One button a class, with its key, its marker and how often it was given."""
    counts = {} if known is None else known.counts
    drawn = "".join(
        f'<button class="class astra-label-button" data-press="label:{safe(name)}" '
        f'title="{safe(styles.hints.get(name, name))}">'
        f"{_key(styles.keys.get(name))}{marked(run, name, theme, styles.colours)}"
        f'<span class="name">{safe(name)}</span>'
        f'<span class="push quiet">{count(counts[name]) if name in counts else ""}</span></button>'
        for name in classes
    )
    return (
        f'<div class="classes">{drawn}</div><div class="row actions">'
        '<button class="control astra-label-clear" data-press="clear" '
        'title="Take the label away">Clear <kbd>0</kbd></button>'
        '<button class="control astra-undo push" data-press="undo">Undo <kbd>Z</kbd></button>'
        '<button class="control astra-redo" data-press="redo">Redo</button></div>'
    )


def marked(
    run: OpenedRun, name: str | None, theme: str, colours: dict[str, str] | None = None
) -> str:
    """Marker of a class, in the colour that the taxonomy gives it, if any."""
    if name is not None and colours and name in colours:
        style = run.styles[name]
        return mark(style.marker, style.colour(theme))
    return class_mark(run, name, theme)


def _key(key: str | None) -> str:
    return f"<kbd>{safe(key)}</kbd>" if key else '<kbd class="none">0</kbd>'


def fields(annotator: str) -> str:
    """Who labels, and a class that is not in the list yet."""
    return (
        '<div class="row"><label class="field">Annotator <input class="astra-annotator" '
        f'data-change="annotator" maxlength="64" required value="{safe(annotator)}"></label>'
        '<label class="field push">New class <input class="astra-new-class" '
        'data-change="class" maxlength="64" placeholder="name, then Enter"></label></div>'
    )


def confirmation(what: str, shown: Preview | None) -> str:
    """Ask before very many objects are labelled."""
    if shown is None:
        met = '<div class="small">Looking at what is there already …</div>'
    else:
        met = _met(shown)
    mine = 0 if shown is None else len(shown.mine)
    keep = (
        f'<button class="control astra-label-keep" data-press="keep">Keep my {count(mine)}, '
        "label the rest</button>"
        if mine
        else ""
    )
    yes = f"Overwrite my {count(mine)}, label all" if mine else "Label them"
    return (
        f'<div class="box astra-label-confirm"><b>Label {safe(what)}?</b>{met}'
        '<div class="small">It can be undone as a whole.</div><div class="row actions">'
        f'<button class="control accent" data-press="confirm">{yes}</button>{keep}'
        '<button class="control" data-press="cancel">Cancel</button></div></div>'
    )


def _met(shown: Preview) -> str:
    named = [f"{safe(name)} {count(number)}" for name, number in shown.mix.items()]
    rest = sum(list(shown.mix.values())[_MOST_MIXED:])
    mix = ", ".join(named[:_MOST_MIXED] + ([f"others {count(rest)}"] if rest else []))
    said = [f"Called now: {mix}." if mix else "None of them has a label."]
    if len(shown.mine):
        said.append(f"You called {count(len(shown.mine))} of them something else.")
    if shown.others:
        said.append(f"Others called {count(shown.others)} something else: these become conflicts.")
    return (
        f'<div class="small">{" ".join(said)}</div>'
        + _sheet(f"{len(shown.random)} at random", shown.random)
        + _sheet(f"{len(shown.boundary)} near the boundary", shown.boundary)
    )


def _sheet(title: str, thumbnails: Sequence[Thumbnail]) -> str:
    if not thumbnails:
        return ""
    cells = "".join(
        f'<span class="thumbnail" title="{safe(one.object_id)}">{one.svg}</span>'
        for one in thumbnails
    )
    return f'<div class="head">{title}</div><div class="thumbnails">{cells}</div>'


def progress(open_commits: Sequence[Commit], last: Commit | None, message: str) -> str:
    """What is being stored, what could not be, and what was stored last."""
    lines = []
    for i, commit in enumerate(open_commits):
        if commit.state == "saving":
            lines.append(f'<div class="astra-saving">Saving: {safe(commit.what)} …</div>')
        else:
            lines.append(
                f'<div class="err astra-label-failed">⚠ Not stored: {safe(commit.what)}. '
                f'{safe(commit.error)}</div><div class="row actions">'
                f'<button class="control" data-press="retry:{i}">Retry</button>'
                f'<button class="control" data-press="forget:{i}">Give up</button></div>'
            )
    if message:
        lines.append(f'<div class="warn">⚠ {safe(message)}</div>')
    elif last is not None and not lines:
        said = f"{safe(last.what)}, stored in {last.milliseconds:.0f} ms"
        lines.append(f'<div class="ok astra-stored">✓ {said}</div>')
    return f'<div class="progress" role="status" aria-live="polite">{"".join(lines)}</div>'


def history(known: Known | None) -> str:
    """What was done last, by anyone."""
    if known is None or known.recent.empty:
        return (
            '<div class="head">Label log</div><p class="small">No labels yet. Select objects on '
            "the map and press 1–9.</p>"
        )
    total = sum(known.counts.values())
    rows = "".join(_event(batch) for batch in known.recent.to_dict("records"))
    return (
        '<div class="row"><span class="head">Label log</span><span class="small push">'
        f"{counted(total, 'object')} labelled, {_classes(len(known.counts))}"
        '</span></div><table class="astra-label-log"><tr><th>When / UTC</th><th>Who</th>'
        f"<th>Label</th><th>Objects</th></tr>{rows}</table>"
    )


def _classes(n: int) -> str:
    return "1 class" if n == 1 else f"{count(n)} classes"


def _event(batch: dict[Hashable, Any]) -> str:
    label = safe(batch["label"]) if isinstance(batch["label"], str) else "cleared"
    undone = ' class="undone"' if batch["withdrawn"] and batch["action"] == "label" else ""
    when = batch["time"].strftime("%d %b %H:%M:%S")
    return (
        f"<tr{undone}><td>{when}</td><td>{safe(batch['annotator'])}</td>"
        f"<td>{_ACTIONS[batch['action']]}{label}</td><td>{count(batch['size'])}</td></tr>"
    )
