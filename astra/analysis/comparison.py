"""What is different between two runs of a survey, object by object.

A and B are the runs before and after. Objects are those that both have, in the order of A's map.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from astra.analysis.alignment import Registration, displacement, map_size, register
from astra.data.errors import AstraError
from astra.runs.run import Run
from astra.runs.tables import codes

CHUNK = 50_000


class Common(NamedTuple):
    """Objects that both runs have.

    Attributes
    ----------
    rows_a, rows_b : int64 [objects]
        Their map rows in A and in B.
    same_survey : bool
        Both runs were made from the same version of the survey.
    """

    rows_a: NDArray[np.int64]
    rows_b: NDArray[np.int64]
    same_survey: bool


def common(a: Run, b: Run) -> Common:
    """Find the objects that both runs have.

    Raises
    ------
    AstraError
        There are none, or the runs are of different surveys.
    """
    if a.manifest.survey != b.manifest.survey:
        raise AstraError(
            f"run {a.name} is of survey {a.manifest.survey}, run {b.name} of "
            f"{b.manifest.survey}: compare runs of one survey"
        )
    if a.manifest.survey_fingerprint == b.manifest.survey_fingerprint:
        rows_a = np.arange(len(a), dtype=np.int64)
        return Common(rows_a, b.map_row[a.rows].astype(np.int64), True)
    rows = b.rows_of(a.catalogue["object_id"].to_pandas())
    rows_a = np.flatnonzero(rows >= 0)
    if not len(rows_a):
        raise AstraError(f"runs {a.name} and {b.name} have no object in common")
    return Common(rows_a, rows[rows_a], False)


def neighbours_of(run: Run, rows: NDArray[np.int64], same_survey: bool, k: int) -> NDArray:
    """Nearest objects of some map rows, int32 [objects, k]; -1 for those that are not common.

    As survey rows where both runs are of the same version of the survey, else as places in `rows`.
    """
    near = run.neighbours[run.rows[rows], :k]
    if same_survey:
        return near
    place = np.full(len(run), -1, np.int32)
    place[run.rows[rows]] = np.arange(len(rows), dtype=np.int32)
    return place[near]


def neighbourhood_change(one: NDArray[np.integer], other: NDArray[np.integer]) -> NDArray:
    """1 - Jaccard index of two sets of neighbours of each object, float32 [objects].

    Parameters
    ----------
    one, other : int [objects, k]
        No neighbour twice; negative ones do not count.
    """
    change = np.empty(len(one), np.float32)
    for start in range(0, len(one), CHUNK):
        a, b = one[start : start + CHUNK], other[start : start + CHUNK]
        shared = ((a[:, :, None] == b[:, None, :]) & (a >= 0)[:, :, None]).sum(axis=(1, 2))
        union = np.count_nonzero(a >= 0, axis=1) + np.count_nonzero(b >= 0, axis=1) - shared
        change[start : start + CHUNK] = 1 - shared / np.maximum(union, 1)
        change[start : start + CHUNK][union == 0] = 0
    return change


@dataclass(frozen=True, slots=True)
class Movement:
    """How far objects moved from A's map to B's.

    Attributes
    ----------
    moved : float32 [objects]
        In sizes of A's map; see :func:`~astra.analysis.alignment.map_size`.
    registration : Registration
        How B's map is laid over A's.
    size : float
        Of A's map, in its own units.
    """

    moved: NDArray[np.float32]
    registration: Registration
    size: float


def movement(a: NDArray[np.floating], b: NDArray[np.floating]) -> Movement:
    """Lay B's map over A's, rigidly, and measure what distance is left; float [objects, 2] both."""
    registration, size = register(b, a), map_size(a)
    return Movement(displacement(registration(b), a, size), registration, size)


class Predictions(NamedTuple):
    """What two probes say of the same objects.

    Attributes
    ----------
    classes : tuple of str
        Of both, sorted.
    a, b : int32 [objects]
        Index into `classes`; -1 where a run has no probe.
    change : float32 [objects]
        Total variation: half the sum of all changes of probability. 0 where nothing changed, 1
        where the two are sure of different classes.
    """

    classes: tuple[str, ...]
    a: NDArray[np.int32]
    b: NDArray[np.int32]
    change: NDArray[np.float32]

    @property
    def flipped(self) -> NDArray[np.bool_]:
        """Objects for which another class is predicted, bool [objects]."""
        return self.a != self.b

    def flows(self) -> NDArray[np.int64]:
        """Objects by class in A and class in B, int64 [classes, classes]."""
        known = (self.a >= 0) & (self.b >= 0)
        size = len(self.classes)
        cells = self.a[known].astype(np.int64) * size + self.b[known]
        return np.bincount(cells, minlength=size * size).reshape(size, size)


def predictions(a: Run, b: Run, objects: Common) -> Predictions:
    """Put side by side what the probes of two runs predict; a class that one lacks has 0 there."""
    given = [codes(run.probes, "predicted") for run in (a, b)]
    known = [_classes(run) for run in (a, b)]
    classes = tuple(sorted({name for names in known for name in names}))
    index = {name: place for place, name in enumerate(classes)}
    sides = []
    for (coded, names), rows in zip(given, (objects.rows_a, objects.rows_b), strict=True):
        lookup = np.array([*(index[name] for name in names), -1], np.int32)
        sides.append(lookup[coded[rows]])
    change = np.zeros(len(objects.rows_a), np.float32)
    columns = [[index[name] for name in names] for names in known]
    for start in range(0, len(change), CHUNK):
        chunk = slice(start, start + CHUNK)
        apart = np.zeros((len(objects.rows_a[chunk]), len(classes)), np.float32)
        apart[:, columns[0]] += a.probabilities[objects.rows_a[chunk]]
        apart[:, columns[1]] -= b.probabilities[objects.rows_b[chunk]]
        change[chunk] = np.abs(apart).sum(axis=1) / 2
    return Predictions(classes, sides[0], sides[1], change)


def _classes(run: Run) -> Sequence[str]:
    """Classes of a run's probabilities, in the order of their columns; none without a probe."""
    return run.summary("probes").get("classes", [])[: run.probabilities.shape[1]]


def purity(
    near: NDArray[np.integer], own: NDArray[np.integer], labels: NDArray[np.integer]
) -> NDArray[np.float32]:
    """Share of an object's labelled neighbours that have its label, float32 [objects].

    NaN for objects without a label, or without a labelled neighbour.

    Parameters
    ----------
    near : int [objects, k]
        Rows of `labels`; negative ones do not count.
    own : int [objects]
        Label of each object; negative for none.
    labels : int [rows]
        Label of every object that a neighbour may be; negative for none.
    """
    share = np.full(len(near), np.nan, np.float32)
    rows = np.flatnonzero(own >= 0)
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        around = np.where(near[chunk] >= 0, labels[near[chunk]], -1)
        known = np.count_nonzero(around >= 0, axis=1)
        same = np.count_nonzero(around == own[chunk, None], axis=1)
        share[chunk] = np.where(known > 0, same / np.maximum(known, 1), np.nan)
    return share
