"""Which objects are held out, to be scored and never learnt from.

The choice is a convention of the observatory, not of a run: it depends on the place on the sky
alone. So what a fine-tune has not seen, no probe on its embeddings has seen either, and a parent
and its children are scored on the same objects.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from astra.data.catalogue import Catalogue, sky_cell

FRACTION = 0.3
CELL_SIZE = 2.0
FEWEST_CELLS = 20


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Objects that are held out.

    Attributes
    ----------
    rows : bool [objects]
    by : str
        How they were chosen, for people to read.
    """

    rows: NDArray[np.bool_]
    by: str


def held_out(catalogue: Catalogue, fraction: float = FRACTION) -> HeldOut:
    """Choose the objects of a survey that are held out.

    Whole cells of the sky of 2 degrees, so that no object has a neighbour, or itself under another
    name, on the other side. Where most objects have no position, or lie in fewer than 20 cells,
    objects are chosen by their ids, which is as good as at random.
    """
    cells = _cells(catalogue)
    if cells is None:
        numbers = _hashes(catalogue["object_id"].astype(str).to_numpy(object))
        return HeldOut(_draw(numbers, fraction), "objects at random")
    return HeldOut(_draw(cells.view(np.uint64), fraction), f"sky cells of {CELL_SIZE:g} deg")


def folds(catalogue: Catalogue, number: int) -> NDArray[np.int64]:
    """Fold of each object of a survey, int64 [objects]: 0 to ``number - 1``, whole cells alike."""
    cells = _cells(catalogue)
    ids = catalogue["object_id"].astype(str).to_numpy(object)
    numbers = _hashes(ids) if cells is None else cells.view(np.uint64)
    return (_mixed(numbers) % np.uint64(number)).astype(np.int64)


def _cells(catalogue: Catalogue) -> NDArray[np.int64] | None:
    """Sky cell of each object; None where that is no way to split them."""
    if "ra" not in catalogue or "dec" not in catalogue:
        return None
    ra, dec = (catalogue[name].to_numpy(np.float64, na_value=np.nan) for name in ("ra", "dec"))
    known = np.isfinite(ra) & np.isfinite(dec)
    cells = sky_cell(ra, dec, CELL_SIZE)
    if known.mean() < 0.5 or len(np.unique(cells[known])) < FEWEST_CELLS:
        return None
    return cells


def _hashes(ids: NDArray[np.object_]) -> NDArray[np.uint64]:
    return pd.util.hash_array(ids)  # pyright: ignore[reportAttributeAccessIssue]


def _draw(numbers: NDArray[np.uint64], fraction: float) -> NDArray[np.bool_]:
    """Whether each number falls into a fraction of all numbers, after mixing."""
    return _mixed(numbers) < np.uint64(fraction * 2**64)


def _mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Numbers as good as random, the same for the same numbers (splitmix64)."""
    mixed = numbers + np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    mixed ^= mixed >> np.uint64(31)
    return mixed
