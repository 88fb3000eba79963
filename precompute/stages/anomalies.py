"""Anomalies: how far every object stands apart."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import Field

from precompute.stage import Context, Product, Stage


@dataclass(frozen=True)
class Settings:
    """Size of the isolation forest, and its seed."""

    trees: Annotated[int, Field(ge=1)] = 200
    subsamples: Annotated[int, Field(ge=2)] = 1024
    seed: int = 0


def compute(context: Context, settings: Settings) -> Product:
    """Score and rank every object."""
    from astra.analysis.anomalies import anomaly_scores

    score, rank = anomaly_scores(
        context.run.embeddings, settings.trees, settings.subsamples, settings.seed, context.workers
    )
    rows = np.asarray(context.run.rows)
    return Product(
        tables={"anomalies.arrow": pd.DataFrame({"score": score[rows], "rank": rank[rows]})},
        columns={"score": "", "rank": ""},
        summary={
            "median": round(float(np.median(score)), 4),
            "told": f"isolation forest of {settings.trees} trees",
        },
    )


STAGE = Stage("anomalies", ("embeddings", "projection"), "map", Settings, compute)
