"""The gradient of one step, however its batch is divided among passes and processes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from astra.training.batches import Part
from astra.training.objective import Comparing, Objective, to_device
from astra.training.ranks import ALONE, Ranks
from astra.training.settings import Precision


@dataclass(frozen=True, slots=True)
class Computing:
    """Where and how a fit computes.

    Attributes
    ----------
    device : torch.device
    precision : str
        ``bfloat16`` computes in it where torch deems it safe; weights stay float32, and so do
        losses that compare objects.
    ranks : Ranks
    """

    device: torch.device
    precision: Precision = "float32"
    ranks: Ranks = ALONE

    def autocast(self) -> torch.autocast:
        """Context in which the objective is computed."""
        mixed = self.precision == "bfloat16"
        return torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=mixed)


def backward(
    objective: Objective,
    parts: Sequence[Part],
    objects: int,
    seed: Callable[[int], None],
    computing: Computing,
) -> float:
    """Add the gradient of a batch to the weights' gradients; gives the loss of all of it.

    Parameters
    ----------
    objective : Objective
    parts : sequence of Part
        Parts of the batch that this process computes, one after another.
    objects : int
        In the whole batch, over all processes.
    seed : callable
        Takes the number of a part; seeds torch, for its dropout.
    computing : Computing
    """
    if isinstance(objective, Comparing):
        loss = _compared(objective, parts, seed, computing)
    else:
        loss = _averaged(objective, parts, objects, seed, computing)
    computing.ranks.sum_gradients(objective.parameters())
    return loss


def _averaged(
    objective: Objective,
    parts: Sequence[Part],
    objects: int,
    seed: Callable[[int], None],
    computing: Computing,
) -> float:
    total = 0.0
    for part in parts:
        seed(part.number)
        with computing.autocast():
            loss = objective.loss(to_device(part.batch, computing.device))
        loss = loss * (part.objects / objects)
        loss.backward()
        total += float(loss.detach())
    return computing.ranks.sum(total, computing.device)


def _compared(
    objective: Comparing,
    parts: Sequence[Part],
    seed: Callable[[int], None],
    computing: Computing,
) -> float:
    """Compare the objects of all parts; of several parts here, one at a time is in memory.

    Several parts are computed twice: for their vectors, then, knowing the gradient of the loss by
    these, for that by the weights (Gao et al. 2021, arXiv:2101.06983).
    """

    def vectors_of(part: Part) -> Tensor:
        seed(part.number)
        with computing.autocast():
            vectors = objective.vectors(to_device(part.batch, computing.device))
        return vectors.float()

    if len(parts) == 1:
        loss = objective.compare(computing.ranks.gather(vectors_of(parts[0])))
        loss.backward()
        return float(loss.detach())
    with torch.no_grad():
        known = [vectors_of(part) for part in parts]
    vectors = torch.cat(known).requires_grad_()
    loss = objective.compare(computing.ranks.gather(vectors))
    (wanted,) = torch.autograd.grad(loss, vectors)
    for part, gradient in zip(parts, wanted.split([len(v) for v in known]), strict=True):
        vectors_of(part).backward(gradient)
    return float(loss.detach())
