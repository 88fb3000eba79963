"""Learning rate and optimizer: pure functions of the step and the settings."""

import math
from collections.abc import Sequence
from typing import Literal

import torch
from torch import nn

Schedule = Literal["cosine", "noam", "constant"]
Optimizer = Literal["adamw", "adam"]
# Of Adam as transformers are trained with it since Vaswani et al. (2017).
ADAM = {"betas": (0.9, 0.98), "eps": 1e-9}


def learning_rate(
    step: int, steps: int, peak: float, warmup: int, schedule: Schedule = "cosine"
) -> float:
    """Learning rate of a step.

    Parameters
    ----------
    step, steps : int
        This step, from 0, and how many there are.
    peak : float
        Largest rate, reached when the warm-up ends.
    warmup : int
        Steps of linear rise; at most a tenth of all steps, so that short fits learn too.
    schedule : str
        Afterwards: ``cosine`` falls to zero, ``noam`` falls as 1 / sqrt(step) (Vaswani et al.
        2017, scaled to its peak), ``constant`` stays.

    Raises
    ------
    ValueError
        No such schedule.
    """
    warmup = max(1, min(warmup, steps // 10))
    if step < warmup:
        return peak * (step + 1) / warmup
    if schedule == "cosine":
        return peak * 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, steps - warmup)))
    if schedule == "noam":
        return peak * math.sqrt(warmup / (step + 1))
    if schedule == "constant":
        return peak
    raise ValueError(f"schedule {schedule!r}: use 'cosine', 'noam' or 'constant'")


def make_optimizer(
    groups: Sequence[tuple[list[nn.Parameter], float]],
    weight_decay: float,
    optimizer: Optimizer = "adamw",
) -> torch.optim.Optimizer:
    """Optimizer over groups of (parameters, factor of the learning rate).

    Parameters that do not learn are left out; biases and norms, being vectors, do not decay.

    Parameters
    ----------
    groups : sequence of (list of Parameter, float)
    weight_decay : float
        Of ``adamw``; ``adam`` has none.
    optimizer : str
        ``adamw``, or ``adam`` with the constants of Vaswani et al. (2017): 0.9, 0.98, 1e-9.

    Raises
    ------
    ValueError
        No such optimizer.
    """
    if optimizer not in ("adamw", "adam"):
        raise ValueError(f"optimizer {optimizer!r}: use 'adamw' or 'adam'")
    parts = []
    for parameters, factor in groups:
        learning = [parameter for parameter in parameters if parameter.requires_grad]
        for decay, dimensions in ((weight_decay, "matrices"), (0.0, "vectors")):
            chosen = [p for p in learning if (p.ndim > 1) == (dimensions == "matrices")]
            if chosen:
                parts.append({"params": chosen, "weight_decay": decay, "factor": factor})
    if optimizer == "adamw":
        return torch.optim.AdamW(parts)
    return torch.optim.Adam([part | {"weight_decay": 0.0} for part in parts], **ADAM)


def set_learning_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Give every group its factor of the rate."""
    for group in optimizer.param_groups:
        group["lr"] = rate * group["factor"]
