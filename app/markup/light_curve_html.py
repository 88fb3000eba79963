"""The words and buttons around a light curve, as safe HTML."""

from collections.abc import Mapping, Sequence

from app.drawing.drawings import Drawer
from app.drawing.marks import mark
from app.drawing.photometry import PhaseZero, time_of
from app.drawing.quantities import systems
from app.drawing.sparklines import sparkline
from app.look import BINS, DAYS, EVENTS, Look
from app.markup.facts import Facts, class_chip, class_mark, position, short_id
from app.opened_runs import OpenedRun
from app.words import count, counted, fixed, number, safe
from astra.data.light_curves import LightCurve

_THUMBNAIL = (128, 52)
FEW_BANDS = 2
_QUANTITIES = {"magnitude": "Mag", "flux": "Flux", "asinh": "asinh"}
_ZOOM = "Wheel: zoom in time; drag: move; double click: all of it again"
_ASINH = "Flux, linear within about one sigma of zero, logarithmic far beyond"


def empty(message: str) -> str:
    """Say why there is no light curve."""
    return f'<p class="small">{safe(message)}</p>'


def header(
    run: OpenedRun, facts: Facts, light_curve: LightCurve, theme: str, blind: bool = False
) -> str:
    """Id, classes, score, position and extent of one object; ``blind``: without what is guessed."""
    label = f'<span class="quiet">label {safe(facts.label)}</span>' if facts.label else ""
    said = [] if facts.score is None or blind else [f"score {fixed(facts.score)}"]
    if facts.rank is not None and not blind:
        said.append(f"rank {count(facts.rank)} of {count(len(run))}")
    chip = "" if blind else class_chip(run, facts.predicted, theme, facts.probability)
    said += [position(facts), f"{count(len(light_curve))} obs."]
    if len(light_curve):
        said[-1] += f", {light_curve.mjd[-1] - light_curve.mjd[0]:.0f} d"
    return (
        f'<div class="row"><span class="title">{safe(facts.object_id)}</span>'
        f"{chip}{label}</div>"
        f'<div class="small">{" · ".join(said)}</div>'
    )


def toggle(
    value: str, text: str, pressed: bool, key: str = "", title: str = "", only: str = ""
) -> str:
    """Give a button that is on or off; ``text`` is safe HTML.

    ``only`` is what a double press, or one with Alt, does instead.
    """
    hint = f"<kbd>{key}</kbd>" if key else ""
    said = f' title="{safe(title)}"' if title else ""
    said += f' data-only="{safe(only)}"' if only else ""
    return (
        f'<button class="control" data-press="{safe(value)}" '
        f'aria-pressed="{str(pressed).lower()}"{said}>{text}{hint}</button>'
    )


def group(label: str, *buttons: str, push: bool = False) -> str:
    """Buttons joined into one control."""
    push_class = " push" if push else ""
    return (
        f'<span class="segments{push_class}" role="group" aria-label="{safe(label)}">'
        f"{''.join(buttons)}</span>"
    )


def switches(drawer: Drawer, look: Look, folded: bool | None) -> str:
    """The row of switches: the legend; time or phase, unless both are in sight; the quantity."""
    counts = folded is None or len(drawer.styles) <= FEW_BANDS
    legend = _band_toggles(drawer, counts) + _kind_toggles(drawer, look, folded is None)
    bands = f'<span class="bands" role="group" aria-label="Bands">{legend}</span>'
    title = f'<span class="head title-of" title="{_ZOOM}">Light curve</span>'
    time = "" if folded is None else group(
        "Against", toggle("time", "Time", not folded), toggle("folded", "Folded", folded, "F"),
        push=True,
    )  # fmt: skip
    quantity = _quantities(drawer, everything=folded is None)
    errors = toggle("errors", "Errors", look.errors, "E")
    if folded is not None:
        return f'<div class="row">{bands}{time}{quantity}</div>'
    light_curve = drawer.light_curve
    days = _days(light_curve, look.days_of(light_curve))
    return (
        f'<div class="row">{title}{_kind_of(light_curve)}{bands}<span class="push"></span>{days}'
        f"{quantity}{errors}</div>"
    )


