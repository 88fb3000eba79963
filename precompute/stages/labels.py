"""Labels: the catalogue's and the annotators', frozen for this run."""

import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd

from astra.labels.snapshot import COLUMNS, OF_CATALOGUE, of_annotators, of_catalogue, snapshot
from astra.labels.store import LabelStore
from precompute.stage import Context, Product, Stage


@dataclass(frozen=True)
class Settings:
    """Which labels count; where there are both, those of annotators win.

    Attributes
    ----------
    columns : tuple of str
        Columns of the catalogue with its labels: the first that is there is taken. Empty: none.
    annotators : bool
        Take the labels of annotators.
    """

    columns: tuple[str, ...] = OF_CATALOGUE
    annotators: bool = True


def taken(context: Context, settings: Settings) -> pd.DataFrame:
    """Labels of the survey's objects: ``object_id``, ``label``, ``annotator``, ``source``."""
    return snapshot(context.survey.catalogue, _store(context, settings), settings.columns)


def _store(context: Context, settings: Settings) -> LabelStore | None:
    path = context.observatory.labels
    return LabelStore(path) if settings.annotators and path.exists() else None


def outside(context: Context, settings: Settings) -> dict[str, str]:
    """Hashes of the labels as they stand now."""
    catalogue = context.survey.catalogue
    return {
        "labels of the catalogue": hash_of(of_catalogue(catalogue, settings.columns)),
        "labels of annotators": hash_of(of_annotators(catalogue, _store(context, settings))),
    }


def hash_of(table: pd.DataFrame) -> str:
    """SHA-256 of a table of text."""
    return hashlib.sha256(table.to_csv(index=False).encode()).hexdigest()


def explain(context: Context, settings: Settings) -> str:
    """How the labels differ from those in a run."""
    then = context.run.labels.to_pandas().set_index("object_id")["label"]
    now = taken(context, settings).set_index("object_id")["label"]
    both = then.index.intersection(now.index)
    changed = np.count_nonzero(then.loc[both].to_numpy() != now.loc[both].to_numpy())
    new, gone = len(now) - len(both), len(then) - len(both)
    return f"{new:,} new, {changed:,} changed, {gone:,} withdrawn"


def compute(context: Context, settings: Settings) -> Product:
    """Freeze the labels."""
    table = taken(context, settings)
    counts = table["label"].value_counts()
    human = int(np.count_nonzero(table["source"] == "annotator"))
    return Product(
        tables={"labels.arrow": table},
        columns=dict.fromkeys(COLUMNS, ""),
        summary={
            "labels": len(table),
            "by_annotators": human,
            "classes": {str(name): int(count) for name, count in counts.items()},
            "told": f"{len(table):,} labels of {len(counts)} classes, {human:,} by annotators",
        },
    )


STAGE = Stage("labels", (), "none", Settings, compute, outside=outside, explain=explain)
