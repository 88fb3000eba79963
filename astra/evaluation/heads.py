"""Heads: what is taught the classes on top of frozen vectors."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from astra.analysis.scores import score
from astra.data.errors import AstraError

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

STRENGTHS = (0.1, 1.0, 10.0)
"""Inverse penalties of the logistic regression that a validation chooses from."""

FEW_STRENGTH = 0.03
"""The same with few labels, whatever is learnt from."""

QUANTILES = 1_000
NEIGHBOURS, NEIGHBOURS_OF_FEW = 20, 5
TREES, SMALLEST_LEAF = 100, 2


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """Vectors with their classes, and a part of them to choose settings by.

    Attributes
    ----------
    vectors : float [objects, size]
        NaN where a number is not known.
    codes : int64 [objects]
    validation : bool [objects] or None
        Objects on sky of their own, to choose by; None where there are too few labels.
    few : int or None
        Labels per class, where not all are used.
    strength : float or None
        Inverse penalty of the logistic regression; None chooses it.
    seed : int
    """

    vectors: NDArray[np.floating]
    codes: NDArray[np.int64]
    validation: NDArray[np.bool_] | None
    few: int | None = None
    strength: float | None = None
    seed: int = 0


Fitted = tuple["Pipeline", dict[str, Any]]


def predict(
    head: str, lesson: Lesson, vectors: NDArray[np.floating], classes: int
) -> tuple[NDArray[np.float64], dict[str, Any]]:
    """Teach a head and ask it.

    Parameters
    ----------
    head : str
        A key of ``HEADS``.
    lesson : Lesson
    vectors : float [tested, size]
    classes : int

    Returns
    -------
    probabilities : float64 [tested, classes]
    facts : dict
        What was chosen, such as ``strength``.

    Raises
    ------
    AstraError
        No such head.
    """
    from threadpoolctl import threadpool_limits

    if head not in HEADS:
        raise AstraError(f"no head {head!r}; there are {', '.join(HEADS)}")
    with threadpool_limits(1):
        pipeline, facts = HEADS[head](lesson)
        answer = np.zeros((len(vectors), classes))
        answer[:, pipeline.classes_] = pipeline.predict_proba(vectors)
    return answer, facts


def logistic(lesson: Lesson) -> Fitted:
    """Multinomial logistic regression on quantiles made normal.

    Its penalty is chosen by macro-F1 on the validation part, from ``STRENGTHS``. With few labels,
    which say little of quantiles, the numbers are standardised, and the penalty is fixed.
    """
    strength, facts = lesson.strength, {}
    if lesson.few is not None:
        strength = FEW_STRENGTH if strength is None else strength
        pipeline = _standardised(_regression(strength))
        return pipeline.fit(lesson.vectors, lesson.codes), {"strength": strength}
    if strength is None:
        strength, facts = _choose_strength(lesson)
    pipeline = _scaled(len(lesson.codes), _regression(strength))
    pipeline.fit(lesson.vectors, lesson.codes)
    return pipeline, {"strength": strength, **facts}


def discriminant(lesson: Lesson) -> Fitted:
    """Linear discriminant analysis, its covariance shrunk (Ledoit & Wolf 2004): for few labels."""
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    analysis = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
    return _standardised(analysis).fit(lesson.vectors, lesson.codes), {}


def neighbours(lesson: Lesson) -> Fitted:
    """20 nearest neighbours (5 with few labels) on quantiles made normal, each with one vote."""
    from sklearn.neighbors import KNeighborsClassifier

    wanted = NEIGHBOURS if lesson.few is None else NEIGHBOURS_OF_FEW
    count = min(wanted, len(lesson.codes))
    pipeline = _scaled(len(lesson.codes), KNeighborsClassifier(count, algorithm="brute"))
    return pipeline.fit(lesson.vectors, lesson.codes), {"neighbours": count}


def forest(lesson: Lesson) -> Fitted:
    """Random forest of 100 trees on the numbers as they are, classes balanced."""
    from sklearn.ensemble import RandomForestClassifier

    trees = RandomForestClassifier(
        TREES,
        min_samples_leaf=SMALLEST_LEAF,
        class_weight="balanced_subsample",
        random_state=lesson.seed,
        n_jobs=1,
    )
    pipeline = _complete(trees)
    return pipeline.fit(np.asarray(lesson.vectors, np.float32), lesson.codes), {"trees": TREES}


HEADS: dict[str, Callable[[Lesson], Fitted]] = {
    "logistic": logistic,
    "discriminant": discriminant,
    "neighbours": neighbours,
    "forest": forest,
}

HEAD_NAMES = {"logistic": "LR", "discriminant": "LDA", "neighbours": "k-NN", "forest": "RF"}


def _choose_strength(lesson: Lesson) -> tuple[float, dict[str, Any]]:
    if lesson.validation is None or len(np.unique(lesson.codes[~lesson.validation])) < 2:
        return 1.0, {}
    learn, choose = ~lesson.validation, lesson.validation
    pipeline = _scaled(int(learn.sum()), _regression(STRENGTHS[0]))
    names = [str(code) for code in range(int(lesson.codes.max()) + 1)]
    found = []
    for strength in STRENGTHS:
        # The path from strong to weak penalties starts each fit at the one before.
        pipeline.set_params(logisticregression__C=strength, logisticregression__warm_start=True)
        pipeline.fit(lesson.vectors[learn], lesson.codes[learn])
        probabilities = np.zeros((int(choose.sum()), len(names)))
        probabilities[:, pipeline.classes_] = pipeline.predict_proba(lesson.vectors[choose])
        found.append(score(lesson.codes[choose], probabilities, names)["macro_f1"])
    best = STRENGTHS[int(np.argmax(found))]
    return best, {"validation_macro_f1": dict(zip(map(str, STRENGTHS), found, strict=True))}


def _regression(strength: float) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=strength, max_iter=1_000)


def _scaled(objects: int, last: Any) -> "Pipeline":
    from sklearn.preprocessing import QuantileTransformer

    count = min(QUANTILES, objects)
    scaling = QuantileTransformer(
        n_quantiles=count, output_distribution="normal", subsample=100_000, random_state=0
    )
    return _complete(scaling, last)


def _standardised(last: Any) -> "Pipeline":
    from sklearn.preprocessing import StandardScaler

    return _complete(StandardScaler(), last)


def _complete(*steps: Any) -> "Pipeline":
    """Pipeline that first fills in what is not known by the median of those learnt from."""
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline

    return make_pipeline(SimpleImputer(strategy="median", keep_empty_features=True), *steps)
