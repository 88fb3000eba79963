"""How a stage trains an encoder: the task, the fit, and what is said of it."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from astra.data.errors import AstraError
from astra.data.held_out import held_out
from astra.data.light_curves import LightCurves
from astra.encoders import ENCODERS, Encoder, build, load
from astra.encoders.astra import Astra
from astra.training.contrastive import Contrastive, ContrastiveSettings
from astra.training.cross_half import CrossHalf, CrossHalfSettings
from astra.training.loop import fit
from astra.training.masked import Masked, MaskedSettings
from astra.training.objective import Objective
from astra.training.probing import EpochProbe
from astra.training.ranks import ranks
from astra.training.settings import FitResult, FitSettings
from astra.training.supervised import SupervisedSettings
from astra.training.triplet import Triplet, TripletSettings
from precompute.simulated import with_simulated
from precompute.stage import Context
from precompute.stopping import STOP
from precompute.tables import settings_from
from precompute.together import asked_of_others

if TYPE_CHECKING:
    from precompute.stages.encoder import Settings

OBJECTIVES: dict[str, Callable[[Any, Any], Objective]] = {
    "cross_half": CrossHalf,
    "contrastive": Contrastive,
    "triplet": Triplet,
    "masked": Masked,
}
OBJECTIVE_SETTINGS: dict[str, type] = {
    "cross_half": CrossHalfSettings,
    "contrastive": ContrastiveSettings,
    "triplet": TripletSettings,
    "masked": MaskedSettings,
    "supervised": SupervisedSettings,
}
VALIDATION = 1_000
STANDARDS = 20_000
SECONDS_BETWEEN_CHECKPOINTS = 10.0
MOST_COLLATORS = 8


@dataclass(frozen=True)
class Task:
    """What to fit, on which rows, and what to say of it afterwards.

    Attributes
    ----------
    objective : Objective
    light_curves : LightCurves
    rows, validation_rows : int64
        To learn from; to choose the best epoch by, perhaps none.
    report : callable
        Takes the result, gives the summary, of which ``told`` is the line for people.
    probe : EpochProbe or None
        Looked at after each epoch.
    """

    objective: Objective
    light_curves: LightCurves
    rows: NDArray[np.int64]
    validation_rows: NDArray[np.int64]
    report: Callable[[FitResult], dict[str, Any]]
    probe: EpochProbe | None = None


def learn(context: Context, settings: "Settings") -> tuple[Encoder, dict[str, Any]]:
    """Fit an encoder, with the processes that stand by; gives it with what came of it.

    Raises
    ------
    AstraError
        There are too few labels to learn from.
    """
    ranks().hear_first(asked_of_others(context, settings))
    task, result = train(context, settings)
    summary = {
        "objective": settings.objective,
        "objects": len(task.rows),
        "validation_objects": len(task.validation_rows),
        "steps": result.steps,
        "seconds": round(result.seconds, 1),
        "device": result.device,
        "processes": ranks().size,
        "history": [
            {name: value for name, value in epoch.items() if name != "confusion"}
            for epoch in result.history
        ],
        **task.report(result),
    }
    return task.objective.encoder, summary


def train(context: Context, settings: "Settings") -> tuple[Task, FitResult]:
    """Fit an encoder: what each of the processes does."""
    # One thread: the same weights on every machine; others collate ahead.
    torch.set_num_threads(1)
    torch.manual_seed(settings.seed)
    task = prepare(context, settings)
    with STOP.patiently():
        result = fit(
            task.objective,
            task.light_curves,
            repeated(task.rows, settings),
            fit_settings(settings, context.workers // ranks().size),
            progress=context.progress,
            checkpoint=context.scratch / "checkpoint",
            device=settings.device,
            validation_rows=task.validation_rows,
            should_stop=STOP,
            probe=task.probe,
        )
    return task, result


def check_tables(settings: "Settings") -> None:
    """Check the tables of an encoder's recipe before anything is made.

    Raises
    ------
    AstraError
        One names what does not exist, gives it a value that it does not take, or stands where
        nothing is learnt.
    """
    if not settings.objective:
        raise AstraError(
            "encoder.architecture, .objective_settings and .fit are for an encoder that learns; "
            "weights that come as they are have no use for them"
        )
    if settings.objective != "supervised":
        settings_from(
            ENCODERS[settings.name].settings_type, settings.architecture, "encoder.architecture"
        )
    fit_settings(settings)
    objective_settings(settings)


def fit_settings(settings: "Settings", workers: int = 1) -> FitSettings:
    """How to fit, from the stage's own fields and its table; one worker trains, others collate."""
    collators = min(max(workers - 1, 1), MOST_COLLATORS)
    return settings_from(
        FitSettings,
        settings.fit,
        "encoder.fit",
        epochs=settings.epochs,
        batch=settings.batch,
        learning_rate=settings.learning_rate,
        seed=settings.seed,
        checkpoint_seconds=SECONDS_BETWEEN_CHECKPOINTS,
        prefetch=2 * collators if workers > 1 else 0,
        collators=collators,
    )


