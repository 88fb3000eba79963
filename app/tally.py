"""What is said of some objects in numbers: how many of each class, and the medians."""

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from app.categories import Category
from app.opened_runs import PERIOD, OpenedRun
from astra.selections.summing import Chosen, count_known, median

Mask = NDArray[np.bool_] | None


class Tally(NamedTuple):
    """Some objects in numbers.

    Attributes
    ----------
    mask : bool [objects] or None
        Of whom; None: of all.
    classes, labels : Category
        Classes as they are listed, and labels.
    mix : int64 [classes + 1]
        Objects of each of ``classes``; the last counts those without.
    labelled : int
        Those that have a label.
    period, score : float
        Medians, NaN where unknown.
    """

    mask: Mask
    classes: Category
    labels: Category
    mix: NDArray[np.int64]
    labelled: int
    period: float
    score: float

    @classmethod
    def of(cls, run: OpenedRun, mask: Mask, classes: Category, labels: Category) -> Self:
        """Count and rank."""
        chosen = None if mask is None else Chosen.of(mask)
        if chosen is None:
            mix, labelled = classes.counts, int(labels.counts[:-1].sum())
        else:
            mix, labelled = classes.count(chosen), count_known(labels.codes, chosen)
        period, score = (_median(run, column, chosen) for column in (PERIOD, "anomaly"))
        return cls(mask, classes, labels, mix, labelled, period, score)

    def is_of(self, mask: Mask, classes: Category, labels: Category) -> bool:
        """Whether it is of these very objects, by these very classes."""
        return self.mask is mask and self.classes is classes and self.labels is labels

    @property
    def objects(self) -> int:
        """How many."""
        return int(self.mix.sum())


def _median(run: OpenedRun, column: str, chosen: Chosen | None) -> float:
    if column != PERIOD and column not in run.numeric_columns:
        return float("nan")
    if chosen is None:
        return run.median(column)
    return median(run.values(column), chosen)
