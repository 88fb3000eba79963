"""What is said of some objects in numbers: how many of each class, and the medians."""

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from app.categories import MOST_LISTED, Category
from app.opened_runs import PERIOD, OpenedRun
from astra.selections.summing import median

Chosen = NDArray[np.bool_] | None


class Tally(NamedTuple):
    """Some objects in numbers. The counts come first; the medians take several times as long.

    Attributes
    ----------
    chosen : bool [objects] or None
        Of whom; None: of all.
    classes, labels : Category
        Classes as they are listed, and labels.
    mix : int64 [classes + 1]
        Objects of each of ``classes``; the last counts those without.
    labelled : int
        Those that have a label.
    period, score : float or None
        Medians, NaN where unknown; None while they are not taken.
    """

    chosen: Chosen
    classes: Category
    labels: Category
    mix: NDArray[np.int64]
    labelled: int
    period: float | None = None
    score: float | None = None

    @classmethod
    def of(cls, chosen: Chosen, classes: Category, labels: Category) -> Self:
        """Count, without medians."""
        mix = classes.counts if chosen is None else classes.count(chosen)
        if labels.by_frequency(MOST_LISTED) is classes:
            named = mix
        else:
            named = labels.counts if chosen is None else labels.count(chosen)
        return cls(chosen, classes, labels, mix, int(named[:-1].sum()))

    def with_medians(self, run: OpenedRun) -> Self:
        """The same, medians taken."""
        period, score = (_median(run, column, self.chosen) for column in (PERIOD, "anomaly"))
        return self._replace(period=period, score=score)

    def is_of(self, chosen: Chosen, classes: Category, labels: Category) -> bool:
        """Whether it is of these very objects, by these very classes."""
        return self.chosen is chosen and self.classes is classes and self.labels is labels

    @property
    def objects(self) -> int:
        """How many."""
        return int(self.mix.sum())


def _median(run: OpenedRun, column: str, chosen: Chosen) -> float:
    if column != PERIOD and column not in run.numeric_columns:
        return float("nan")
    if chosen is None:
        return run.median(column)
    return median(run.values(column), chosen)
