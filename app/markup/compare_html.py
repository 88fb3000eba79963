"""HTML of the screen Compare: what is compared, what it means, who moved."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.compared import Compared
from app.drawing.marks import mark
from app.drawing.sparklines import sparkline
from app.words import MINUS, count, fixed, percent, safe, short_count
from astra.data.errors import AstraError
from astra.runs.jobs import State
from astra.runs.pointers import Pointers
from astra.runs.run import Run

_SPARKLINE = (104, 44)
_LAYOUTS = {
    "own": ("Own", "B laid out by itself, turned and scaled to lie over A"),
    "frozen": ("Frozen A", "Every object where A has it, in B's colours"),
    "aligned": ("Aligned", "B's map, begun from A's and laid over it"),
}
_MODES = {
    "side": ("Side by side", "Two maps"),
    "slide": ("Slide", "One map over the other, with a divider"),
    "morph": ("Morph", "Objects on their way from A to B"),
}
_COLOURS = {"class": "Class", "change": "Change", "flip": "Flips"}
_MEASURES = {"change": "Neighbours", "moved": "Place"}


def segments(name: str, options: Mapping[str, Any], chosen: str, off: Sequence[str] = ()) -> str:
    """Buttons of which one is chosen; each presses ``name:option``."""
    buttons = ""
    for option, words in options.items():
        text, title = words if isinstance(words, tuple) else (words, words)
        disabled = " disabled" if option in off else ""
        buttons += (
            f'<button class="control" data-press="{name}:{option}" title="{title}" '
            f'aria-pressed="{str(option == chosen).lower()}"{disabled}>{text}</button>'
        )
    return f'<span class="segments" role="group" aria-label="{name}">{buttons}</span>'


def head(runs: Sequence[Run], before: str, after: str, compared: Compared | None) -> str:
    """Which runs, the sentence, and the interval drawn."""
    survey = next((run.manifest.survey for run in runs if run.name == after), "")
    names = [run.name for run in runs if run.manifest.survey == survey]
    said = ""
    if compared is not None:
        verdict, scores = compared.found.summary("verdict"), compared.found.summary("scores")
        said = (
            f'<span class="said astra-compare-score" title="{safe(verdict["told"])}">'
            f"{_bold(verdict['score'])}</span>{interval(scores)}"
        )
    return (
        f'<div class="top">{_choice("A", "before", names, before)}<i class="icon">east</i>'
        f"{_choice('B', 'after', names, after)}{said}</div>"
    )


def _bold(sentence: str) -> str:
    numbers, colon, rest = sentence.partition(":")
    return f"<b>{safe(numbers)}</b>{colon}{safe(rest)}" if colon else safe(sentence)


def _choice(letter: str, name: str, names: Sequence[str], chosen: str) -> str:
    options = "".join(
        f'<option value="{safe(n)}"{" selected" if n == chosen else ""}>{safe(n)}</option>'
        for n in names
    )
    return (
        f'<label class="pick"><span>{letter}</span><select data-change="{name}" '
        f'class="astra-compare-{name}" aria-label="run {letter}">{options}</select></label>'
    )


def interval(scores: Mapping[str, Any]) -> str:
    """The difference of macro-F1 and its interval beside zero, as a drawing."""
    if "difference" not in scores:
        return ""
    found = scores["difference"]["macro_f1"]
    low, high, at = found["low"], found["high"], found["value"]
    reach = max(abs(low), abs(high), 0.01) * 1.15
    x = {name: 60 + 56 * v / reach for name, v in (("l", low), ("h", high), ("v", at))}
    clear = low > 0 or high < 0
    colour = "var(--astra-accent)" if clear else "var(--astra-text-3)"
    return (
        '<svg class="interval" width="120" height="34" viewBox="0 0 120 34" role="img" '
        'aria-label="95 % interval">'
        '<line x1="60" x2="60" y1="2" y2="20" stroke="var(--astra-text-2)" stroke-dasharray="2 3"/>'
        f'<line x1="{x["l"]:.1f}" x2="{x["h"]:.1f}" y1="11" y2="11" stroke="{colour}" '
        f'stroke-width="2"/><circle cx="{x["v"]:.1f}" cy="11" r="4" fill="{colour}"/>'
        f'<text x="60" y="31" text-anchor="middle">0</text>'
        f'<text x="4" y="31">{MINUS}{reach:.2f}</text>'
        f'<text x="116" y="31" text-anchor="end">+{reach:.2f}</text></svg>'
    )


def tools(
    mode: str, layout: str, colour: str, own: bool, asks: bool, after: str, point: Pointers
) -> str:
    """How the maps are drawn, and what to do with B."""
    title = "Own" if own else "Own (laid out on demand)"
    layouts = {**_LAYOUTS, "own": (_LAYOUTS["own"][0], _LAYOUTS["own"][1] + f" ({title})")}
    promote = (
        '<button class="control accent astra-promote" data-press="promote">Promote B…</button>'
    )
    if point.current == after:
        promote = '<span class="ask astra-is-current">B is current</span>'
        if point.previous:
            promote += (
                '<button class="control astra-roll-back" data-press="rollback" '
                f'title="Everybody sees it again">Roll back to {safe(point.previous)}</button>'
            )
    elif asks:
        promote = (
            f'<span class="ask">Show everybody {safe(after)}?</span><button '
            'class="control accent astra-promote-yes" data-press="promote-yes">Promote</button>'
            '<button class="control" data-press="promote-no">Not now</button>'
        )
    return (
        f'<div class="top tools">{segments("mode", _MODES, mode)}'
        f"{segments('layout', layouts, layout)}{segments('colour', _COLOURS, colour)}"
        '<button class="control" data-press="lasso" title="Draw a lasso on either map (L)">Lasso'
        '</button><button class="control" data-press="fit" title="All in view">Fit</button>'
        '<span class="push"></span><button class="control" data-press="lineage" '
        f'title="From the survey to the map">Lineage</button>{promote}</div>'
    )


def map_head(letter: str, run: Run, told: str) -> str:
    """Name of a run over its map, and what its map is."""
    return (
        f'<div class="map-head"><span class="letter">{letter}</span><b>{safe(run.name)}</b>'
        f'<span class="small">{safe(told)}</span></div>'
    )


def movement_head(measure: str, chosen: int | None) -> str:
    """Title of the histogram, and what it measures."""
    of = "" if chosen is None else f'<span class="small">of {count(chosen)} selected</span>'
    return (
        f'<div class="card-title"><b>How far did objects move?</b>{of}'
        f'<span class="push"></span>{segments("measure", _MEASURES, measure)}</div>'
    )


def flows_head(flipped: int, objects: int) -> str:
    """Title of the flows."""
    return (
        f'<div class="card-title"><b>Predictions that changed</b><span class="small">'
        f"{short_count(flipped)} of {count(objects)} objects, {percent(flipped, objects)}"
        "</span></div>"
    )


def movers(
    compared: Compared,
    places: Sequence[int],
    measure: str,
    first: int | None,
    theme: str,
    found: int,
) -> str:
    """Objects that moved most, with light curves, in order."""
    rows = "".join(
        _mover(compared, place, number, number - 1 == first, measure, theme)
        for number, place in enumerate(places, start=1)
    )
    if not rows:
        rows = '<p class="quiet">No object moved beyond noise.</p>'
    return (
        '<div class="movers-head"><b class="title">Top movers</b>'
        f'<span class="small">beyond noise{"" if found < 200 else ", first 200"}</span></div>'
        f'<div class="movers astra-movers">{rows}</div>'
    )


def _mover(
    compared: Compared, place: int, number: int, chosen: bool, measure: str, theme: str
) -> str:
    row = int(compared.rows_b[place])
    try:
        period = float(compared.b.period[row])
        drawn = sparkline(
            compared.b.light_curve(row), theme, *_SPARKLINE, period if period > 0 else None
        )
    except AstraError:
        drawn = '<span class="small">light curve not to be had</span>'
    was, now = (compared.class_of(side, place) for side in "ab")
    named = [_class(compared, was, theme)]
    if now != was:
        named.append(_class(compared, now, theme))
    label = compared.b.classes.name_of(row)
    label_told = "" if label in (was, now, "unlabelled") else f"<em>label {safe(label)}</em>"
    value = fixed(float(compared.values(measure)[place]))
    return (
        f'<button data-press="mover:{number - 1}" aria-current="{str(chosen).lower()}">'
        f'<i class="number">{number}</i><span class="curve">{drawn}</span><span class="facts">'
        f"<b>{safe(compared.b.object_id(row))}</b>{''.join(named)}{label_told}</span>"
        f'<span class="value">{value}</span></button>'
    )


def _class(compared: Compared, name: str, theme: str) -> str:
    style = compared.styles[name or "unlabelled"]
    return f"<span>{mark(style.marker, style.colour(theme), 9)} {safe(name or 'none')}</span>"


def movers_foot(compared: Compared, corrected: tuple[int, int], chosen: bool) -> str:
    """Labels among the movers, what can be done with them, and how the recipes differ."""
    right, wrong = corrected
    save = "Movers of the selection" if chosen else "Movers"
    return (
        '<div class="row small"><span>Labels among the top 200</span><span class="push ok">'
        f'{right} corrected</span><span class="err">{wrong} broken</span></div>'
        '<div class="row two"><button class="control" data-press="sheet">Contact sheet</button>'
        f'<button class="control" data-press="select" title="{save}">Select in B</button></div>'
        f'<div class="recipe"><b>Recipe, differences only</b>{_differences(compared)}</div>'
    )


def _differences(compared: Compared) -> str:
    one, other = (side.run.manifest for side in (compared.a, compared.b))
    lines = [("recipe", one.recipe, other.recipe), ("labels", _labels(one), _labels(other))]
    for name in other.artefacts:
        before = one.artefacts[name].settings if name in one.artefacts else {}
        after = other.artefacts[name].settings
        lines += [
            (f"{name}.{key}", _plain(before.get(key)), _plain(after.get(key)))
            for key in sorted({*before, *after})
        ]
    rows = "".join(
        f"<tr><td>{safe(name)}</td><td>{safe(was)}</td><td>{safe(now)}</td></tr>"
        for name, was, now in lines
        if was != now
    )
    return f"<table>{rows or '<tr><td>none</td></tr>'}</table>"


def _labels(manifest: Any) -> str:
    labels = manifest.artefacts.get("labels")
    return "" if labels is None else count(labels.summary.get("labels", 0))


def _plain(value: Any) -> str:
    text = "–" if value is None else str(value)
    return text if len(text) <= 24 else text[:23] + "…"


def absent(before: str, after: str, state: State | None, told: str, share: float) -> str:
    """What stands where the maps will be, while there is no comparison."""
    if not before or before == after:
        return (
            '<div class="absent"><b class="title">Compare two runs</b><p class="quiet">'
            "This survey has one run. Fine-tune it, or make another with other settings: then "
            "choose both above.</p></div>"
        )
    names = f"{safe(before)} → {safe(after)}"
    if state in ("queued", "running"):
        return (
            f'<div class="absent"><b class="title">Comparing {names}</b><p class="quiet '
            f'astra-compare-progress">{safe(told or state)}</p><span class="bar"><i '
            f'style="width:{100 * share:.0f}%"></i></span><button class="control" '
            'data-press="cancel">Cancel</button></div>'
        )
    failed = f'<p class="err">{safe(told)}</p>' if state in ("failed", "cancelled") else ""
    return (
        f'<div class="absent"><b class="title">{names}</b><p class="quiet">These two have not been '
        "compared yet: neighbours, places, predictions and scores of every object, against the "
        f'noise of seeds.</p>{failed}<button class="control accent astra-compare-start" '
        'data-press="compare">Compare</button></div>'
    )
