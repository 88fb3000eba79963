"""Ask, in a process, what the labels of the moment teach a probe and what to label next."""

import subprocess
import sys

import numpy as np
from numpy.typing import NDArray

from app.categories import Category
from app.opened_runs import OpenedRun
from astra.data.errors import AstraError
from astra.data.observatory import Observatory
from astra.labels.coverage import Coverage, coverage, covered_by
from astra.runs.advice import Advice, newest_advice

ADVISING = (sys.executable, "-m", "precompute.advising")
LONGEST = 600
FILTER = "filter"
TITLES = {
    "uncertainty": ("Uncertain", "The probe hesitates between two classes."),
    "disagreement": ("Heads disagree", "Regression and nearest neighbours name different classes."),
    "representative": ("Representative", "Uncertain and in a crowd: one label speaks for many."),
    "diversity": ("Diverse", "Each the farthest from everything labelled so far."),
    "anomaly": ("Anomalous", "The least like anything else: rare classes, and artefacts."),
    FILTER: ("Your filter", "What passes the filters, the least certain first."),
    "random": ("Random", "Drawn by lot, to measure by."),
}
MOST = 300


def ask(observatory: Observatory, run: str) -> Advice:
    """Have a probe fitted and the queues filled, in a process of their own; it takes seconds.

    Raises
    ------
    AstraError
        It cannot be done; the message says why.
    """
    command = [*ADVISING, run, "--home", str(observatory.home)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST, check=False)
    except subprocess.TimeoutExpired:
        raise AstraError(f"no answer within {LONGEST} s") from None
    advice = newest_advice(observatory, run)
    if done.returncode or advice is None:
        lines = done.stderr.strip().splitlines()
        raise AstraError(lines[-1] if lines else "the probe ended without a word")
    return advice


def rows_of(
    name: str, advice: Advice | None, run: OpenedRun, passing: NDArray[np.bool_] | None
) -> NDArray[np.int64]:
    """Map rows of a queue, the first first; none where it is not known yet.

    Parameters
    ----------
    name : str
        A key of ``TITLES``.
    advice : Advice or None
    run : OpenedRun
    passing : bool [objects] or None
        Objects that pass the filters; None where there are none.
    """
    if name == FILTER:
        return _filtered(run, passing)
    if advice is None or name not in advice.queues:
        return np.empty(0, np.int64)
    return np.asarray(advice.queue(name))


def _filtered(run: OpenedRun, passing: NDArray[np.bool_] | None) -> NDArray[np.int64]:
    if passing is None:
        return np.empty(0, np.int64)
    rows = np.flatnonzero(passing)
    if "probes" in run.run.manifest.artefacts:
        doubt = run.values("entropy")[rows]
        rows = rows[np.argsort(-np.nan_to_num(doubt), kind="stable")]
    return rows[:MOST]


def probed(advice: Advice) -> Category:
    """Class of every object by the probe, as a category of the map."""
    return Category(advice.classes, np.asarray(advice.predicted))


def covered(run: OpenedRun, named: Category, by: Category) -> Coverage:
    """What the labels cover, by the classes that a probe predicts.

    Parameters
    ----------
    run : OpenedRun
    named : Category
        Labels of the moment.
    by : Category
    """
    rows = run.run.rows
    labelled = np.zeros(len(run), bool)
    labelled[rows] = named.codes >= 0
    found = covered_by(run.run.neighbours, labelled)[rows]
    return coverage(found, run.run.projection, by.codes, by.names)
