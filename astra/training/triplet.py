"""The three views of Astra-CLR: an anchor, a shorter window, and a corrupted one.

Majumder, Malanchev & Ishida (2026, arXiv:2606.31627) and their public code.

Legend of shape suffixes: B objects, W windows.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from torch import nn

from astra.data.light_curves import LightCurves
from astra.encoders.astra_clr_replica import AstraCLRReplica
from astra.encoders.band_blocks import BandBlocks
from astra.encoders.base import Batch
from astra.training.contrastive import ViewMatching
from astra.training.views import add_outlier, bins_of, dropped


@dataclass(frozen=True, slots=True)
class TripletSettings:
    """Views and loss; the defaults are the paper's.

    Attributes
    ----------
    temperature : float
    projection : int
        Size of the vectors that are compared.
    short : float
        Runs of the canonical positive, as a fraction of the encoder's.
    anchor_noise, hard_noise : float
        White noise of the anchor and of the hard positive [mag].
    drop, bin_days : float
        Of the hard positive, this fraction of the occupied bins of so many days vanishes.
    saturation, depth : float
        One token of the hard positive becomes ``saturation - U(0, depth)`` [mag].
    miscounted_bins : bool
        Drop bins as the public code does, which takes numbers of bins for ranks of occupied ones:
        about a third of the observations vanish where half is meant.
    """

    temperature: float = 0.1
    projection: int = 256
    short: float = 0.5
    anchor_noise: float = 0.05
    hard_noise: float = 0.10
    drop: float = 0.5
    bin_days: float = 5.0
    saturation: float = -0.69585
    depth: float = 0.5
    miscounted_bins: bool = False


class Triplet(ViewMatching[AstraCLRReplica]):
    """NT-Xent over the anchor, the canonical and the hard positive of each object.

    A run that is longer than the view's begins at a uniformly random observation, each block and
    view on its own. Observations that vanish still count in the length of a run.

    Parameters
    ----------
    encoder : AstraCLRReplica
    settings : TripletSettings
    """

    VIEWS: ClassVar[tuple[str, ...]] = ("anchor", "canonical", "hard")

    def __init__(self, encoder: AstraCLRReplica, settings: TripletSettings | None = None) -> None:
        super().__init__()
        self.encoder = encoder
        self.settings = settings or TripletSettings()
        self.temperature = self.settings.temperature
        width = encoder.settings.width
        self.head = nn.Sequential(
            nn.Linear(width, width), nn.ReLU(), nn.Linear(width, self.settings.projection)
        )

    def collate(self, light_curves: LightCurves, generator: np.random.Generator) -> Batch:
        """Tensors of each view, named ``<view>/<tensor>``."""
        blocks = BandBlocks.of(light_curves)
        tokens = self.encoder.settings.tokens
        short = tuple(max(1, round(self.settings.short * size)) for size in tokens)
        views = {
            "anchor": self._view(
                noisy(blocks, self.settings.anchor_noise, generator), tokens, generator
            ),
            "canonical": self._view(blocks, short, generator),
            "hard": self._hard(blocks, tokens, generator),
        }
        return {f"{name}/{key}": views[name][key] for name in self.VIEWS for key in views[name]}

    def _hard(
        self, blocks: BandBlocks, tokens: tuple[int, ...], generator: np.random.Generator
    ) -> Batch:
        settings = self.settings
        hide = miscounted if settings.miscounted_bins else intended
        hidden = hide(blocks, settings.drop, settings.bin_days, generator)
        batch = self._view(noisy(blocks, settings.hard_noise, generator), tokens, generator, hidden)
        value, mask = batch["value"].numpy(), batch["mask"].numpy()
        add_outlier(value, mask, generator, settings.saturation, settings.depth)
        return batch

    def _view(
        self,
        blocks: BandBlocks,
        tokens: tuple[int, ...],
        generator: np.random.Generator,
        hidden: NDArray[np.bool_] | None = None,
    ) -> Batch:
        spare = np.maximum(blocks.counts - np.array(tokens), 1)
        start_BWS = generator.integers(0, spare)[:, None]
        return self.encoder.windows(blocks, start_BWS, tokens, hidden)


def noisy(blocks: BandBlocks, sigma: float, generator: np.random.Generator) -> BandBlocks:
    """Add white noise [mag]."""
    value = blocks.observations.value
    deviate = generator.standard_normal(len(value), dtype=np.float32)
    return blocks.with_value((value + sigma * deviate).astype(np.float32))


def intended(
    blocks: BandBlocks, fraction: float, bin_days: float, generator: np.random.Generator
) -> NDArray[np.bool_]:
    """Choose observations to drop by whole bins: see :func:`astra.training.views.dropped`."""
    return dropped(blocks.observations, fraction, bin_days, generator)


def miscounted(
    blocks: BandBlocks, fraction: float, bin_days: float, generator: np.random.Generator
) -> NDArray[np.bool_]:
    """Choose observations to drop as the public code does, bool [observations].

    It draws numbers of occupied bins, then drops the bins whose rank in the order of first
    appearance, block after block, is among those numbers.
    """
    seen = blocks.observations
    chosen = dropped(seen, fraction, bin_days, generator)
    number = bins_of(seen, bin_days)
    hidden = np.zeros(len(number), np.bool_)
    for row in range(len(seen.lengths)):
        span = np.arange(seen.offsets[row], seen.offsets[row + 1])
        by_block = span[np.argsort(blocks.block[seen.band[span]], kind="stable")]
        _, first, inverse = np.unique(number[by_block], return_index=True, return_inverse=True)
        rank = np.argsort(np.argsort(first))[inverse]
        hidden[by_block] = np.isin(rank, number[span][chosen[span]])
    return hidden
