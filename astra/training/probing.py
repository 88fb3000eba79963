"""A probe while an encoder learns without labels: whether what it learns tells classes apart.

It is looked at, and nothing else: neither the gradient nor the choice of the best epoch knows it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from astra.analysis.probes import Labelled, evaluate, labelled
from astra.data.light_curves import LightCurves
from astra.encoders.base import Encoder
from astra.encoders.embed import embed

MOST_OBJECTS = 2_000


@dataclass(frozen=True, slots=True, eq=False)
class EpochProbe:
    """Labelled light curves, a part of them held out.

    Attributes
    ----------
    light_curves : LightCurves
    known : Labelled
    held_out : bool [objects]
    """

    light_curves: LightCurves
    known: Labelled
    held_out: NDArray[np.bool_]

    @classmethod
    def of(
        cls,
        light_curves: LightCurves,
        labels: Sequence[str | None] | pd.Series,
        held_out: NDArray[np.bool_],
        most: int = MOST_OBJECTS,
    ) -> Self | None:
        """Draw at most so many of the labelled objects; None where they are too few for a probe.

        Parameters
        ----------
        light_curves : LightCurves
        labels : sequence of str or None [objects]
        held_out : bool [objects]
            Objects to score, best by whole cells of the sky.
        most : int
        """
        known = labelled(labels)
        rows = np.random.default_rng(0).permutation(known.rows)[:most]
        rows.sort()
        out, codes = held_out[rows], known.codes[rows]
        if not out.any() or len(np.unique(codes[~out])) < 2:
            return None
        return cls(light_curves.take(rows), Labelled(known.classes, codes, known.left_out), out)

    def __call__(self, encoder: Encoder, device: torch.device) -> float:
        """Macro-F1 on the objects held out, of a linear probe on the others."""
        embeddings = embed(encoder, self.light_curves, str(device))
        return float(evaluate(embeddings, self.known, self.held_out)["macro_f1"])
