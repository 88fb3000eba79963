"""Labels: the catalogue's and the annotators', frozen for this run."""

import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd

from astra.labels.store import LabelStore
from precompute.stage import Context, Product, Stage

COLUMNS = ("object_id", "label", "annotator", "source")


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

    columns: tuple[str, ...] = ("astra_class", "label")
    annotators: bool = True


def snapshot(context: Context, settings: Settings) -> pd.DataFrame:
    """Labels of the survey's objects: ``object_id``, ``label``, ``annotator``, ``source``."""
    given = of_catalogue(context, settings)
    human = of_annotators(context, settings)
    silent = ~given["object_id"].isin(human["object_id"])
    return pd.concat([given.loc[silent, list(COLUMNS)], human], ignore_index=True)


def of_catalogue(context: Context, settings: Settings) -> pd.DataFrame:
    """Labels that the survey came with, in its order."""
    catalogue = context.survey.catalogue
    column = next((name for name in settings.columns if name in catalogue), None)
    if column is None:
        return no_labels()
    labels = catalogue[column].astype("str")
    named = labels.notna() & (labels != "")
    return no_labels().assign(
        object_id=catalogue["object_id"][named].astype("str"),
        label=labels[named],
        annotator="catalogue",
        source="catalogue",
    )


def of_annotators(context: Context, settings: Settings) -> pd.DataFrame:
    """Latest labels of annotators, sorted by object."""
    if not settings.annotators or not context.observatory.labels.exists():
        return no_labels()
    current = LabelStore(context.observatory.labels).current()
    here = context.survey.catalogue.rows_of(current["object_id"].tolist()) >= 0
    return current.assign(source="annotator").loc[here, list(COLUMNS)].reset_index(drop=True)


def no_labels() -> pd.DataFrame:
    """A table of no labels."""
    return pd.DataFrame({name: pd.Series(dtype="str") for name in COLUMNS})


def outside(context: Context, settings: Settings) -> dict[str, str]:
    """Hashes of the labels as they stand now."""
    return {
        "labels of the catalogue": hash_of(of_catalogue(context, settings)),
        "labels of annotators": hash_of(of_annotators(context, settings)),
    }


def hash_of(table: pd.DataFrame) -> str:
    """SHA-256 of a table of text."""
    return hashlib.sha256(table.to_csv(index=False).encode()).hexdigest()


def explain(context: Context, settings: Settings) -> str:
    """How the labels differ from those in a run."""
    then = context.run.labels.to_pandas().set_index("object_id")["label"]
    now = snapshot(context, settings).set_index("object_id")["label"]
    both = then.index.intersection(now.index)
    changed = np.count_nonzero(then.loc[both].to_numpy() != now.loc[both].to_numpy())
    new, gone = len(now) - len(both), len(then) - len(both)
    return f"{new:,} new, {changed:,} changed, {gone:,} withdrawn"


def compute(context: Context, settings: Settings) -> Product:
    """Freeze the labels."""
    table = snapshot(context, settings)
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
