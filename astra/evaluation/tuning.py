"""Partial fine-tuning: labels move the top layers, then the same probe is fitted again."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from astra.data.light_curves import LightCurves
from astra.encoders import Encoder, embed
from astra.evaluation.figures import FIGURES, summary
from astra.evaluation.scoring import ALL, Protocol, Task, probe_scores
from astra.evaluation.splits import draw_splits
from astra.training.loop import fit
from astra.training.settings import FitSettings
from astra.training.supervised import Supervised, SupervisedSettings

HEAD = "logistic"


@dataclass(frozen=True, slots=True)
class Tuning:
    """How an encoder is tuned.

    Attributes
    ----------
    seeds : int
        Times that it is tuned.
    top_groups : int
        Layer groups that learn, from the embedding down.
    encoder_rate : float
        Learning rate of the encoder as a factor of the head's.
    epochs, batch, learning_rate : int, int, float
    noise : float
        White noise on the fluxes of a step, in units of each error.
    """

    seeds: int = 3
    top_groups: int = 2
    encoder_rate: float = 1.0
    epochs: int = 20
    batch: int = 128
    learning_rate: float = 1e-3
    noise: float = 0.0


def fine_tuned(
    encoder: Encoder,
    light_curves: LightCurves,
    frozen: NDArray[np.floating],
    task: Task,
    tuning: Tuning | None = None,
    device: str = "auto",
    told: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Probe scores before and after, on the test of the first split.

    The labels of its learnt part teach; some of its sky chooses the epoch, and is given back to
    the probe, which learns from the whole learnt part in both cases.

    Parameters
    ----------
    encoder : Encoder
        Left as it is.
    light_curves : LightCurves
        Of the task's objects.
    frozen : float [objects, size]
        Their vectors before.
    task : Task
    tuning : Tuning, optional
    device : str
    told : callable, optional
        Told each step.

    Returns
    -------
    dict
        ``frozen`` and ``tuned``: for each figure ``mean``, ``spread`` (over seeds) and ``values``;
        ``objects`` that taught; ``best_epochs``.
    """
    tuning = tuning or Tuning()
    first = replace(task, splits=task.splits[:1])
    protocol = Protocol(heads=(HEAD,), labels=(ALL,))
    before = probe_scores(frozen, first, protocol=protocol)[HEAD][ALL]
    after, epochs, taught = [], [], 0
    for seed in range(tuning.seeds):
        if told is not None:
            told(f"fine-tuning, seed {seed}")
        tuned, taught, epoch = _tune(encoder, light_curves, task, tuning, seed, device)
        vectors = embed(tuned, light_curves, device)
        after.append(probe_scores(vectors, first, protocol=protocol)[HEAD][ALL])
        epochs.append(epoch)
    return {
        "objects": taught,
        "best_epochs": epochs,
        "frozen": {name: summary(before[name]["values"]) for name in FIGURES},
        "tuned": {name: summary([score[name]["mean"] for score in after]) for name in FIGURES},
    }


def _tune(
    encoder: Encoder,
    light_curves: LightCurves,
    task: Task,
    tuning: Tuning,
    seed: int,
    device: str,
) -> tuple[Encoder, int, int]:
    """The encoder that the labels made, the objects that taught it, and its best epoch."""
    learnt = task.splits[0].learn
    inner = draw_splits(task.units, task.codes, [2_000 + seed], learnt)[0]
    settings = SupervisedSettings(
        top_groups=tuning.top_groups, encoder_rate=tuning.encoder_rate, noise=tuning.noise
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        objective = Supervised(
            copy.deepcopy(encoder), task.classes, task.codes[inner.learn], settings
        )
    result = fit(
        objective,
        light_curves.with_columns(label=task.codes),
        inner.learn,
        FitSettings(
            epochs=tuning.epochs,
            batch=tuning.batch,
            learning_rate=tuning.learning_rate,
            seed=seed,
        ),
        device=device,
        validation_rows=inner.test,
    )
    return objective.encoder, len(inner.learn), result.best_epoch
