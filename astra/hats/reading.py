"""Partitions of a HATS catalogue as light curves, through the rules that every file passes."""

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow.parquet as pq

from astra.data.catalogue import Catalogue
from astra.data.errors import AstraError, RejectedFileError
from astra.data.light_curves import LightCurves
from astra.readers import read
from astra.readers.quarantine import Quarantine

if TYPE_CHECKING:
    from lsdb.catalog.catalog import Catalog
    from nested_pandas import NestedFrame


def open_catalogue(path: str | Path) -> "Catalog":
    """Open a HATS catalogue of light curves; nothing but its schema is read.

    Raises
    ------
    AstraError
        LSDB is not installed.
    RejectedFileError
        There is no catalogue, or none with a nested column.
    """
    try:
        from lsdb.loaders.hats.read_hats import open_catalog
    except ImportError as error:
        raise AstraError(
            "HATS catalogues are opened by LSDB: pip install 'astra-observatory[survey]'"
        ) from error
    try:
        catalogue = open_catalog(path)
    except (OSError, ValueError) as error:
        raise RejectedFileError(f"{path}: no HATS catalogue here ({error})") from error
    if not catalogue.nested_columns:
        raise RejectedFileError(
            f"{path}: no nested column of light curves among {', '.join(catalogue.columns)}; pack "
            "the observations with lsdb's join_nested or nest_lists first"
        )
    return catalogue


def light_curves_of(
    frame: "NestedFrame", quarantine: Quarantine | None = None, name: str = "partition"
) -> LightCurves:
    """Light curves of a partition, with their catalogue.

    The partition passes through a Parquet file, for the reader of nested Parquet knows names,
    units, flags and cuts of every survey that publishes such catalogues.

    Parameters
    ----------
    frame : NestedFrame
    quarantine : Quarantine, optional
        Collects what was refused.
    name : str
        How messages call the partition.
    """
    with tempfile.TemporaryDirectory(prefix="astra-") as folder:
        path = Path(folder) / f"{name}.parquet"
        # Without what pandas alone reads.
        table = frame.to_pyarrow().replace_schema_metadata(None)
        pq.write_table(table, path, compression="none")
        light_curves = read(path, Quarantine() if quarantine is None else quarantine)
    assert light_curves.catalogue is not None
    catalogue = _with_the_rest(light_curves.catalogue, pd.DataFrame(frame[_flat(frame)]))
    return replace(light_curves, catalogue=catalogue)


def _flat(frame: "NestedFrame") -> list[str]:
    return [name for name in frame.columns if name not in frame.nested_columns]


def _with_the_rest(catalogue: Catalogue, table: pd.DataFrame) -> Catalogue:
    """The catalogue with the columns that the reader had no use for, where ids tell the rows."""
    ids = catalogue["object_id"].astype(str)
    for name in table:
        named = pd.Index(table[name].astype(str))
        if named.is_unique and ids.isin(named).all():
            rows = named.get_indexer(pd.Index(ids))
            more = table.iloc[rows].reset_index(drop=True)
            known = catalogue.table.dropna(axis="columns", how="all")
            rest = [column for column in more if column not in known]
            return Catalogue(pd.concat([known, more[rest]], axis="columns"))
    return catalogue
