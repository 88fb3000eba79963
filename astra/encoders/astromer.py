"""A transformer for masked magnitudes, after Astromer 2, at a size that a CPU trains in minutes.

After Donoso-Oliva et al. (2023, A&A 670, A54) and Astromer 2 (2026, A&A 707, A170): magnitudes
about the window's mean, no errors among the inputs, and an embedding that mixes the outputs of
all blocks, averaged over time, with learnt weights. Notable differences: bands share a window, told
apart by their wavelength, so that bands never seen work (the multi-band need of Chiong, Becker &
Protopapas 2025, arXiv:2506.11637); periods of the time encoding reach down to 0.02 d; blocks are
pre-norm with residuals.

Legend of shape suffixes: B objects, W windows, N sequences = B W, T tokens, D width, L layers,
E embedding.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from astra.data.light_curves import LightCurves
from astra.encoders.base import Batch, Encoder
from astra.encoders.layers import TimeEncoding, TransformerBlock, masked_mean
from astra.encoders.observations import Observations, usable_observations
from astra.encoders.pieces import in_pieces
from astra.encoders.windows import cut_windows, start_middle_end

SMALL_VALUE = 0.1
WAVELENGTHS = 12
"""Gaussians over the standardised log wavelength, from the ultraviolet to the mid infrared."""
BLUEST, REDDEST = -4.0, 8.0


@dataclass(frozen=True, slots=True)
class AstromerSettings:
    """Size of the encoder.

    Attributes
    ----------
    width, blocks, heads, feed_forward : int
        The transformer; ``heads`` divides ``width``, which is even.
    tokens : int
        Longest window [observations].
    dropout : float
    """

    width: int = 64
    blocks: int = 2
    heads: int = 4
    feed_forward: int = 128
    tokens: int = 128
    dropout: float = 0.0

    def __post_init__(self) -> None:
        if self.tokens < 1 or self.blocks < 1:
            raise ValueError(f"tokens {self.tokens} and blocks {self.blocks} must be positive")


class Astromer(Encoder):
    """Transformer over magnitudes, bands and times of three windows.

    Parameters
    ----------
    settings : AstromerSettings
    """

    name: ClassVar[str] = "astromer"
    settings_type: ClassVar[type] = AstromerSettings
    cpu_batch: ClassVar[int] = 16
    centres: Tensor

    def __init__(self, settings: AstromerSettings) -> None:
        super().__init__()
        width = settings.width
        self.settings = settings
        self.embedding_size = width
        self.time = TimeEncoding(width)
        self.register_buffer(
            "centres", torch.linspace(BLUEST, REDDEST, WAVELENGTHS), persistent=False
        )
        self.band = nn.Linear(WAVELENGTHS, width, bias=False)
        self.observation = nn.Sequential(
            nn.Linear(2 + width, width), nn.GELU(), nn.Linear(width, width)
        )
        self.blocks = nn.ModuleList(
            TransformerBlock(width, settings.heads, settings.feed_forward, settings.dropout)
            for _ in range(settings.blocks)
        )
        self.layer_weight = nn.Parameter(torch.zeros(settings.blocks + 1))
        self.norm = nn.LayerNorm(width)

    def collate(self, light_curves: LightCurves) -> Batch:
        """Tensors ``value``, ``day``, ``colour``, ``mask``: see :meth:`windows`."""
        observations = usable_observations(light_curves)
        places = start_middle_end(observations, self.settings.tokens)
        cut = self.windows(observations, places)
        cut["value"] = centred(cut["value"], cut["mask"])
        return {name: torch.from_numpy(cut[name]) for name in ("value", "day", "colour", "mask")}

    def windows(
        self, observations: Observations, position: NDArray[np.float64]
    ) -> dict[str, NDArray]:
        """Arrays of windows at the given positions, float64 [B, W]: see :func:`cut_windows`."""
        return cut_windows(observations, position, self.settings.tokens)

    def forward(self, batch: Batch) -> Tensor:
        """Embeddings, float32 [B, E]: the mean of the windows' mixtures of layers."""
        return in_pieces(self._mixed, batch, self.cpu_batch).mean(dim=1)

    def _mixed(self, batch: Batch) -> Tensor:
        mask_NT = batch["mask"].flatten(0, 1)
        share_L = self.layer_weight.softmax(dim=0)
        layers = self.layers(batch)
        mixed_ND = sum(
            (
                share * masked_mean(layer_NTD, mask_NT)
                for share, layer_NTD in zip(share_L, layers, strict=True)
            ),
            start=layers[0].new_zeros(()),
        )
        return self.norm(mixed_ND).unflatten(0, batch["mask"].shape[:2])

    def layers(self, batch: Batch) -> list[Tensor]:
        """What each layer makes of the tokens, the input first, float32 [N, T, D] each."""
        value, day, colour, mask_NT = (
            batch[name].flatten(0, 1) for name in ("value", "day", "colour", "mask")
        )
        magnitudes = torch.stack([value, torch.asinh(value / SMALL_VALUE)], dim=-1)
        wavelength = torch.exp(-0.5 * (colour[..., None] - self.centres) ** 2)
        told = torch.cat([magnitudes, self.time(day)], dim=-1)
        made = [self.observation(told) + self.band(wavelength)]
        # A window without observations looks at its padding: attention to nothing is not a number.
        attended_NT = mask_NT | ~mask_NT.any(dim=1, keepdim=True)
        for block in self.blocks:
            made.append(block(made[-1], attended_NT))
        return made

    def layer_groups(self) -> list[list[nn.Parameter]]:
        """Token embedding, each block, mixture of layers and final norm."""
        groups = [[*self.band.parameters(), *self.observation.parameters()]]
        groups += [list(block.parameters()) for block in self.blocks]
        return [*groups, [self.layer_weight, *self.norm.parameters()]]

    def lengths(self, light_curves: LightCurves) -> NDArray[np.int64]:
        """Observations, int64 [objects], up to one more than a window: more cost the same."""
        return np.minimum(light_curves.lengths, self.settings.tokens + 1)


def centred(value: NDArray[np.float32], seen: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Subtract from each window the mean over what is seen of it; 0 where nothing is.

    Parameters
    ----------
    value : float32 [..., tokens], mag
    seen : bool, the same shape
    """
    count = np.maximum(seen.sum(axis=-1, keepdims=True), 1)
    total = np.where(seen, value, 0).sum(axis=-1, keepdims=True, dtype=np.float64)
    return (value - total / count).astype(np.float32)
