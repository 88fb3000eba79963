"""What other catalogues know of an object, as safe HTML."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from app.words import count, safe
from astra.services.answers import Match
from astra.services.crossmatch import SERVICES

LISTED = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """Where one service is.

    Attributes
    ----------
    state : str
        ``off`` (never asked), ``asking``, ``answered`` or ``unavailable``.
    matches : tuple of Match
    said : str
        When it answered, or why it did not.
    """

    state: Literal["off", "asking", "answered", "unavailable"] = "off"
    matches: tuple[Match, ...] = field(default=())
    said: str = ""


def table(asked: Mapping[str, Asked], radius: float, can_ask: bool, tns: str) -> str:
    """Every service with a state of its own, and the button that asks them all."""
    off = "" if can_ask else " disabled"
    busy = any(one.state == "asking" for one in asked.values())
    head = (
        f'<div class="row"><span class="head">Cross-match</span><span class="small">{radius:g}″'
        '</span><button class="control push astra-crossmatch-all" data-press="all"'
        f'{" disabled" if busy else off} title="Send this position to all of them">Ask all</button>'
        "</div>"
    )
    if not can_ask:
        return head + '<p class="small">The catalogue has no position of this object.</p>'
    rows = "".join(_service(name, title, asked[name]) for name, title in SERVICES.items())
    link = (
        f'<div class="service"><b>TNS</b><span class="small">asked by you alone</span>'
        f'<a href="{safe(tns)}" target="_blank" rel="noopener noreferrer" '
        'title="Search there, in a new tab">open_in_new</a></div>'
    )
    return f'{head}<div class="services">{rows}{link}</div>{_note(asked)}'


def _note(asked: Mapping[str, Asked]) -> str:
    if all(one.state == "off" for one in asked.values()):
        return '<p class="small">Nothing is asked before you press; answers are kept 30 days.</p>'
    return ""


def _service(name: str, title: str, asked: Asked) -> str:
    word = {"off": "Ask", "answered": "", "unavailable": "Retry", "asking": ""}[asked.state]
    button = f'<button class="ask" data-press="ask:{name}">{word}</button>' if word else ""
    if asked.state == "asking":
        told = '<span class="small" role="status">asking …</span>'
    elif asked.state == "unavailable":
        told = f'<span class="warn">{safe(asked.said.removeprefix(f"{title} "))}</span>'
    elif asked.state == "answered" and not asked.matches:
        told = f'<span class="small" title="{safe(asked.said)}">nothing within the radius</span>'
    else:
        told = '<span class="small"></span>'
    if not asked.matches:
        return f'<div class="service"><b>{safe(title)}</b>{told}{button}</div>'
    rest = len(asked.matches) - LISTED
    more = f'<div class="small">and {count(rest)} more within the radius</div>' if rest > 0 else ""
    found = "".join(_match(match) for match in asked.matches[:LISTED])
    return (
        f'<div class="service"><b>{safe(title)}</b>'
        f'<span class="small" title="{safe(asked.said)}">{count(len(asked.matches))} found</span>'
        f"</div>{found}{more}"
    )


def _match(match: Match) -> str:
    facts = " · ".join(f"{safe(name)} {safe(value)}" for name, value in match.facts)
    kind = f'<span class="kind">{safe(match.kind)}</span>' if match.kind else ""
    # Links are made by us of what a service said; anything but a page is not followed.
    link = (
        f'<a href="{safe(match.link)}" target="_blank" rel="noopener noreferrer" '
        f'title="Its page, in a new tab">open_in_new</a>'
        if match.link.startswith("https://")
        else ""
    )
    return (
        f'<div class="match"><span class="cut" title="{safe(match.name)}">{safe(match.name)}</span>'
        f'{kind}<span class="apart">{match.separation:.2f}″</span>{link}'
        f'<span class="small facts">{facts}</span></div>'
    )