def _days(light_curve: LightCurve, chosen: str) -> str:
    """What days are counted from: choices that the light curve has."""
    words = {"MJD": "MJD", "peak": "since peak", "first detection": "since detection"}
    offered = {event: words[event] for event in DAYS if time_of(light_curve, event) is not None}
    return _select("days", "Days are counted from", offered, chosen) if len(offered) > 1 else ""


def _kind_of(light_curve: LightCurve) -> str:
    surveys = sorted({light_curve.bands[code].survey for code in set(light_curve.band.tolist())})
    named = ", ".join(surveys[:3]) + (", …" if len(surveys) > 3 else "")
    kind = "difference flux" if light_curve.is_difference else "total flux"
    return f'<span class="small">{safe(named)}, {kind}</span>'


def _quantities(drawer: Drawer, everything: bool) -> str:
    shown = drawer.quantity
    names = list(_QUANTITIES) if everything or shown == "asinh" else ["magnitude", "flux"]
    buttons = [
        toggle(
            name,
            _QUANTITIES[name],
            shown == name,
            "M" if name == "flux" else "",
            _ASINH if name == "asinh" else "",
        )
        for name in names
    ]
    return group("Quantity", *buttons)


def _band_toggles(drawer: Drawer, counts: bool) -> str:
    light_curve = drawer.light_curve
    buttons = []
    for code, style in drawer.styles.items():
        band = light_curve.bands[code]
        on = band.name not in drawer.hidden
        observed = int((light_curve.band == code).sum())
        text = f"<span>{safe(style.label)}</span>"
        if counts:
            text += f' <span class="quiet">{count(observed)}</span>'
        drawn = mark(style.marker, style.colour, hollow=not on)
        said = (
            f"{counted(observed, 'observation')}, {band.name}, {band.system} magnitudes; "
            "double press: this band alone"
        )
        only = f"only:{band.name}"
        buttons.append(toggle(f"band:{band.name}", drawn + text, on, title=said, only=only))
    return "".join(buttons)


def _kind_toggles(drawer: Drawer, look: Look, words: bool) -> str:
    """Limits, flagged observations and negative fluxes: what they look like, and how many."""
    parts = []
    limited = int((drawer.limited & drawer.in_sight).sum())
    if limited:
        text = f'<b class="limit">↓</b> {"5 σ limit " if words else ""}{_quiet(limited)}'
        said = "Flux below 3 sigma: the arrow stands at the magnitude of 5 sigma"
        parts.append(toggle("limits", text, look.limits, title=said))
    flagged = int(drawer.flagged.sum())
    if flagged:
        drawn = mark("circle", "currentColor", hollow=True)
        text = f"{drawn}{'flagged ' if words else ''}{_quiet(flagged)}"
        said = "The survey warns of these observations: hollow, and not folded"
        parts.append(toggle("flags", text, look.flags, title=said))
    negative = int((drawer.significance.negative & drawer.shown).sum())
    if negative:
        said = "Flux below minus 3 sigma: dark" + (
            ", at the magnitude of its size" if drawer.is_magnitude else ""
        )
        text = f"{'negative ' if words else '− '}{_quiet(negative)}"
        parts.append(f'<span class="negative" title="{said}"><i></i>{text}</span>')
    return "".join(parts)


def _quiet(number: int) -> str:
    return f'<span class="quiet">{count(number)}</span>'


