"""``python -m precompute.advising RUN``: a probe on the labels of the moment, and what comes next.

It answers in seconds: embeddings are there, only a straight line is fitted. Nothing of the run is
changed; the answer lies beside it (see :mod:`astra.runs.advice`).
"""

import logging
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from astra.analysis.labels_now import labels_now
from astra.analysis.probes import FEWEST_LABELS, Labelled, fit_probe, labelled
from astra.analysis.queues import MOST_CANDIDATES, MOST_CENTRES, QUEUES, Pool, choose
from astra.analysis.queues import is_possible as queue_is_possible
from astra.analysis.scores import majority_baseline, score
from astra.analysis.standard import standardise
from astra.analysis.worth import density_of
from astra.data.errors import AstraError
from astra.data.held_out import held_out
from astra.data.observatory import Observatory
from astra.evaluation.figures import bootstrap, sums
from astra.evaluation.splits import sky_units
from astra.labels.store import LabelStore
from astra.runs.advice import Advice, save_advice
from astra.runs.progress import Progress, silent
from astra.runs.run import Run
from precompute.progress import reporting

FEWEST = min(5, FEWEST_LABELS)
QUEUE_LENGTH = 300
NEIGHBOURS = 10
CHUNK = 100_000


def advise(
    observatory: Observatory,
    run: Run,
    fewest: int = FEWEST,
    progress: Progress = silent,
    seed: int = 0,
) -> Advice:
    """Fit a probe on the labels of the moment, score it, predict every object, fill the queues.

    Parameters
    ----------
    observatory : Observatory
    run : Run
    fewest : int
        Classes with fewer labels are left out.
    progress : Progress
    seed : int

    Raises
    ------
    AstraError
        The run has no embeddings.
    """
    begun = time.monotonic()
    progress("start", stage="probe")
    store = LabelStore(observatory.labels) if observatory.labels.exists() else None
    known = labelled(labels_now(run, store).loc[:, "label"], fewest)
    facts: dict[str, Any] = {
        "run": run.name,
        "labels": len(known.rows),
        "classes": list(known.classes),
        "left_out": known.left_out,
    }
    progress("progress", stage="probe", done=1, total=4, unit="steps", message="scoring")
    facts |= scores(run, known, seed)
    progress("progress", stage="probe", done=2, total=4, unit="steps", message="predicting")
    probabilities = predict_all(run, known, seed)
    arrays = predictions(run, probabilities)
    progress("progress", stage="probe", done=3, total=4, unit="steps", message="filling the queues")
    queues = fill_queues(run, known, probabilities, seed)
    arrays |= {f"queue-{name}": rows for name, rows in queues.items()}
    facts["queues"] = {name: len(rows) for name, rows in queues.items()}
    facts["seconds"] = round(time.monotonic() - begun, 2)
    advice = save_advice(observatory, run.name, facts, arrays)
    progress("done", stage="probe", message=told(facts))
    return advice


def scores(run: Run, known: Labelled, seed: int) -> dict[str, Any]:
    """Figures of a probe that has not seen the held-out sky, with their intervals."""
    split = held_out(run.survey.catalogue)
    rows = known.rows
    learn, test = rows[~split.rows[rows]], rows[split.rows[rows]]
    if not len(test) or len(np.unique(known.codes[learn])) < 2:
        return {
            "split": split.by,
            "not_scored": f"{len(learn)} labels to learn from and {len(test)} held out are too "
            "few, or of one class: label more objects, elsewhere on the sky",
        }
    probe = fit_probe(run.embeddings, known.codes, learn, known.classes, seed)
    truth, probabilities = known.codes[test], probe.probabilities(run.embeddings[test])
    totals = sums(truth, probabilities, sky_units(run.survey.catalogue.take(test)))
    found = score(truth, probabilities, known.classes)
    found["intervals"] = bootstrap(totals, seed=seed)
    found["confusion"] = totals.confusion.sum(axis=0).astype(int).tolist()
    found["majority"] = majority_baseline(truth, known.codes[learn], known.classes)
    found["fitted_on"] = len(learn)
    return {"split": split.by, "scores": found}


def predict_all(run: Run, known: Labelled, seed: int) -> NDArray[np.float32] | None:
    """Probability of each class by a probe on all labels, [objects, classes], survey order."""
    if len(known.classes) < 2:
        return None
    probe = fit_probe(run.embeddings, known.codes, known.rows, known.classes, seed)
    found = np.empty((len(run.embeddings), len(known.classes)), np.float32)
    for start in range(0, len(found), CHUNK):
        found[start : start + CHUNK] = probe.probabilities(run.embeddings[start : start + CHUNK])
    return found


