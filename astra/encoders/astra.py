"""Astra's own encoder: a careful period search and a transformer on raw time, joined.

Notable features: light curves folded at the period and at twice the period, the spread of the
values, the numbers of the period search with a smooth encoding of the period, the structure
function, how the bands differ, and the vector of :class:`AstraCLR` for what does not repeat; each
may be missing; all observations count, whatever their number; neither brightness, sky position nor
absolute time are seen, except that the errors hint at brightness.

Legend of shape suffixes: B objects, C channels, N phase bins, W windows, P smooth period numbers,
M modalities, D width, E embedding.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from astra.data.errors import AstraError
from astra.data.light_curves import LightCurves
from astra.encoders.astra_clr import AstraCLR, AstraCLRSettings
from astra.encoders.astra_inputs import (
    FOLD_CHANNELS,
    MODALITIES,
    NUMBERS,
    SIDE,
    TOKENS,
    inputs,
    period_columns,
)
from astra.encoders.base import Batch, Encoder
from astra.encoders.variation import BAND_NUMBERS, LAG_NUMBERS
from astra.periods import merge
from astra.periods.folding import BINS, QUANTILES

SPREAD_SIZE = 2 + len(QUANTILES)
GAUSSIANS = 25
SMOOTH_PERIODS = 2
"""So many of the first numbers in ``SIDE``, logarithms of periods, are encoded smoothly."""
SMOOTH_SIZE = GAUSSIANS * SMOOTH_PERIODS

SIZES: Mapping[str, int] = {
    "quantiles": SPREAD_SIZE,
    "side": len(SIDE),
    "lags": LAG_NUMBERS,
    "bands": BAND_NUMBERS,
}
"""Numbers of each modality that is a few numbers."""

OUTPUTS: Mapping[str, int] = {
    "fold": 48,
    "quantiles": 16,
    "side": 32,
    "lags": 16,
    "bands": 8,
    "observations": 32,
}
"""Width of each branch."""


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
    width, blocks, heads, feed_forward : int
        The transformer on raw time: see :class:`AstraCLRSettings`.
    """

    embedding: int = 64
    hidden: int = 192
    smoothing: float = 0.2
    clip: float = 4.0
    width: int = 64
    blocks: int = 2
    heads: int = 4
    feed_forward: int = 128


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
    """Embeds the folded curve, the period search, the spread, the lags, the bands, and raw time.

    Light curves may carry the columns of the period search; where they do not, it is done when
    they are collated.

    Parameters
    ----------
    settings : AstraSettings
    """

    name: ClassVar[str] = "astra"
    settings_type: ClassVar[type] = AstraSettings
    cpu_batch: ClassVar[int] = 64
    centres: Tensor

    def __init__(self, settings: AstraSettings) -> None:
        super().__init__()
        self.settings = settings
        self.embedding_size = settings.embedding
        self.standards = nn.ModuleDict(
            {name: Standardise(size, settings.clip) for name, size in SIZES.items()}
        )
        self.register_buffer("centres", torch.linspace(-1.6, 3.2, GAUSSIANS))
        self.raw_time = AstraCLR(
            AstraCLRSettings(
                width=settings.width,
                blocks=settings.blocks,
                heads=settings.heads,
                feed_forward=settings.feed_forward,
                tokens=TOKENS,
            )
        )
        self.branches = nn.ModuleDict(
            {
                "fold": _fold_branch(),
                "quantiles": _branch(SPREAD_SIZE, 32, OUTPUTS["quantiles"]),
                "side": _branch(len(SIDE) + SMOOTH_SIZE, 64, OUTPUTS["side"]),
                "lags": _branch(LAG_NUMBERS, 32, OUTPUTS["lags"]),
                "bands": _branch(BAND_NUMBERS, 16, OUTPUTS["bands"]),
                "observations": _branch(settings.width, 64, OUTPUTS["observations"]),
            }
        )
        self.join = nn.Sequential(
            nn.GELU(),
            nn.Linear(sum(OUTPUTS.values()) + len(MODALITIES), settings.hidden),
            nn.GELU(),
            nn.Linear(settings.hidden, settings.embedding),
        )

    def collate(self, light_curves: LightCurves) -> Batch:
        """Tensors of every modality, and ``present``: see :func:`inputs`."""
        merged = merge(light_curves)
        arrays = inputs(light_curves, merged, period_columns(light_curves, merged))
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

        ``fold`` float32 [B, C, N]; ``quantiles``, ``lags`` and ``bands``, standardised; ``side``
        float32 [B, S + P], standardised numbers of the period search, then the smooth periods;
        ``observations`` float32 [B, D], the vector of the transformer, which is taken from the
        batch where it is there.
        """
        log_period = batch["side"][:, :SMOOTH_PERIODS, None]
        smooth_BP = torch.exp(
            -0.5 * ((log_period - self.centres) / self.settings.smoothing) ** 2
        ).flatten(1)
        numbers = {name: self.standards[name](batch[name]) for name in NUMBERS}
        return {
            "fold": batch["fold"],
            **numbers,
            "side": torch.cat([numbers["side"], smooth_BP], dim=1),
            "observations": batch["observations"] if "observations" in batch else self.look(batch),
        }

    def look(self, batch: Batch) -> Tensor:
        """Vector of the transformer, the mean over the windows, float32 [B, D]."""
        prefix = "window/"
        windows = {
            name.removeprefix(prefix): tensor
            for name, tensor in batch.items()
            if name.startswith(prefix)
        }
        return self.raw_time(windows)

    def take_raw_time(self, encoder: Encoder) -> None:
        """Take the weights of an ``astra_clr`` that has learnt by itself, of the same size.

        Raises
        ------
        AstraError
            Its size is another.
        """
        try:
            self.raw_time.load_state_dict(encoder.state_dict())
        except RuntimeError as error:
            raise AstraError(
                "the transformer on raw time comes from weights of astra_clr: leave width, "
                f"blocks, heads and feed_forward as they are ({error})"
            ) from error

    def fit_standards(self, light_curves: LightCurves) -> None:
        """Set the constants that standardise the inputs; once, before training from scratch."""
        batch = self.collate(light_curves)
        for name in NUMBERS:
            there = batch["present"][:, MODALITIES.index(name)]
            standard = self.standards[name]
            if there.any() and isinstance(standard, Standardise):
                standard.fit(batch[name][there])

    def layer_groups(self) -> list[list[nn.Parameter]]:
        """The transformer's groups, the branches, then the two layers that join them."""
        return [
            *self.raw_time.layer_groups(),
            list(self.branches.parameters()),
            list(self.join[1].parameters()),
            list(self.join[3].parameters()),
        ]


def _branch(inside: int, hidden: int, outside: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(inside, hidden), nn.GELU(), nn.Linear(hidden, outside))


def _fold_branch() -> nn.Sequential:
    """Circular convolutions: a phase shift moves what they find, and changes nothing else."""
    layers: list[nn.Module] = []
    for inside, outside, width in ((FOLD_CHANNELS, 24, 5), (24, 32, 5), (32, 32, 3)):
        convolution = nn.Conv1d(inside, outside, width, padding=width // 2, padding_mode="circular")
        layers += [convolution, nn.GELU(), nn.MaxPool1d(2)]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(32 * BINS // 8, OUTPUTS["fold"]))
