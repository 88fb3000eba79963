"""The words and buttons around a contact sheet, as safe HTML."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from app.categories import Category
from app.drawing.bands import BandStyle
from app.drawing.marks import mark
from app.labelling import Commit
from app.markup.contact_sheet import COLUMNS
from app.markup.facts import Facts, class_mark
from app.markup.light_curve_html import group, toggle
from app.opened_runs import OpenedRun
from app.sheets import PERIODS
from app.words import MINUS, count, fixed, number, safe

_HINTS = (("← → ↑ ↓", "move"), ("Shift", "extend"), ("X", "pick"), ("↵", "read"))


def modes(grid: bool) -> str:
    """The switch between one object and many."""
    return group(
        "One or many",
        toggle("one", "One", not grid),
        toggle("grid", "Grid", grid),
    )


def title(described: str, span: str, sorting: str) -> str:
    """Whose light curves these are, which of them are on the page, and in which order."""
    words = safe(described[:1].upper() + described[1:])
    return (
        f'<div class="row line">{modes(True)}<span class="title">{words}</span>'
        f'<span class="quiet astra-sheet-span">{span}</span><span class="row push">{sorting}</span>'
        "</div>"
    )


def sorting(size: int, sorts: Mapping[str, str], sort_by: str, descending: bool) -> str:
    """How many a page, and in which order."""
    sizes = group("Light curves a page", *(toggle(f"size:{n}", str(n), n == size) for n in COLUMNS))
    turn = "Descending: turn round" if descending else "Ascending: turn round"
    return (
        f'{sizes}<label class="quiet field">Sort <select data-change="sort" aria-label="Sort by">'
        f"{_options(sorts, sort_by)}</select></label>"
        f'<button class="control arrow" data-press="turn" title="{turn}" aria-label="{turn}">'
        f"{'▾' if descending else '▴'}</button>"
    )


def against(folded: bool, period: str) -> str:
    """Against time or phase, and whose period."""
    switch = group(
        "Against", toggle("time", "Time", not folded), toggle("folded", "Folded", folded, "F")
    )
    which = _options({key: words for key, (words, _) in PERIODS.items()}, period)
    fold = (
        f'<label class="quiet field">Period <select data-change="period" '
        f'aria-label="Period to fold on">{which}</select></label>'
    )
    return switch + fold * folded


def drawing(
    common: bool,
    aligned: bool,
    errors: bool,
    bands: Mapping[str, BandStyle],
    hidden: frozenset[str],
) -> str:
    """How each is drawn."""
    scale = group(
        "Scale", toggle("own", "Own scale", not common), toggle("common", "Same scale", common)
    )
    toggles = "".join(
        toggle(
            f"band:{name}",
            f"{mark(style.marker, style.colour, hollow=name in hidden)}{safe(name)}",
            name not in hidden,
        )
        for name, style in bands.items()
    )
    shown = f'<span class="bands" role="group" aria-label="Bands">{toggles}</span>' if bands else ""
    last = toggle("errors", "Errors", errors, "E")
    align = toggle("aligned", "Align bands", aligned)
    return f'{scale}{align}<span class="row push">{shown}{last}</span>'


def _options(words: Mapping[str, str], chosen: str) -> str:
    return "".join(
        f'<option value="{safe(key)}"{" selected" if key == chosen else ""}>{safe(text)}</option>'
        for key, text in words.items()
    )


def label_panel(
    run: OpenedRun,
    classes: Sequence[str],
    keys: Mapping[str, str],
    codes: tuple[Category, NDArray[np.int64]],
    picked: int,
    theme: str,
) -> str:
    """One button a class with its key, and how many of the page carry it.

    Parameters
    ----------
    run : OpenedRun
    classes : sequence of str
    keys : mapping of key to class
    codes : (Category, int64 [cells])
        Labels as they are now, and the map rows of the page.
    picked : int
        Objects that are picked.
    theme : str
    """
    what = f"Label {count(picked)} picked as" if picked else "Label the one in focus as"
    labels, rows = codes
    here = labels.codes[rows]
    counts = dict(zip(labels.names, np.bincount(here[here >= 0]), strict=False))
    key_of = {name: key for key, name in keys.items()}
    buttons = "".join(
        f'<button class="class astra-sheet-label" data-press="label:{safe(name)}" '
        f'title="{safe(name)}">{_key(key_of.get(name))}{class_mark(run, name, theme)}'
        f'<span class="name">{safe(name)}</span>'
        f'<span class="push quiet">{counts.get(name, 0) or ""}</span></button>'
        for name in classes
    )
    return (
        f'<div class="row line"><span class="head astra-sheet-picked">{what}</span>'
        '<button class="control push" data-press="none" title="Let go of what is picked">'
        "<kbd>Esc</kbd></button></div>"
        f'<div class="classes">{buttons}</div><div class="actions">'
        '<button class="control" data-press="clear" title="Take the labels away">No label '
        '<kbd>0</kbd></button><button class="control" data-press="undo">Undo <kbd>Z</kbd></button>'
        "</div>"
    )


def _key(key: str | None) -> str:
    return '<kbd class="none">0</kbd>' if key is None else f"<kbd>{safe(key.upper())}</kbd>"


def done(labelled: int, of: int) -> str:
    """How much of the page has been labelled by hand."""
    share = 100 * labelled / of if of else 0
    return (
        '<div class="head">Labelled by hand on this page</div>'
        f'<div><b class="headline">{count(labelled)}</b> <span class="quiet">of {count(of)}</span>'
        f'</div><div class="bar"><i style="width:{share:.0f}%"></i></div>'
    )


def focused(run: OpenedRun, facts: Facts | None, theme: str) -> str:
    """What is known of the object in focus, and what can be done with it."""
    if facts is None:
        return ""
    said = []
    if facts.predicted:
        said.append(f"Predicted {safe(facts.predicted)} {fixed(facts.probability)}")
    if facts.label:
        said.append(f"Label {safe(facts.label)}")
    if facts.score is not None:
        said.append(f"Anomaly score {fixed(facts.score)}, rank {count(facts.rank or 0)}")
    if facts.catalogue_period:
        said.append(f"Catalogue period {number(facts.catalogue_period, 7)} d")
    if facts.found_period:
        said.append(f"Found period {number(facts.found_period, 7)} d")
    return (
        '<div class="head">In focus</div>'
        f'<div class="row"><b class="id">{safe(facts.object_id)}</b></div>'
        f'<div class="small">{"<br>".join(said)}</div><div class="actions">'
        '<button class="control" data-press="open">Inspect <kbd>↵</kbd></button>'
        '<button class="control" data-press="similar" title="Nearest in the embedding">'
        "Similar <kbd>T</kbd></button></div>"
    )


def progress(commits: Sequence[Commit], last: Commit | None, message: str) -> str:
    """What is being stored, what could not be, and what was stored last."""
    lines = [
        f'<div class="quiet">Saving: {safe(commit.what)} …</div>'
        if commit.state == "saving"
        else f'<div class="err">⚠ Not stored: {safe(commit.what)}. {safe(commit.error)}</div>'
        f'<button class="control" data-press="retry:{i}">Retry</button>'
        for i, commit in enumerate(commits)
    ]
    if message:
        lines.append(f'<div class="warn">⚠ {safe(message)}</div>')
    elif last is not None and not lines:
        lines.append(f'<div class="ok astra-sheet-stored">✓ {safe(last.what)}</div>')
    return f'<div class="progress" role="status" aria-live="polite">{"".join(lines)}</div>'


def foot(axes: str, page: int, pages: int) -> str:
    """What the keys do, what the axes are, and which page this is."""
    hints = "".join(f"<kbd>{key}</kbd><span>{words}</span>" for key, words in _HINTS)
    ends = ["", ""]
    ends[0], ends[1] = (" disabled" * (page <= 1), " disabled" * (page >= pages))
    return (
        f'<div class="foot"><span class="hints">{hints}<span>drag: several</span></span>'
        f'<span class="axes">{axes}</span><span class="pages">'
        f'<button class="control" data-press="page:-1" aria-label="Page before" '
        f'title="Page Up"{ends[0]}>‹</button><span><b>{count(page)}</b> of {count(pages)}</span>'
        f'<button class="control" data-press="page:1" aria-label="Next page" '
        f'title="Page Down"{ends[1]}>›</button></span></div>'
    )


def axes_words(folded: bool, common: bool, aligned: bool, some_unfolded: int, numbers: str) -> str:
    """What across and down mean, in one line."""
    across = f"Phase {MINUS}0.25 to 1.25, 0 at maximum, of dips minimum"
    if not folded:
        across = "Time, same span" if common else "Time, own span"
    said = [across, "same scale" if common else "own scale"]
    said += ["bands aligned"] * aligned
    if folded and some_unfolded:
        said.append(f"{count(some_unfolded)} without period: against time")
    said += [f"number: {safe(numbers)}"] * bool(numbers)
    return " · ".join(said)
