"""Vectors that were made partition by partition, in the order of a survey."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from numpy.typing import NDArray

from astra.data.durable import hash_of_file
from astra.data.errors import AstraError

PARTITIONS = "dataset/**/Npix=*.parquet"


def read_vectors(folder: Path, object_ids: Sequence[str]) -> NDArray[np.float32]:
    """Vectors of a catalogue written by ``astra hats embed``, float32 [objects, E].

    Parameters
    ----------
    folder : Path
    object_ids : sequence of str
        Whose vectors, in this order.

    Raises
    ------
    AstraError
        There is no such catalogue, it was not finished, or an object has no vector in it.
    """
    wanted = pd.Index(object_ids)
    found = np.zeros(len(wanted), bool)
    vectors = np.empty((0, 0), np.float32)
    for path in _partitions(folder):
        table = pq.read_table(path, columns=["object_id", "embedding"])
        lists = table["embedding"].combine_chunks()
        here = lists.flatten().to_numpy().reshape(len(table), -1)
        if not vectors.size:
            vectors = np.empty((len(wanted), here.shape[1]), np.float32)
        rows = wanted.get_indexer(pd.Index(table["object_id"].to_pylist()))
        vectors[rows[rows >= 0]] = here[rows >= 0]
        found[rows[rows >= 0]] = True
    if not found.all():
        first = wanted[int(np.argmin(found))]
        raise AstraError(
            f"{folder}: no vector for {np.count_nonzero(~found)} of {len(wanted)} objects, the "
            f"first is {first}"
        )
    return vectors


def fingerprint(folder: Path) -> str:
    """SHA-256 of all vectors, hexadecimal."""
    digest = hashlib.sha256()
    for path in _partitions(folder):
        digest.update(f"{path.relative_to(folder)} {hash_of_file(path)}\n".encode())
    return digest.hexdigest()


def _partitions(folder: Path) -> list[Path]:
    if not (folder / "hats.properties").exists():
        raise AstraError(f"{folder}: no finished HATS catalogue; run astra hats embed again")
    return sorted(folder.glob(PARTITIONS))
