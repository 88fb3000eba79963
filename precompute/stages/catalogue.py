"""Catalogue: what is known of every object, in the order of the map."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from astra.data.light_curves import LightCurves
from astra.data.summary import SUMMARY_COLUMNS, summarise
from precompute.stage import Context, Product, Stage

CHUNK = 100_000
EXACT = ("ra", "dec", "period_days", "found_period_days")
FROM_PERIODS = {"period_days": "found_period_days", "gain_5": "period_gain"}
UNITS = {"ra": "deg", "dec": "deg", "period_days": "d", "found_period_days": "d"}


@dataclass(frozen=True)
class Settings:
    """Nothing to choose."""


def compute(context: Context, settings: Settings) -> Product:
    """Gather the survey's columns, the labels, and numbers from the light curves.

    ``label`` is the label of the run's snapshot; the catalogue's own stands as
    ``catalogue_label``. Numbers from the light curves win over the survey's of the same name. Of a
    survey that grew, ``revision`` tells when an object changed last: what is new can be coloured
    and filtered by it.
    """
    rows = np.asarray(context.run.rows)
    table = context.survey.catalogue.table.rename(columns={"label": "catalogue_label"})
    light_curves = context.light_curves()
    numbers = summaries(light_curves, context)
    for found, name in FROM_PERIODS.items():
        if found in light_curves.columns:
            numbers[name] = np.asarray(light_curves.columns[found])
    if len(context.survey.revisions) > 1:
        numbers["revision"] = context.survey.revision
    table = table.assign(label=context.labels(), **numbers)
    table = table.iloc[rows].reset_index(drop=True).apply(compact)
    units = UNITS | SUMMARY_COLUMNS
    return Product(
        tables={"catalogue.arrow": table},
        columns={name: units.get(name, "") for name in table},
        summary={"told": f"{table.shape[1]} columns"},
    )


def summaries(light_curves: LightCurves, context: Context) -> dict[str, NDArray]:
    """Numbers from all light curves, a chunk at a time: the columns of `summarise`, [objects] each.

    In survey order.
    """
    parts = []
    for start in range(0, len(light_curves), CHUNK):
        stop = min(start + CHUNK, len(light_curves))
        parts.append(summarise(light_curves.take(slice(start, stop))))
        context.progress("progress", done=stop, total=len(light_curves), unit="objects")
    return {name: np.concatenate([part[name] for part in parts]) for name in SUMMARY_COLUMNS}


def compact(values: pd.Series) -> pd.Series:
    """Store numbers in single precision where that is enough, a text of few values as codes."""
    if values.name == "object_id":
        return values
    if isinstance(values.dtype, pd.StringDtype):
        few = values.nunique() < len(values) / 10 or values.name == "label"
        return values.astype("category") if few else values
    if values.name == "n_obs":
        return values.astype(np.int32)
    if values.dtype == np.float64 and values.name not in EXACT:
        return values.astype(np.float32)
    return values


STAGE = Stage(
    "catalogue",
    ("survey.light_curves", "survey.catalogue", "periods", "labels", "projection"),
    "map",
    Settings,
    compute,
)