def fold_controls(look: Look, period: float | None, zero: PhaseZero | None) -> str:
    """Head of the folded chart: phase zero, bins, offset of the bands."""
    if period is None or zero is None:
        return (
            '<div class="row"><span class="head">Folded</span><kbd>F</kbd></div>'
            '<p class="small">No period is known of this object: type one, or search.</p>'
        )
    typed = f"{zero.mjd:.4f}" if zero.said == "chosen" else ""
    chosen = (
        f'<input class="astra-zero" data-change="zero" inputmode="decimal" value="{typed}" '
        f'placeholder="MJD" aria-label="Time of phase zero, MJD" title="Time of phase zero, MJD">'
    )
    events = _select("event", "Phase zero", {event: event for event in EVENTS}, look.event)
    bins = {str(n): f"{n} medians" if n else "no medians" for n in BINS}
    offsets = {"as they are": "no offset", "aligned": "bands aligned"}
    return (
        '<div class="row"><span class="head">Folded</span><kbd>F</kbd>'
        f'<span class="push field">t₀ {events}{chosen}</span>'
        f"{_select('bins', 'Medians of phase bins', bins, str(look.bins))}"
        f"{_select('aligned', 'Offset', offsets, 'aligned' if look.aligned else 'as they are')}"
        "</div>"
    )


def _select(name: str, label: str, options: Mapping[str, str], chosen: str) -> str:
    choices = "".join(
        f'<option value="{safe(value)}"{" selected" if value == chosen else ""}>{safe(text)}'
        "</option>"
        for value, text in options.items()
    )
    return f'<select data-change="{name}" aria-label="{safe(label)}">{choices}</select>'


def periods(facts: Facts, period: float | None) -> str:
    """Where a period is chosen: typed, halved, doubled, the catalogue's, the one found."""
    text = "" if period is None else f"{period:.9g}"
    field = (
        '<label class="field">P <input class="astra-period" data-change="period" '
        f'inputmode="decimal" aria-label="Period in days" title="Key P" value="{text}"> d</label>'
    )
    factors = group(
        "Factor", toggle("halve", "÷ 2", False, "["), toggle("double", "× 2", False, "]")
    )
    known = {"Catalogue": facts.catalogue_period, "Found": facts.found_period}
    choices = [
        toggle(
            f"period:{value!r}",
            f'<span title="{number(value, 7)} d">{name}</span>',
            period is not None and abs(period - value) < 1e-9 * value,
        )
        for name, value in known.items()
        if value is not None
    ]
    return f'<div class="row">{field}{factors}{group("Known", *choices, push=True)}</div>'


def remarks(drawer: Drawer) -> str:
    """Say what of the light curve is not in sight, or not what it seems."""
    said = []
    if drawer.without_value:
        said.append(f"{count(drawer.without_value)} without magnitude: flux not positive")
    others = [name for name in systems(drawer.light_curve) if name != "AB"]
    if not drawer.is_magnitude and others:
        said.append(f"{' and '.join(others)} magnitudes came to flux by the AB formula")
    if drawer.light_curve.is_difference and drawer.is_magnitude:
        said.append("magnitude of the difference from the reference image")
    return f'<div class="small">{" · ".join(said)}</div>' if said else ""


def strip(
    run: OpenedRun, near: Sequence[tuple[Facts, float]], theme: str, blind: bool = False
) -> str:
    """Thumbnails of the nearest objects in the embedding, each a button with its map row."""
    cells = "".join(
        f'<button class="neighbour" data-press="focus:{facts.row}" '
        f'title="{safe(facts.object_id)}">'
        f"{sparkline(run.light_curve(facts.row), theme, *_THUMBNAIL, facts.catalogue_period)}"
        f'<span class="row">{"" if blind else class_mark(run, facts.predicted, theme)}'
        f'<span class="id"><bdi>{safe(short_id(facts.object_id))}</bdi></span>'
        f'<span class="push quiet">{fixed(distance)}</span></span></button>'
        for facts, distance in near
    )
    return (
        '<div class="nearest"><div class="row">'
        '<span class="head" title="Nearest in the embedding, by euclidean distance">'
        'Nearest<span class="more"> in the embedding</span></span>'
        f'<span class="small">euclidean distance, k = {len(near)}</span></div>'
        f'<div class="strip astra-neighbours">{cells}</div></div>'
    )
