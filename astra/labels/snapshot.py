"""Labels of a survey at one moment: those it came with, and above them those of annotators."""

from collections.abc import Sequence

import pandas as pd

from astra.data.catalogue import Catalogue
from astra.labels.store import LabelStore

COLUMNS = ("object_id", "label", "annotator", "source")
OF_CATALOGUE = ("astra_class", "label")


def snapshot(
    catalogue: Catalogue, store: LabelStore | None, columns: Sequence[str] = OF_CATALOGUE
) -> pd.DataFrame:
    """Labels of the objects of a survey that have one.

    Parameters
    ----------
    catalogue : Catalogue
    store : LabelStore, optional
        None: labels of annotators do not count.
    columns : sequence of str
        Columns of the catalogue with its labels: the first that is there is taken.

    Returns
    -------
    DataFrame [labels]
        ``object_id label annotator source``, all text; ``source`` is catalogue or annotator. One
        row an object: where there are both, the annotator's.
    """
    given = of_catalogue(catalogue, columns)
    human = of_annotators(catalogue, store)
    silent = ~given["object_id"].isin(human["object_id"])
    return pd.concat([given.loc[silent, list(COLUMNS)], human], ignore_index=True)


def of_catalogue(catalogue: Catalogue, columns: Sequence[str]) -> pd.DataFrame:
    """Labels that a survey came with, in its order."""
    column = next((name for name in columns if name in catalogue), None)
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


def of_annotators(catalogue: Catalogue, store: LabelStore | None) -> pd.DataFrame:
    """Latest labels of annotators for a survey, sorted by object."""
    if store is None:
        return no_labels()
    current = store.current()
    here = catalogue.rows_of(current["object_id"].tolist()) >= 0
    return current.assign(source="annotator").loc[here, list(COLUMNS)].reset_index(drop=True)


def no_labels() -> pd.DataFrame:
    """A table of no labels."""
    return pd.DataFrame({name: pd.Series(dtype="str") for name in COLUMNS})
