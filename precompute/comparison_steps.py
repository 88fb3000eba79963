"""The steps of a comparison: objects, scores, noise, verdict, and B's own layout."""

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from astra.analysis import comparison
from astra.analysis import noise as floors
from astra.analysis.alignment import register
from astra.analysis.layout import Layout
from astra.analysis.paired import paired_scores
from astra.analysis.probes import fit_probe, labelled
from astra.analysis.projection import project
from astra.analysis.verdict import movement_verdict, overall, score_sentence
from astra.data.errors import AstraError
from astra.data.held_out import held_out
from astra.runs.run import Run
from precompute.stage import Product

if TYPE_CHECKING:
    from precompute.comparing import Compared

COLUMNS = {
    "row_a": "map row",
    "row_b": "map row",
    "change": "1 - Jaccard",
    "moved": "size of the map",
    "class_a": "code",
    "class_b": "code",
    "probability_change": "",
    "purity_a": "",
    "purity_b": "",
}
BINS = 60
FEWEST_LABELS = 10


def objects(compared: "Compared") -> Product:
    """What changed for each object that both runs have."""
    a, b = compared.a, compared.b
    both = comparison.common(a, b)
    k = min(a.neighbours.shape[1], b.neighbours.shape[1])
    sides = ((a, both.rows_a), (b, both.rows_b))
    near = [comparison.neighbours_of(run, rows, both.same_survey, k) for run, rows in sides]
    change = comparison.neighbourhood_change(near[0], near[1])
    compared.progress("progress", done=1, total=3, unit="parts")
    moved = comparison.movement(a.projection[both.rows_a], b.projection[both.rows_b])
    predicted = comparison.predictions(a, b, both)
    compared.progress("progress", done=2, total=3, unit="parts")
    own, labels = labels_of(later(a, b), a, both)
    purities = [comparison.purity(side, own, labels) for side in near]
    table = pd.DataFrame(
        {
            "row_a": both.rows_a.astype(np.int32),
            "row_b": both.rows_b.astype(np.int32),
            "change": change,
            "moved": moved.moved,
            "class_a": predicted.a.astype(np.int16),
            "class_b": predicted.b.astype(np.int16),
            "probability_change": predicted.change,
            "purity_a": purities[0],
            "purity_b": purities[1],
        }
    )
    summary = {
        "only_a": len(a) - len(table),
        "only_b": len(b) - len(table),
        "k": k,
        **summary_of(table, moved, predicted),
    }
    return Product({}, {"objects.arrow": table}, columns=COLUMNS, summary=summary)


def summary_of(
    table: pd.DataFrame, moved: comparison.Movement, predicted: comparison.Predictions
) -> dict[str, Any]:
    """What is said of all objects together; the `table` has `COLUMNS`."""
    flipped = int(np.count_nonzero(predicted.flipped))
    both = table["purity_a"].notna() & table["purity_b"].notna()
    purities = [table[name].to_numpy()[both] for name in ("purity_a", "purity_b")]
    return {
        "objects": len(table),
        "classes": list(predicted.classes),
        "flipped": flipped,
        "flows": predicted.flows().tolist(),
        "turned_degrees": round(moved.registration.degrees, 2),
        "turn": moved.registration.turn.tolist(),
        "shift": moved.registration.shift.tolist(),
        "size": moved.size,
        "median_change": float(np.median(table["change"])),
        "median_moved": float(np.median(table["moved"])),
        "purity": [float(side.mean()) if len(side) else None for side in purities],
        "told": f"{len(table):,} objects, {flipped:,} other predictions",
    }


def later(a: Run, b: Run) -> Run:
    """Run whose labels are those that both are judged by: the one with more of them."""
    counts = [run.summary("labels").get("labels", 0) for run in (a, b)]
    return b if counts[1] >= counts[0] else a


