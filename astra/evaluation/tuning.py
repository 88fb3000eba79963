"""Partial fine-tuning: labels move the top layers, then the same probe is fitted again."""

import copy
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from astra.data.errors import AstraError
from astra.data.light_curves import LightCurves
from astra.encoders import Encoder, embed
from astra.evaluation.figures import FIGURES, summary
from astra.evaluation.scoring import ALL, Protocol, Task, probe_scores
from astra.evaluation.splits import draw_splits
from astra.training.augmentation import augmentation
from astra.training.loop import fit
from astra.training.settings import FitSettings
from astra.training.supervised import Head, Supervised, SupervisedSettings

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
    encoder_rate, encoder_decay : float
        Learning rate of the encoder's top group as a factor of the head's, and factor from each
        group to the one below.
    head : str
        ``random``, or ``probe``: that of the frozen vectors.
    epochs, batch, learning_rate : int, int, float
    fewest_steps : int
        Steps that an epoch has at least: a few dozen labels are seen several times in each.
    warmup_steps, patience : int
        See :class:`astra.training.settings.FitSettings`.
    weight_decay, dropout, label_smoothing : float
    balanced : bool
    weight_cap : float
    noise, thinning : float
        See :class:`astra.training.supervised.SupervisedSettings`.
    views : int
        Vectors are means over so many views, before as after; more than one needs noise or
        thinning.
    """

    seeds: int = 3
    top_groups: int = 2
    encoder_rate: float = 1.0
    encoder_decay: float = 1.0
    head: Head = "random"
    epochs: int = 20
    batch: int = 128
    learning_rate: float = 1e-3
    fewest_steps: int = 0
    warmup_steps: int = 100
    patience: int = 0
    weight_decay: float = 0.01
    dropout: float = 0.2
    label_smoothing: float = 0.0
    balanced: bool = True
    weight_cap: float = 0.0
    noise: float = 0.0
    thinning: float = 0.0
    views: int = 1

    def objective(self) -> SupervisedSettings:
        """Settings of the objective."""
        return _part(self, SupervisedSettings)

    def fit(self, seed: int) -> FitSettings:
        """Settings of the fit."""
        return replace(_part(self, FitSettings), seed=seed)


def tuning_from(words: Sequence[str], **fixed: Any) -> Tuning:
    """Settings from words such as ``encoder_decay=0.5``.

    Raises
    ------
    AstraError
        A word names no setting, or gives it a value that it does not take.
    """
    names = [field.name for field in fields(Tuning) if field.name not in fixed]
    table = dict(fixed)
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or name not in names:
            raise AstraError(f"--tuning {word}: write NAME=VALUE with one of {', '.join(names)}")
        table[name] = value
    try:
        return TypeAdapter(Tuning).validate_python(table)
    except ValidationError as error:
        first = error.errors()[0]
        raise AstraError(f"tuning {first['loc'][0]} = {first['input']}: {first['msg']}") from None


def _part(tuning: Tuning, kind: Any) -> Any:
    """Settings of a kind, from the fields of the same names."""
    mine = {field.name for field in fields(tuning)}
    return kind(**{f.name: getattr(tuning, f.name) for f in fields(kind) if f.name in mine})


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
    views = _views(light_curves, tuning)
    if len(views) > 1:
        frozen = _mean_of_views(encoder, views, device)
    before = probe_scores(frozen, first, protocol=protocol)[HEAD][ALL]
    after, epochs, taught = [], [], 0
    for seed in range(tuning.seeds):
        if told is not None:
            told(f"fine-tuning, seed {seed}")
        tuned = tune(encoder, light_curves, frozen, task, tuning, seed, device)
        vectors = _mean_of_views(tuned.objective.encoder, views, device)
        after.append(probe_scores(vectors, first, protocol=protocol)[HEAD][ALL])
        epochs.append(tuned.best_epoch)
        taught = tuned.taught
    return {
        "objects": taught,
        "best_epochs": epochs,
        "frozen": {name: summary(before[name]["values"]) for name in FIGURES},
        "tuned": {name: summary([score[name]["mean"] for score in after]) for name in FIGURES},
    }


def _views(light_curves: LightCurves, tuning: Tuning) -> list[LightCurves]:
    """The light curves as they are, and changed ones as in training."""
    change = augmentation(tuning.noise, 0.0, tuning.thinning)
    generator = np.random.default_rng(0)
    if change is None:
        return [light_curves]
    return [light_curves, *(change(light_curves, generator) for _ in range(1, tuning.views))]


def _mean_of_views(encoder: Encoder, views: list[LightCurves], device: str) -> NDArray[np.float32]:
    vectors = [embed(encoder, view, device) for view in views]
    return np.stack(vectors).mean(axis=0, dtype=np.float32)


class Tuned(NamedTuple):
    """A tuned objective, the number of objects that taught it, and its best epoch."""

    objective: Supervised
    taught: int
    best_epoch: int


def tune(
    encoder: Encoder,
    light_curves: LightCurves,
    frozen: NDArray[np.floating],
    task: Task,
    tuning: Tuning,
    seed: int,
    device: str,
) -> Tuned:
    """Teach a copy of an encoder the labels of the first split; some of its sky chooses the epoch.

    Parameters
    ----------
    encoder : Encoder
        Left as it is.
    light_curves : LightCurves
        Of the task's objects.
    frozen : float [objects, size]
        Their vectors before.
    task : Task
    tuning : Tuning
    seed : int
    device : str
    """
    learnt = task.splits[0].learn
    inner = draw_splits(task.units, task.codes, [2_000 + seed], learnt)[0]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        objective = Supervised(
            copy.deepcopy(encoder), task.classes, task.codes[inner.learn], tuning.objective()
        )
    if tuning.head == "probe":
        objective.begin_at_probe(frozen[inner.learn], task.codes[inner.learn])
    steps = max(1, math.ceil(len(inner.learn) / tuning.batch))
    result = fit(
        objective,
        light_curves.with_columns(label=task.codes),
        np.tile(inner.learn, max(1, math.ceil(tuning.fewest_steps / steps))),
        tuning.fit(seed),
        device=device,
        validation_rows=inner.test,
    )
    return Tuned(objective, len(inner.learn), result.best_epoch)
