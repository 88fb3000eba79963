"""Contrastive learning: views of one object belong together, those of others apart.

Legend of shape suffixes: B objects, V views, P projection.
"""

from dataclasses import dataclass
from typing import ClassVar, TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from astra.data.light_curves import LightCurves
from astra.encoders.astra_clr import AstraCLR
from astra.encoders.astra_clr_replica import AstraCLRReplica
from astra.encoders.base import Batch
from astra.encoders.observations import Observations, usable_observations
from astra.training.objective import Comparing
from astra.training.views import View, add_outlier, corrupt

WindowsT = TypeVar("WindowsT", AstraCLR, AstraCLRReplica)


@dataclass(frozen=True, slots=True)
class ContrastiveSettings:
    """Views and loss.

    Attributes
    ----------
    temperature : float
    projection : int
        Size of the vectors that are compared.
    short : float
        Length of the short view, as a fraction of the encoder's longest window.
    thin : float
        Of every view: see :class:`astra.training.views.View`.
    noise, drop, bin_days : float
        Of the corrupted view: see :class:`astra.training.views.View`.
    shift_days : float
        Each view's times are shifted by up to this much, so that only differences tell anything.
    """

    temperature: float = 0.1
    projection: int = 64
    short: float = 0.5
    thin: float = 0.5
    noise: float = 1.0
    drop: float = 0.5
    bin_days: float = 5.0
    shift_days: float = 2000.0


class ViewMatching(Comparing[WindowsT]):
    """NT-Xent over views of each object, which a collated batch names ``<view>/<tensor>``.

    Attributes
    ----------
    VIEWS : tuple of str
        The first two are those whose matching is reported.
    head : Module
        From a window's vector to the projection that is compared.
    temperature : float
    """

    VIEWS: ClassVar[tuple[str, ...]]
    head: nn.Module
    temperature: float

    def vectors(self, batch: Batch) -> Tensor:
        """Unit vectors of all views, float32 [B, V, P]."""
        return self.project(batch).transpose(0, 1)

    def compare(self, vectors: Tensor) -> Tensor:
        """Generalised NT-Xent of the views."""
        return nt_xent(vectors.transpose(0, 1), self.temperature)

    def project(self, batch: Batch) -> Tensor:
        """Unit vectors of all views, float32 [V, B, P]."""
        return torch.stack(
            [
                normalize(self.head(self.encoder.encode(view_of(batch, name))[:, 0]), dim=-1)
                for name in self.VIEWS
            ]
        )

    def figures(self, batch: Batch) -> dict[str, float]:
        """Loss, and ``matching``: how often a first view finds the second of its object."""
        projected_VBP = self.project(batch)
        return {
            "validation_loss": float(nt_xent(projected_VBP, self.temperature)),
            "matching": matching_accuracy(projected_VBP[0], projected_VBP[1]),
        }


class Contrastive(ViewMatching[AstraCLR]):
    """NT-Xent over a long, a short and a corrupted long view of each object.

    After Majumder, Malanchev & Ishida (2026, arXiv:2606.31627), with noise scaled to the error and
    times relative to each view: the schedule of a survey must not give an object away.

    Parameters
    ----------
    encoder : AstraCLR
    settings : ContrastiveSettings
    """

    VIEWS: ClassVar[tuple[str, ...]] = ("long", "short", "corrupted")

    def __init__(self, encoder: AstraCLR, settings: ContrastiveSettings | None = None) -> None:
        super().__init__()
        settings = settings or ContrastiveSettings()
        self.encoder = encoder
        self.settings = settings
        self.temperature = settings.temperature
        width = encoder.settings.width
        self.head = nn.Sequential(
            nn.Linear(width, width), nn.GELU(), nn.Linear(width, settings.projection)
        )
        longest, thin = encoder.settings.tokens, settings.thin
        self.views = {
            "long": View(longest, thin),
            "short": View(max(1, round(settings.short * longest)), thin),
            "corrupted": View(longest, thin, settings.noise, settings.drop, outlier=True),
        }

    def collate(self, light_curves: LightCurves, generator: np.random.Generator) -> Batch:
        """Tensors of each view, named ``<view>/<tensor>``."""
        observations = usable_observations(light_curves)
        return {
            f"{name}/{key}": tensor
            for name in self.VIEWS
            for key, tensor in self._view(observations, self.views[name], generator).items()
        }

    def _view(
        self, observations: Observations, view: View, generator: np.random.Generator
    ) -> Batch:
        seen = corrupt(observations, view, self.settings.bin_days, generator)
        objects = len(observations.lengths)
        batch = self.encoder.windows(seen, generator.random((objects, 1)), view.tokens)
        if view.outlier:
            add_outlier(batch["value"].numpy(), batch["mask"].numpy(), generator)
        shift = generator.random((objects, 1, 1), dtype=np.float32) * self.settings.shift_days
        batch["day"] += torch.from_numpy(shift)
        return batch


def view_of(batch: Batch, name: str) -> Batch:
    """Tensors of one view."""
    prefix = f"{name}/"
    return {key.removeprefix(prefix): t for key, t in batch.items() if key.startswith(prefix)}


def nt_xent(projected_VBP: Tensor, temperature: float) -> Tensor:
    """Generalised NT-Xent over V views: each ordered pair of views of an object is a positive.

    With s = z z^T / temperature over all V B rows, the mean over the pairs (i, p) of
    ``-s_ip + log sum_{k != i} exp s_ik``; the other positives stay in the denominator.

    Parameters
    ----------
    projected_VBP : float [V, B, P]
        Unit vectors, at least two views.
    temperature : float

    Returns
    -------
    Tensor
        Scalar.
    """
    views, objects, _ = projected_VBP.shape
    rows = projected_VBP.flatten(0, 1)
    similarity = rows @ rows.T / temperature
    self_pair = torch.eye(len(rows), dtype=torch.bool, device=rows.device)
    log_sum = similarity.masked_fill(self_pair, -torch.inf).logsumexp(dim=1)
    positive = torch.eye(objects, dtype=torch.bool, device=rows.device).repeat(views, views)
    pairs = len(rows) * (views - 1)
    attraction = similarity[positive & ~self_pair].sum() / pairs
    return log_sum.mean() - attraction


def matching_accuracy(first_BP: Tensor, second_BP: Tensor) -> float:
    """How often an object's second view is the nearest to its first: chance is 1 / B.

    Both are float32 [B, P], of unit length.
    """
    nearest = (first_BP @ second_BP.T).argmax(dim=1)
    return float((nearest == torch.arange(len(nearest), device=nearest.device)).float().mean())
