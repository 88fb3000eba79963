"""Astra's own encoder: a small network on top of a careful period search.

Notable features: light curves folded at the period and at twice the period, the spread of the
values, and the numbers of the period search with a smooth encoding of the period; each may be
missing; all observations count, whatever their number; neither brightness nor colour, sky position
or absolute time are seen, except that the errors hint at brightness.

Legend of shape suffixes: B objects, C channels, N phase bins, Q spread numbers, S period numbers,
P smooth period numbers, M modalities, H branch outputs, E embedding.
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from astra.data.light_curves import LightCurves
from astra.encoders.astra_inputs import FOLD_CHANNELS, MODALITIES, SIDE, inputs, period_columns
from astra.encoders.base import Batch, Encoder
from astra.periods import merge
from astra.periods.folding import BINS, QUANTILES

SPREAD_SIZE = 2 + len(QUANTILES)
GAUSSIANS = 25
SMOOTH_PERIODS = 2
"""So many of the first numbers in ``SIDE``, logarithms of periods, are encoded smoothly."""
SMOOTH_SIZE = GAUSSIANS * SMOOTH_PERIODS


@dataclass(frozen=True, slots=True)
class AstraSettings:
    """Size of the encoder.

    Attributes
    ----------
    embedding : int
        Numbers per object.
    hidden : int
        Width of the layer that joins the modalities.
    smoothing : float
        Width of the Gaussians that encode a period [dex].
    clip : float
        Standardised inputs are cut at plus and minus this.
    """

    embedding: int = 64
    hidden: int = 128
    smoothing: float = 0.2
    clip: float = 4.0


class Standardise(nn.Module):
    """Subtract a mean, divide by a scale, clip; constants, saved with the weights.

    Parameters
    ----------
    size : int
    clip : float
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, size: int, clip: float) -> None:
        super().__init__()
        self.clip = clip
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("scale", torch.ones(size))

    def fit(self, values: Tensor) -> None:
        """Take the mean and the standard deviation of float [objects, size], robustly.

        They are the median and the scaled range between the 5 % and 95 % quantiles, so that a few
        wild light curves do not squeeze the others.
        """
        low, middle, high = torch.quantile(values, torch.tensor([0.05, 0.5, 0.95]), dim=0)
        self.mean.copy_(middle)
        self.scale.copy_(((high - low) / 3.29).clamp_min(1e-3))

    def forward(self, values: Tensor) -> Tensor:
        """Standardised values, of the same shape."""
        return ((values - self.mean) / self.scale).clamp(-self.clip, self.clip)


class Astra(Encoder):
    """Embeds the folded curve, the spread of the values and the period search.

    Light curves may carry the columns of the period search; where they do not, it is done when
    they are collated.

    Parameters
    ----------
    settings : AstraSettings
    """

    name: ClassVar[str] = "astra"
    settings_type: ClassVar[type] = AstraSettings
    centres: Tensor

    def __init__(self, settings: AstraSettings) -> None:
        super().__init__()
        self.settings = settings
        self.embedding_size = settings.embedding
        self.standard_quantiles = Standardise(SPREAD_SIZE, settings.clip)
        self.standard_side = Standardise(len(SIDE), settings.clip)
        self.register_buffer("centres", torch.linspace(-1.6, 3.2, GAUSSIANS))
        self.branches = nn.ModuleDict(
            {
                "fold": _fold_branch(),
                "quantiles": nn.Sequential(
                    nn.Linear(SPREAD_SIZE, 32), nn.GELU(), nn.Linear(32, 16)
                ),
                "side": nn.Sequential(
                    nn.Linear(len(SIDE) + SMOOTH_SIZE, 64), nn.GELU(), nn.Linear(64, 32)
                ),
            }
        )
        self.join = nn.Sequential(
            nn.GELU(),
            nn.Linear(48 + 16 + 32 + len(MODALITIES), settings.hidden),
            nn.GELU(),
            nn.Linear(settings.hidden, settings.embedding),
        )

    def collate(self, light_curves: LightCurves) -> Batch:
        """Tensors ``fold``, ``quantiles``, ``side``, ``present``: see :func:`inputs`."""
        merged = merge(light_curves)
        arrays = inputs(merged, period_columns(light_curves, merged))
        return {name: torch.from_numpy(array) for name, array in arrays.items()}

    def forward(self, batch: Batch) -> Tensor:
        """Embeddings, float32 [B, E]; a modality that is not present counts as zeros."""
        present_BM = batch["present"].float()
        features = self.features(batch)
        parts = [
            self.branches[name](features[name]) * present_BM[:, place, None]
            for place, name in enumerate(MODALITIES)
        ]
        return self.join(torch.cat([*parts, present_BM], dim=1))

    def features(self, batch: Batch) -> Batch:
        """What the branches see, and training predicts, by modality.

        ``fold`` float32 [B, C, N]; ``quantiles`` float32 [B, Q], standardised; ``side`` float32
        [B, S + P], standardised numbers of the period search, then the smooth periods.
        """
        log_period = batch["side"][:, :SMOOTH_PERIODS, None]
        smooth_BP = torch.exp(
            -0.5 * ((log_period - self.centres) / self.settings.smoothing) ** 2
        ).flatten(1)
        return {
            "fold": batch["fold"],
            "quantiles": self.standard_quantiles(batch["quantiles"]),
            "side": torch.cat([self.standard_side(batch["side"]), smooth_BP], dim=1),
        }

    def fit_standards(self, light_curves: LightCurves) -> None:
        """Set the constants that standardise the inputs; once, before training from scratch."""
        batch = self.collate(light_curves)
        for name, standard in (
            ("quantiles", self.standard_quantiles),
            ("side", self.standard_side),
        ):
            there = batch["present"][:, MODALITIES.index(name)]
            if there.any():
                standard.fit(batch[name][there])

    def layer_groups(self) -> list[list[nn.Parameter]]:
        """The branches, then the two layers that join them."""
        return [
            list(self.branches.parameters()),
            list(self.join[1].parameters()),
            list(self.join[3].parameters()),
        ]


def _fold_branch() -> nn.Sequential:
    """Circular convolutions: a phase shift moves what they find, and changes nothing else."""
    layers: list[nn.Module] = []
    for inside, outside, width in ((FOLD_CHANNELS, 24, 5), (24, 32, 5), (32, 32, 3)):
        convolution = nn.Conv1d(inside, outside, width, padding=width // 2, padding_mode="circular")
        layers += [convolution, nn.GELU(), nn.MaxPool1d(2)]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(32 * BINS // 8, 48))
