"""What a training step minimises; it owns an encoder and is thrown away afterwards."""

from abc import ABC, abstractmethod
from dataclasses import asdict
from typing import Any, Generic, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from astra.data.light_curves import LightCurves
from astra.encoders.base import Batch, Encoder

EncoderT = TypeVar("EncoderT", bound=Encoder)

VALIDATION_SEED = 20_180_320
VALIDATION_BATCH = 256


class Objective(nn.Module, ABC, Generic[EncoderT]):
    """An encoder, whatever head it needs to learn, and the loss.

    Attributes
    ----------
    encoder : Encoder
        What is kept when training ends.
    """

    encoder: EncoderT

    @abstractmethod
    def collate(self, light_curves: LightCurves, generator: np.random.Generator) -> Batch:
        """Make the tensors of one step on the CPU: views, halves or labels.

        All randomness comes from ``generator``, so that a resumed run repeats itself.
        """

    @abstractmethod
    def loss(self, batch: Batch) -> Tensor:
        """Loss of one collated batch, a scalar to be minimised.

        Where it is a mean over the objects, a batch that is cut in parts gives the same gradient.
        """

    def parameter_groups(self) -> list[tuple[list[nn.Parameter], float]]:
        """Groups of parameters, each with its factor of the learning rate; here one of all."""
        return [(list(self.parameters()), 1.0)]

    def facts(self) -> dict[str, Any]:
        """What is learnt by what, JSON-able; ``settings`` of the objective where it has any."""
        settings = getattr(self, "settings", None)
        return {
            "objective": type(self).__name__,
            "objective_settings": None if settings is None else asdict(settings),
            "encoder": self.encoder.name,
            "encoder_settings": asdict(self.encoder.settings),
        }

    def figures(self, batch: Batch) -> dict[str, float]:
        """What validation averages over its batches; ``validation_loss`` is always there."""
        return {"validation_loss": float(self.loss(batch))}

    def validate(
        self, light_curves: LightCurves, rows: NDArray[np.integer], device: torch.device
    ) -> dict[str, Any]:
        """Score held-out rows; ``score`` is the figure that early stopping maximises.

        Here: minus the mean loss over the rows, with the same random views every time. Called in
        evaluation mode, without gradients, with one row at least.
        """
        generator = np.random.default_rng(VALIDATION_SEED)
        totals: dict[str, float] = {}
        for start in range(0, len(rows), VALIDATION_BATCH):
            chosen = rows[start : start + VALIDATION_BATCH]
            batch = to_device(self.collate(light_curves.take(chosen), generator), device)
            for name, value in self.figures(batch).items():
                totals[name] = totals.get(name, 0.0) + value * len(chosen)
        means = {name: total / len(rows) for name, total in totals.items()}
        return {"score": -means["validation_loss"], **means}


class Comparing(Objective[EncoderT]):
    """An objective that compares the objects of a batch with one another.

    A batch may be cut in parts, in one process or in many: their vectors come together before
    they are compared, so every object meets all others of the batch.
    """

    @abstractmethod
    def vectors(self, batch: Batch) -> Tensor:
        """What is compared, float [B, ...]: of each object by itself."""

    @abstractmethod
    def compare(self, vectors: Tensor) -> Tensor:
        """Loss of the vectors, a scalar to be minimised."""

    def loss(self, batch: Batch) -> Tensor:
        """Loss of one collated batch."""
        return self.compare(self.vectors(batch))


def to_device(batch: Batch, device: torch.device) -> Batch:
    """Copy a batch to where the encoder is."""
    return {name: tensor.to(device, non_blocking=True) for name, tensor in batch.items()}


def pinned(batch: Batch) -> Batch:
    """Copy a batch to memory that an accelerator reads while it computes."""
    return {name: tensor.pin_memory() for name, tensor in batch.items()}
