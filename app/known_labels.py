"""What annotators call the objects of a run now, read from the log."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from app.categories import Category
from app.opened_runs import OpenedRun
from astra.labels.store import LabelStore


@dataclass(frozen=True, eq=False)
class Known:
    """What the log says now, for the objects of a run.

    Attributes
    ----------
    given : Category
        Label that an annotator gave each object last.
    counts : dict of label to number of objects, in the whole log
    recent : DataFrame
        See `LabelStore.recent`.
    """

    given: Category
    counts: dict[str, int]
    recent: pd.DataFrame


def known_labels(store: LabelStore, run: OpenedRun) -> Known:
    """Read what the log says now."""
    current = store.current()
    names = sorted(set(current["label"]))
    if not names:
        return Known(Category.nothing(len(run)), store.counts(), store.recent())
    codes = np.full(len(run), -1, np.int16)
    rows = run.run.rows_of(list(current["object_id"]))
    here = rows >= 0
    codes[rows[here]] = pd.Categorical(current["label"], categories=names).codes[here]
    return Known(Category(tuple(names), codes), store.counts(), store.recent())
