"""What stands under the light curves of a contact sheet, as safe HTML and in words."""

import json

from app.categories import Category
from app.markup.facts import Facts, class_mark, facts_of, short_id
from app.markup.table_rows import period_text
from app.opened_runs import OpenedRun
from app.sheets import Page
from app.words import UNLABELLED, counted, number, safe


def captions(
    run: OpenedRun,
    page: Page,
    labels: tuple[Category, Category | None],
    column: str | None,
    theme: str,
    blind: bool,
) -> str:
    """Captions of a page, JSON: of each cell its `caption`.

    Parameters
    ----------
    run : OpenedRun
    page : Page
    labels : (Category, Category or None)
        Classes as they are now, and what annotators have given.
    column : str or None
        Numeric column whose value is told.
    theme : str
    blind : bool
        Without predictions.
    """
    classes, given = labels
    values = None if column is None else run.values(column)
    said = []
    for row, period, length in zip(page.rows, page.periods, page.lengths, strict=True):
        by_hand = None if given is None else given.name_of(int(row))
        said.append(
            caption(
                run,
                facts_of(run, int(row), classes, blind),
                None if by_hand == UNLABELLED else by_hand,
                period,
                None if values is None else float(values[row]),
                length,
                theme,
            )
        )
    return json.dumps(said)


def caption(
    run: OpenedRun,
    facts: Facts,
    by_hand: str | None,
    period: float | None,
    value: float | None,
    length: int,
    theme: str,
) -> tuple[str, str]:
    """Caption of a cell as safe HTML, and the same in words.

    Parameters
    ----------
    run : OpenedRun
    facts : Facts
    by_hand : str or None
        What an annotator calls the object.
    period : float or None
        What it is folded on [d].
    value : float or None
        What stands beside the class: the number that the sheet is sorted by.
    length : int
        Observations.
    theme : str
    """
    name = facts.predicted or facts.label or "no class"
    given = by_hand or (facts.label if facts.label != facts.predicted else None)
    tick = '<span class="ok">✓</span>' if by_hand else ""
    label = f'<span class="push row">{tick}{class_mark(run, given, theme)}</span>' if given else ""
    first = (
        f'{class_mark(run, name, theme)}<b class="name">{safe(name)}</b>'
        f"<span>{'' if value is None else number(value, 3)}</span>{label}"
    )
    fold = f"{period_text(period)} d" if period else ""
    second = f'<span class="name id"><bdi>{safe(short_id(facts.object_id))}</bdi></span>'
    said = [facts.object_id, name, counted(length, "observation")]
    said += [f"label {given}"] * bool(given) + [f"period {fold}"] * bool(period)
    said += [] if value is None else [number(value, 3)]
    html = f'<div>{first}</div><div>{second}<span class="push">{fold}</span></div>'
    return html, ", ".join(said)
