"""How much the texts of a Parquet file take when written out: one text may stand for many."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

_ROWS = 65_536


def text_size(path: Path, names: Sequence[str], most: int) -> int:
    """Bytes of all texts in some columns and in what is nested in them.

    They are read as dictionaries, in which each text stands once; counting stops beyond ``most``.
    """
    schema = pq.ParquetFile(path).schema
    leaves = [schema.column(i) for i in range(len(schema.names))]
    texts = [leaf.path for leaf in leaves if _is_text(leaf)]
    asked = frozenset(names)
    wanted = [text for text in texts if not asked.isdisjoint(_and_above(text))]
    if not wanted:
        return 0
    file = pq.ParquetFile(path, read_dictionary=wanted, page_checksum_verification=True)
    size = 0
    for batch in file.iter_batches(_ROWS, columns=wanted, use_threads=False):
        size += sum(_size(part) for column in batch.columns for part in _dictionaries(column))
        if size > most:
            break
    return size


def _is_text(leaf: Any) -> bool:
    return leaf.physical_type == "BYTE_ARRAY" and leaf.logical_type.type != "DECIMAL"


def _and_above(path: str) -> Iterator[str]:
    """A path in a schema, and those of what it is nested in."""
    yield path
    while "." in path:
        path = path.rpartition(".")[0]
        yield path


def _dictionaries(array: pa.Array) -> Iterator[pa.DictionaryArray]:
    """Dictionary arrays in an array, at any depth."""
    if pa.types.is_dictionary(array.type):
        yield array
    elif pa.types.is_struct(array.type):
        for child in array.flatten():
            yield from _dictionaries(child)
    elif pa.types.is_nested(array.type):
        yield from _dictionaries(array.flatten())


def _size(array: pa.DictionaryArray) -> int:
    lengths = (
        pc.call_function("binary_length", [array.dictionary])
        .fill_null(0)
        .to_numpy(zero_copy_only=False)
    )
    # A null's length stands last, where index -1 finds it.
    lengths = np.append(lengths.astype(np.int64), 0)
    indices = array.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return int(lengths[indices].sum())
