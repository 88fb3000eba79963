"""Astra-CLR as published: a post-norm transformer on blocks of g, r and i, windows fused late.

After Majumder, Malanchev & Ishida (2026, arXiv:2606.31627) and their public code. Inputs of a token
are the magnitude about the object's mean, the time since MJD 58000 and the wavelength of the band;
the error only weighs the mean. Two ways to centre magnitudes circulate; the one that the authors
train with is the default, the other a setting. The encoder at its default size has 12,627,520
parameters.

Legend of shape suffixes: B objects, W windows, N sequences = B W, T tokens, D width, E embedding,
K pairs of sine and cosine.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from astra.data.light_curves import LightCurves
from astra.encoders.band_blocks import BandBlocks, count_blocks, nearest_block
from astra.encoders.base import Batch, Encoder
from astra.encoders.layers import PostNormBlock, masked_mean

WINDOWS = 3
TIME_BASE = 10_000.0
EPSILON = 1e-6


@dataclass(frozen=True, slots=True)
class AstraCLRReplicaSettings:
    """Size of the encoder, and how it reads a light curve; the defaults are the paper's.

    Attributes
    ----------
    width, blocks, heads, feed_forward : int
        The transformer; ``heads`` divides ``width``, which is even.
    band_hidden : int
        Hidden units of the wavelength's network.
    tokens_g, tokens_r, tokens_i : int
        Longest run of each block [observations].
    fusion : str
        ``concat`` of the windows' vectors, or their ``mean``.
    dropout : float
    centre : str
        Magnitudes about the mean of the whole ``object``, all bands together, as in training; or of
        each band in each window (``band_window``), as some inference code has it: no colour left.
    absolute_time : bool
        Times since MJD 58000, which tie an embedding to the years of a survey; else since the
        first token of the window.
    """

    width: int = 512
    blocks: int = 4
    heads: int = 8
    feed_forward: int = 2048
    band_hidden: int = 32
    tokens_g: int = 300
    tokens_r: int = 350
    tokens_i: int = 50
    fusion: Literal["concat", "mean"] = "concat"
    dropout: float = 0.1
    centre: Literal["object", "band_window"] = "object"
    absolute_time: bool = True

    def __post_init__(self) -> None:
        if self.fusion not in ("concat", "mean"):
            raise ValueError(f"fusion {self.fusion!r}: use 'concat' or 'mean'")
        if self.centre not in ("object", "band_window"):
            raise ValueError(f"centre {self.centre!r}: use 'object' or 'band_window'")
        if min(*self.tokens, self.blocks, self.band_hidden) < 1:
            raise ValueError(f"tokens {self.tokens} and blocks {self.blocks} must be positive")

    @property
    def tokens(self) -> tuple[int, int, int]:
        """Longest run of each block."""
        return self.tokens_g, self.tokens_r, self.tokens_i


class DayEncoding(nn.Module):
    """Sines and cosines of time, interleaved; nothing is learnt.

    Angular frequencies are ``10000^(-2k / size)`` rad/d: periods of 6.3 d to 63,000 d.

    Parameters
    ----------
    size : int
        Numbers per time, even.
    """

    angular_frequency: Tensor

    def __init__(self, size: int) -> None:
        super().__init__()
        if size < 2 or size % 2:
            raise ValueError(f"time encoding of size {size}: it must be even and positive")
        frequency_K = TIME_BASE ** (-torch.arange(0, size, 2, dtype=torch.float64) / size)
        self.register_buffer("angular_frequency", frequency_K.float(), persistent=False)

    def forward(self, day_NT: Tensor) -> Tensor:
        """Encode times [d], float32 [N, T], as float32 [N, T, size]."""
        phase_NTK = day_NT[..., None] * self.angular_frequency
        return torch.stack([phase_NTK.sin(), phase_NTK.cos()], dim=-1).flatten(-2)


class AstraCLRReplica(Encoder):
    """Transformer over the observations of the first, middle and last window.

    Parameters
    ----------
    settings : AstraCLRReplicaSettings
    """

    name: ClassVar[str] = "astra_clr_replica"
    settings_type: ClassVar[type] = AstraCLRReplicaSettings
    cpu_batch: ClassVar[int] = 4

    def __init__(self, settings: AstraCLRReplicaSettings) -> None:
        super().__init__()
        width = settings.width
        self.settings = settings
        self.embedding_size = width * (WINDOWS if settings.fusion == "concat" else 1)
        self.magnitude = nn.Linear(1, width)
        self.band = nn.Sequential(
            nn.Linear(1, settings.band_hidden), nn.ReLU(), nn.Linear(settings.band_hidden, width)
        )
        self.time = DayEncoding(width)
        self.dropout = nn.Dropout(settings.dropout)
        self.blocks = nn.ModuleList(
            PostNormBlock(width, settings.heads, settings.feed_forward, settings.dropout, EPSILON)
            for _ in range(settings.blocks)
        )

    def collate(self, light_curves: LightCurves) -> Batch:
        """Cut the first, middle and last window of each block.

        Where no block of any object is longer than its run, the three are the same and one is cut.
        """
        blocks = BandBlocks.of(light_curves)
        start_BWS = start_middle_end(blocks.counts, self.settings.tokens)
        return self.windows(blocks, start_BWS if start_BWS.any() else start_BWS[:, :1])

    def windows(
        self,
        blocks: BandBlocks,
        start_BWS: NDArray[np.integer],
        tokens: tuple[int, ...] | None = None,
        hidden: NDArray[np.bool_] | None = None,
    ) -> Batch:
        """Tensors of windows: see :meth:`BandBlocks.cut`; by default of the encoder's own size."""
        cut = blocks.cut(
            start_BWS,
            tokens or self.settings.tokens,
            hidden,
            by_run=self.settings.centre == "band_window",
            relative=not self.settings.absolute_time,
        )
        return {name: torch.from_numpy(array) for name, array in cut.items()}

    def forward(self, batch: Batch) -> Tensor:
        """Embeddings, float32 [B, E]: the windows' vectors side by side, or their mean."""
        windows_BWD = self.encode(batch)
        if self.settings.fusion == "mean":
            return windows_BWD.mean(dim=1)
        return windows_BWD.expand(-1, WINDOWS, -1).flatten(1)

    def encode(self, batch: Batch) -> Tensor:
        """Vector of each window, float32 [B, W, D]: the mean over its real tokens."""
        mask_NT = batch["mask"].flatten(0, 1)
        value_NT, day_NT, wavelength_NT = (
            batch[name].flatten(0, 1) for name in ("value", "day", "log_wavelength")
        )
        tokens_NTD = self.magnitude(value_NT[..., None]) + self.band(wavelength_NT[..., None])
        tokens_NTD = self.dropout(tokens_NTD + self.time(day_NT))
        # A window without any token attends to its padding, which nothing else sees.
        attended_NT = mask_NT | ~mask_NT.any(dim=1, keepdim=True)
        for block in self.blocks:
            tokens_NTD = block(tokens_NTD, attended_NT)
        return masked_mean(tokens_NTD, mask_NT).unflatten(0, batch["mask"].shape[:2])

    def layer_groups(self) -> list[list[nn.Parameter]]:
        """Token embedding, then each block."""
        embedding = [*self.magnitude.parameters(), *self.band.parameters()]
        return [embedding, *(list(block.parameters()) for block in self.blocks)]

    def lengths(self, light_curves: LightCurves) -> NDArray[np.int64]:
        """Tokens of a window, int64 [objects], and one more where its windows differ."""
        wavelength = np.array([band.wavelength for band in light_curves.bands], np.float64)
        block = nearest_block(wavelength)[light_curves.band]
        counts = count_blocks(light_curves.lengths, block)
        shown = np.minimum(counts, self.settings.tokens)
        return shown.sum(axis=1) + (counts > shown).any(axis=1)


def start_middle_end(counts_BS: NDArray[np.int64], tokens: tuple[int, ...]) -> NDArray[np.int64]:
    """Where the first, middle and last run of each block begin, int64 [B, 3, blocks].

    The middle one is centred on the middle observation, ``n // 2``.
    """
    size = np.array(tokens)
    last = np.maximum(counts_BS - size, 0)
    middle = np.clip(counts_BS // 2 - size // 2, 0, last)
    return np.stack([np.zeros_like(last), middle, last], axis=1)
