"""Processes that train together: who this one is, and what they tell one another.

Every process, a rank, holds all the weights, computes its parts of each batch and adds its
gradient to those of the others. ``python -m torch.distributed.run`` starts them.
"""

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn

# One rank may make the periods of a survey, for hours, while the others wait to train.
PATIENCE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Ranks:
    """The processes that train together.

    Attributes
    ----------
    rank, size : int
        Number of this process, and how many there are.
    """

    rank: int = 0
    size: int = 1

    @property
    def is_first(self) -> bool:
        """Whether this is the process that reports, validates and saves."""
        return self.rank == 0

    def gather(self, vectors: Tensor) -> Tensor:
        """Rows of all ranks, in their order; the gradient flows to those of this rank.

        When every rank computes the same loss of all rows, the gradients that the ranks find for
        the weights add up to that of the loss: sum them with :meth:`sum_gradients`.

        Parameters
        ----------
        vectors : float [rows, ...]
            Numbers of rows may differ.
        """
        if self.size == 1:
            return vectors
        counts = self._each(torch.tensor([len(vectors)], device=vectors.device))
        most = max(int(count) for count in counts)
        padded = vectors.new_zeros(most, *vectors.shape[1:])
        padded[: len(vectors)] = vectors.detach()
        others = [rows[: int(n)] for rows, n in zip(self._each(padded), counts, strict=True)]
        others[self.rank] = vectors
        return torch.cat(others)

    def sum_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Replace each gradient by its sum over the ranks."""
        gradients = [p.grad for p in parameters if p.grad is not None]
        if self.size == 1 or not gradients:
            return
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        dist.all_reduce(flat)
        for gradient, summed in zip(
            gradients, flat.split([g.numel() for g in gradients]), strict=True
        ):
            gradient.copy_(summed.view_as(gradient))

    def sum(self, value: float, device: torch.device) -> float:
        """Sum of a number over the ranks."""
        if self.size == 1:
            return value
        total = torch.tensor(value, dtype=torch.float64, device=device)
        dist.all_reduce(total)
        return float(total)

    def any(self, flag: bool, device: torch.device) -> bool:
        """Whether any rank says yes."""
        return self.sum(float(bool(flag)), device) > 0

    def same_weights(self, module: nn.Module) -> None:
        """Give every rank the parameters and buffers of the first."""
        if self.size > 1:
            for tensor in module.state_dict().values():
                dist.broadcast(tensor, src=0)

    def hear_first(self, facts: Any) -> Any:
        """What the first rank says, JSON-able; the others' words are ignored."""
        if self.size == 1:
            return facts
        said = torch.tensor(list(json.dumps(facts).encode() if self.is_first else b""))
        length = torch.tensor([len(said)])
        dist.broadcast(length, src=0)
        heard = said.to(torch.uint8) if self.is_first else torch.empty(int(length)).byte()
        dist.broadcast(heard, src=0)
        return json.loads(bytes(heard.tolist()))

    def wait(self) -> None:
        """Wait until every rank is here."""
        if self.size > 1:
            dist.barrier()

    def _each(self, tensor: Tensor) -> list[Tensor]:
        everybody = [torch.empty_like(tensor) for _ in range(self.size)]
        dist.all_gather(everybody, tensor)
        return everybody


ALONE = Ranks()


def ranks() -> Ranks:
    """The processes that this one has joined; itself alone where it has not."""
    if dist.is_available() and dist.is_initialized():
        return Ranks(dist.get_rank(), dist.get_world_size())
    return ALONE


@contextmanager
def joined() -> Iterator[Ranks]:
    """Join the processes that ``torch.distributed.run`` started, while the block runs.

    Each takes an accelerator of its own where there are any. Started otherwise, the process
    stays alone.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield ALONE
        return
    backend = "gloo"
    if torch.cuda.is_available():
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
        backend = "cpu:gloo,cuda:nccl"
    dist.init_process_group(backend, timeout=PATIENCE)
    try:
        yield ranks()
    finally:
        dist.destroy_process_group()
