"""A HATS catalogue of light curves embedded: one vector per object, beside its id and position.

Each partition is one task of Dask, on whatever scheduler the client has; LSDB reads it, writes what
becomes of it, and knows which partitions are done: a work that was cut off goes on where it was.
"""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from astra.data.errors import RejectedFileError
from astra.data.light_curves import LightCurves
from astra.encoders import Encoder, embed, load
from astra.hats.describing import DESCRIPTIONS, described_schema
from astra.hats.reading import light_curves_of, open_catalogue

if TYPE_CHECKING:
    from nested_pandas import NestedFrame

INDEX = "_healpix_29"
COLUMNS = {
    "object_id": pa.string(),
    "ra": pa.float64(),
    "dec": pa.float64(),
    "n_obs": pa.int64(),
    "embedding": pa.list_(pa.float32()),
}


def embed_catalogue(path: str | Path, folder: Path, encoder: str) -> Path:
    """Embed every object of a catalogue and write the vectors as a catalogue of their own.

    The work is done by the Dask client of the process, or by its threads where there is none.

    Parameters
    ----------
    path : str or Path
        HATS catalogue with nested light curves: a folder or an address.
    folder : Path
        Of the catalogue of vectors; where it is there in part, the rest is made.
    encoder : str
        Name of shipped weights, or a path that every worker can read.

    Raises
    ------
    RejectedFileError
        There is no such catalogue.
    """
    catalogue = open_catalogue(path)
    size = _encoder(encoder).embedding_size
    vectors = catalogue.map_partitions(embed_partition, encoder=encoder, meta=_empty())
    vectors.write_catalog(
        folder,
        catalog_name=f"{catalogue.name}_{Path(encoder).stem}",
        resume=folder.exists(),
        as_collection=False,
        progress_bar=False,
        addl_hats_properties={"astra_encoder": encoder},
    )
    _describe(folder, encoder, size)
    return folder


def embed_partition(frame: "NestedFrame", encoder: str) -> pd.DataFrame:
    """Vectors of one partition.

    Parameters
    ----------
    frame : NestedFrame
        Objects with their nested light curves, index ``_healpix_29``.
    encoder : str

    Returns
    -------
    DataFrame
        ``object_id``, ``ra``, ``dec``, ``n_obs``, and ``embedding``, a list of float32 each; in the
        order of the index, which is that of the partition.
    """
    import torch

    torch.set_num_threads(1)
    teller = _encoder(encoder)
    if not len(frame):
        return _empty()
    try:
        light_curves = light_curves_of(frame)
    except RejectedFileError:
        # Not one observation of the partition can be kept: no object has a vector.
        return _empty()
    return _frame(light_curves, embed(teller, light_curves, device="auto"))


@cache
def _encoder(name: str) -> Encoder:
    """Loaded once per process."""
    return load(name)


def _frame(light_curves: LightCurves, vectors: NDArray[np.float32]) -> pd.DataFrame:
    from hats.pixel_math.spatial_index import compute_spatial_index

    catalogue = light_curves.catalogue
    assert catalogue is not None
    ra, dec = (catalogue[name].to_numpy(float) for name in ("ra", "dec"))
    columns = {
        "object_id": pa.array(catalogue["object_id"], pa.string()),
        "ra": pa.array(ra),
        "dec": pa.array(dec),
        "n_obs": pa.array(light_curves.lengths, pa.int64()),
        "embedding": _lists(vectors),
    }
    index = pd.Index(np.asarray(compute_spatial_index(ra, dec), np.int64), name=INDEX)
    series = {
        name: pd.Series(pd.array(array, pd.ArrowDtype(kind)), index=index)
        for (name, kind), array in zip(COLUMNS.items(), columns.values(), strict=True)
    }
    return pd.DataFrame(series).sort_index(kind="stable")


def _lists(vectors: NDArray[np.float32]) -> pa.ListArray:
    offsets = np.arange(len(vectors) + 1, dtype=np.int32) * np.int32(vectors.shape[1])
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(vectors.ravel()))


def _empty() -> pd.DataFrame:
    """No object at all: the columns and their types."""
    series = {name: pd.Series([], dtype=pd.ArrowDtype(kind)) for name, kind in COLUMNS.items()}
    return pd.DataFrame(series, index=pd.Index([], dtype="int64", name=INDEX))


def _describe(folder: Path, encoder: str, size: int) -> None:
    """Give the columns of the catalogue their units and descriptions."""
    path = folder / "dataset" / "_common_metadata"
    words = f"Embedding of the light curve by encoder {encoder}: {size} numbers"
    counted = "Observations that were embedded"
    descriptions = {**DESCRIPTIONS, "embedding": ("", words), "n_obs": ("", counted)}
    schema = described_schema(pq.read_schema(path), descriptions)
    part = path.with_name(".common_metadata.part")
    pq.write_metadata(schema, part)
    part.rename(path)