def predictions(run: Run, probabilities: NDArray[np.float32] | None) -> dict[str, NDArray]:
    """Most probable class of each object, and its probability.

    Parameters
    ----------
    run : Run
    probabilities : float32 [objects, classes] or None
        Survey order; None where there are no two classes to tell apart.

    Returns
    -------
    dict
        ``predicted``, int16 [objects], -1 without a probe; ``probability``, float32 [objects]; both
        in map order.
    """
    if probabilities is None:
        nobody = np.full(len(run.rows), -1, np.int16)
        return {"predicted": nobody, "probability": np.zeros(len(nobody), np.float32)}
    return {
        "predicted": probabilities.argmax(axis=1).astype(np.int16)[run.rows],
        "probability": probabilities.max(axis=1)[run.rows],
    }


def fill_queues(
    run: Run, known: Labelled, probabilities: NDArray[np.float32] | None, seed: int
) -> dict[str, NDArray[np.int64]]:
    """Map rows of every queue that can be filled, by its name: int64 [up to 300], the first first.

    ``probabilities`` is float32 [objects, classes], survey order; without it the queues that ask a
    probe are left out. Of more than 50,000 objects without a label, so many drawn at random are
    looked at.
    """
    generator = np.random.default_rng(seed)
    has_label = known.codes >= 0
    rows = np.sort(
        np.concatenate(
            [
                _some(generator, np.flatnonzero(has_label), MOST_CENTRES),
                _some(generator, np.flatnonzero(~has_label), MOST_CANDIDATES),
            ]
        )
    )
    points = standardise(run.embeddings[rows])
    first = None if probabilities is None else probabilities[rows]
    pool = Pool(
        points,
        has_label[rows],
        first,
        None if first is None else second_head(points, known.codes[rows], first.shape[1]),
        density_of(run.neighbour_distances[rows]),
        run.values("anomalies", "score")[run.map_row[rows]] if _has(run, "anomalies") else None,
        seed,
    )
    return {
        name: run.map_row[rows[choose(name, pool, QUEUE_LENGTH).rows]].astype(np.int64)
        for name in QUEUES
        if queue_is_possible(name, pool)
    }


def second_head(
    points: NDArray[np.float32], codes: NDArray[np.int64], classes: int
) -> NDArray[np.float64]:
    """Share of the classes among the labelled nearest to each object, [objects, classes]."""
    taught = np.flatnonzero(codes >= 0)
    near = min(NEIGHBOURS, len(taught))
    share = np.zeros((len(points), classes))
    for start in range(0, len(points), 5_000):
        some = points[start : start + 5_000]
        to = points[taught]
        squared = np.einsum("ce,ce->c", to, to) - 2 * (some @ to.T)
        nearest = np.argpartition(squared, near - 1, axis=1)[:, :near]
        votes = codes[taught[nearest]]
        place = np.repeat(np.arange(start, start + len(some)), near)
        np.add.at(share, (place, votes.ravel()), 1 / near)
    return share


def told(facts: dict[str, Any]) -> str:
    """The line for people."""
    if "scores" not in facts:
        return f"{facts['labels']} labels; not scored: {facts['not_scored']}"
    low, high = facts["scores"]["intervals"]["macro_f1"]
    return (
        f"macro-F1 {facts['scores']['macro_f1']:.3f} ({low:.3f} to {high:.3f}) over "
        f"{len(facts['classes'])} classes, {facts['labels']} labels, held out: {facts['split']}"
    )


def _some(generator: np.random.Generator, rows: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    return rows if len(rows) <= most else generator.choice(rows, most, replace=False)


def _has(run: Run, artefact: str) -> bool:
    return artefact in run.manifest.artefacts


def make(
    run: Annotated[str, typer.Argument(help="Run whose embeddings are probed.")],
    home: Annotated[Path | None, typer.Option(help="Observatory.")] = None,
    fewest: Annotated[int, typer.Option(help="Labels a class needs.", min=2)] = FEWEST,
    progress: Annotated[Path | None, typer.Option(help="File of the events.")] = None,
) -> None:
    """Probe the labels of the moment, and fill the queues of what to label next."""
    observatory = Observatory(home)
    with reporting(progress) as tell:
        try:
            advise(observatory, Run.open(observatory.run(run)), fewest, tell)
        except AstraError as error:
            tell("failed", stage=None, message=str(error))
            sys.exit(1)


def main() -> None:
    """Entry point."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    typer.run(make)


if __name__ == "__main__":
    main()
