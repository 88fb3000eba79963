"""The words, fields and buttons around a periodogram, as safe HTML."""

from collections.abc import Sequence
from math import isfinite, log10
from typing import TYPE_CHECKING

from app.words import MINUS, NOTHING, count, fixed, safe
from astra.labels.annotations import PeriodNote

if TYPE_CHECKING:
    from astra.periods.found import Candidate, Period

UNITS = {"d": 1.0, "h": 1 / 24, "min": 1 / 1440}
DRAG_STEPS = 200
_MOST_DIGITS = 12
_NAMES = {"d": "days", "h": "hours", "min": "minutes"}
_SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_ORIGINS = {
    "box": "box",
    "periodogram": "peak",
    "multiple of a peak": "multiple",
    "day mirror": "day mirror",
}


def period_text(days: float, unit: str, error: float | None = None) -> str:
    """A period in a unit, as far as its error bears; seven digits where that is unknown."""
    value = days / UNITS[unit]
    if error is None or not error > 0:
        return f"{value:.7g}"
    decimals = min(max(0, 1 - int(log10(error / UNITS[unit]) // 1)), _MOST_DIGITS)
    return f"{value:.{decimals}f}"


def chance(probability: float) -> str:
    """A false-alarm probability in a few characters: ``FAP 0.02``, ``FAP 10⁻³⁰``."""
    if not isfinite(probability):
        return f"FAP {NOTHING}"
    if probability >= 0.001:
        return f"FAP {probability:.2g}"
    power = -300 if probability <= 1e-300 else int(log10(probability) // 1)
    return f"FAP {'< ' if power == -300 else ''}10{str(power).translate(_SUPERSCRIPT)}"


def head(how: str, said: str, bands: Sequence[str], band: str, scale: str, zoomed: bool) -> str:
    """Title, where the period on screen is from, what the search says, its band, the axis."""
    named = [("", "Joint"), *((name, name.rpartition("_")[2]) for name in bands)]
    choices = "".join(
        f'<option value="{safe(value)}"{" selected" if value == band else ""}>{safe(text)}</option>'
        for value, text in named
    )
    select = (
        f'<select data-change="band" aria-label="Bands that are searched">{choices}</select>'
        if len(bands) > 1
        else ""
    )
    axis = "".join(
        f'<button class="control" data-press="scale:{value}" '
        f'aria-pressed="{str(scale == value).lower()}" title="{title}">{text}</button>'
        for value, text, title in (
            ("frequency", "f", "Against frequency"),
            ("period", "log P", "Against the logarithm of the period"),
        )
    )
    out = (
        '<button class="control" data-press="zoom:out" title="Show the whole periodogram">'
        "All</button>"
        if zoomed
        else ""
    )
    words = safe(" · ".join(part for part in (how, said) if part))
    return (
        f'<div class="row"><span class="head">Period</span><span class="small said" '
        f'title="{words}">{words}</span><span class="push"></span>{out}{select}'
        f'<span class="segments" role="group" aria-label="Axis">{axis}</span></div>'
    )


def field(
    days: float | None, unit: str, error: float | None, note: PeriodNote | None, turn: int = 0
) -> str:
    """Where a period is typed, with its unit and error, and what keeps it.

    A new ``turn`` brings the period back where something else was typed.
    """
    text = "" if days is None else period_text(days, unit, error)
    spread = ""
    if days is not None and error is not None and error > 0:
        spread = f"± {period_text(error, unit, error)}"
    options = "".join(
        f'<option value="{name}"{" selected" if name == unit else ""}>{name}</option>'
        for name in UNITS
    )
    return (
        f'<div class="row period-row" data-turn="{turn}"><span class="typed">'
        '<input class="astra-period" data-change="period" inputmode="decimal" '
        f'aria-label="Period in {_NAMES[unit]}" title="Key P" value="{text}">'
        f'<span class="spread">{spread}</span></span>'
        f'<select data-change="unit" aria-label="Unit">{options}</select>'
        f"{_keeping(days, note)}</div>"
    )


def _keeping(days: float | None, note: PeriodNote | None) -> str:
    if note is not None and note.days == days:
        return (
            '<button class="control" data-press="take-back" title="It stays in the log that it was '
            'said, and that it was taken back">Take back</button>'
        )
    off = " disabled" if days is None else ""
    save = (
        '<button class="control" data-press="save" title="Keep this period with the object: who, '
        f'when and how"{off}>Save</button>'
    )
    if note is None:
        return save
    said = safe(f"Fold on {note.days:.9g} d, {saved_words(note)}")
    return f'<button class="control" data-press="note" title="{said}">Saved</button>{save}'


def saved_words(note: PeriodNote) -> str:
    """By whom, when, how and in which run a period was saved."""
    return f"saved by {note.annotator}, {note.time[:10]}, {note.how}, run {note.run}"


def drag(days: float | None, step: float, unit: str, turn: int) -> str:
    """Multiples, and the slider that moves the period by steps of ``step`` [d].

    A new ``turn`` puts the slider back to its middle.
    """
    off = " disabled" if days is None else ""
    value = f"{step / UNITS[unit]:.1e}".replace("-", MINUS) if days is not None else NOTHING
    return (
        f'<div class="row fine" data-turn="{turn}">'
        '<span class="segments" role="group" aria-label="Multiples">'
        f'<button class="control" data-press="times:0.5"{off}>÷ 2 <kbd>[</kbd></button>'
        f'<button class="control" data-press="times:2"{off}>× 2 <kbd>]</kbd></button>'
        f'<button class="control" data-press="times:3"{off}>× 3</button></span>'
        '<span class="quiet">ΔP</span>'
        f'<input type="range" data-live="fine" data-change="fine-done" min="-{DRAG_STEPS}" '
        f'max="{DRAG_STEPS}" value="0" aria-label="Fine change of the period"{off}>'
        f'<span class="small" title="A step is P² / (span × 10)">{value} {unit}</span></div>'
    )


def candidates(found: "Period | None", days: float | None, unit: str) -> str:
    """The list of candidates, each a button that folds on it."""
    if found is None:
        return ""
    best = max(candidate.power for candidate in found.candidates) or 1.0
    rows = [
        _row(place, candidate, best, days, unit) for place, candidate in enumerate(found.candidates)
    ]
    return f'<div class="candidates" role="group" aria-label="Candidates">{"".join(rows)}</div>'


def _row(place: int, candidate: "Candidate", best: float, days: float | None, unit: str) -> str:
    chosen = days is not None and abs(days - candidate.days) < 0.5 * candidate.error_days
    width = 100 * max(0.0, candidate.power) / best
    flags = ", ".join((*candidate.rhythms, *filter(None, [candidate.relation])))
    alias = "alias " if candidate.is_suspect else ""
    said = f'<span class="{"warn" if alias else "quiet"}">{alias}{safe(flags)}</span>'
    kind = _ORIGINS.get(candidate.origin, candidate.origin)
    detail = (
        f"{kind}; " + ("a box" if not candidate.harmonics else f"{candidate.harmonics} harmonics")
        + f"; BIC {candidate.score:.0f}; other reading "
        + period_text(candidate.other_days, unit, 2 * candidate.error_days) + f" {unit}"
    )  # fmt: skip
    return (
        f'<button class="candidate" data-press="candidate:{place}" aria-pressed="'
        f'{str(chosen).lower()}" title="{safe(detail)}"><span class="small">{place + 1}</span>'
        f"<span>{period_text(candidate.days, unit, candidate.error_days)} {unit}</span>"
        f'<span class="bar"><i style="width:{width:.0f}%"></i></span>'
        f"<span>{fixed(candidate.power, 3)}</span>"
        f'<span class="quiet">{chance(candidate.false_alarm)}</span>{said}</button>'
    )


def searched(found: "Period", milliseconds: float) -> str:
    """What a search has looked at, and how long it took."""
    return f"{count(found.observations)} obs., {found.span:.0f} d, {milliseconds:.0f} ms"
