"""Head of the page of one object, as safe HTML."""

from app.look import Look
from app.markup.facts import Facts, class_chip
from app.opened_runs import OpenedRun
from app.words import count, safe

_NOTHING = "No object is in focus."
_MODES = (
    '<span class="segments" role="group" aria-label="One or many">'
    '<button class="control" data-press="one" aria-pressed="true">One</button>'
    '<button class="control" data-press="sheet" aria-pressed="false" '
    'title="Contact sheet, key K">Grid</button></span>'
)


def nobody(missing: str) -> str:
    """Say why there is nobody to inspect, and where to choose one."""
    return (
        '<div class="head-row"><span class="name">Inspect</span>'
        f'<span class="quiet">{safe(missing or _NOTHING)}</span>'
        '<button class="control push" data-press="explore">Choose on the map</button></div>'
    )


def head(
    run: OpenedRun,
    facts: Facts,
    place: tuple[int | None, int],
    theme: str,
    look: Look,
    query: str,
    seen: str = "",
) -> str:
    """Steps along the list, id, predicted class, label, place on the list, link.

    ``place`` is where on the list the object stands, from 0, and how long the list is; ``query``
    is that of the address of the object, ``seen`` a piece of safe HTML.
    """
    chip = "" if look.blind else class_chip(run, facts.predicted, theme, facts.probability)
    label = f'<span class="quiet">label <b>{safe(facts.label)}</b></span>' if facts.label else ""
    return (
        f'<div class="head-row">{_MODES}{_steps(*place)}'
        f'<span class="name" title="{safe(facts.object_id)}">{safe(facts.object_id)}</span>'
        f'<button class="icon" data-copy="{safe(facts.object_id)}" aria-label="Copy the id" '
        f'title="Copy the id"><i>content_copy</i></button>{chip}{label}'
        f'<span class="push quiet">{_place(*place)}</span>{seen}'
        f'<button class="control" data-press="blind" aria-pressed="{str(look.blind).lower()}" '
        'title="Without predictions, so that a label is your own">Blind</button>'
        '<button class="control" data-press="similar" title="Nearest in the embedding">Similar '
        "<kbd>T</kbd></button>"
        f'<button class="control" data-copy-query="{safe(query)}" '
        'title="Copy an address that opens this object"><i>link</i>Copy link</button></div>'
    )


def reviewed(is_reviewed: bool, number: int) -> str:
    """Say whether the object is marked as reviewed, and of how many that is true in this visit."""
    many = f' <span class="quiet">{count(number)}</span>' if number else ""
    return (
        f'<button class="control" data-press="review" aria-pressed="{str(is_reviewed).lower()}" '
        'title="Mark as reviewed in this visit, and go on: key Space">'
        f"<i>check</i>Reviewed{many}</button>"
    )


def _steps(place: int | None, length: int) -> str:
    first, last = place == 0, place == length - 1
    off = " disabled"
    return (
        f'<span class="segments"><button class="control" data-press="-1" aria-label="Object before"'
        f' title="Object before, key ←"{off if first or not length else ""}><i>chevron_left</i>'
        '</button><button class="control" data-press="1" aria-label="Next object" '
        f'title="Next object, key →"{off if last or not length else ""}><i>chevron_right</i>'
        "</button></span>"
    )


def _place(place: int | None, length: int) -> str:
    if not length:
        return ""
    where = "not" if place is None else f"<b>{count(place + 1)}</b> of {count(length)}"
    return f"{where} on the list"
