"""Cross-half prediction: one half of the nights of a light curve foretells the other half.

Nothing is compared between objects, so neither the schedule of a survey nor the errors can be
used to recognise one; noise cannot be foretold, so it is not learnt.

Legend of shape suffixes: B objects, N phase bins, M modalities, E embedding.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numba import njit
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from astra.data.light_curves import DAYS_PER_TICK, LightCurves
from astra.encoders.astra import SIZES, SMOOTH_SIZE, Astra
from astra.encoders.astra_inputs import MODALITIES, NUMBERS, SIDE, inputs, period_columns
from astra.encoders.base import Batch
from astra.periods import Merged, merge
from astra.periods.folding import BINS
from astra.training.objective import Objective

HALVES = ("first", "second")
TRUTH = "truth"
"""Column of the light curves: number of the true class, -1 where it is not known."""
NIGHT_GAP = 0.2
"""A gap in time [d] after which a new night begins; nights are at most 0.7 d long."""
LONGEST_NIGHT = 0.7


@dataclass(frozen=True, slots=True)
class CrossHalfSettings:
    """How halves are made, and what the parts of the loss weigh.

    Attributes
    ----------
    smallest_half : float
        Expected fraction of the nights in the first half is drawn between this and one minus it.
    drop : float
        Probability that a half hides one of its modalities; one is always left.
    fold, quantiles, side, lags, bands, observations, smooth : float
        Weights of the squared errors; ``smooth`` of the smooth period numbers.
    truth : float
        Weight of the cross-entropy of the class of objects whose truth is known: simulated ones.
    smoothing : float
        Of the labels in it.
    classes : int
        Number of classes in the truth.
    """

    smallest_half: float = 0.3
    drop: float = 0.3
    fold: float = 1.0
    quantiles: float = 0.5
    side: float = 0.5
    lags: float = 0.5
    bands: float = 0.5
    observations: float = 0.5
    smooth: float = 6.0
    truth: float = 1.0
    smoothing: float = 0.05
    classes: int = 0


class CrossHalf(Objective[Astra]):
    """Predicts what one half of the nights looks like from the embedding of the other.

    Period and phase are those of all observations. The numbers of the period search are predicted
    too; of them both halves see the same.

    Parameters
    ----------
    encoder : Astra
    settings : CrossHalfSettings
    """

    def __init__(self, encoder: Astra, settings: CrossHalfSettings | None = None) -> None:
        super().__init__()
        self.encoder = encoder
        self.settings = settings or CrossHalfSettings()
        size = encoder.embedding_size
        self.decoders = nn.ModuleDict(
            {
                "fold": _decoder(size, 192, 2 * BINS),
                "side": _decoder(size, 96, len(SIDE) + SMOOTH_SIZE),
                "observations": _decoder(size, 96, encoder.settings.width),
            }
            | {name: _decoder(size, 96, SIZES[name]) for name in NUMBERS if name != "side"}
        )
        self.truth = nn.Linear(size, self.settings.classes) if self.settings.classes else None

    def collate(self, light_curves: LightCurves, generator: np.random.Generator) -> Batch:
        """Inputs of both halves, named ``first/...`` and ``second/...``.

        ``present`` says what is there, ``shown`` which of it the encoder sees.
        """
        merged = merge(light_curves)
        columns = period_columns(light_curves, merged)
        first = random_nights(light_curves, self.settings.smallest_half, generator)
        batch: Batch = {}
        for half, chosen in zip(HALVES, (first, ~first), strict=True):
            batch |= self._half(half, light_curves, merged, columns, chosen, generator)
        if TRUTH in light_curves.columns:
            batch[TRUTH] = torch.from_numpy(light_curves.columns[TRUTH].astype(np.int64))
        return batch

    def loss(self, batch: Batch) -> Tensor:
        """Mean over both directions of the weighted squared errors, and the truth's share."""
        first, second = (self._look(half_of(batch, half)) for half in HALVES)
        seen = {name: torch.cat([first[name], second[name]]) for name in first}
        target = {name: torch.cat([second[name], first[name]]) for name in first}
        embeddings_BE = self.encoder(seen | {"present": seen["shown"]})
        error = self._error(embeddings_BE, target)
        if self.truth is None or TRUTH not in batch:
            return error
        truth_B = batch[TRUTH].repeat(2)
        known_B = truth_B >= 0
        guesses = self.truth(embeddings_BE[known_B])
        wrong = cross_entropy(
            guesses, truth_B[known_B], reduction="sum", label_smoothing=self.settings.smoothing
        )
        return error + self.settings.truth * wrong / known_B.sum().clamp_min(1)

    def _look(self, half: Batch) -> Batch:
        """Replace the windows of a half by the transformer's vector, which is not trained here."""
        with torch.no_grad():
            vector_BD = self.encoder.look(half)
        kept = {name: tensor for name, tensor in half.items() if not name.startswith("window/")}
        return kept | {"observations": vector_BD}

    def _half(
        self,
        half: str,
        light_curves: LightCurves,
        merged: Merged,
        columns: Mapping[str, NDArray],
        chosen: NDArray[np.bool_],
        generator: np.random.Generator,
    ) -> Batch:
        position = generator.random((len(light_curves), 1))
        arrays = inputs(light_curves, merged, columns, chosen, position)
        arrays["shown"] = hide(arrays["present"], self.settings.drop, generator)
        return {f"{half}/{name}": torch.from_numpy(array) for name, array in arrays.items()}

    def _error(self, embeddings_BE: Tensor, target: Batch) -> Tensor:
        weights = self.settings
        features = self.encoder.features(target)
        predicted = {name: self.decoders[name](embeddings_BE) for name in MODALITIES}
        side_error = (predicted["side"] - features["side"]) ** 2
        parts = [
            ("fold", weights.fold, self._fold_error(predicted["fold"], features["fold"])),
            ("side", weights.side, side_error[:, : len(SIDE)]),
            ("side", weights.smooth, side_error[:, len(SIDE) :]),
        ]
        for name in ("quantiles", "lags", "bands", "observations"):
            parts.append((name, getattr(weights, name), (predicted[name] - features[name]) ** 2))
        return sum(
            (
                weight * masked_mean_error(error, target["present"][:, MODALITIES.index(name)])
                for name, weight, error in parts
            ),
            start=embeddings_BE.new_zeros(()),
        )

    @staticmethod
    def _fold_error(predicted: Tensor, target_BCN: Tensor) -> Tensor:
        value_B2N, coverage_B2N = target_BCN[:, ::2], target_BCN[:, 1::2]
        return (coverage_B2N * (predicted.view_as(value_B2N) - value_B2N)).square().flatten(1)


