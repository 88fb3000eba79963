"""Periods: the period search of every object."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from astra.data.light_curves import LightCurves
from astra.periods import PERIOD_COLUMNS, search
from astra.runs.tables import column, read_table
from precompute.reusing import rows_to_make, with_the_parents
from precompute.stage import PERIODS, Context, Product, Stage
from precompute.workers import Chunks, over_objects

CHUNK = 500


@dataclass(frozen=True)
class Settings:
    """How to search.

    Attributes
    ----------
    search : bool
        False for encoders that need no periods, where the search would take most of the time.
    """

    search: bool = True


def search_chunk(
    start: int, stop: int, light_curves: Path, rows: NDArray[np.int64] | None
) -> NDArray[np.float64]:
    """Period search of some objects, or of some of the rows, float64 [objects, columns]."""
    chosen = slice(start, stop) if rows is None else rows[start:stop]
    found = search(LightCurves.open(light_curves).take(chosen))
    return np.column_stack([found[name] for name in PERIOD_COLUMNS])


def compute(context: Context, settings: Settings) -> Product:
    """Search the period of every object."""
    if not settings.search:
        return Product(tables={PERIODS: pd.DataFrame()}, summary={"told": "not searched"})
    rows = rows_to_make(context, "periods", settings)
    chunks = Chunks(context.scratch, context.objects if rows is None else len(rows), CHUNK)
    arguments = (context.survey.path / "light_curves", rows)
    path = over_objects(search_chunk, arguments, chunks, context.workers, context.progress)
    found = np.load(path, mmap_mode="r", allow_pickle=False)
    if rows is not None and context.parent is not None:
        theirs = read_table(context.parent.path / PERIODS)
        before = np.column_stack([column(theirs, name) for name in PERIOD_COLUMNS])
        found = with_the_parents(before, found, rows, context.objects)
    table = pd.DataFrame(dict(zip(PERIOD_COLUMNS, found.T, strict=True)))
    known = np.count_nonzero(table["period_days"].notna())
    return Product(
        tables={PERIODS: table},
        columns=PERIOD_COLUMNS,
        summary={
            "with_period": known,
            "searched": chunks.objects,
            "told": f"{known:,} of {context.objects:,} objects have a period"
            + ("" if rows is None else f", {len(rows):,} searched again"),
        },
    )


STAGE = Stage("periods", ("survey.light_curves",), "survey", Settings, compute)
