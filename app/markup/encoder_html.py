"""The form of a fine-tune, as safe HTML."""

from collections.abc import Mapping, Sequence

from app.estimate import Estimate
from app.finetune import Finetune
from app.finetune_checks import Check
from app.label_snapshot import ClassLabels, Snapshot
from app.markup.light_curve_html import group, toggle
from app.words import count, counted, safe

MOST_CLASSES = 8
_LAYERS = {"probe": "Probe only", "top": "Top layers", "all": "All"}
_SOURCES = {"all": "All labels", "annotator": "Annotators' alone"}
_LAYERS_SAID = {
    "probe": "The encoder stays as it is: only a class head learns.",
    "top": "The two layers nearest to the embedding follow the labels; safe with few.",
    "all": "The whole encoder follows: many labels, small learning rate.",
}
_COUNTED = ("catalogue", "annotators", "learnt", "choosing", "held_out")
_WEIGHTS = {"balanced": "balanced", "capped": "balanced, capped", "none": "as they come"}
_DEVICES = {"auto": "auto", "cpu": "CPU", "cuda": "GPU"}
_SIGNS = {"ok": ("ok", "✓"), "warning": ("warn", "⚠"), "refusal": ("err", "✕")}


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
    """Fields of epochs, learning rate, seed and repeats, and how classes weigh, and where."""
    fields = (
        ("Epochs", "epochs", asked.epochs),
        ("Learning rate", "learning_rate", f"{asked.learning_rate:g}"),
        ("Seed", "seed", asked.seed),
        ("Runs", "repeats", asked.repeats),
    )
    inputs = "".join(
        f'<label class="line">{title}<input data-change="{name}" inputmode="decimal" '
        f'class="astra-train-{name.replace("_", "-")}" value="{value}"></label>'
        for title, name, value in fields
    )
    return (
        f'<div class="numbers">{inputs}</div><div class="halves">'
        f"{_select('Class weights', 'weights', _WEIGHTS, asked.weights)}"
        f"{_select('Device', 'device', _DEVICES, asked.device)}</div>"
    )


def _select(title: str, name: str, choices: Mapping[str, str], chosen: str) -> str:
    options = "".join(
        f'<option value="{value}"{" selected" if value == chosen else ""}>{text}</option>'
        for value, text in choices.items()
    )
    return (
        f'<label class="line">{title}<select data-change="{name}" class="astra-train-{name}">'
        f"{options}</select></label>"
    )


def choices(asked: Finetune) -> str:
    """Which layers learn, and from whose labels."""
    layers = [toggle(f"layers:{n}", text, asked.layers == n) for n, text in _LAYERS.items()]
    sources = [toggle(f"source:{n}", text, asked.source == n) for n, text in _SOURCES.items()]
    return (
        f'<div class="line">Learn from{group("Labels", *sources)}</div>'
        f'<div class="line">Train{group("Layers that learn", *layers)}'
        f'<span class="small">{_LAYERS_SAID[asked.layers]}</span></div>'
    )


def snapshot(known: Snapshot | None) -> str:
    """Labels that the run would be made with now, as the sky splits them."""
    if known is None:
        return (
            '<div class="row"><span class="head">Label snapshot</span>'
            '<span class="small push">counting labels …</span></div>'
        )
    rows = "".join(_of_class(c) for c in known.classes[:MOST_CLASSES])
    rest = known.classes[MOST_CLASSES:]
    if rest:
        summed = [sum(getattr(c, name) for c in rest) for name in _COUNTED]
        rows += _of_class(ClassLabels(f"{len(rest)} more", *summed))
    by = f", by {counted(known.people, 'person').replace('persons', 'people')}"
    return (
        '<div class="row"><span class="head">Label snapshot</span><span class="small push">'
        f"{counted(known.total, 'object')}, {count(known.annotated)} by annotators</span></div>"
        '<table class="astra-train-snapshot"><tr><th>Class</th><th>Catalogue</th>'
        f"<th>Annotators</th><th>Learn</th><th>Score</th></tr>{rows}</table>"
        f'<div class="small">Split: {safe(known.split)}{by if known.people else ""}</div>'
    )


def _of_class(c: ClassLabels) -> str:
    return (
        f'<tr><td title="{safe(c.name)}">{safe(c.name)}</td><td>{count(c.catalogue)}</td>'
        f"<td>{count(c.annotators)}</td><td>{count(c.learnt)}</td><td>{count(c.held_out)}</td></tr>"
    )


def estimate(found: Estimate | str) -> str:
    """What it will take, or the words that stand for it."""
    if isinstance(found, str):
        return (
            '<div class="row"><span class="head">Estimate</span>'
            f'<span class="small push">{safe(found)}</span></div>'
        )
    return (
        '<div class="row"><span class="head">Estimate</span>'
        f'<span class="small push">{safe(found.source)}</span></div>'
        '<div class="figures astra-train-estimate">'
        f"<span>Teach<b>{duration(found.seconds)}</b></span>"
        f"<span>Memory<b>{_size(found.memory_mb)}</b></span>"
        f"<span>Disk<b>{_size(found.disk_mb)}</b></span></div>"
        f'<div class="small">Then embed, map and probe: {duration(found.after)}, '
        "as its parent took.</div>"
    )


def _size(megabytes: float) -> str:
    if not megabytes:
        return "unknown"
    return f"{megabytes / 1000:.1f} GB" if megabytes >= 1000 else f"{max(megabytes, 1):.0f} MB"


def duration(seconds: float) -> str:
    """A time as people say it: ``40 s``, ``12 min``, ``3 h 20 min``."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"


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
        "Add to queue</button>"
    )


def _check(check: Check) -> str:
    kind, sign = _SIGNS[check.state]
    return (
        f'<div class="check {kind}"><i>{sign}</i><span class="text">{safe(check.text)}</span>'
        f'<span class="small push">{safe(check.found)}</span></div>'
    )
