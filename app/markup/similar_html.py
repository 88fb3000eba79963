"""The words and buttons of what is alike, as safe HTML."""

from app.drawing.sparklines import sparkline
from app.markup.facts import Facts, short_id
from app.markup.light_curve_html import group, toggle
from app.markup.table_rows import period_text
from app.pasted import EXAMPLE
from app.similar import COUNTS, Likes
from app.words import count, counted, fixed, safe

LISTED = 50
MOST_SAID = 300


def ways(can_object: bool, objects: int, pasting: bool) -> str:
    """What can be asked for."""
    off_object = "" if can_object else " disabled"
    off_selection = "" if objects else " disabled"
    said = f"Mean of {counted(objects, 'object')}" if objects else "Mean of the selection"
    return (
        '<div class="head">Find what is like</div><div class="row">'
        f'<button class="control" data-press="object"{off_object} '
        'title="The object in focus">This object <kbd>T</kbd></button>'
        f'<button class="control" data-press="selection"{off_selection}>{said}</button>'
        + toggle("paste", "A light curve …", pasting)
        + "</div>"
    )


def form(difference: bool) -> str:
    """Where a light curve is pasted."""
    return (
        '<textarea data-change="text" rows="6" class="astra-similar-text" aria-label="Light curve" '
        f'placeholder="{safe(EXAMPLE)}"></textarea>'
        '<div class="small">Columns mjd, band, flux_ujy, flux_err_ujy [µJy, AB], or mag, mag_err; '
        'flagged may be there.</div><div class="row">'
        + group(
            "Kind of flux",
            toggle("total", "Total flux", not difference),
            toggle("difference", "Difference flux", difference),
        )
        + '<button class="control accent push astra-similar-find" data-press="find">Find</button>'
        "</div>"
    )


def state(doing: str, error: str) -> str:
    """What is under way, or what went wrong."""
    if error:
        return f'<div class="err" role="alert">⚠ {safe(error[:MOST_SAID])}</div>'
    return f'<div class="quiet" role="status">{safe(doing)}</div>' if doing else ""


def heading(likes: Likes, most: int, of: int, theme: str) -> str:
    """Of what these are the likes, and what can be done with them."""
    query = likes.query
    picture = ""
    if query.light_curve is not None:
        picture = f'<div class="given">{sparkline(query.light_curve, theme, 220, 64)}</div>'
    remark = f'<div class="warn small">{safe(query.remark)}</div>' if query.remark else ""
    left = len(query.members)
    out = f", {counted(left, 'object')} of the query left out" if left > 1 else ""
    sizes = group("How many", *(toggle(f"most:{n}", str(n), n == most) for n in COUNTS))
    return (
        f'<div class="row"><span class="title">Nearest to {safe(query.words)}</span></div>'
        f"{picture}{remark}"
        f'<div class="small">Euclidean distance in the embedding, in standard deviations; all '
        f"{count(of)} objects compared in {likes.milliseconds:.0f} ms{out}.</div>"
        f'<div class="row">{sizes}<span class="segments push">'
        '<button class="control astra-similar-select" data-press="select:replace">'
        'Show as selection</button><button class="control" data-press="select:add" '
        'title="Add them to the selection" aria-label="Add to the selection">∪</button></span>'
        '<button class="control" data-press="sheet" title="Select them, and open their contact '
        'sheet">Grid</button><button class="control" data-press="clear" aria-label="Clear">✕'
        "</button></div>"
    )


def line(
    facts: Facts, distance: float, share: float, pictures: tuple[str, str], chosen: bool
) -> str:
    """One object that was found.

    Parameters
    ----------
    facts : Facts
    distance : float
    share : float
        Length of its bar, 0 to 1.
    pictures : (str, str)
        Its light curve in small, and the mark of its class.
    chosen : bool
        It is in focus.
    """
    picture, mark = pictures
    fold = f" · {period_text(facts.period)} d" if facts.period else ""
    label = f" · label {safe(facts.label)}" if facts.label not in (None, facts.predicted) else ""
    name = safe(facts.predicted or facts.label or "no class")
    return (
        f'<button class="line astra-similar-line" data-press="focus:{facts.row}" '
        f'aria-current="{str(chosen).lower()}" title="{safe(facts.object_id)}">'
        f'<span class="thumbnail">{picture}</span><span class="object">'
        f'<b>{safe(short_id(facts.object_id))}</b><span class="quiet">{mark}{name} '
        f'{fixed(facts.probability)}{label}{fold}</span></span><span class="bar">'
        f'<i style="width:{100 * share:.0f}%"></i></span><span>{fixed(distance)}</span>'
        "</button>"
    )


def rest(found: int) -> str:
    """How many are found but not listed."""
    more = found - LISTED
    return f'<p class="small pad">and {count(more)} more</p>' if more > 0 else ""
