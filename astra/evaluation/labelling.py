"""The loop of labelling on observed data: an annotator who knows the catalogue follows each queue.

Of the sky to learn from, a few labels of each class are revealed. Each queue then chooses objects,
the catalogue names them, and a probe learns all labels so far; in rounds, as a person works. All
are scored on the sky that is held out, which no queue ever sees.

Legend of shape suffixes: R resamplings, U sky cells, C classes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from astra.analysis.anomalies import anomaly_scores
from astra.analysis.neighbours import exact_neighbours
from astra.analysis.queues import QUEUES, Pool, choose, without
from astra.analysis.standard import standardise
from astra.analysis.worth import density_of
from astra.evaluation.figures import LEVEL, Sums, figures_of, sums
from astra.evaluation.heads import Lesson, predict
from astra.evaluation.scoring import Task
from astra.evaluation.splits import Split
from astra.evaluation.tuning import Tuning

FIGURE = "macro_f1"
RANDOM = "random"
NEIGHBOURS = 10
FEW: dict[str, Any] = {"batch": 64, "fewest_steps": 15}
"""How few labels are taught, unless it is said otherwise: as the recipe ``finetune`` does."""
HEAD, SECOND_HEAD = "logistic", "neighbours"
Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Loop:
    """How the loop goes.

    Attributes
    ----------
    revealed : int
        Labels of each class that are known at the start.
    budget, round : int
        Labels that each queue asks for, and how many before the probe learns them.
    queues : tuple of str
        Keys of :data:`astra.analysis.queues.QUEUES`; ``random`` is always among them.
    draws : int
        Times that ``random`` draws; its figure is their mean.
    resamplings : int
    tuning : Tuning
    """

    revealed: int = 20
    budget: int = 200
    round: int = 50
    queues: tuple[str, ...] = tuple(QUEUES)
    draws: int = 3
    resamplings: int = 500
    tuning: Tuning = field(default_factory=lambda: Tuning(**FEW))


class Sky(NamedTuple):
    """One split: vectors [objects, E], the task, its rows, and the number of the split."""

    vectors: NDArray[np.floating]
    task: Task
    split: Split
    seed: int


def run_loop(
    vectors: NDArray[np.floating], task: Task, loop: Loop, told: Told | None = None
) -> dict[str, Any]:
    """Follow each queue on every split of the task.

    Parameters
    ----------
    vectors : float [objects, E]
    task : Task
    loop : Loop
    told : callable, optional
        Told each step.

    Returns
    -------
    dict
        ``before`` and ``queues`` (by name): macro-F1 as ``mean`` and ``values`` over the splits,
        and for each queue ``gain`` over ``random``: ``mean``, ``interval``, ``values``.
        ``labelled`` holds, by queue, the rows whose labels were known in the end, by split.
    """
    names = dict.fromkeys([*loop.queues, RANDOM])
    before: list[float] = []
    after: dict[str, list[NDArray[np.float64]]] = {name: [] for name in names}
    labelled: dict[str, list[NDArray[np.int64]]] = {name: [] for name in names}
    for seed, split in enumerate(task.splits):
        sky = Sky(vectors, task, split, seed)
        known = reveal(task.codes, split.learn, loop.revealed, seed)
        before.append(float(drawn(sky, [known], loop)[0]))
        for name in names:
            if told is not None:
                told(f"split {seed + 1} of {len(task.splits)}: {name}")
            draws = loop.draws if name == RANDOM else 1
            ends = [follow(sky, known, name, loop, draw) for draw in range(draws)]
            after[name].append(drawn(sky, ends, loop))
            labelled[name].append(ends[0])
    return {
        "before": summary(before),
        "queues": {
            name: {
                **summary([float(values[0]) for values in after[name]]),
                "gain": gain(after[name], after[RANDOM]),
            }
            for name in names
        },
        "labelled": labelled,
    }


def reveal(
    codes: NDArray[np.int64], rows: NDArray[np.int64], each: int, seed: int
) -> NDArray[np.int64]:
    """Draw at most ``each`` of the rows, int64 [rows], of every class; ascending.

    ``codes`` are the classes of all objects, int64 [objects].
    """
    generator = np.random.default_rng([seed, 17])
    classes = np.unique(codes[rows])
    drawn = [generator.permutation(rows[codes[rows] == code])[:each] for code in classes]
    return np.sort(np.concatenate(drawn))


def follow(
    sky: Sky, known: NDArray[np.int64], name: str, loop: Loop, draw: int = 0
) -> NDArray[np.int64]:
    """Rows with a label after the queue was followed to the end of the budget, int64, ascending.

    The queue sees the sky to learn from, and never a label that was not asked for.
    """
    rows = sky.split.learn
    pool = _pool(sky, rows, name, draw)
    pool = without(pool, np.searchsorted(rows, known))
    left = loop.budget
    while left > 0 and len(pool.candidates):
        asked = _asked(sky, rows, pool, name)
        chosen = choose(name, asked, min(loop.round, left)).rows
        pool, left = without(pool, chosen), left - len(chosen)
    return rows[pool.labelled]


def _pool(sky: Sky, rows: NDArray[np.int64], name: str, draw: int) -> Pool:
    points = standardise(sky.vectors[rows])
    density = anomaly = None
    if name == "representative":
        near = min(NEIGHBOURS, len(rows) - 1)
        density = density_of(exact_neighbours(points, np.arange(len(rows)), near)[1])
    if name == "anomaly":
        anomaly = anomaly_scores(points, seed=sky.seed)[0]
    labelled = np.zeros(len(rows), bool)
    return Pool(points, labelled, None, None, density, anomaly, seed=1000 * sky.seed + draw)


def _asked(sky: Sky, rows: NDArray[np.int64], pool: Pool, name: str) -> Pool:
    """The pool with what heads say that have learnt the labels so far."""
    if name not in ("uncertainty", "disagreement", "representative"):
        return replace(pool, seed=pool.seed + int(pool.labelled.sum()))
    known = rows[pool.labelled]
    first = _predicted(sky, known, rows, HEAD)
    second = _predicted(sky, known, rows, SECOND_HEAD) if name == "disagreement" else None
    return replace(pool, probabilities=first, second=second)


def _predicted(
    sky: Sky, known: NDArray[np.int64], rows: NDArray[np.int64], head: str
) -> NDArray[np.float64]:
    vectors, codes = sky.vectors, sky.task.codes
    lesson = Lesson(vectors[known], codes[known], None, few=len(known), seed=sky.seed)
    return predict(head, lesson, vectors[rows], len(sky.task.classes))[0]


def drawn(sky: Sky, ends: Sequence[NDArray[np.int64]], loop: Loop) -> NDArray[np.float64]:
    """Macro-F1 of the probe, float64 [1 + R]: as it is, then with the tested sky drawn again."""
    test = sky.split.test
    found = []
    for known in ends:
        probabilities = _predicted(sky, known, test, HEAD)
        totals = sums(sky.task.codes[test], probabilities, sky.task.units[test])
        found.append(resampled(totals, loop.resamplings, sky.seed))
    return np.mean(found, axis=0)


def resampled(totals: Sums, resamplings: int, seed: int) -> NDArray[np.float64]:
    """Macro-F1, float64 [1 + R]: as it is, then with its sky cells drawn with replacement.

    The same seed draws the same cells, so that two figures of the same test may be compared.
    """
    units = len(totals.loss)
    generator = np.random.default_rng([seed, 23])
    weights_RU = np.concatenate(
        [
            np.ones((1, units), np.int64),
            generator.multinomial(units, np.full(units, 1 / units), resamplings),
        ]
    )
    confusion_RCC = np.einsum("ru,uij->rij", weights_RU, totals.confusion, optimize=True)
    return figures_of(confusion_RCC, weights_RU @ totals.loss, weights_RU @ totals.gap)[FIGURE]


def gain(
    after: Sequence[NDArray[np.float64]], before: Sequence[NDArray[np.float64]]
) -> dict[str, Any]:
    """Difference of two figures of the same tests: mean, and interval of 95 %.

    Both are float64 [1 + R] for each split, as :func:`resampled` gives them. The edges are means
    over the splits, as those of the evaluation: splits share objects, so pooling them would claim
    too much.
    """
    gaps = [one - other for one, other in zip(after, before, strict=True)]
    edges = [np.quantile(gap[1:], ((1 - LEVEL) / 2, (1 + LEVEL) / 2)) for gap in gaps]
    return {
        **summary([float(gap[0]) for gap in gaps]),
        "interval": np.mean(edges, axis=0).tolist(),
    }


def summary(values: Sequence[float]) -> dict[str, Any]:
    """Mean of a figure over splits, and the figure in each."""
    return {"mean": float(np.mean(values)), "values": [float(value) for value in values]}
