"""Where an object is, and pages elsewhere about it, as safe HTML."""

from collections.abc import Sequence

from app.elsewhere import Link, Place, galactic, links_for, sexagesimal
from app.words import MINUS, safe


def position(place: Place) -> str:
    """Position in degrees, in hours and sixtieths, and galactic, each with a button to copy it."""
    if place.ra is None or place.dec is None:
        return _HEAD + '<p class="small">The catalogue has no position of this object.</p>'
    ra, dec = place.ra, place.dec
    longitude, latitude = galactic(ra, dec)
    lines = (
        ("deg", f"{ra:.6f} {dec:+.6f}"),
        ("h, deg", sexagesimal(ra, dec)),
        ("l, b", f"{longitude:.5f} {latitude:+.5f}"),
    )
    return _HEAD + "".join(_line(*line) for line in lines)


_HEAD = '<div class="row"><span class="head">Sky</span><span class="small">ICRS</span></div>'


def _line(notation: str, text: str) -> str:
    return (
        f'<div class="place"><span class="small">{notation}</span>'
        f"<span>{safe(text.replace('-', MINUS))}</span>"
        f'<button class="icon" data-copy="{safe(text)}" aria-label="Copy {notation}" '
        f'title="Copy"><i>content_copy</i></button></div>'
    )


def elsewhere(place: Place) -> str:
    """Links to pages about the object, and to searches where it stands."""
    links = links_for(place)
    if not links:
        return '<p class="small">No service can be asked without a position or a known id.</p>'
    return (
        '<div class="row"><span class="head">Elsewhere</span>'
        '<span class="small">opens in a new tab; filled: its own page</span></div>'
        f'<div class="links">{_links(links)}</div>'
    )


def _links(links: Sequence[Link]) -> str:
    return "".join(
        f'<a href="{safe(link.url)}" target="_blank" rel="noopener noreferrer" '
        f'class="{"own" if link.asks == "this object" else ""}" '
        f'title="{safe(link.service)}: {safe(link.asks)}">{safe(link.service)}</a>'
        for link in links
    )
