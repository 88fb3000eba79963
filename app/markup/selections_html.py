"""The words and buttons of the selections panel, as safe HTML."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from app.markup.light_curve_html import group, toggle
from app.picking import KINDS
from app.saved_selections import Here, colour_on
from app.words import count, counted, safe
from astra.labels.selections import SelectionHead
from astra.selections.book import COLOURS

_MODES = (
    ("replace", "Select", "Select its objects"),
    ("add", "∪", "Add its objects to the selection"),
    ("intersect", "∩", "Keep of the selection what is in it"),
    ("subtract", "−", "Take its objects out of the selection"),
)


def present(objects: int, of: int, described: str, hidden: int, can_save: bool) -> str:
    """What is selected now, and what can be done with it."""
    title = counted(objects, "object") if objects else "Nothing selected"
    left_out = f" · {count(hidden)} hidden by filters" if hidden else ""
    said = f"of {count(of)} · {safe(described)}{left_out}" if objects else ""
    off = "" if objects else " disabled"
    hint = "" if objects or not can_save else "Saving keeps what passes the filters."
    return (
        f'<div class="row"><span class="title astra-present">{title}</span>'
        f'<button class="control push" data-press="invert"{off} '
        'title="Select what is shown and not selected">⊖ Invert</button></div>'
        f'<div class="small">{said or hint or "Draw a lasso, or ask for objects below."}</div>'
    )


def save_form(name: str) -> str:
    """Field and button that keep the selection; not drawn again while a person types."""
    return (
        '<div class="row save"><input data-change="name" data-enter="save" '
        f'class="astra-selection-name" maxlength="64" '
        f'placeholder="Name, or {safe(name)}" aria-label="Name of the selection">'
        '<button class="control accent astra-selection-save" data-press="save">Save '
        "<kbd>S</kbd></button></div>"
    )


def list_of(
    heads: Sequence[SelectionHead],
    here: Mapping[int, Here],
    eyes: Sequence[str],
    opened: str,
    theme: str,
    run: str,
) -> str:
    """Every saved selection; the opened one with what can be done to it.

    What a button does is done to a version, whatever others have changed since it was drawn.
    """
    if not heads:
        return '<p class="small">No saved selections yet. Select objects, and save them.</p>'
    rows = "".join(
        _row(head, here.get(head.version), head.name in eyes, head.name == opened, theme, run)
        for head in heads
    )
    return f'<div class="saved astra-saved">{rows}</div>'


def _row(
    head: SelectionHead, here: Here | None, eye: bool, opened: bool, theme: str, run: str
) -> str:
    i = head.version
    source = " · ".join(
        safe(str(part)[:60]) for part in (head.recipe.get("run"), head.recipe.get("how")) if part
    )
    elsewhere = "" if head.recipe.get("run") in (None, run) else " · matched by id"
    number = "…" if here is None else count(here.objects)
    missing = "" if here is None or not here.missing else f"<small>of {count(head.size)}</small>"
    icon, word = ("visibility", "Hide") if eye else ("visibility_off", "Show on the map")
    line = (
        f'<div class="line"><button class="open" data-press="open:{i}" '
        f'aria-expanded="{str(opened).lower()}">'
        f'<i class="swatch" style="border-color:{colour_on(theme, head.colour)}"></i>'
        f'<span class="named"><b>{safe(head.name)}</b><span class="small">{source}{elsewhere}'
        f'</span></span><span class="number">{number}{missing}</span></button>'
        f'<button class="icon{"" if eye else " off"}" data-press="eye:{i}" '
        f'aria-pressed="{str(eye).lower()}" title="{word}" '
        f'aria-label="{word}: {safe(head.name)}">{icon}</button></div>'
    )
    return line + (_actions(head, here, theme, run) if opened else "")


def _actions(head: SelectionHead, here: Here | None, theme: str, run: str) -> str:
    i = head.version
    modes = "".join(
        f'<button class="control" data-press="{mode}:{i}" title="{title}" '
        f'aria-label="{title}">{sign}</button>'
        for mode, sign, title in _MODES
    )
    colours = "".join(
        f'<button class="colour" data-press="colour:{i}:{colour}" aria-label="Colour {colour}" '
        f'aria-pressed="{str(colour == head.colour).lower()}" '
        f'style="background:{colour_on(theme, colour)}"></button>'
        for colour in COLOURS
    )
    link = urlencode({"run": run, "selection": head.name})
    lost = ""
    if here is not None and here.missing:
        lost = f'<div class="small warn">{counted(here.missing, "object")} not in this run</div>'
    return (
        f'<div class="actions"><div class="row"><span class="segments">{modes}</span>'
        f'<span class="row push">{colours}</span></div>'
        f'<div class="row"><input data-change="rename:{i}" value="{safe(head.name)}" '
        'maxlength="64" aria-label="Name">'
        f'<a class="control" href="?{safe(link)}" target="_blank" rel="noopener" '
        'title="Opens the page with this selection; copy its address">Link</a>'
        f'<button class="control" data-press="export:{i}" title="Save its ids as a file">'
        "Export ids</button>"
        f'<button class="control astra-selection-delete" data-press="delete:{i}">Delete</button>'
        f"</div>{lost}</div>"
    )


def undo_line(words: str) -> str:
    """What was done last, and the button that takes it back."""
    if not words:
        return ""
    return (
        f'<div class="row undo"><span class="quiet">{safe(words[:1].upper() + words[1:])}</span>'
        '<button class="control push astra-selection-undo" data-press="undo">Undo</button></div>'
    )


def ways(kind: str) -> str:
    """Ways of asking for objects."""
    buttons = [toggle(f"kind:{name}", said, name == kind) for name, (said, *_) in KINDS.items()]
    return (
        f'<div class="row"><span class="head">Select by</span>'
        f"{group('Select by', *buttons, push=True)}</div>"
    )


def ask_form(kind: str) -> str:
    """The field of one way of asking."""
    _, example, _ = KINDS[kind]
    field = (
        f'<textarea data-change="ask" rows="3" placeholder="{safe(example)}" '
        'aria-label="Ids"></textarea>'
        if kind == "ids"
        else f'<input data-change="ask" data-enter="ask-replace" placeholder="{safe(example)}" '
        f'aria-label="{safe(example)}">'
    )
    return f'<div class="ask">{field}</div>'


def ask_buttons() -> str:
    """What becomes of the objects that are asked for."""
    buttons = "".join(
        f'<button class="control" data-press="ask-{mode}" title="{title}">{sign}</button>'
        for mode, sign, title in (
            ("replace", "Select", "Select these objects"),
            ("add", "∪", "Add these objects to the selection"),
            ("intersect", "∩", "Keep of the selection what is among these"),
            ("subtract", "−", "Take these objects out of the selection"),
        )
    )
    return f'<span class="segments">{buttons}</span>'
