"""Probes: what the labels say of every object, and how well, on sky that was held out."""

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from astra.analysis.probes import Labelled, entropy, evaluate, fit_probe, labelled
from astra.data.errors import AstraError
from astra.data.held_out import held_out
from precompute.stage import Context, Product, Stage

CHUNK = 100_000


@dataclass(frozen=True)
class Settings:
    """What a probe needs.

    Attributes
    ----------
    fewest_labels : int
        Classes with fewer labels are left out.
    seed : int
    """

    fewest_labels: Annotated[int, Field(ge=2)] = 10
    seed: int = 0


def compute(context: Context, settings: Settings) -> Product:
    """Score a probe on held-out sky, then fit it on all labels and predict every object."""
    known = labelled(context.labels(), settings.fewest_labels)
    facts: dict[str, Any] = {"classes": list(known.classes), "left_out": known.left_out}
    if len(known.classes) < 2:
        told = f"{len(known.classes)} classes with {settings.fewest_labels} labels: no probe"
        return product(known, np.empty((context.objects, 0), np.float16), {**facts, "told": told})
    probe = fit_probe(context.run.embeddings, known.codes, known.rows, known.classes, settings.seed)
    rows, embeddings = context.run.rows, context.run.embeddings
    probabilities = np.empty((len(rows), len(known.classes)), np.float32)
    for start in range(0, len(rows), CHUNK):
        chunk = slice(start, start + CHUNK)
        probabilities[chunk] = probe.probabilities(embeddings[rows[chunk]])
        context.progress("progress", done=start, total=len(rows), unit="objects")
    return product(known, probabilities, {**facts, **scores(context, known, settings)})


def scores(context: Context, known: Labelled, settings: Settings) -> dict[str, Any]:
    """Figures of a probe that has not seen the objects it is scored on."""
    catalogue = context.survey.catalogue
    split = held_out(catalogue)
    surveys = catalogue.table.get("survey")
    try:
        figures = evaluate(context.run.embeddings, known, split.rows, surveys, settings.seed)
    except AstraError as error:
        return {"split": split.by, "told": f"{len(known.classes)} classes, not scored: {error}"}
    told = (
        f"macro-F1 {figures['macro_f1']:.3f} (majority {figures['majority']['macro_f1']:.3f}) "
        f"over {len(known.classes)} classes, held out: {split.by}"
    )
    return {"split": split.by, **figures, "told": told}


def product(known: Labelled, probabilities: NDArray, summary: dict[str, Any]) -> Product:
    """Predictions as an artefact; unknown where there are no classes.

    ``probabilities`` is float [objects, classes], map order.
    """
    objects, classes = probabilities.shape
    if classes:
        predicted, most = probabilities.argmax(axis=1), probabilities.max(axis=1)
    else:
        predicted, most = np.full(objects, -1), np.full(objects, np.nan, np.float32)
    table = pd.DataFrame(
        {
            "predicted": pd.Categorical.from_codes(predicted, list(known.classes[:classes])),
            "probability": most,
            "entropy": entropy(probabilities) if classes else most,
        }
    )
    return Product(
        tables={"probes.arrow": table},
        arrays={"probabilities.npy": probabilities.astype(np.float16)},
        columns={"predicted": "", "probability": "", "entropy": ""},
        summary=summary,
    )


STAGE = Stage(
    "probes", ("survey.catalogue", "labels", "embeddings", "projection"), "map", Settings, compute
)
