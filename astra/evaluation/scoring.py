"""Probe scores: heads on frozen vectors, over several splits and amounts of labels."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from astra.analysis.scores import score
from astra.data.errors import AstraError
from astra.evaluation.figures import FIGURES, bootstrap, summary, sums
from astra.evaluation.heads import HEADS, Lesson, predict
from astra.evaluation.splits import Split, draw_splits, restricted, scorable

ALL = "all"
Labels = int | str
Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Protocol:
    """How vectors are scored.

    Attributes
    ----------
    heads : tuple of str
        Keys of :data:`astra.evaluation.heads.HEADS`.
    labels : tuple of int or "all"
        Labels per class to learn from; a class that has fewer gives all it has.
    seeds : int
        Splits.
    draws : int
        Draws of few labels in each split.
    resamplings : int
        Of the tested sky cells, for the intervals.
    strength : float or None
        Inverse penalty of the logistic regression with all labels; None chooses it on a part of
        the sky to learn from.
    """

    heads: tuple[str, ...] = tuple(HEADS)
    labels: tuple[Labels, ...] = (20, 100, ALL)
    seeds: int = 3
    draws: int = 3
    resamplings: int = 500
    strength: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """Objects with classes, and the splits that vectors of them are scored on.

    Attributes
    ----------
    classes : tuple of str
    codes : int64 [objects]
        Index into ``classes``; -1 for objects that take no part.
    units : int64 [objects]
        Sky cells, joined by sky group.
    splits : tuple of Split
    left_out : dict of str to int
        Classes too rare in some split, and their objects.
    """

    classes: tuple[str, ...]
    codes: NDArray[np.int64]
    units: NDArray[np.int64]
    splits: tuple[Split, ...]
    left_out: dict[str, int]


def make_task(
    labels: Sequence[str | None],
    units: NDArray[np.integer],
    seeds: int = 3,
    validation: bool = False,
) -> Task:
    """Split the labelled objects, and leave out the classes that are too rare for it.

    Parameters
    ----------
    labels : sequence of str or None [objects]
    units : integer [objects]
        Of :func:`~astra.evaluation.splits.sky_units`, or any numbers that must not be torn apart.
    seeds : int
        Splits.
    validation : bool
        Split the learnt part of the first split again, for choices that must not see its test.

    Raises
    ------
    AstraError
        Fewer than two classes have enough objects on both sides of every split.
    """
    named = [label if isinstance(label, str) else None for label in labels]
    names = sorted({label for label in named if label is not None})
    place = {name: code for code, name in enumerate(names)}
    codes = np.array([-1 if label is None else place[label] for label in named], np.int64)
    units = np.asarray(units, np.int64)
    if not names:
        raise AstraError("no object has a class to score by")
    rows = draw_splits(units, codes, 1)[0].learn if validation else None
    splits = draw_splits(units, codes, seeds, rows)
    kept = scorable(codes, splits)
    if len(kept) < 2:
        raise AstraError(
            f"of the classes {', '.join(names)} fewer than two have 20 objects to learn from and 5 "
            "to be tested on, on sky of their own: nothing to score"
        )
    counts = np.bincount(codes[codes >= 0], minlength=len(names))
    new = np.full(len(names) + 1, -1, np.int64)
    new[kept] = np.arange(len(kept))
    codes = new[codes]
    return Task(
        tuple(names[code] for code in kept),
        codes,
        units,
        tuple(restricted(split, codes >= 0) for split in splits),
        {name: int(counts[code]) for code, name in enumerate(names) if new[code] < 0},
    )


def probe_scores(
    vectors: NDArray[np.floating],
    labels: Sequence[str | None] | Task,
    units: NDArray[np.integer] | None = None,
    protocol: Protocol | None = None,
    validation: bool = False,
    told: Told | None = None,
) -> dict[str, Any]:
    """Score frozen vectors of some objects.

    Parameters
    ----------
    vectors : float [objects, size]
        NaN where a number is not known.
    labels : sequence of str or None [objects], or Task
    units : integer [objects], optional
        Sky cells (see :func:`~astra.evaluation.splits.sky_units`); not with a ``Task``.
    protocol : Protocol, optional
    validation : bool
        See :func:`make_task`; not with a ``Task``.
    told : callable, optional
        Told each step.

    Returns
    -------
    dict
        ``[head][labels per class, as text]``: for each of ``FIGURES`` the ``mean``, the ``spread``
        over splits and draws, their ``values`` and the ``interval`` (95 %, of one split, the mean
        over splits and draws of what resampling the tested sky cells gives); ``by_class`` with the
        mean F1; and ``facts``, what was chosen in each.

    Raises
    ------
    AstraError
        The vectors are not as many as the labels, or there is nothing to score.
    """
    protocol = protocol or Protocol()
    if isinstance(labels, Task):
        task = labels
    elif units is None:
        raise AstraError("probe_scores needs the sky cells of the objects: sky_units(catalogue)")
    else:
        task = make_task(labels, units, protocol.seeds, validation)
    if len(vectors) != len(task.codes):
        raise AstraError(f"{len(vectors)} vectors of {len(task.codes)} objects")
    lessons = {amount: _lessons(task, amount, protocol) for amount in protocol.labels}
    answer: dict[str, Any] = {}
    for head in protocol.heads:
        answer[head] = {}
        for amount, given in lessons.items():
            if told is not None:
                told(f"{head}, {amount} labels")
            parts = [_one(vectors, task, head, lesson, protocol) for lesson in given]
            answer[head][str(amount)] = _together(parts, task.classes)
    return answer


@dataclass(frozen=True, slots=True, eq=False)
class _Given:
    """Rows to learn from in one split, and which of them choose settings."""

    rows: NDArray[np.int64]
    validation: NDArray[np.bool_] | None
    test: NDArray[np.int64]
    few: int | None
    seed: int


def _lessons(task: Task, amount: Labels, protocol: Protocol) -> list[_Given]:
    lessons = []
    for number, split in enumerate(task.splits):
        if amount == ALL:
            validation = _validation(task, split, number)
            lessons.append(_Given(split.learn, validation, split.test, None, number))
            continue
        for draw in range(protocol.draws):
            generator = np.random.default_rng([number, draw, int(amount)])
            rows = few_rows(task.codes, split.learn, int(amount), generator)
            lessons.append(_Given(rows, None, split.test, int(amount), number))
    return lessons


def few_rows(
    codes: NDArray[np.integer],
    rows: NDArray[np.integer],
    amount: int,
    generator: np.random.Generator,
) -> NDArray[np.int64]:
    """Draw so many of the rows of each class, or all where there are fewer; int64, ascending.

    Parameters
    ----------
    codes : int [objects]
        Class of every object.
    rows : int [rows]
        Rows to draw from.
    amount : int
    generator : Generator
    """
    shuffled = generator.permutation(rows)
    of_class = [shuffled[codes[shuffled] == code][:amount] for code in np.unique(codes[rows])]
    return np.sort(np.concatenate(of_class)).astype(np.int64)


def _validation(task: Task, split: Split, seed: int) -> NDArray[np.bool_] | None:
    """Which of the rows to learn from choose settings: units of their own."""
    if len(np.unique(task.units[split.learn])) < 2:
        return None
    inner = draw_splits(task.units, task.codes, [1_000 + seed], split.learn)[0]
    return np.isin(split.learn, inner.test)


def _one(
    vectors: NDArray[np.floating], task: Task, head: str, given: _Given, protocol: Protocol
) -> dict[str, Any]:
    lesson = Lesson(
        vectors[given.rows],
        task.codes[given.rows],
        given.validation,
        given.few,
        protocol.strength,
        given.seed,
    )
    probabilities, facts = predict(head, lesson, vectors[given.test], len(task.classes))
    truth = task.codes[given.test]
    figures = score(truth, probabilities, task.classes)
    totals = sums(truth, probabilities, task.units[given.test])
    intervals = bootstrap(totals, protocol.resamplings, given.seed)
    return {"figures": figures, "intervals": intervals, "facts": facts}


def _together(parts: Sequence[Mapping[str, Any]], classes: Sequence[str]) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    for name in FIGURES:
        edges = np.array([part["intervals"][name] for part in parts])
        answer[name] = {
            **summary([part["figures"][name] for part in parts]),
            "interval": edges.mean(axis=0).tolist(),
        }
    f1 = [[part["figures"]["by_class"][name]["f1"] for name in classes] for part in parts]
    means = np.array(f1, np.float64).mean(axis=0)
    answer["by_class"] = dict(zip(classes, means.tolist(), strict=True))
    answer["facts"] = [part["facts"] for part in parts]
    return answer