def half_of(batch: Batch, half: str) -> Batch:
    """Tensors of one half."""
    prefix = f"{half}/"
    return {key.removeprefix(prefix): t for key, t in batch.items() if key.startswith(prefix)}


def masked_mean_error(error: Tensor, present_B: Tensor) -> Tensor:
    """Mean of float [B, numbers] over the objects where something is present, a scalar."""
    return (error.mean(dim=1) * present_B).sum() / present_B.sum().clamp_min(1)


def hide(
    present_BM: NDArray[np.bool_], drop: float, generator: np.random.Generator
) -> NDArray[np.bool_]:
    """Hide modalities at random, bool [B, M]; of those present one at least stays."""
    random = generator.random(present_BM.shape)
    shown = present_BM & (random >= drop)
    last = np.where(present_BM, random, -1).argmax(axis=1)
    shown[np.arange(len(shown)), last] |= present_BM[np.arange(len(shown)), last]
    return shown


def random_nights(
    light_curves: LightCurves, smallest: float, generator: np.random.Generator
) -> NDArray[np.bool_]:
    """Choose nights at random, bool [observations]; whole nights, for their errors are shared.

    Each object's expected fraction is drawn between ``smallest`` and ``1 - smallest``. A night ends
    at a gap of ``NIGHT_GAP`` or after ``LONGEST_NIGHT``, so it needs no site.
    """
    fraction = generator.uniform(smallest, 1 - smallest, len(light_curves))
    draws = generator.random(light_curves.n_observations)
    time = DAYS_PER_TICK * np.asarray(light_curves.time)
    return _random_nights(time, np.asarray(light_curves.offsets), fraction, draws)


@njit(cache=True, nogil=True)
def _random_nights(time, offsets, fraction, draws):
    chosen = np.zeros(len(time), np.bool_)
    for i in range(len(fraction)):
        begin = -np.inf
        night = False
        for j in range(offsets[i], offsets[i + 1]):
            gap = j == offsets[i] or time[j] - time[j - 1] > NIGHT_GAP
            if gap or time[j] - begin > LONGEST_NIGHT:
                begin = time[j]
                night = draws[j] < fraction[i]
            chosen[j] = night
    return chosen


def _decoder(size: int, hidden: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(size, hidden), nn.GELU(), nn.Linear(hidden, outputs))
