"""The taxonomy as a tree of buttons, and the form of one class, as safe HTML."""

from collections.abc import Sequence

from app.markup.curation_html import Style
from app.words import safe
from astra.labels.taxonomies import Version
from astra.labels.taxonomy import HOTKEYS, Taxonomy, TaxonomyClass

_INDENT = 14
_MOST_ALIKE = 3
FIELDS = ("name", "parent", "synonyms", "colour", "hotkey", "guideline")


def tree(taxonomy: Taxonomy, chosen: str, style: Style) -> str:
    """Every class below the one of which it is a kind."""
    lines = "".join(
        f'<button class="taxon" data-press="class:{safe(entry.name)}" '
        f'aria-current="{str(entry.name == chosen).lower()}" '
        f'style="padding-left:{8 + _INDENT * depth}px" title="{safe(entry.guideline)}">'
        f'{style.mark(entry.name)}<span class="name">{safe(entry.name)}</span>'
        f"{f'<kbd>{safe(entry.hotkey)}</kbd>' if entry.hotkey else ''}</button>"
        for depth, entry in taxonomy.walk()
    )
    return f'<div class="tree">{lines}</div>'


def form(entry: TaxonomyClass | None, taxonomy: Taxonomy) -> str:
    """Fields of one class; of a new one where there is none."""
    shown = entry or TaxonomyClass("new")
    name = "" if entry is None else shown.name
    parents = _options(
        ["", *(other.name for other in taxonomy.classes if other is not entry)], shown.parent or ""
    )
    keys = _options(["", *HOTKEYS], shown.hotkey or "")
    remove = '<button class="control push" data-press="remove">Remove</button>' if entry else ""
    return (
        f'<div class="form"><span class="head">{safe(name) or "New class"}</span>'
        f'<label class="line">Name<input data-change="name" maxlength="64" value="{safe(name)}">'
        f'</label><label class="line">A kind of<select data-change="parent">{parents}</select>'
        f'</label><label class="line">Also called<input data-change="synonyms" '
        f'placeholder="separated by semicolons" value="{safe("; ".join(shown.synonyms))}"></label>'
        '<div class="pair"><label class="line">Colour'
        '<input data-change="colour" data-live="colour" '
        f'placeholder="#rrggbb" maxlength="7" value="{safe(shown.colour or "")}"></label>'
        f'<label class="line">Key<select data-change="hotkey">{keys}</select></label></div>'
        '<label class="line">How to recognise it<textarea data-change="guideline" rows="3" '
        f'maxlength="2000">{safe(shown.guideline)}</textarea></label>'
        '<div class="row"><button class="control accent astra-save-class" data-press="save">'
        f'{"Save" if entry else "Add"}</button><button class="control" data-press="new">New class'
        f"</button>{remove}</div></div>"
    )


def alike(names: Sequence[str]) -> str:
    """Warning that a class cannot be told from others by its colour; nothing where it can."""
    if not names:
        return ""
    shown = ", ".join(safe(name) for name in names[:_MOST_ALIKE])
    more = f" and {len(names) - _MOST_ALIKE} more" if len(names) > _MOST_ALIKE else ""
    return (
        f'<span class="alike" role="status">The same colour as {shown}{more}: '
        "on the map they cannot be told apart.</span>"
    )


def versions(now: Version | None, earlier: Sequence[Version]) -> str:
    """Which version is in force, and who saved which before."""
    if now is None:
        return ""
    lines = "".join(
        f"<tr><td>{v.number}</td><td>{'' if v.time is None else v.time.strftime('%d %b %H:%M')}"
        f'</td><td>{safe(v.annotator)}</td><td class="hash">{v.taxonomy.hash[:6]}</td></tr>'
        for v in reversed(earlier)
    )
    heads = "<tr><th>Version</th><th>When / UTC</th><th>Who</th><th>sha256</th></tr>"
    kept = f"<table>{heads}{lines}</table>"
    return (
        f'<div class="row"><span class="small">{safe(now.taxonomy.name)}, version {now.number}, '
        f'{len(now.taxonomy)} classes</span><span class="push"></span>'
        '<button class="control" data-press="export">Export TOML</button></div>'
        + (kept if lines else "")
    )


def _options(names: Sequence[str], chosen: str) -> str:
    return "".join(
        f'<option value="{safe(name)}"{" selected" if name == chosen else ""}>{safe(name)}</option>'
        for name in names
    )
