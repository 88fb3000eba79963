"""Tables inside a run: Arrow IPC, one uncompressed batch, memory-mapped and shared by visitors."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from astra.data.errors import StoreError


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a table so that :func:`read_table` can map it without a copy."""
    arrow = pa.Table.from_pandas(table, preserve_index=False).combine_chunks()
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, arrow.schema) as writer:
        writer.write_table(arrow)


def read_table(path: Path) -> pa.Table:
    """Map a table; columns are read when they are used.

    Raises
    ------
    StoreError
        The file is missing or is not a table of a run.
    """
    try:
        return pa.ipc.open_file(pa.memory_map(str(path))).read_all()
    except (OSError, pa.ArrowInvalid) as error:
        raise StoreError(f"{path}: no table here ({error})") from error


def column(table: pa.Table, name: str) -> NDArray:
    """Values of a numeric column, array [rows]; no copy where the column has no nulls."""
    values = table[name]
    # Combining copies even a single chunk; the conversion of several cannot do without.
    return (values.chunk(0) if values.num_chunks == 1 else values).to_numpy(zero_copy_only=False)


def codes(table: pa.Table, name: str) -> tuple[NDArray[np.int32], list[str]]:
    """Codes [rows] (-1 where null) and category names of a text column, names sorted."""
    series = table[name].to_pandas()
    categories = pd.Categorical(series)
    names = [str(category) for category in categories.categories]
    order = np.argsort(names)
    new_code = np.empty(len(names) + 1, np.int32)
    new_code[order] = np.arange(len(names), dtype=np.int32)
    new_code[-1] = -1
    return new_code[categories.codes], [names[i] for i in order]