def objective_settings(settings: "Settings") -> Any:
    """Settings of the objective, from its table."""
    fixed = {}
    if settings.objective == "supervised":
        fixed = {"top_groups": settings.top_groups, "encoder_rate": settings.encoder_rate}
    return settings_from(
        OBJECTIVE_SETTINGS[settings.objective],
        settings.objective_settings,
        "encoder.objective_settings",
        **fixed,
    )


def repeated(rows: NDArray[np.int64], settings: "Settings") -> NDArray[np.int64]:
    """Rows of an epoch, int64: each once, or as often as it takes to fill the fewest steps.

    ``rows`` is int64 [learnt objects]; what is given is a whole number of times as long.
    """
    steps = math.ceil(len(rows) / settings.batch)
    return np.tile(rows, max(1, math.ceil(settings.fewest_steps / max(steps, 1))))


def prepare(context: Context, settings: "Settings") -> Task:
    """Make the task of an objective."""
    if settings.objective == "supervised":
        from precompute.teaching import supervised_task

        return supervised_task(context, settings)
    return self_supervised_task(context, settings)


def self_supervised_task(context: Context, settings: "Settings") -> Task:
    """Learn from light curves alone; a few of them choose the best epoch."""
    light_curves = context.light_curves()
    order = np.random.default_rng(settings.seed).permutation(len(light_curves))
    held = min(VALIDATION, len(order) // 10)
    rows, validation_rows = np.sort(order[held:][: settings.most_objects]), np.sort(order[:held])
    # The labels are looked at, not learnt from: what is made does not depend on them.
    probe = EpochProbe.of(light_curves, context.labels(), held_out(context.survey.catalogue).rows)
    encoder = build(settings.name, **settings.architecture)
    options = objective_settings(settings)
    if isinstance(encoder, Astra):
        encoder.fit_standards(light_curves.take(rows[:STANDARDS]))
        encoder.take_raw_time(load("astra_clr"))
    if settings.simulated:
        kept = np.concatenate([rows, validation_rows])
        rows, validation_rows = np.arange(len(rows)), np.arange(len(rows), len(kept))
        light_curves, kinds = with_simulated(
            light_curves, kept, settings.simulated, settings.seed, _told_of_stars(context)
        )
        rows = np.concatenate([rows, np.arange(len(kept), len(light_curves))])
        options = replace(options, classes=len(kinds))
    objective = OBJECTIVES[settings.objective](encoder, options)
    return Task(objective, light_curves, rows, validation_rows, report, probe)


def _told_of_stars(context: Context) -> Callable[[int, int], None]:
    def told(done: int, total: int) -> None:
        context.progress("progress", done=done, total=total, unit="simulated stars")

    return told


def report(result: FitResult) -> dict[str, Any]:
    """What came of learning without labels."""
    probed = [epoch["probe"] for epoch in result.history if "probe" in epoch]
    more = f", probe {probed[0]:.3f} to {probed[-1]:.3f}" if probed else ""
    return {"told": f"loss {result.loss:.4g} after {result.steps:,} steps{more}"}
