"""Survey leakage: how well vectors tell the survey of objects of one class. Lower is better."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from astra.evaluation.heads import Lesson, logistic

FEWEST = 50
MOST = 1_000
FOLDS = 5


def survey_leakage(
    vectors: NDArray[np.floating],
    classes: Sequence[str | None],
    surveys: Sequence[str],
    units: NDArray[np.integer],
    seed: int = 0,
) -> dict[str, Any]:
    """Balanced accuracy over chance of telling the survey, within each class.

    A logistic regression (C = 1) learns from as many objects of each survey, at most 1,000, on
    four fifths of the sky cells, and is asked on the fifth. Classes count that have 50 objects in
    two surveys at least, on two sky cells at least in each; surveys with fewer are left out.

    Parameters
    ----------
    vectors : float [objects, size]
    classes, surveys : sequence of str [objects]
    units : integer [objects]
        Sky cells.
    seed : int

    Returns
    -------
    dict
        ``mean`` over the classes, None where there are none; and ``by_class``: ``surveys``,
        ``balanced_accuracy``, ``chance``, ``leakage`` (their difference).
    """
    named = np.array([c if isinstance(c, str) else "" for c in classes])
    survey = np.asarray(surveys, str)
    by_class = {}
    for name in sorted(set(named) - {""}):
        rows, present = _comparable(np.flatnonzero(named == name), survey, units, seed)
        if len(present) < 2:
            continue
        codes = np.searchsorted(present, survey[rows])
        recall = _recall(vectors[rows], codes, units[rows], len(present), seed)
        by_class[name] = {
            "surveys": present.tolist(),
            "balanced_accuracy": recall,
            "chance": 1 / len(present),
            "leakage": recall - 1 / len(present),
        }
    values = [entry["leakage"] for entry in by_class.values()]
    return {"mean": float(np.mean(values)) if values else None, "by_class": by_class}


def _comparable(
    rows: NDArray[np.int64], survey: NDArray[np.str_], units: NDArray[np.integer], seed: int
) -> tuple[NDArray[np.int64], NDArray[np.str_]]:
    """Rows of the surveys with enough objects, the same number of each; and these surveys."""
    of_survey = {str(name): rows[survey[rows] == name] for name in np.unique(survey[rows])}
    enough = {
        name: found
        for name, found in of_survey.items()
        if len(found) >= FEWEST and len(np.unique(units[found])) >= 2
    }
    if not enough:
        return rows[:0], np.array([], str)
    count = min(MOST, *(len(found) for found in enough.values()), MOST)
    generator = np.random.default_rng(seed)
    drawn = [generator.choice(found, count, replace=False) for found in enough.values()]
    return np.sort(np.concatenate(drawn)), np.array(sorted(enough))


def _recall(
    vectors: NDArray[np.floating],
    codes: NDArray[np.int64],
    units: NDArray[np.integer],
    surveys: int,
    seed: int,
) -> float:
    """Mean recall of the surveys, each object asked when its sky cell was not learnt."""
    from sklearn.metrics import balanced_accuracy_score
    from sklearn.model_selection import StratifiedGroupKFold
    from threadpoolctl import threadpool_limits

    per_survey = [len(np.unique(units[codes == code])) for code in range(surveys)]
    folds = StratifiedGroupKFold(min(FOLDS, *per_survey), shuffle=True, random_state=seed)
    predicted = np.empty(len(codes), np.int64)
    with threadpool_limits(1):
        for learn, test in folds.split(vectors, codes, units):
            lesson = Lesson(vectors[learn], codes[learn], None, strength=1.0)
            predicted[test] = logistic(lesson)[0].predict(vectors[test])
    return float(balanced_accuracy_score(codes, predicted))
