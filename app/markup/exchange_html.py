"""The words and buttons of exporting and sending, as safe HTML."""

from app.words import safe

_TABLES = (("parquet", "Parquet"), ("votable", "VOTable"), ("csv", "CSV"), ("ecsv", "ECSV"))
_CURVES = (("light-curves", "Parquet"), ("light-curves-csv", "CSV"))
_HUB = {
    "unknown": ("text-3", "not looked for yet"),
    "looking": ("warn", "looking …"),
    "found": ("ok", "hub found"),
    "none": ("err", "no hub"),
}


def exports(words: str, doing: str, error: str) -> str:
    """Formats, and what is under way."""
    off = " disabled" if doing else ""
    tables = "".join(_button(f"export:{form}", name, off) for form, name in _TABLES)
    curves = "".join(_button(f"export:{form}", name, off) for form, name in _CURVES)
    said = f'<div class="err" role="alert">⚠ {safe(error[:400])}</div>' if error else ""
    now = f'<span class="small push" role="status">{safe(doing)}</span>' if doing else ""
    return (
        f'<div class="row"><span class="head">Export</span>{now}</div>'
        f'<div class="small">{safe(words)}</div>'
        f'<div class="ways"><span>Table</span><span class="segments">{tables}</span>'
        f'<span>Light curves</span><span class="segments">{curves}</span>'
        '<span>Python</span><span><button class="control" data-press="snippet" '
        'title="Code that selects the same objects and opens their light curves">'
        f"Show the code</button></span></div>{said}"
    )


def code(text: str) -> str:
    """Code with a button that copies it."""
    if not text:
        return ""
    return (
        f'<pre class="code astra-snippet">{safe(text)}</pre><div class="row">'
        f'<button class="control" data-copy="{safe(text)}">Copy the code</button>'
        '<button class="control" data-press="hide">Hide</button></div>'
    )


def samp(hub: str, said: str, doing: str, can_point: bool) -> str:
    """Whether there is a hub, who is there, and what can be sent."""
    colour, word = _HUB[hub]
    word = safe(doing) or word
    off = " disabled" if hub == "looking" else ""
    place = "" if can_point and not off else " disabled"
    told = f" · {safe(said[:300])}" if said and hub == "found" else ""
    why = f'<div class="small warn">{safe(said[:300])}</div>' if said and hub == "none" else ""
    return (
        '<div class="row"><span class="head">SAMP</span>'
        f'<span class="small state"><i style="background:var(--astra-{colour})"></i>{word}{told}'
        "</span></div>"
        '<div class="row"><button class="control" data-press="send" '
        f'title="To TOPCAT, Aladin or others on this machine"{off}>Send as a table</button>'
        f'<button class="control" data-press="point" title="Show the object in focus there"{place}>'
        f'Point at the object</button><button class="control" data-press="look"{off}>'
        f"{'Look again' if hub in ('found', 'none') else 'Look for a hub'}</button></div>{why}"
        '<div class="small">Rows that are chosen there are selected here.</div>'
    )


def _button(press: str, name: str, off: str) -> str:
    return f'<button class="control" data-press="{press}"{off}>{name}</button>'
