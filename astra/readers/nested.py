"""Nested Parquet: lists in a row become rows of their own, whichever way they are nested."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

from astra.data.errors import RejectedFileError
from astra.readers.columns import Columns

_INTEGERS = {
    getattr(pa, name)(): dtype()
    for name, dtype in {
        "int8": pd.Int8Dtype, "int16": pd.Int16Dtype, "int32": pd.Int32Dtype,
        "int64": pd.Int64Dtype, "uint8": pd.UInt8Dtype, "uint16": pd.UInt16Dtype,
        "uint32": pd.UInt32Dtype, "uint64": pd.UInt64Dtype, "bool_": pd.BooleanDtype,
    }.items()
}  # fmt: skip


def is_flat(dtype: pa.DataType) -> bool:
    """Whether a column type is a plain value, neither list nor struct nor map."""
    return not (pa.types.is_nested(dtype) and not pa.types.is_dictionary(dtype))


def is_list(dtype: pa.DataType) -> bool:
    """Whether a column type is a list of any kind."""
    return any(
        test(dtype)
        for test in (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    )


def nested_fields(dtype: pa.DataType) -> list[str]:
    """Names of the columns inside a nested column; empty where it is none.

    Both a list of structs and a struct of lists are nested columns.
    """
    if is_list(dtype) and pa.types.is_struct(dtype.value_type):
        return [field.name for field in dtype.value_type]
    if pa.types.is_struct(dtype):
        return [
            field.name for field in dtype if is_list(field.type) and is_flat(field.type.value_type)
        ]
    return []


def frame_of(table: pa.Table) -> pd.DataFrame:
    """Arrow table as a frame in which long integers keep their digits beside nulls."""
    return table.to_pandas(types_mapper=_INTEGERS.get, ignore_metadata=True)


def explode(
    columns: Columns, table: pa.Table, nested: str | None, lists: Sequence[str], keep: Sequence[str]
) -> Columns:
    """One row for each element of the lists in each row.

    Parameters
    ----------
    columns : Columns
        The file; its ``rows`` are those of ``table``.
    table : pyarrow.Table
    nested : str or None
        Nested column that holds the lists; None where they are columns of their own.
    lists : sequence of str
    keep : sequence of str
        Plain columns to repeat for each element.

    Returns
    -------
    Columns
        Row numbers are those of the file's rows, so several share one.

    Raises
    ------
    RejectedFileError
        Lists of one row differ in length.
    """
    arrays = _lists(table, nested, lists)
    lengths = {name: _lengths(array) for name, array in arrays.items()}
    first = next(iter(lengths.values()))
    for name, length in lengths.items():
        differing = np.flatnonzero(length != first)
        if len(differing):
            row = int(differing[0])
            raise RejectedFileError(
                f"{columns.file}: row {columns.rows[row]}, column {name}: {length[row]} values, "
                f"but {first[row]} in column {next(iter(lengths))}"
            )
    owner = np.repeat(np.arange(len(table)), first)
    flat = pa.table({name: array.flatten() for name, array in arrays.items()})
    frame = frame_of(flat)
    for name in keep:
        frame[name] = columns.table[name].take(owner).reset_index(drop=True)
    return Columns(columns.file, frame, columns.rows[owner], columns.header, columns.units)


def _lists(table: pa.Table, nested: str | None, lists: Sequence[str]) -> dict[str, pa.Array]:
    if nested is None:
        return {name: _one(table[name]) for name in lists}
    column = _one(table[nested])
    if pa.types.is_struct(column.type):
        inside = _fields(column)
        return {name: inside[name] for name in lists}
    inside = _fields(column.flatten())
    offsets = pa.array(np.concatenate([[0], np.cumsum(_lengths(column))]), pa.int64())
    return {name: pa.LargeListArray.from_arrays(offsets, inside[name]) for name in lists}


def _fields(column: pa.StructArray) -> dict[str, pa.Array]:
    """Columns of a struct; what is null in it is null in them."""
    return dict(zip([field.name for field in column.type], column.flatten(), strict=True))


def _one(column: pa.ChunkedArray) -> pa.Array:
    combined = column.combine_chunks()
    if isinstance(combined, pa.ChunkedArray):
        return pa.concat_arrays(combined.chunks)
    return combined


def _lengths(array: pa.Array) -> np.ndarray:
    return array.value_lengths().fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
