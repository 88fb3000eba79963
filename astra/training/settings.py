"""How to train, and what came of it."""

from dataclasses import dataclass
from typing import Any, Literal

from astra.training.schedule import Optimizer, Schedule

Precision = Literal["float32", "bfloat16"]


@dataclass(frozen=True, slots=True)
class FitSettings:
    """How to train.

    Attributes
    ----------
    epochs, batch : int
        Passes over the rows; objects in a step, over all processes.
    accumulate : int
        Parts of a step that each process computes one after another, to save memory. The
        gradient is that of the whole batch where the loss is a mean over the objects, or compares
        them; where it is a weighted mean (labels by class, modalities by presence), each part has
        weights of its own.
    precision : str
        ``float32``, or ``bfloat16`` where torch deems it safe.
    learning_rate, warmup_steps, schedule
        See :func:`astra.training.schedule.learning_rate`.
    optimizer, weight_decay
        See :func:`astra.training.schedule.make_optimizer`.
    clip : float
        Largest norm of the gradient.
    seed : int
    patience : int
        Stop after this many epochs without a better validation score; 0 never stops early.
    checkpoint_seconds, checkpoint_steps : float, int
        Save after so long, or after so many steps where that is not 0.
    prefetch, collators : int
        Batches that are collated ahead, and the threads that do it.
    """

    epochs: int = 10
    batch: int = 256
    accumulate: int = 1
    precision: Precision = "float32"
    learning_rate: float = 2e-3
    warmup_steps: int = 100
    schedule: Schedule = "cosine"
    optimizer: Optimizer = "adamw"
    weight_decay: float = 0.01
    clip: float = 1.0
    seed: int = 0
    patience: int = 0
    checkpoint_seconds: float = 60.0
    checkpoint_steps: int = 0
    prefetch: int = 0
    collators: int = 1


@dataclass(frozen=True, slots=True)
class FitResult:
    """What a fit came to.

    Attributes
    ----------
    steps, epochs : int
        Done.
    loss : float
        Mean training loss of the last epoch.
    score, best_epoch : float or None, int
        Best validation score, whose weights the objective now has, and its epoch.
    history : list of dict
        ``epoch``, ``loss`` and the validation's figures, for each epoch.
    seconds : float
        Time spent, over all processes.
    device : str
    """

    steps: int
    epochs: int
    loss: float
    score: float | None
    best_epoch: int
    history: list[dict[str, Any]]
    seconds: float
    device: str
