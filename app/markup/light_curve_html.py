"""The words and buttons around a light curve, as safe HTML."""

from collections.abc import Sequence

from app.drawing.drawings import Drawer
from app.drawing.marks import mark
from app.drawing.sparklines import sparkline
from app.markup.facts import Facts, class_chip, class_mark, position, short_id
from app.opened_runs import OpenedRun
from app.words import count, counted, fixed, number, safe
from astra.data.light_curves import LightCurve

_THUMBNAIL = (128, 52)
FEW_BANDS = 2


def empty(message: str) -> str:
    """Say why there is no light curve."""
    return f'<p class="small">{safe(message)}</p>'


def header(run: OpenedRun, facts: Facts, light_curve: LightCurve, theme: str) -> str:
    """Id, classes, score, position and extent of one object."""
    label = f'<span class="quiet">label {safe(facts.label)}</span>' if facts.label else ""
    said = [] if facts.score is None else [f"score {fixed(facts.score)}"]
    if facts.rank is not None:
        said.append(f"rank {count(facts.rank)} of {count(len(run))}")
    said += [position(facts), f"{count(len(light_curve))} obs."]
    if len(light_curve):
        said[-1] += f", {light_curve.mjd[-1] - light_curve.mjd[0]:.0f} d"
    return (
        f'<div class="row"><span class="title">{safe(facts.object_id)}</span>'
        f"{class_chip(run, facts.predicted, theme, facts.probability)}{label}</div>"
        f'<div class="small">{" · ".join(said)}</div>'
    )


def toggle(value: str, text: str, pressed: bool, key: str = "", refusal: str = "") -> str:
    """Give a button that is on or off; ``text`` is safe HTML, ``refusal`` why it cannot be used."""
    hint = f"<kbd>{key}</kbd>" if key else ""
    off = f' disabled title="{safe(refusal)}"' if refusal else ""
    return (
        f'<button class="control" data-press="{safe(value)}" '
        f'aria-pressed="{str(pressed).lower()}"{off}>{text}{hint}</button>'
    )


def group(label: str, *buttons: str, push: bool = False) -> str:
    """Buttons joined into one control."""
    push_class = " push" if push else ""
    return (
        f'<span class="segments{push_class}" role="group" aria-label="{safe(label)}">'
        f"{''.join(buttons)}</span>"
    )


def switches(drawer: Drawer, folded: bool | None) -> str:
    """The row of switches: bands; time or phase, unless both are in sight; magnitude or flux."""
    counts = folded is None or len(drawer.styles) <= FEW_BANDS
    toggles = _band_toggles(drawer, counts)
    bands = f'<span class="bands" role="group" aria-label="Bands">{toggles}</span>'
    time = "" if folded is None else group(
        "Against", toggle("time", "Time", not folded), toggle("folded", "Folded", folded, "F"),
        push=True,
    )  # fmt: skip
    why = "difference fluxes have no magnitudes" if drawer.light_curve.is_difference else ""
    in_flux = not drawer.measured.brighter_is_less
    quantity = group(
        "Quantity",
        toggle("magnitude", "Mag", not in_flux, refusal=why),
        toggle("flux", "Flux", in_flux, "M"),
        push=folded is None,
    )
    errors = "" if folded is not None else toggle("errors", "Errors", drawer.errors, "E")
    return f'<div class="row">{bands}{time}{quantity}{errors}</div>'


def _band_toggles(drawer: Drawer, counts: bool) -> str:
    light_curve = drawer.light_curve
    buttons = []
    for code, style in drawer.styles.items():
        name = light_curve.bands[code].name
        on = name not in drawer.hidden
        observed = int((light_curve.band == code).sum())
        text = f'<span title="{counted(observed, "observation")}">{safe(style.label)}</span>'
        if counts:
            text += f' <span class="quiet">{count(observed)}</span>'
        drawn = mark(style.marker, style.colour, hollow=not on)
        buttons.append(toggle(f"band:{name}", drawn + text, on))
    return "".join(buttons)


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


def remarks(drawer: Drawer, outside: int) -> str:
    """Say what of the light curve is drawn apart, or not in sight."""
    flagged = int(drawer.light_curve.flagged.sum())
    said = [f"{count(flagged)} flagged: hollow, not folded"] if flagged else []
    if drawer.without_value:
        said.append(f"{count(drawer.without_value)} without magnitude: flux not positive")
    if outside:
        said.append(f"{count(outside)} beyond the axis: drag to see, double-click to return")
    return f'<div class="small">{" · ".join(said)}</div>' if said else ""


def strip(run: OpenedRun, near: Sequence[tuple[Facts, float]], theme: str) -> str:
    """Thumbnails of the nearest objects in the embedding, each a button with its map row."""
    cells = "".join(
        f'<button class="neighbour" data-press="focus:{facts.row}" '
        f'title="{safe(facts.object_id)}">'
        f"{sparkline(run.light_curve(facts.row), theme, *_THUMBNAIL, facts.catalogue_period)}"
        f'<span class="row">{class_mark(run, facts.predicted, theme)}'
        f'<span class="id">{safe(short_id(facts.object_id))}</span>'
        f'<span class="push quiet">{fixed(distance, 3)}</span></span></button>'
        for facts, distance in near
    )
    return (
        '<div class="row"><span class="head">Nearest in the embedding</span>'
        f'<span class="small">euclidean distance, k = {len(near)}</span></div>'
        f'<div class="strip astra-neighbours">{cells}</div>'
    )
