"""A table of observations as codes: whose each one is, its band, and whether it is flagged."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from astra.data.errors import StoreError

FLAGGED = np.uint8(0x80)


def owners(objects: pd.DataFrame, observations: pd.DataFrame) -> NDArray[np.intp]:
    """Row of the object that each observation is of, int [observations].

    Raises
    ------
    StoreError
        An observation is of an object that ``objects`` has no row of.
    """
    ids = pd.Index(objects["object_id"].astype(str))
    # Each distinct id is looked up once; looking up every observation's text takes longer than all
    # the rest.
    observed = observations["object_id"].astype("category").cat
    owner = ids.get_indexer(observed.categories.astype(str))[observed.codes]
    if (owner < 0).any():
        stray = observations["object_id"].iloc[int(np.argmax(owner < 0))]
        raise StoreError(f"object_id {stray!r} has observations but no row in the object table")
    return owner


def bands_and_flags(observations: pd.DataFrame) -> tuple[NDArray[np.uint8], list[str]]:
    """Band and flag of each observation, uint8 [observations], and the names of the bands."""
    bands = observations["band"].astype("category").cat
    band_and_flag = bands.codes.to_numpy().astype(np.uint8)
    if "flagged" in observations:
        band_and_flag[observations["flagged"].to_numpy(bool)] |= FLAGGED
    return band_and_flag, [str(name) for name in bands.categories]