def labels_of(
    run: Run, a: Run, both: comparison.Common
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Label codes of the common objects, and of everything that a neighbour may be.

    Returns
    -------
    own : int32 [common objects]
        -1 without a label in the snapshot of ``run``.
    of_neighbours : int32 [survey rows]
        The same by the numbers that neighbours have: survey rows, or the common objects again where
        the runs are of different surveys.
    """
    table = run.labels.to_pandas()
    codes = pd.Series(pd.factorize(table["label"])[0], index=table["object_id"])
    ids = pd.Series(a.object_ids(both.rows_a))
    own = codes.reindex(ids).fillna(-1).to_numpy(np.int32)
    if not both.same_survey:
        return own, own
    by_row = np.full(len(a), -1, np.int32)
    by_row[a.rows[both.rows_a]] = own
    return own, by_row


def scores(compared: "Compared") -> Product:
    """Probes of both runs, on the same objects of the sky that is held out."""
    a, b = compared.a, compared.b
    truth_of = later(a, b)
    try:
        figures = figures_of(a, b, truth_of)
    except AstraError as error:
        return Product(summary={"told": f"not scored: {error}", "not_scored": str(error)})
    figures |= {"labels_of": truth_of.name}
    return Product(summary={**figures, "told": score_sentence(figures, ())})


def figures_of(a: Run, b: Run, truth_of: Run) -> dict[str, Any]:
    """Paired scores of both runs' embeddings.

    Raises
    ------
    AstraError
        Too few labels on one side of the split.
    """
    both = comparison.common(a, b)
    catalogue = b.survey.catalogue
    table = truth_of.labels.to_pandas().set_index("object_id")["label"]
    rows_b = b.rows[both.rows_b]  # survey rows of B, whose survey is there
    ids = catalogue["object_id"].astype("str").to_numpy(object)[rows_b]
    known = labelled(table.reindex(ids).reset_index(drop=True), FEWEST_LABELS)
    split = held_out(catalogue)
    out = split.rows[rows_b]
    learn, test = (known.rows[out[known.rows] == side] for side in (False, True))
    if not len(test) or len(np.unique(known.codes[learn])) < 2:
        raise AstraError(f"{len(learn)} labels to learn from, {len(test)} held out")
    predicted = []
    for run, rows in ((a, both.rows_a), (b, both.rows_b)):
        embeddings = np.asarray(run.embeddings[run.rows[rows[np.r_[learn, test]]]])
        codes = known.codes[np.r_[learn, test]]
        probe = fit_probe(embeddings, codes, np.arange(len(learn)), known.classes)
        predicted.append(probe.probabilities(embeddings[len(learn) :]).argmax(axis=1))
    truth = known.codes[test]
    return {
        **paired_scores(truth, predicted[0], predicted[1], known.classes),
        "learnt_from": len(learn),
        "split": split.by,
    }


def noise(compared: "Compared") -> Product:
    """How much runs differ that should not."""
    k = min(compared.a.neighbours.shape[1], compared.b.neighbours.shape[1])
    if compared.twins:
        parts = [floors.floor_of_twins(run, twins, k) for run, twins in compared.twins]
        floor = parts[0]
    else:
        floor = floors.floor_without_twins(
            compared.b, k, begun_from(compared.b) is not None, layout_of(compared.b), told(compared)
        )
    summary = {
        "kind": floor.kind,
        "of": list(floor.of),
        "quantile": floors.QUANTILE,
        "flipped": floor.flipped,
        "macro_f1": list(floor.macro_f1),
        **{
            name: {
                "threshold": floors.threshold(values),
                "median": float(np.median(values)),
                "sample": len(values),
                "quantiles": np.quantile(values, np.linspace(0, 1, 101)).round(5).tolist(),
            }
            for name, values in (("change", floor.change), ("moved", floor.moved))
        },
    }
    words = "runs of other seeds" if floor.kind == "twins" else "stand-ins, no run of another seed"
    return Product(
        {"noise_change.npy": floor.change, "noise_moved.npy": floor.moved},
        summary={**summary, "told": f"{words}: {summary['change']['threshold']:.2f} of 1"},
    )


def begun_from(run: Run) -> str | None:
    """Run whose map a run's map was begun from."""
    return run.summary("projection").get("begun_from")


def layout_of(run: Run) -> Layout:
    """Settings of a run's layout."""
    known = set(asdict(Layout()))
    settings = run.artefact("projection").settings
    return Layout(**{name: value for name, value in settings.items() if name in known})


def told(compared: "Compared") -> Callable[[int, int], None]:
    """What a layout tells of its epochs, done and in all."""
    return lambda done, total: compared.progress("progress", done=done, total=total, unit="epochs")


def verdict(compared: "Compared") -> Product:
    """What it all means, in words."""
    so_far = compared.so_far
    table = so_far.objects
    floor = so_far.summary("noise")
    facts = {
        name: movement_verdict(table[name].to_numpy(), floor[name]["threshold"])
        for name in ("change", "moved")
    }
    score = score_sentence(so_far.summary("scores"), floor["macro_f1"])
    are_twins = floors.are_twins(compared.a.manifest, compared.b.manifest)
    summary = overall(facts, so_far.summary("scores"), floor, are_twins)
    return Product(summary={**facts, "score": score, **summary})


def own_layout(compared: "Compared") -> Product:
    """B's map laid out by itself, then turned and scaled to lie over A's; map order of B."""
    a, b = compared.a, compared.b
    points = project(
        b.embeddings,
        b.neighbours,
        b.neighbour_distances,
        layout_of(b),
        compared.workers,
        told(compared),
    )[b.rows]
    both = comparison.common(a, b)
    registration = register(points[both.rows_b], a.projection[both.rows_a], scaled=True)
    return Product({"own.npy": registration(points)}, summary={"told": "laid out by itself"})
