"""Probes: how much of the classes a straight line through frozen embeddings finds."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from astra.analysis.scores import majority_baseline, score
from astra.data.errors import AstraError

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

FEWEST_LABELS = 10
MOST_ROWS = 100_000
_CHUNK = 100_000


@dataclass(frozen=True, slots=True)
class Labelled:
    """Labels that are enough to learn from.

    Attributes
    ----------
    classes : tuple of str
        Sorted.
    codes : int64 [objects]
        Index into ``classes``; -1 without a label, or with one that is too rare.
    left_out : dict of str to int
        Labels too rare to learn, and how often they occur.
    """

    classes: tuple[str, ...]
    codes: NDArray[np.int64]
    left_out: dict[str, int]

    @property
    def rows(self) -> NDArray[np.int64]:
        """Rows with a label, int64 [labels], ascending."""
        return np.flatnonzero(self.codes >= 0)


def labelled(labels: Sequence[str | None] | pd.Series, fewest: int = FEWEST_LABELS) -> Labelled:
    """Keep the labels of classes that have at least ``fewest``.

    Parameters
    ----------
    labels : sequence of str or None [objects]
    fewest : int
    """
    series = pd.Series(labels, dtype="str")
    counts = Counter(series.dropna())
    classes = tuple(sorted(name for name, count in counts.items() if count >= fewest))
    codes = pd.Index(classes, dtype="str").get_indexer(pd.Index(series)).astype(np.int64)
    return Labelled(classes, codes, {name: n for name, n in counts.items() if n < fewest})


@dataclass(frozen=True, slots=True)
class Probe:
    """Standard scaling and multinomial logistic regression (C = 1) on embeddings.

    Attributes
    ----------
    classes : tuple of str
    pipeline : sklearn Pipeline
        Knows the classes by their indices, perhaps not all of them.
    """

    classes: tuple[str, ...]
    pipeline: "Pipeline"

    def probabilities(self, embeddings: NDArray[np.floating]) -> NDArray[np.float32]:
        """Probability of each class, float32 [objects, classes]; rows sum to 1."""
        answer = np.zeros((len(embeddings), len(self.classes)), np.float32)
        for start in range(0, len(embeddings), _CHUNK):
            chunk = slice(start, start + _CHUNK)
            some = np.asarray(embeddings[chunk], np.float64)
            answer[chunk, self.pipeline.classes_] = self.pipeline.predict_proba(some)
        return answer


def fit_probe(
    embeddings: NDArray[np.floating],
    codes: NDArray[np.int64],
    rows: NDArray[np.int64],
    classes: tuple[str, ...],
    seed: int = 0,
) -> Probe:
    """Fit a probe on some rows, at most 100,000 of them, drawn at random.

    Parameters
    ----------
    embeddings : float [objects, embedding]
    codes : int64 [objects]
        Class of each object, an index into ``classes``.
    rows : int64 [rows]
        Rows to learn from.
    classes : tuple of str
    seed : int

    Raises
    ------
    AstraError
        The rows are of fewer than two classes.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from threadpoolctl import threadpool_limits

    if len(rows) > MOST_ROWS:
        rows = np.sort(np.random.default_rng(seed).choice(rows, MOST_ROWS, replace=False))
    if len(np.unique(codes[rows])) < 2:
        raise AstraError("a probe needs labels of two classes at least")
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(C=1.0, max_iter=1_000))
    # Thousands of tiny products: threads that wait for one another cost up to fifty times more.
    with threadpool_limits(1):
        pipeline.fit(np.asarray(embeddings[rows], np.float64), codes[rows])
    return Probe(classes, pipeline)


def evaluate(
    embeddings: NDArray[np.floating],
    known: Labelled,
    held_out: NDArray[np.bool_],
    surveys: Sequence[str] | pd.Series | None = None,
    seed: int = 0,
) -> dict[str, Any]:
    """Fit a probe without the objects that are held out, and score it on them.

    Parameters
    ----------
    embeddings : float [objects, embedding]
    known : Labelled
    held_out : bool [objects]
    surveys : sequence of str [objects], optional
        Where there are several, each is scored by itself too: between surveys, classes can be told
        by the survey.
    seed : int

    Returns
    -------
    dict
        ``fitted_on`` (objects), the figures of :func:`~astra.analysis.scores.score`, ``majority``
        (what naming the most frequent class reaches), and ``surveys``.

    Raises
    ------
    AstraError
        One side of the split has too few labels.
    """
    rows = known.rows
    learn, test = rows[~held_out[rows]], rows[held_out[rows]]
    if not len(test) or len(np.unique(known.codes[learn])) < 2:
        raise AstraError(
            f"too few labels to score: {len(test)} objects held out, "
            f"{len(learn)} to learn from; label more objects elsewhere on the sky"
        )
    probe = fit_probe(embeddings, known.codes, learn, known.classes, seed)
    truth, probabilities = known.codes[test], probe.probabilities(embeddings[test])
    scores = {"fitted_on": min(len(learn), MOST_ROWS), **score(truth, probabilities, known.classes)}
    scores["majority"] = majority_baseline(truth, known.codes[learn], known.classes)
    scores["surveys"] = {
        survey: score(truth[where], probabilities[where], known.classes)
        for survey, where in _parts(surveys, test)
    }
    return scores


def entropy(probabilities: NDArray[np.floating]) -> NDArray[np.float32]:
    """Entropy of each row over that of a guess, float32 [objects]: 0 certain, 1 no idea."""
    classes = probabilities.shape[1]
    positive = np.maximum(probabilities, np.finfo(np.float32).tiny)
    nats = -np.sum(probabilities * np.log(positive), axis=1)
    return np.clip(nats / np.log(max(classes, 2)), 0, 1).astype(np.float32)


def _parts(
    surveys: Sequence[str] | pd.Series | None, rows: NDArray[np.int64]
) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Name of each survey and where it is among the rows; nothing where there is only one."""
    if surveys is None:
        return
    names = pd.Series(surveys).iloc[rows].to_numpy(object)
    present = sorted({str(name) for name in names if isinstance(name, str)})
    if len(present) > 1:
        for name in present:
            yield name, names == name
