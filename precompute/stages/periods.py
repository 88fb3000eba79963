"""Periods: the period search of every object."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from astra.data.light_curves import LightCurves
from astra.periods import PERIOD_COLUMNS, search
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


def search_chunk(start: int, stop: int, light_curves: Path) -> NDArray[np.float64]:
    """Period search of some objects, float64 [objects, columns]."""
    found = search(LightCurves.open(light_curves).take(slice(start, stop)))
    return np.column_stack([found[name] for name in PERIOD_COLUMNS])


def compute(context: Context, settings: Settings) -> Product:
    """Search the period of every object."""
    if not settings.search:
        return Product(tables={PERIODS: pd.DataFrame()}, summary={"told": "not searched"})
    chunks = Chunks(context.scratch, context.objects, CHUNK)
    folder = context.survey.path / "light_curves"
    path = over_objects(search_chunk, (folder,), chunks, context.workers, context.progress)
    found = np.load(path, mmap_mode="r", allow_pickle=False)
    table = pd.DataFrame(dict(zip(PERIOD_COLUMNS, found.T, strict=True)))
    known = np.count_nonzero(table["period_days"].notna())
    return Product(
        tables={PERIODS: table},
        columns=PERIOD_COLUMNS,
        summary={
            "with_period": known,
            "told": f"{known:,} of {context.objects:,} objects have a period",
        },
    )


STAGE = Stage("periods", ("survey.light_curves",), "survey", Settings, compute)
