"""Writers of the light curves of a selection, some objects at a time."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from astra.data.light_curves import DAYS_PER_TICK, LightCurves
from astra.exchange.columns import SelectionTable
from astra.exchange.places import Place
from astra.exchange.tables import write_csv, write_parquet

OBSERVATIONS_AT_ONCE = 1_000_000
PAIR = "selection"


def observation_schema(time_scale: str) -> pa.Schema:
    """Canonical columns of observations, with units and descriptions."""

    def field(name: str, kind: pa.DataType, unit: str, says: str) -> pa.Field:
        return pa.field(name, kind, metadata={"unit": unit, "description": says})

    return pa.schema(
        [
            field("object_id", pa.string(), "", "Id of the object; text, whatever it looks like"),
            field("mjd", pa.float64(), "d", f"Modified Julian date; time scale: {time_scale}"),
            field("band", pa.string(), "", "Band, as survey_filter"),
            field("flux_ujy", pa.float32(), "uJy", "Flux (AB), total or difference"),
            field("flux_err_ujy", pa.float32(), "uJy", "One-sigma error of the flux"),
            field("flagged", pa.bool_(), "", "The survey warns of this observation"),
        ]
    )


def write_pair(table: SelectionTable, place: Place) -> None:
    """Write the canonical pair of Parquet files, which ``astra import`` reads again."""
    with place.file(f"{PAIR}_objects.parquet") as file:
        write_parquet(table, file)
    schema = _schema_of(table)
    with (
        place.file(f"{PAIR}_observations.parquet") as file,
        pq.ParquetWriter(file, schema, compression="zstd", write_page_checksum=True) as out,
    ):
        for ids, light_curves in _chunks(table):
            out.write_table(_observations(schema, ids, light_curves))


def write_each_csv(table: SelectionTable, place: Place) -> None:
    """Write one CSV an object, numbered as the rows of ``objects.csv`` from 1.

    The files are called by numbers and never by ids, which may be anything.
    """
    with place.file("objects.csv") as file:
        write_csv(table, file)
    schema, number = _schema_of(table), 0
    for ids, light_curves in _chunks(table):
        whole = _observations(schema, ids, light_curves)
        for begin, end in pairwise(light_curves.offsets.tolist()):
            number += 1
            with place.file(f"light_curves/{number:07d}.csv") as file:
                pa_csv.write_csv(whole.slice(begin, end - begin), file)


FORMATS = {"light-curves": write_pair, "light-curves-csv": write_each_csv}
"""Name of each format -> its writer into a folder or a zip."""


def _schema_of(table: SelectionTable) -> pa.Schema:
    scale = table.run.survey.manifest.get("time_scale", "unknown")
    return observation_schema(scale).with_metadata(table.provenance())


def _chunks(table: SelectionTable) -> Iterator[tuple[list[str], LightCurves]]:
    """Ids and light curves in the table's order, about a million observations at a time."""
    stored, run = table.run.survey.light_curves, table.run
    rows = np.asarray(run.rows)[table.rows]
    lengths = stored.offsets[rows + 1] - stored.offsets[rows]
    part = np.cumsum(lengths) // OBSERVATIONS_AT_ONCE
    for first, last in _stretches(part):
        yield run.object_ids(table.rows[first:last]), stored.take(rows[first:last])


def _stretches(part: np.ndarray) -> Iterator[tuple[int, int]]:
    """First and last + 1 of each stretch of equal numbers."""
    edges = np.flatnonzero(np.diff(part)) + 1
    bounds = [0, *edges.tolist(), len(part)] if len(part) else []
    return pairwise(bounds)


def _observations(schema: pa.Schema, ids: list[str], light_curves: LightCurves) -> pa.Table:
    owner = np.repeat(np.arange(len(ids), dtype=np.int32), light_curves.lengths)
    names = pa.array([band.name for band in light_curves.bands], pa.string())
    mjd = light_curves.mjd_zero + DAYS_PER_TICK * light_curves.time.astype(np.float64)
    arrays = [
        pa.array(ids, pa.string()).take(pa.array(owner)),
        pa.array(mjd),
        names.take(pa.array(light_curves.band)),
        pa.array(light_curves.flux),
        pa.array(light_curves.flux_error),
        pa.array(light_curves.flagged),
    ]
    return pa.Table.from_arrays(arrays, schema=schema)
