"""Masked magnitudes: some observations are hidden, and foretold from the others.

Legend of shape suffixes: B objects, W windows (one here), N sequences = B W, T tokens.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from astra.data.light_curves import LightCurves
from astra.encoders.astromer import Astromer, centred
from astra.encoders.base import Batch
from astra.encoders.observations import usable_observations
from astra.encoders.pieces import in_pieces
from astra.training.objective import Objective

VISIBLE, REPLACED, HIDDEN = 0, 1, 2


@dataclass(frozen=True, slots=True)
class MaskedSettings:
    """What is asked of the encoder.

    Attributes
    ----------
    probed : float
        Probability that an observation is asked for.
    replaced, visible : float
        Of those asked for, the fractions that are shown with another observation's magnitude, and
        as they are; the rest is hidden.
    shift_days : float
        Times are shifted by up to this much, so that only differences tell anything.
    """

    probed: float = 0.5
    replaced: float = 0.2
    visible: float = 0.2
    shift_days: float = 2000.0


class Masked(Objective[Astromer]):
    """Squared error of the magnitudes that were asked for, weighted by their errors.

    After Astromer 2 (2026, A&A 707, A170), with a mean over objects under no root, so that
    parts of a batch add up. The magnitudes of a window are about the mean of those that are
    seen: what is hidden leaves no trace, not even in the level.

    Parameters
    ----------
    encoder : Astromer
    settings : MaskedSettings
    """

    def __init__(self, encoder: Astromer, settings: MaskedSettings | None = None) -> None:
        super().__init__()
        self.encoder = encoder
        self.settings = settings or MaskedSettings()
        width = encoder.settings.width
        self.hidden_value = nn.Parameter(torch.zeros(1))
        self.head = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, 1))

    def collate(self, light_curves: LightCurves, generator: np.random.Generator) -> Batch:
        """Tensors of one window at random and ``hidden``, ``target``, ``weight``, [B, 1, T] each.

        ``weight`` is 0 where nothing is asked, and sums to 1 over an object that is asked.
        """
        observations = usable_observations(light_curves)
        objects = len(light_curves)
        cut = self.encoder.windows(observations, generator.random((objects, 1)))
        fate, probed = draw(cut["mask"], self.settings, generator)
        shown, target = conceal(cut["value"], cut["mask"], fate, generator)
        shift = generator.random((objects, 1, 1), dtype=np.float32) * self.settings.shift_days
        arrays = {
            "value": shown,
            "day": cut["day"] + shift,
            "colour": cut["colour"],
            "mask": cut["mask"],
            "hidden": fate == HIDDEN,
            "target": target,
            "weight": weights(cut["log_error"], probed),
        }
        return {name: torch.from_numpy(array) for name, array in arrays.items()}

    def loss(self, batch: Batch) -> Tensor:
        """Mean over the objects of their weighted squared error [mag^2]."""
        return weighted_error(self.predict(batch), batch["target"], batch["weight"])

    def predict(self, batch: Batch) -> Tensor:
        """Magnitudes of all observations about the level of their window, float32 [B, 1, T]."""
        return in_pieces(self._predict, batch, self.encoder.cpu_batch, per_token=True)

    def _predict(self, batch: Batch) -> Tensor:
        value = torch.where(batch["hidden"], self.hidden_value, batch["value"])
        tokens_NTD = self.encoder.layers(batch | {"value": value})[-1]
        return self.head(tokens_NTD).view_as(batch["value"])

    def figures(self, batch: Batch) -> dict[str, float]:
        """Loss, and ``level_loss``: what foretelling the mean of what is seen would reach."""
        flat = torch.zeros_like(batch["target"])
        return {
            "validation_loss": float(self.loss(batch)),
            "level_loss": float(weighted_error(flat, batch["target"], batch["weight"])),
        }


def draw(
    mask: NDArray[np.bool_], settings: MaskedSettings, generator: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Decide what is shown of each token (``VISIBLE``, ...), and which are asked for.

    Both have the shape of ``mask``, which is true where a token is real.
    """
    probed = mask & (generator.random(mask.shape) < settings.probed)
    choice = generator.random(mask.shape)
    fate = np.where(choice < settings.replaced, REPLACED, HIDDEN)
    fate[choice >= 1 - settings.visible] = VISIBLE
    return np.where(probed, fate, VISIBLE).astype(np.uint8), probed


def conceal(
    value: NDArray[np.float32],
    mask: NDArray[np.bool_],
    fate: NDArray[np.uint8],
    generator: np.random.Generator,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Hide and replace magnitudes; both results are about the mean of those that stay visible.

    Parameters
    ----------
    value : float32 [..., tokens], mag
    mask : bool, the same shape
        True where a token is real.
    fate : uint8, the same shape
        See :func:`draw`.
    generator : Generator

    Returns
    -------
    shown : float32, mag
        0 where hidden or padding; where replaced, a visible magnitude of the same window.
    target : float32, mag
    """
    seen = mask & (fate == VISIBLE)
    target = np.where(mask, centred(value, seen), 0).astype(np.float32)
    count = seen.sum(axis=-1, keepdims=True)
    # Seen tokens come first in this order: a random place among them is a random seen token.
    order = np.argsort(~seen, axis=-1, kind="stable")
    place = np.floor(generator.random(value.shape) * count).astype(np.int64)
    other = np.take_along_axis(target, np.take_along_axis(order, place, axis=-1), axis=-1)
    replaced = (fate == REPLACED) & (count > 0)
    shown = np.where(seen, target, np.where(replaced, other, 0))
    return shown.astype(np.float32), target


def weights(log_error: NDArray[np.float32], probed: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Weights in proportion to 1 / error, float32 [..., tokens]; they sum to 1, or to 0."""
    weight = np.where(probed, np.exp(-log_error), 0)
    total = weight.sum(axis=-1, keepdims=True)
    return (weight / np.where(total > 0, total, 1)).astype(np.float32)


def weighted_error(predicted: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Mean over the objects of the weighted sum of squared differences, a scalar."""
    return (weight * (predicted - target).square()).flatten(1).sum(dim=1).mean()
