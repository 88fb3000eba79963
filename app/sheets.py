"""What a contact sheet shows: which objects in which order, and a page of them as it is drawn."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from app.categories import Category
from app.drawing.bands import BandStyle
from app.drawing.cells import Curve, SheetLook, filters_of, page_of
from app.markup.table_rows import ordered
from app.opened_runs import OpenedRun
from app.words import count
from astra.data.errors import StoreError
from astra.data.light_curves import LightCurve

CENTRE = "centre"
FEW_PERIODS = 0.3
# Whose period a fold is on: its name, and the columns that are asked, the first that knows wins.
PERIODS = {
    "known": ("catalogue or found", ("period_days", "found_period_days")),
    "catalogue": ("catalogue", ("period_days",)),
    "found": ("found", ("found_period_days",)),
}


@dataclass(frozen=True, eq=False)
class Page:
    """A page of a sheet.

    Attributes
    ----------
    rows : int64 [cells]
        Map rows.
    periods : list of float or None
        What each is folded on [d].
    lengths : list of int
        Observations of each.
    text : str
        See `app.drawing.cells.page_of`; with ``rows``, ``size`` and ``words``.
    filters : dict of the name of a filter to its style
    """

    rows: NDArray[np.int64]
    periods: list[float | None]
    lengths: list[int]
    text: str
    filters: dict[str, BandStyle]


def sorts_of(run: OpenedRun) -> dict[str, str]:
    """What a sheet of a run can be sorted by: key -> words."""
    made = {CENTRE: "Distance from their mean", "object_id": "Object", "class": "Class"}
    return {**run.numeric_columns, **made}


def in_order(
    run: OpenedRun,
    named: Category,
    chosen: NDArray[np.bool_] | None,
    key: str,
    descending: bool,
) -> NDArray[np.integer]:
    """Map rows of the chosen objects, bool [objects], or of all, sorted by a key of `sorts_of`.

    By ``centre`` they are sorted by their distance in the embedding from the mean of them all:
    ascending, the most typical come first.
    """
    if key != CENTRE:
        return ordered(run, named, chosen, key, descending)
    rows = np.arange(len(run)) if chosen is None else np.flatnonzero(chosen)
    if not len(rows):
        return rows
    survey_rows = run.run.rows[rows]
    squared = run.space.squared_distances(run.space.mean(survey_rows))[survey_rows]
    return rows[np.argsort(-squared if descending else squared, kind="stable")]


def periods_of(run: OpenedRun, rows: NDArray[np.integer], which: str) -> list[float | None]:
    """Period [d] of some objects, float64 precision, by a key of `PERIODS`; None where unknown."""
    best = np.full(len(rows), np.nan)
    for name in PERIODS[which][1]:
        if name in run.run.catalogue.column_names:
            values = run.run.catalogue[name].take(pa.array(rows))
            numbers = values.cast(pa.float64()).to_numpy(zero_copy_only=False)
            best = np.where(np.isfinite(best) & (best > 0), best, numbers)
    return [float(p) if np.isfinite(p) and p > 0 else None for p in best]


def draw_page(
    run: OpenedRun,
    rows: NDArray[np.integer],
    size: int,
    period_of: str | None,
    look: SheetLook,
    words: str,
) -> Page:
    """Read the light curves of some objects and draw them.

    Parameters
    ----------
    run : OpenedRun
    rows : integer [cells]
        Map rows.
    size : int
        Cells of a full page.
    period_of : str or None
        Fold on the period that this key of `PERIODS` names; None: against time.
    look : SheetLook
    words : str
        What a screen reader says when the page is drawn.
    """
    light_curves = [_light_curve(run, int(row)) for row in rows]
    periods = periods_of(run, rows, period_of or "known")
    folds = periods if period_of else [None] * len(rows)
    curves = [
        None if lc is None or not len(lc) else Curve(lc, period, look)
        for lc, period in zip(light_curves, folds, strict=True)
    ]
    drawn = page_of(curves)
    text = json.dumps({**drawn, "rows": [int(row) for row in rows], "size": size, "words": words})
    lengths = [0 if lc is None else len(lc) for lc in light_curves]
    return Page(np.asarray(rows, np.int64), periods, lengths, text, filters_of(curves, look.theme))


def _light_curve(run: OpenedRun, row: int) -> LightCurve | None:
    try:
        return run.light_curve(row)
    except StoreError:  # the survey is gone; the run is whole without it
        return None


def span_words(first: int, shown: int, of: int) -> str:
    """``1–48 of 111 310``."""
    return f"{count(first + 1)}–{count(first + shown)} of {count(of)}" if shown else "none"


def fold_first(run: OpenedRun) -> bool:
    """Whether a sheet of a run is folded until a person says otherwise: its catalogue knows."""
    if "period_days" not in run.numeric_columns:
        return False
    return bool(np.isfinite(run.values("period_days")).mean() > FEW_PERIODS)


def choose(options: Sequence[str], *wanted: str) -> str:
    """First of some keys that is among the options."""
    return next((key for key in wanted if key in options), options[0])
