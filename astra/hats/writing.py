"""A survey as a HATS catalogue: nested light curves, cut into cells of the sky of similar size.

HATS (Hierarchical Adaptive Tiling Scheme, IVOA note 2025): Parquet files by HEALPix cell, rows in
the order of ``_healpix_29``. Light curves are one nested column, a struct of lists, as
nested-pandas and LSDB read it. Every file is written whole or not at all; what is there already is
not written again, so that a writing that was cut off goes on, and gives the same bytes.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from astra.data.durable import make_durable
from astra.data.durable import write_whole as write_bytes
from astra.data.errors import AstraError
from astra.data.light_curves import LightCurves
from astra.data.surveys import Survey
from astra.hats.describing import DESCRIPTIONS, described, finish
from astra.runs.progress import Progress, silent

HIGHEST_ORDER = 10
INDEX = "_healpix_29"
NESTED = "lightcurve"
ROWS = 50_000
NOTE = ".astra.json"


def write_survey(
    survey: Survey, folder: Path, rows: int = ROWS, progress: Progress | None = None
) -> Path:
    """Write a survey as a HATS catalogue.

    Parameters
    ----------
    survey : Survey
    folder : Path
        Of the catalogue; where it is there in part, of the same survey, the rest is written.
    rows : int
        Objects in a partition at most.
    progress : Progress, optional
        Told of every partition: ``done`` and ``total`` objects.

    Raises
    ------
    AstraError
        No object has a position, or the folder holds something else.
    """
    tell = progress or silent
    table = survey.catalogue.table
    placed = np.flatnonzero(np.isfinite(table["ra"]) & np.isfinite(table["dec"]))
    if not len(placed):
        raise AstraError(f"survey {survey.name}: no object has a position; HATS needs one of each")
    ra, dec = (table[name].to_numpy(float)[placed] for name in ("ra", "dec"))
    _claim(folder, {"survey_fingerprint": survey.fingerprint, "rows": rows})
    done, pixels = 0, {}
    for pixel, members, index in partitions(ra, dec, rows):
        chosen = placed[members]
        path = partition_path(folder, pixel)
        if not path.exists():
            write_whole(path, _table(survey.light_curves, table.iloc[chosen], chosen, index))
        pixels[pixel] = index
        done += len(chosen)
        tell("progress", done=done, total=len(placed), unit="objects")
    finish(folder, survey.name, pixels, {"astra_survey_fingerprint": survey.fingerprint})
    return folder


def _claim(folder: Path, asked: dict[str, str | int]) -> None:
    """Note what the folder is for, so that nothing else is ever mixed with what it holds."""
    note = folder / NOTE
    if note.is_file():
        is_ours = json.loads(note.read_bytes()) == asked
    else:
        is_ours = not folder.exists() or not any(folder.iterdir())
    if not is_ours:
        raise AstraError(
            f"{folder}: holds something else, or this survey as it was; choose a new folder"
        )
    folder.mkdir(parents=True, exist_ok=True)
    write_bytes(note, (json.dumps(asked) + "\n").encode())


def partitions(
    ra: NDArray[np.float64], dec: NDArray[np.float64], rows: int
) -> Iterator[tuple[tuple[int, int], NDArray[np.int64], NDArray[np.int64]]]:
    """Cells of at most so many objects, in the order of the sky.

    Yields
    ------
    pixel : (order, pixel)
    members : int64 [objects]
        Which of the positions lie in it, in the order of their index.
    index : int64 [objects]
        Their ``_healpix_29``.
    """
    from hats.pixel_math.partition_stats import generate_alignment
    from hats.pixel_math.spatial_index import compute_spatial_index

    index = np.asarray(compute_spatial_index(ra, dec), np.int64)
    fine, histogram, order = _fine_enough(index, rows)
    aligned = generate_alignment(
        histogram, highest_order=order, lowest_order=0, threshold=max(rows, histogram.max())
    )
    by_index = np.argsort(index, kind="stable")
    cells, firsts = np.unique(fine[by_index], return_index=True)
    pixels = [(int(aligned[cell][0]), int(aligned[cell][1])) for cell in cells]
    new = [i for i in range(len(cells)) if not i or pixels[i] != pixels[i - 1]]
    ends = [*(firsts[i] for i in new[1:]), len(index)]
    for cell, end in zip(new, ends, strict=True):
        members = by_index[firsts[cell] : end]
        yield pixels[cell], members, index[members]


def _fine_enough(
    index: NDArray[np.int64], rows: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Cell of each object at the coarsest order that keeps so many, objects per cell, the order."""
    for order in range(HIGHEST_ORDER):
        fine = index >> 2 * (29 - order)
        histogram = np.bincount(fine, minlength=12 * 4**order)
        if histogram.max() <= rows:
            return fine, histogram, order
    fine = index >> 2 * (29 - HIGHEST_ORDER)
    return fine, np.bincount(fine, minlength=12 * 4**HIGHEST_ORDER), HIGHEST_ORDER


def partition_path(folder: Path, pixel: tuple[int, int]) -> Path:
    """File of a partition."""
    from hats.io.paths import pixel_catalog_file
    from hats.pixel_math.healpix_pixel import HealpixPixel

    return Path(str(pixel_catalog_file(folder, HealpixPixel(*pixel))))


def write_whole(path: Path, table: pa.Table) -> None:
    """Write a Parquet file under another name, then give it its own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    pq.write_table(table, part, compression="zstd", write_page_checksum=True)
    make_durable(part)
    part.rename(path)


def _table(
    light_curves: LightCurves,
    catalogue: pd.DataFrame,
    rows: NDArray[np.int64],
    index: NDArray[np.int64],
) -> pa.Table:
    columns: dict[str, Any] = {INDEX: pa.array(index, pa.int64())}
    for name in catalogue.columns:
        columns[name] = pa.array(catalogue[name], from_pandas=True)
    columns["flux_kind"] = _kinds(light_curves, rows)
    columns[NESTED] = _nested(light_curves.take(rows))
    return described(pa.table(columns), DESCRIPTIONS)


def _kinds(light_curves: LightCurves, rows: NDArray[np.int64]) -> pa.Array:
    return pa.array(np.where(light_curves.is_difference[rows], "difference", "total"))


def _nested(light_curves: LightCurves) -> pa.StructArray:
    """Light curves as a struct of lists, one list of each column for each object."""
    names = pa.array([band.name for band in light_curves.bands])
    values: Mapping[str, pa.Array] = {
        "mjd": pa.array(light_curves.mjd_zero + light_curves.days()),
        "band": pa.DictionaryArray.from_arrays(light_curves.band.astype(np.int32), names).cast(
            pa.string()
        ),
        "flux_ujy": pa.array(light_curves.flux),
        "flux_err_ujy": pa.array(light_curves.flux_error),
        "flagged": pa.array(light_curves.flagged),
    }
    offsets = pa.array(light_curves.offsets.astype(np.int32))
    lists = [pa.ListArray.from_arrays(offsets, array) for array in values.values()]
    return pa.StructArray.from_arrays(lists, names=list(values))
