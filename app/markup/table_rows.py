"""Rows of a table of objects: their order, their pages, their values."""

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from app.categories import Category
from app.opened_runs import PERIOD, OpenedRun
from app.words import NOTHING, fixed

LAST = np.iinfo(np.int32).max
FEW = 0.02


def ordered(
    run: OpenedRun,
    named: Category,
    chosen: NDArray[np.bool_] | None,
    key: str,
    descending: bool,
) -> NDArray[np.int32]:
    """Map rows of the chosen objects, or of all, sorted; those without a value come last.

    The order of all objects by a number is made once for all visitors.
    """
    if key != PERIOD and key not in run.numeric_columns:
        values = _keys(run, named, key)
        values = np.where(values < 0, LAST, -values if descending else values)
        order = np.argsort(values, kind="stable").astype(np.int32)
        return order if chosen is None else order[chosen[order]]
    if chosen is not None and np.count_nonzero(chosen) < FEW * len(run):
        rows = np.flatnonzero(chosen).astype(np.int32)
        values = run.values(key)[rows]
        values = np.where(np.isfinite(values), -values if descending else values, np.inf)
        return rows[np.argsort(values, kind="stable")]
    order = run.order(key, descending)
    return order if chosen is None else order[chosen[order]]


def _keys(run: OpenedRun, named: Category, key: str) -> NDArray[np.int32]:
    """Numbers to sort by, < 0 where unknown, of what is no number itself."""
    if key == "class":
        return named.codes.astype(np.int32)
    if key == "object_id":
        options = pc.RankOptions(tiebreaker="first")
        ranks = pc.call_function("rank", [run.run.catalogue["object_id"]], options)
        return ranks.to_numpy().astype(np.int32)
    return np.full(len(run), -1, np.int32)


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
