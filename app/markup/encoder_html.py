"""The words and buttons of the Train screen, as safe HTML."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from app.finetune import Check, Finetune, Snapshot, asked_of
from app.jobs import Story
from app.markup.light_curve_html import group, toggle
from app.words import count, counted, fixed, safe
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
MOST_CLASSES = 8
_LAYERS = {"probe": "Probe only", "top": "Top layers", "all": "All"}
_SOURCES = {"all": "All labels", "annotator": "Annotators' alone"}
_SIGNS = {"ok": ("ok", "✓"), "warning": ("warn", "⚠"), "refusal": ("err", "✕")}
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


def form(parents: Sequence[str], asked: Finetune) -> str:
    """Fields of a fine-tune; not drawn again while a person types."""
    options = "".join(
        f"<option{' selected' if name == asked.parent else ''}>{safe(name)}</option>"
        for name in parents
    )
    return (
        f'<label class="line">Parent run<select data-change="parent" class="astra-train-parent">'
        f"{options}</select></label>"
        '<label class="line">Name of the new run<input data-change="name" '
        f'class="astra-train-name" maxlength="64" value="{safe(asked.name)}"></label>'
    )


def numbers(asked: Finetune) -> str:
    """Fields of epochs, learning rate and seed."""
    fields = (
        ("Epochs", "epochs", asked.epochs),
        ("Learning rate", "learning_rate", f"{asked.learning_rate:g}"),
        ("Seed", "seed", asked.seed),
    )
    return (
        '<div class="numbers">'
        + "".join(
            f'<label class="line">{title}<input data-change="{name}" inputmode="decimal" '
            f'class="astra-train-{name.replace("_", "-")}" value="{value}"></label>'
            for title, name, value in fields
        )
        + "</div>"
    )


def choices(asked: Finetune) -> str:
    """Which layers learn, and from whose labels."""
    layers = [toggle(f"layers:{n}", text, asked.layers == n) for n, text in _LAYERS.items()]
    sources = [toggle(f"source:{n}", text, asked.source == n) for n, text in _SOURCES.items()]
    return (
        f'<div class="line">Train{group("Layers that learn", *layers)}</div>'
        f'<div class="line">Learn from{group("Labels", *sources)}</div>'
    )


def snapshot(known: Snapshot | None) -> str:
    """Labels that the run would be made with now."""
    if known is None:
        return (
            '<div class="row"><span class="head">Label snapshot</span>'
            '<span class="small push">counting labels …</span></div>'
        )
    rows = "".join(
        f"<tr><td>{safe(c.name)}</td><td>{count(c.catalogue)}</td><td>{count(c.annotators)}</td></tr>"
        for c in known.classes[:MOST_CLASSES]
    )
    rest = known.classes[MOST_CLASSES:]
    if rest:
        given, named = sum(c.catalogue for c in rest), sum(c.annotators for c in rest)
        rows += f"<tr><td>{len(rest)} more</td><td>{count(given)}</td><td>{count(named)}</td></tr>"
    return (
        '<div class="row"><span class="head">Label snapshot</span><span class="small push">'
        f"{counted(known.total, 'object')}, {count(known.annotated)} by annotators</span></div>"
        '<table class="astra-train-snapshot"><tr><th>Class</th><th>Catalogue</th>'
        f"<th>Annotators</th></tr>{rows}</table>"
    )


def checks(found: Sequence[Check]) -> str:
    """What speaks for and against a start."""
    refused = sum(check.state == "refusal" for check in found)
    warned = sum(check.state == "warning" for check in found)
    said = f"{refused} refused" if refused else counted(warned, "warning") if warned else ""
    lines = "".join(_check(check) for check in found)
    return (
        '<div class="row"><span class="head">Before it starts</span>'
        f'<span class="small push {"err" if refused else "warn"}">{said}</span></div>'
        f'<div class="checks astra-train-checks">{lines}</div>'
    )


def start(found: Sequence[Check]) -> str:
    """The button, which says why it cannot be pressed."""
    refused = [check.text for check in found if check.state == "refusal"]
    why = refused[0] if refused else "" if found else "the labels are being counted"
    off = f' disabled title="{safe(why)}"' if why else ""
    return (
        f'<button class="control accent start astra-train-start" data-press="start"{off}>'
        "Start fine-tune</button>"
    )


def _check(check: Check) -> str:
    kind, sign = _SIGNS[check.state]
    return (
        f'<div class="check {kind}"><i>{sign}</i><span class="text">{safe(check.text)}</span>'
        f'<span class="small push">{safe(check.found)}</span></div>'
    )


def job_head(story: Story | None, state: State, asks: bool, opened: str) -> str:
    """What the followed job does now, and what can be done with it."""
    if story is None:
        return (
            '<div class="row"><span class="headline">No fine-tune yet</span></div>'
            '<p class="small">Label objects, choose the layers that learn, and start.</p>'
        )
    job, asked = story.job, asked_of(story.job)
    buttons = _actions(job, state, asks, opened)
    now = safe(story.stage) if state == "running" else ""
    if state == "running" and story.total:
        now += f" · {count(story.done)} of {count(story.total)} {safe(story.unit)}"
    bar = f'<span class="bar"><i style="width:{100 * story.fraction:.1f}%"></i></span>'
    lines = (
        f'<div class="row"><span class="headline">{safe(job.run)}</span>{state_mark(state)}'
        f'<span class="quiet">fine-tune of {safe(asked["parent"])}</span>'
        f"{bar if state == 'running' else ''}<span>{now}</span>{buttons}</div>"
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


def state_mark(state: State) -> str:
    """A dot and a word."""
    return (
        f'<span class="state astra-job-state"><i style="background:var(--astra-{_STATES[state]})">'
        f"</i>{state}</span>"
    )


def _actions(job: Job, state: State, asks: bool, opened: str) -> str:
    if state == "running" and not asks:
        return '<button class="control push astra-cancel" data-press="cancel">Cancel</button>'
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
    """The stages in order, with what each found."""
    lines = []
    for name in STAGES:
        kind = story.stages.get(name, "")
        sign = _STAGE_SIGNS.get(kind, "·")
        told = story.told.get(name) or (kind if kind == "current" else "")
        shown = "on" if kind in ("start", "progress") else "quiet" if not kind else ""
        lines.append(
            f'<div class="stage {shown}"><i>{sign}</i><b>{name}</b>'
            f'<span class="small" title="{safe(told)}">{safe(told)}</span></div>'
        )
    return f'<div class="stages">{"".join(lines)}</div>'


def log(lines: Sequence[str]) -> str:
    """Last lines of the log."""
    return f'<pre class="astra-job-log">{safe(chr(10).join(lines))}</pre>'


def jobs(rows: Sequence[tuple[Job, State]], chosen: str, scores: Mapping[str, float | None]) -> str:
    """All jobs, newest first; a press follows one."""
    head = "".join(
        f"<span>{text}</span>"
        for text in ("Run", "Parent", "State", "Layers", "Epochs", "Macro-F1", "Started", "By")
    )
    lines = "".join(_job(job, state, job.name == chosen, scores) for job, state in rows)
    return (
        f'<div class="row card-head"><span class="head">Jobs</span>'
        f'<span class="small push">{counted(len(rows), "job")}</span></div>'
        f'<div class="jobs astra-jobs"><div class="small">{head}</div>{lines}</div>'
    )


def _job(job: Job, state: State, chosen: bool, scores: Mapping[str, float | None]) -> str:
    asked = asked_of(job)
    started = datetime.fromisoformat(job.created).strftime("%d %b %H:%M")
    cells = (
        f"<b>{safe(job.run)}</b>",
        safe(asked["parent"]),
        state_mark(state),
        _LAYERS.get(asked["layers"], ""),
        safe(asked["epochs"] or ""),
        fixed(scores.get(job.run), 3),
        started,
        safe(job.asked_by),
    )
    drawn = "".join(f"<span>{cell}</span>" for cell in cells)
    current = str(chosen).lower()
    return f'<button data-press="{safe(job.name)}" aria-current="{current}">{drawn}</button>'
