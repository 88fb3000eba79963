"""Rows of a table of objects: their order, their pages, their values."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.categories import Category
from app.opened_runs import OpenedRun
from app.words import NOTHING, fixed


def ordered(
    run: OpenedRun,
    named: Category,
    chosen: NDArray[np.bool_] | None,
    key: str,
    descending: bool,
) -> NDArray[np.int64]:
    """Map rows of the chosen objects, or of all, sorted; those without a value come last."""
    rows = np.arange(len(run)) if chosen is None else np.flatnonzero(chosen)
    values = _keys(run, named, key)[rows]
    unknown = ~np.isfinite(values)
    values = np.where(unknown, np.inf, -values if descending else values)
    return rows[np.argsort(values, kind="stable")]


def _keys(run: OpenedRun, named: Category, key: str) -> NDArray[np.float64]:
    if key == "class":
        return np.where(named.codes < 0, np.nan, named.codes)
    if key == "object_id":
        ids = pd.Series(run.run.catalogue["object_id"].to_pandas())
        return ids.rank(method="first").to_numpy(np.float64)
    if key == "period":
        return run.period.astype(np.float64)
    if key not in run.numeric_columns:
        return np.full(len(run), np.nan)
    return run.values(key).astype(np.float64)


def shown_pages(page: int, pages: int) -> list[int | None]:
    """Page numbers for a pager: the first, the last, those around ``page``; None for a gap."""
    wanted = sorted({1, pages, *range(max(1, page - 1), min(pages, page + 1) + 1)})
    shown: list[int | None] = []
    for number_of in wanted:
        if shown and shown[-1] is not None and number_of - shown[-1] > 1:
            shown.append(None)
        shown.append(number_of)
    return shown


def value_of(run: OpenedRun, column: str | None, row: int) -> float | None:
    """Value of a numeric column for one object; None where the run does not have the column."""
    if column is None or column not in run.numeric_columns:
        return None
    return float(run.values(column)[row])


def period_text(days: float | None) -> str:
    """Period in at most seven characters, five decimals where it is short."""
    if days is None or not days > 0:
        return NOTHING
    return fixed(days, int(np.clip(4 - np.floor(np.log10(days)), 0, 5)))
