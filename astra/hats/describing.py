"""What stands beside the partitions of a HATS catalogue: schema with units, cells, properties."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

Description = tuple[str, str]
"""Unit (VOUnit; empty: none) and what a column means."""

DESCRIPTIONS: Mapping[str, Description] = {
    "object_id": ("", "Identifier of the object"),
    "ra": ("deg", "Right ascension, ICRS"),
    "dec": ("deg", "Declination, ICRS"),
    "period_days": ("d", "Period in the catalogue"),
    "flux_kind": ("", "total, or difference from a reference image"),
    "lightcurve": (
        "",
        "mjd [d], band, flux_ujy [uJy], flux_err_ujy [uJy], flagged: kept but not trusted",
    ),
}


def described(table: pa.Table, descriptions: Mapping[str, Description]) -> pa.Table:
    """The table with units and descriptions in the metadata of its fields."""
    return table.cast(described_schema(table.schema, descriptions))


def described_schema(schema: pa.Schema, descriptions: Mapping[str, Description]) -> pa.Schema:
    """The schema with units and descriptions in the metadata of its fields."""
    fields = [_described(field, descriptions.get(field.name)) for field in schema]
    return pa.schema(fields, schema.metadata)


def _described(field: pa.Field, description: Description | None) -> pa.Field:
    if description is None:
        return field
    unit, words = description
    metadata = {"description": words} | ({"unit": unit} if unit else {})
    return field.with_metadata(metadata)


def finish(
    folder: Path,
    name: str,
    pixels: Mapping[tuple[int, int], NDArray[np.int64]],
    properties: Mapping[str, str],
) -> None:
    """Write what makes partitions a catalogue; the properties, which readers open, come last.

    Parameters
    ----------
    folder : Path
    name : str
    pixels : mapping of (order, pixel) to int64 [objects]
        ``_healpix_29`` of the objects of each partition.
    properties : mapping
        More for ``hats.properties``.
    """
    from hats.catalog.dataset.table_properties import TableProperties
    from hats.catalog.partition_info import PartitionInfo
    from hats.io.skymap import write_skymap
    from hats.pixel_math.healpix_pixel import HealpixPixel

    cells = [HealpixPixel(*pixel) for pixel in sorted(pixels)]
    _write_schema(folder, cells)
    PartitionInfo(cells).write_to_file(folder / "partition_info.csv")
    order = max(max(pixel[0] for pixel in pixels), 8)
    counts = np.bincount(
        np.concatenate(list(pixels.values())) >> 2 * (29 - order), minlength=12 * 4**order
    )
    write_skymap(counts, folder)
    properties = {
        "obs_collection": name,
        "dataproduct_type": "object",
        "hats_nrows": str(sum(len(index) for index in pixels.values())),
        "hats_col_ra": "ra",
        "hats_col_dec": "dec",
        "hats_col_healpix": "_healpix_29",
        "hats_col_healpix_order": "29",
        "hats_order": str(max(pixel[0] for pixel in pixels)),
        "hats_skymap_order": str(order),
        **properties,
    }
    TableProperties.model_validate(properties).to_properties_file(folder)


def _write_schema(folder: Path, cells: list) -> None:
    """``_common_metadata``: the schema, with units and descriptions, of all partitions."""
    from hats.io.paths import pixel_catalog_file

    schema = pq.read_schema(str(pixel_catalog_file(folder, cells[0])))
    pq.write_metadata(schema, folder / "dataset" / "_common_metadata")
