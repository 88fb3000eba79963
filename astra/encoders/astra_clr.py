"""Astra-CLR at a size that a CPU trains in minutes: a transformer on raw observations.

After Majumder, Malanchev & Ishida (2026, arXiv:2606.31627): per-observation tokens, late fusion
of the windows at the start, the middle and the end. Notable differences: times are relative to the
window and encoded with periods from 0.02 to 2000 d; the relative error is an input, and so is the
change since the observation before in the same band; what was seen is multiplied by when, in which
band and how well it was seen, so that a schedule without a signal is invisible; blocks are
pre-norm; the runs of all bands in a window are nearly simultaneous; a summary token carries the
window's scale, so that attention always has something to look at.

Legend of shape suffixes: B objects, W windows, N sequences = B W, T tokens, D width, E embedding.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import gelu

from astra.data.light_curves import LightCurves
from astra.encoders.base import Batch, Encoder
from astra.encoders.layers import TimeEncoding, TransformerBlock, masked_mean
from astra.encoders.observations import Observations, usable_observations
from astra.encoders.pieces import in_pieces
from astra.encoders.windows import START_MIDDLE_END, cut_windows, start_middle_end

SMALL_VALUE = 0.1
SILENT = 1e-5
"""A signal of less than this [mag, or its equivalent] is none."""
# A change counts as one inside a night, between neighbouring nights, or over longer gaps [d].
INTERVALS = ((0.0, 0.2), (0.2, 3.0), (3.0, float("inf")))
SIGNALS = 2 + len(INTERVALS)
"""Value, small value, and the change over each kind of interval."""
CIRCUMSTANCES = 2
"""Relative error and colour; the encoded time comes to them."""


@dataclass(frozen=True, slots=True)
class AstraCLRSettings:
    """Size of the encoder.

    Attributes
    ----------
    width, blocks, heads, feed_forward : int
        The transformer; ``heads`` divides ``width``, which is even.
    tokens : int
        Longest window [observations].
    fusion : str
        ``mean`` of the windows' vectors, or ``concat``, which keeps their order at three times
        the size. Linear and neighbour probes cannot tell them apart, so the small one is the
        default.
    dropout : float
    """

    width: int = 64
    blocks: int = 2
    heads: int = 4
    feed_forward: int = 128
    tokens: int = 96
    fusion: Literal["mean", "concat"] = "mean"
    dropout: float = 0.0

    def __post_init__(self) -> None:
        if self.fusion not in ("concat", "mean"):
            raise ValueError(f"fusion {self.fusion!r}: use 'concat' or 'mean'")
        if self.tokens < 1 or self.blocks < 1:
            raise ValueError(f"tokens {self.tokens} and blocks {self.blocks} must be positive")


class AstraCLR(Encoder):
    """Transformer over the observations of three windows.

    Parameters
    ----------
    settings : AstraCLRSettings
    """

    name: ClassVar[str] = "astra_clr"
    settings_type: ClassVar[type] = AstraCLRSettings
    cpu_batch: ClassVar[int] = 16

    def __init__(self, settings: AstraCLRSettings) -> None:
        super().__init__()
        width = settings.width
        self.settings = settings
        self.embedding_size = width * (len(START_MIDDLE_END) if settings.fusion == "concat" else 1)
        self.time = TimeEncoding(width)
        # No bias: where there is no signal there is no token, whenever and in whichever band it was
        # looked for, so that the schedule of a survey alone says nothing.
        self.signal = nn.Linear(SIGNALS, width, bias=False)
        self.circumstance = nn.Linear(CIRCUMSTANCES + width, width)
        self.observation = nn.Linear(width, width, bias=False)
        self.summary = nn.Linear(1, width)
        self.blocks = nn.ModuleList(
            TransformerBlock(width, settings.heads, settings.feed_forward, settings.dropout)
            for _ in range(settings.blocks)
        )
        self.norm = nn.LayerNorm(width)

    def collate(self, light_curves: LightCurves) -> Batch:
        """Cut the windows at the start, the middle and the end: see :func:`cut_windows`.

        Where no object is longer than one window, one is cut.
        """
        observations = usable_observations(light_curves)
        places = start_middle_end(observations, self.settings.tokens)
        return self.windows(observations, places, self.settings.tokens)

    def windows(
        self, observations: Observations, position: NDArray[np.float64], tokens: int
    ) -> Batch:
        """Tensors of windows at the given positions, float64 [B, W], of ``tokens`` at most."""
        cut = cut_windows(observations, position, tokens)
        return {name: torch.from_numpy(array) for name, array in cut.items()}

    def forward(self, batch: Batch) -> Tensor:
        """Embeddings, float32 [B, E]: the windows' vectors side by side, or their mean."""
        windows_BWD = self.encode(batch)
        if self.settings.fusion == "mean":
            return windows_BWD.mean(dim=1)
        return windows_BWD.expand(-1, len(START_MIDDLE_END), -1).flatten(1)

    def encode(self, batch: Batch) -> Tensor:
        """Vector of each window, float32 [B, W, D]."""
        return in_pieces(self._encode, batch, self.cpu_batch)

    def _encode(self, batch: Batch) -> Tensor:
        signal_NTS, circumstance_NTC = (part.flatten(0, 1) for part in self._features(batch))
        # Nor do silent observations count, where nothing varies.
        mask_NT = batch["mask"].flatten(0, 1) & (signal_NTS.abs() > SILENT).any(dim=-1)
        seen_NTD = self.signal(signal_NTS) * self.circumstance(circumstance_NTC)
        tokens_NTD = self.observation(gelu(seen_NTD))
        summary_ND = self.summary(batch["scale"].flatten(0, 1))
        tokens_NTD = torch.cat([summary_ND[:, None], tokens_NTD], dim=1)
        attended_NT = torch.cat([torch.ones_like(mask_NT[:, :1]), mask_NT], dim=1)
        for block in self.blocks:
            tokens_NTD = block(tokens_NTD, attended_NT)
        pooled_ND = masked_mean(tokens_NTD[:, 1:], mask_NT) + tokens_NTD[:, 0]
        return self.norm(pooled_ND).unflatten(0, batch["mask"].shape[:2])

    def layer_groups(self) -> list[list[nn.Parameter]]:
        """Token embedding, each block, final norm."""
        embedding = (self.signal, self.circumstance, self.observation, self.summary)
        groups = [[parameter for layer in embedding for parameter in layer.parameters()]]
        groups += [list(block.parameters()) for block in self.blocks]
        return [*groups, list(self.norm.parameters())]

    def lengths(self, light_curves: LightCurves) -> NDArray[np.int64]:
        """Observations, int64 [objects], up to one more than a window: more cost the same."""
        return np.minimum(light_curves.lengths, self.settings.tokens + 1)

    def _features(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """What was seen, float32 [B, W, T, S], and the circumstances, float32 [B, W, T, C]."""
        value, day = batch["value"], batch["day"]
        change = torch.asinh((value - value.gather(-1, batch["previous"])) / SMALL_VALUE)
        interval = day - day.gather(-1, batch["previous"])
        # The change alone: an interval without it would show the schedule of the survey.
        changes = [change * ((low <= interval) & (interval < high)) for low, high in INTERVALS]
        small = torch.asinh(value / SMALL_VALUE)
        signal = torch.stack([value, small, *changes], dim=-1)
        circumstance = torch.stack([batch["log_error"], batch["colour"]], dim=-1)
        return signal, torch.cat([circumstance, self.time(day)], dim=-1)
