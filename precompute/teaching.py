"""Fine-tuning: labels teach a parent's encoder, on the part of the sky that is not held out.

Three parts, by sky cell: objects to learn from; a few to choose the best epoch by; and those held
out, which are scored before and after, and which the probes of the run hold out too.
"""

from resource import RUSAGE_SELF, getrusage
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from astra.analysis.probes import Labelled, evaluate, fit_probe, labelled
from astra.data.catalogue import Catalogue
from astra.data.errors import AstraError
from astra.data.held_out import FRACTION, held_out
from astra.encoders import embed, load
from astra.evaluation.figures import sums
from astra.evaluation.labelling import gain, resampled
from astra.evaluation.splits import sky_units
from astra.runs.run import Run
from astra.training.settings import FitResult
from astra.training.supervised import Supervised
from precompute.stage import Context
from precompute.training import Task, objective_settings

if TYPE_CHECKING:
    from precompute.stages.encoder import Settings

CHOOSING = 0.1
FEWEST_TO_CHOOSE = 10
RESAMPLINGS = 500


def supervised_task(context: Context, settings: "Settings") -> Task:
    """Teach the parent's encoder the labels.

    Raises
    ------
    AstraError
        Too few labels to learn from, which the message counts; or the survey has grown since the
        parent was made.
    """
    parent = context.parent
    if parent is None:
        raise AstraError("objective supervised teaches a parent's encoder: name it with --parent")
    refuse_grown(context, parent)
    known = labelled(chosen_labels(context, settings.label_source), settings.fewest_labels)
    refuse_too_few(known, settings.fewest_labels)
    catalogue = context.survey.catalogue
    split = held_out(catalogue)
    learn, choose = parts_of(catalogue, known, split.rows)
    refuse_one_class(known, learn)
    light_curves = context.light_curves().with_columns(label=known.codes)
    objective = Supervised(
        load(parent.path), known.classes, known.codes[learn], objective_settings(settings)
    )
    if objective.settings.head == "probe":
        objective.begin_at_probe(parent.embeddings[learn], known.codes[learn])
    before = frozen_scores(parent, known, split.rows, settings.seed)
    tell_plan(context, known, (learn, choose), before, settings.seed)

    def report(result: FitResult) -> dict[str, Any]:
        taught = embed(objective.encoder, light_curves.take(known.rows), settings.device)
        objective.encoder.to("cpu")
        after = _figures(taught, known, split.rows, settings.seed)
        frozen = np.asarray(parent.embeddings[known.rows])
        return {
            "classes": list(known.classes),
            "left_out": known.left_out,
            "split": split.by,
            "frozen_probe": before,
            "fine_tuned_probe": after,
            "gain": gain_of(frozen, taught, known, split.rows, catalogue, settings.seed),
            "memory_mb": round(getrusage(RUSAGE_SELF).ru_maxrss / 1024),
            "told": told(before, after),
        }

    return Task(objective, light_curves, learn, choose, report)


def parts_of(
    catalogue: Catalogue, known: Labelled, out: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows to learn from, and rows to choose the best epoch by, int64; on sky that is not `out`.

    Where these would be too few, all are learnt from.
    """
    rows, wider = known.rows, held_out(catalogue, FRACTION + CHOOSING).rows
    learn, choose = rows[~wider[rows]], rows[wider[rows] & ~out[rows]]
    if len(choose) < FEWEST_TO_CHOOSE:
        return np.union1d(learn, choose), choose[:0]
    return learn, choose


def refuse_grown(context: Context, parent: Run) -> None:
    """Refuse a parent that does not know all objects of the survey as they are now.

    Raises
    ------
    AstraError
        It is one.
    """
    survey = context.survey
    if parent.manifest.survey_fingerprint != survey.fingerprint:
        raise AstraError(
            f"survey {survey.name} has grown since run {parent.name} was made: first bring the run "
            f"up to date (astra precompute {survey.name} --run NEW --parent {parent.name}), then "
            "teach the new one"
        )


def tell_plan(
    context: Context,
    known: Labelled,
    parts: tuple[NDArray[np.int64], NDArray[np.int64]],
    before: dict[str, Any],
    seed: int,
) -> None:
    """Tell, before the first step, who learns what, and what must be beaten.

    ``baselines`` are macro-F1 of naming the most frequent class, and of a probe on the frozen
    embeddings, on the objects that choose the epoch; where there are none, on the held-out sky.
    """
    learn, choose = parts
    frozen, where = before, "held out"
    if len(choose):
        out = np.zeros(len(known.codes), bool)
        out[choose] = True
        here = Labelled(known.classes, np.where(is_in(len(out), *parts), known.codes, -1), {})
        assert context.parent is not None
        embeddings = np.asarray(context.parent.embeddings[here.rows])
        frozen, where = _figures(embeddings, here, out, seed), "validation"
    baselines = {}
    if "macro_f1" in frozen:
        baselines = {
            "majority": frozen["majority"]["macro_f1"],
            "frozen probe": frozen["macro_f1"],
        }
    context.progress(
        "progress",
        done=0,
        total=1,
        unit="steps",
        message=f"{len(learn)} labels teach, {len(choose)} choose the epoch",
        classes=list(known.classes),
        parts={"learn": len(learn), "choose": len(choose), "held out": before.get("objects", 0)},
        baselines=baselines,
        baselines_on=where,
        frozen_by_class=frozen.get("by_class", {}),
    )


def is_in(objects: int, *parts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each object is in one of the parts, bool [objects]."""
    found = np.zeros(objects, bool)
    for part in parts:
        found[part] = True
    return found


def chosen_labels(context: Context, source: str) -> pd.Series:
    """Label of each object in the snapshot, survey order, or null; of annotators alone if asked.

    ``source`` is ``all`` or ``annotator``.
    """
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
    """Figures of a probe on the parent's embeddings, tested where ``out``, bool [objects], is true.

    What fine-tuning must beat.
    """
    return _figures(np.asarray(parent.embeddings[known.rows]), known, out, seed)


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


def gain_of(
    before: NDArray[np.floating],
    after: NDArray[np.floating],
    known: Labelled,
    out: NDArray[np.bool_],
    catalogue: Catalogue,
    seed: int = 0,
) -> dict[str, Any]:
    """Gain in macro-F1 of a probe on held-out sky, ``mean`` and ``interval`` of 95 %.

    Both probes are tested on the same objects, whose sky cells are drawn again, paired.

    Parameters
    ----------
    before, after : float [labels, embedding]
        Of the objects with a label.
    known : Labelled
    out : bool [objects]
    catalogue : Catalogue
    seed : int
    """
    rows = known.rows
    test = out[rows]
    if not test.any() or len(np.unique(known.codes[rows][~test])) < 2:
        return {}
    codes, units = known.codes[rows], sky_units(catalogue.take(rows[test]))
    found = []
    for vectors in (after, before):
        probe = fit_probe(vectors, codes, np.flatnonzero(~test), known.classes, seed)
        totals = sums(codes[test], probe.probabilities(vectors[test]), units)
        found.append(resampled(totals, RESAMPLINGS, seed))
    return {name: value for name, value in gain(found[:1], found[1:]).items() if name != "values"}
