"""Fine-tuning: labels teach a parent's encoder, on the part of the sky that is not held out.

Three parts, by sky cell: objects to learn from; a few to choose the best epoch by; and those held
out, which are scored before and after, and which the probes of the run hold out too.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from astra.analysis.probes import Labelled, evaluate, labelled
from astra.data.errors import AstraError
from astra.data.held_out import FRACTION, held_out
from astra.data.light_curves import LightCurves
from astra.encoders import Encoder, embed, load
from astra.runs.run import Run
from astra.training.settings import FitResult
from astra.training.supervised import Supervised
from precompute.stage import Context
from precompute.training import Task, objective_settings

if TYPE_CHECKING:
    from precompute.stages.encoder import Settings

CHOOSING = 0.1
FEWEST_TO_CHOOSE = 10


def supervised_task(context: Context, settings: "Settings") -> Task:
    """Teach the parent's encoder the labels.

    Raises
    ------
    AstraError
        Too few labels to learn from; the message counts them.
    """
    if context.parent is None:
        raise AstraError("objective supervised teaches a parent's encoder: name it with --parent")
    known = labelled(chosen_labels(context, settings.label_source), settings.fewest_labels)
    refuse_too_few(known, settings.fewest_labels)
    catalogue = context.survey.catalogue
    split, wider = held_out(catalogue), held_out(catalogue, FRACTION + CHOOSING)
    rows = known.rows
    learn, choose = rows[~wider.rows[rows]], rows[wider.rows[rows] & ~split.rows[rows]]
    if len(choose) < FEWEST_TO_CHOOSE:
        learn, choose = np.union1d(learn, choose), choose[:0]
    refuse_one_class(known, learn)
    light_curves = context.light_curves().with_columns(label=known.codes)
    objective = Supervised(
        load(context.parent.path),
        known.classes,
        known.codes[learn],
        objective_settings(settings),
    )
    if objective.settings.head == "probe":
        objective.begin_at_probe(context.parent.embeddings[learn], known.codes[learn])
    before = frozen_scores(context.parent, known, split.rows, settings.seed)

    def report(result: FitResult) -> dict[str, Any]:
        after = scores_of(objective.encoder, light_curves, known, split.rows, settings)
        return {
            "classes": list(known.classes),
            "left_out": known.left_out,
            "split": split.by,
            "frozen_probe": before,
            "fine_tuned_probe": after,
            "told": told(before, after),
        }

    return Task(objective, light_curves, learn, choose, report)


def chosen_labels(context: Context, source: str) -> Any:
    """Labels of the snapshot by row, of both sources or of annotators alone."""
    labels = context.labels()
    if source == "all":
        return labels
    table = context.run.labels.to_pandas()
    named = table.loc[table["source"] == source, "object_id"]
    return labels.where(context.survey.catalogue["object_id"].isin(named))


def refuse_too_few(known: Labelled, fewest: int) -> None:
    """Refuse to teach fewer than two classes.

    Raises
    ------
    AstraError
        Fewer than two classes have ``fewest`` labels.
    """
    if len(known.classes) >= 2:
        return
    enough = [f"{name} has enough" for name in known.classes]
    rare = [f"{name} has {count}" for name, count in known.left_out.items()]
    raise AstraError(
        f"teaching needs two classes with at least {fewest} labels each; "
        f"{', '.join([*enough, *rare]) or 'there are no labels'}: label more objects"
    )


def refuse_one_class(known: Labelled, learn: NDArray[np.int64]) -> None:
    """Refuse to teach where the sky that is held out leaves one class.

    Raises
    ------
    AstraError
        It does.
    """
    if len(np.unique(known.codes[learn])) < 2:
        raise AstraError(
            f"of {len(known.rows)} labels {len(learn)} are outside the sky that is held out, and "
            "these are of one class: label objects in more places of the sky"
        )


def frozen_scores(
    parent: Run, known: Labelled, out: NDArray[np.bool_], seed: int
) -> dict[str, Any]:
    """Figures of a probe on the parent's embeddings."""
    return _figures(np.asarray(parent.embeddings[known.rows]), known, out, seed)


def scores_of(
    encoder: Encoder,
    light_curves: LightCurves,
    known: Labelled,
    out: NDArray[np.bool_],
    settings: "Settings",
) -> dict[str, Any]:
    """Figures of a probe on what the taught encoder makes of the labelled light curves."""
    embeddings = embed(encoder, light_curves.take(known.rows), settings.device)
    encoder.to("cpu")
    return _figures(embeddings, known, out, settings.seed)


def told(before: dict[str, Any], after: dict[str, Any]) -> str:
    """The line for people."""
    if "macro_f1" not in after:
        return f"taught; not scored: {after['not_scored']}"
    return (
        f"macro-F1 on held-out sky {after['macro_f1']:.3f}, "
        f"was {before['macro_f1']:.3f} before (a probe on both)"
    )


def _figures(
    embeddings: NDArray[np.floating], known: Labelled, out: NDArray[np.bool_], seed: int
) -> dict[str, Any]:
    rows = known.rows
    here = Labelled(known.classes, known.codes[rows], known.left_out)
    try:
        return evaluate(embeddings, here, out[rows], seed=seed)
    except AstraError as error:
        return {"not_scored": str(error)}
