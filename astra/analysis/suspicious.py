"""Labels that a probe, which has not seen them, contradicts: confident learning.

Northcutt, Jiang and Chuang 2021 (JAIR 70, 1373), as cleanlab does it. The probabilities of a run's
own probes are of no use here: they were fitted on all labels, the wrong ones among them. So probes
are fitted again in folds of the sky, and each object is judged by the one without its cell.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from astra.analysis.labels_now import labels_now
from astra.analysis.probes import FEWEST_LABELS, Labelled, fit_probe, labelled
from astra.data.errors import AstraError
from astra.data.held_out import folds
from astra.labels.second_look import COLUMNS
from astra.labels.store import LabelStore
from astra.runs.run import Run

FOLDS = 5


def suspicious_labels(run: Run, store: LabelStore, seed: int = 0) -> pd.DataFrame:
    """Find labels that may be wrong, the most doubtful first.

    Parameters
    ----------
    run : Run
        Its embeddings, and the labels of its survey's catalogue.
    store : LabelStore
        What annotators say now; it stands above the catalogue.
    seed : int

    Returns
    -------
    DataFrame
        The columns of `astra.labels.second_look.read_second_look`.

    Raises
    ------
    AstraError
        cleanlab is not installed, or there are too few labels to judge any.
    """
    try:
        from cleanlab.filter import find_label_issues
        from cleanlab.rank import get_label_quality_scores
    except ImportError as error:
        raise AstraError(
            "a second look needs cleanlab: install the extra astra-observatory[curate]"
        ) from error
    given = labels_now(run, store)
    known = labelled(given.loc[:, "label"], FEWEST_LABELS)
    if len(known.classes) < 2:
        raise AstraError(
            f"{len(known.classes)} classes with {FEWEST_LABELS} labels: nothing to compare; "
            "label more objects"
        )
    probabilities = out_of_sample(run, known, seed)
    rows = known.rows[np.isfinite(probabilities[known.rows]).all(1)]
    codes, chances = known.codes[rows], probabilities[rows]
    wrong = find_label_issues(codes, chances, filter_by="both", n_jobs=1)
    quality = get_label_quality_scores(codes, chances)
    best = chances.argmax(1)
    table = given.iloc[rows].assign(
        suggested=np.array(known.classes, object)[best],
        probability=chances[np.arange(len(rows)), codes].astype(np.float32),
        probability_suggested=chances.max(1).astype(np.float32),
        quality=quality.astype(np.float32),
    )
    return table[wrong].sort_values("quality", kind="stable", ignore_index=True)[[*COLUMNS]]


def out_of_sample(run: Run, known: Labelled, seed: int) -> NDArray[np.float64]:
    """Probability of each class by a probe that has not seen the object's part of the sky.

    Returns
    -------
    float64 [objects, classes]
        NaN where an object has no label, or the probe of its fold would lack a class.
    """
    fold = folds(run.survey.catalogue, FOLDS)
    probabilities = np.full((len(fold), len(known.classes)), np.nan)
    for number in range(FOLDS):
        rows = known.rows[fold[known.rows] == number]
        learn = known.rows[fold[known.rows] != number]
        if len(rows) and len(np.unique(known.codes[learn])) == len(known.classes):
            probe = fit_probe(run.embeddings, known.codes, learn, known.classes, seed)
            probabilities[rows] = probe.probabilities(np.asarray(run.embeddings[rows]))
    return probabilities
