"""The jobs of the Train screen: the followed one and all of them, as safe HTML."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from app.finetune import asked_of
from app.job_story import Story
from app.markup.encoder_html import duration
from app.words import MINUS, count, counted, fixed, percent, safe
from astra.runs.jobs import Job, State

STAGES = (
    "labels",
    "periods",
    "encoder",
    "embeddings",
    "neighbours",
    "projection",
    "catalogue",
    "probes",
    "anomalies",
)
_LAYERS = {"probe": "Probe only", "top": "Top layers", "all": "All"}
_STATES: dict[State, str] = {
    "queued": "text-3",
    "running": "accent",
    "done": "ok",
    "failed": "err",
    "cancelled": "warn",
}
_STAGE_SIGNS = {
    "failed": "✕",
    "cancelled": "✕",
    "done": "✓",
    "current": "✓",
    "inherited": "↳",
    "start": "…",
    "progress": "…",
}
LATE = 30.0
MOST_CONFUSIONS = 5


def job_head(story: Story | None, state: State, asks: bool, opened: str) -> str:
    """What the followed job does now, and what can be done with it."""
    if story is None:
        return (
            '<div class="row"><span class="headline">No fine-tune yet</span></div>'
            '<p class="small">Label objects, choose the layers that learn, and start.</p>'
        )
    job, asked = story.job, asked_of(story.job)
    lines = (
        f'<div class="row"><span class="headline">{safe(job.run)}</span>{state_mark(state)}'
        f'<span class="quiet">fine-tune of {safe(asked["parent"])}</span>'
        f"{_now(story, state)}{_actions(job, state, asks, opened)}</div>"
    )
    if asks:
        lines += (
            '<div class="box astra-cancel-confirm"><b>Cancel this job?</b><span class="quiet">'
            'What is finished is kept, and it can be resumed.</span><span class="push row">'
            '<button class="control" data-press="cancel-yes">Cancel it</button>'
            '<button class="control" data-press="cancel-no">Keep running</button></span></div>'
        )
    if state == "failed":
        reason = story.error or "the process ended without a word; see the log"
        lines += f'<div class="box err astra-job-error">{safe(reason)}</div>'
    return lines


def _now(story: Story, state: State) -> str:
    """How far the running job is: a bar, the epoch or the stage, the time left."""
    if state == "queued":
        again = story.job.attempts
        text = (
            f"died without a word, goes on soon ({again} of 3)" if again else "waits for its turn"
        )
        return f'<span class="quiet">{text}</span>'
    if state != "running":
        return ""
    bar = f'<span class="bar"><i style="width:{100 * story.fraction:.1f}%"></i></span>'
    if story.stage == "encoder" and story.epochs and story.eta:
        epoch = min(story.epochs, int(story.fraction * story.epochs) + 1)
        now = f"epoch {epoch} of {story.epochs} · {duration(story.eta)} left"
    elif story.total:
        now = (
            f"{safe(story.stage)} · {count(story.done)} of {count(story.total)} {safe(story.unit)}"
        )
    else:
        now = safe(story.stage)
    return f"{bar}<span>{now}</span>"


def state_mark(state: State) -> str:
    """A dot and a word."""
    return (
        f'<span class="state astra-job-state"><i style="background:var(--astra-{_STATES[state]})">'
        f"</i>{state}</span>"
    )


def _actions(job: Job, state: State, asks: bool, opened: str) -> str:
    if state == "running" and not asks:
        return '<button class="control push astra-cancel" data-press="cancel">Cancel</button>'
    if state == "queued":
        return '<button class="control push astra-remove" data-press="remove">Remove</button>'
    if state in ("failed", "cancelled"):
        return '<button class="control push astra-resume" data-press="resume">Resume</button>'
    if state == "done":
        off = ' disabled title="It is open"' if opened == job.run else ""
        return (
            f'<button class="control accent push astra-open-run" data-press="open"{off}>'
            "Open run</button>"
        )
    return ""


def stages(story: Story) -> str:
    """The stages in order, each with its sign; what it found stands in its title."""
    steps = []
    for name in STAGES:
        kind = story.stages.get(name, "")
        sign = _STAGE_SIGNS.get(kind, "·")
        told = story.told.get(name) or kind
        shown = "on" if kind in ("start", "progress") else "quiet" if not kind else ""
        steps.append(
            f'<span class="stage {shown}" title="{safe(told)}"><i>{sign}</i><b>{name}</b></span>'
        )
    told = story.told.get("encoder", "")
    return f'<div class="stages">{"".join(steps)}</div><div class="small told">{safe(told)}</div>'


def log(lines: Sequence[str]) -> str:
    """Last lines of the log."""
    return f'<pre class="astra-job-log">{safe(chr(10).join(lines))}</pre>'


def jobs(
    rows: Sequence[tuple[Job, State]], chosen: str, made: Mapping[str, Mapping[str, Any]]
) -> str:
    """All jobs, newest first; a press follows one.

    Parameters
    ----------
    rows : sequence of (Job, State)
    chosen : str
        Name of the followed job.
    made : mapping of run to what its encoder's stage found, of those that are published
    """
    titles = ("Run", "Parent", "State", "Layers", "Epochs", "Macro-F1", "Over its parent, 95 %")
    head = "".join(f"<span>{text}</span>" for text in (*titles, "Started", "By"))
    lines = "".join(_job(job, state, job.name == chosen, made) for job, state in rows)
    waits = sum(state == "queued" for _, state in rows)
    said = f"{counted(len(rows), 'job')}, {waits} waiting" if waits else counted(len(rows), "job")
    return (
        f'<div class="row card-head"><span class="head">Runs and queue</span>'
        f'<span class="small push">{said}; macro-F1 of a probe on held-out sky</span></div>'
        f'<div class="jobs astra-jobs"><div class="small">{head}</div>{lines}</div>'
    )


def _job(job: Job, state: State, chosen: bool, made: Mapping[str, Mapping[str, Any]]) -> str:
    asked, found = asked_of(job), made.get(job.run, {})
    started = datetime.fromisoformat(job.created).strftime("%d %b %H:%M")
    cells = (
        f"<b>{safe(job.run)}</b>",
        safe(asked["parent"]),
        state_mark(state),
        _LAYERS.get(asked["layers"], ""),
        safe(asked["epochs"] or ""),
        fixed(found.get("fine_tuned_probe", {}).get("macro_f1"), 3),
        gained(found.get("gain", {})),
        started,
        safe(job.asked_by),
    )
    drawn = "".join(f"<span>{cell}</span>" for cell in cells)
    current = str(chosen).lower()
    return f'<button data-press="{safe(job.name)}" aria-current="{current}">{drawn}</button>'


def confusion(story: Story, theme: str) -> str:
    """Confusion matrix of the last epoch: rows are what annotators say, and sum to 100 %."""
    if not story.confusion:
        return '<p class="small">After the first epoch that is scored.</p>'
    full = "#21386e" if theme == "light" else "#93a5ff"
    names = [safe(name) for name in story.classes]
    head = "".join(f'<th title="{name}"><span>{name}</span></th>' for name in names)
    rows = "".join(
        f'<tr><th title="{name}">{name}</th>{_cells(row, names, name, full)}</tr>'
        for name, row in zip(names, story.confusion, strict=True)
    )
    return (
        f'<table class="confusion astra-confusion"><tr><th></th>{head}</tr>{rows}</table>'
        f'<div class="small">Rows: label. Columns: predicted, % of the row.</div>'
        f"{_largest(story)}"
    )


def _cells(row: Sequence[int], classes: Sequence[str], name: str, full: str) -> str:
    total = sum(row)
    cells = []
    for other, number in zip(classes, row, strict=True):
        share = number / total if total else 0.0
        text = f"{100 * share:.0f}" if share >= 0.01 else ""
        strong = " strong" if share > 0.5 else ""
        cells.append(
            f'<td class="cell{strong}" style="background:color-mix(in srgb, {full} '
            f'{100 * share:.0f}%, var(--astra-raised))" title="{name} as {other}: '
            f'{count(number)} of {count(total)}">{text}</td>'
        )
    return "".join(cells)


def _largest(story: Story) -> str:
    wrong = [
        (number, sum(row), name, other)
        for name, row in zip(story.classes, story.confusion, strict=True)
        for other, number in zip(story.classes, row, strict=True)
        if name != other and number
    ]
    wrong.sort(key=lambda found: (-found[0] / found[1], -found[0]))
    lines = "".join(
        f'<div class="wrong"><span>{safe(name)} as {safe(other)}</span>'
        f"<span>{percent(number, total)}</span><span>{counted(number, 'object')}</span></div>"
        for number, total, name, other in wrong[:MOST_CONFUSIONS]
    )
    return f'<div class="head">Largest confusions</div>{lines}' if lines else ""


def by_class(now: Mapping[str, float], before: Mapping[str, float], n: Mapping[str, int]) -> str:
    """F1 of each class, filled, beside that of the frozen probe, hollow."""
    if not now:
        return '<p class="small">After the first epoch that is scored.</p>'
    lines = []
    for name in sorted(now, key=lambda name: -n.get(name, 0)):
        f1, was = now[name], before.get(name)
        low, high = sorted((f1, f1 if was is None else was))
        hollow = "" if was is None else f'<i class="was" style="left:{100 * was:.1f}%"></i>'
        said = f"{fixed(f1)}" + ("" if was is None else f", frozen probe {fixed(was)}")
        lines.append(
            f'<div class="dots" title="{safe(name)}: F1 {said}"><span>{safe(name)}</span>'
            f'<span class="track"><i class="reach" style="left:{100 * low:.1f}%;'
            f'width:{100 * (high - low):.1f}%"></i>{hollow}'
            f'<i class="now" style="left:{100 * f1:.1f}%"></i></span>'
            f'<span class="small">{count(n.get(name, 0))}</span></div>'
        )
    scale = "<span>0</span><span>F1</span><span>1</span>"
    return f'<div class="by-class">{"".join(lines)}<div class="scale small">{scale}</div></div>'


def pulse(story: Story, state: State) -> str:
    """When the process last showed that it lives."""
    seconds = story.heartbeat
    if state != "running" or seconds is None:
        return ""
    late = " warn" if seconds > LATE else ""
    return f'<span class="small push{late}">heartbeat {duration(seconds)} ago</span>'


def gained(gain: Mapping[str, Any]) -> str:
    """Gain over the frozen probe with its interval: ``+0.041 [+0.028, +0.054]``."""
    if "interval" not in gain:
        return ""
    low, high = gain["interval"]
    mean, low, high = (f"{value:+.3f}".replace("-", MINUS) for value in (gain["mean"], low, high))
    return f"{mean} [{low}, {high}]"
