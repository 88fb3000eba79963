"""The labels of a run's objects as they are now, which its own snapshot no longer knows."""

import pandas as pd

from astra.labels.snapshot import OF_CATALOGUE, snapshot
from astra.labels.store import LabelStore
from astra.runs.run import Run


def labels_now(run: Run, store: LabelStore | None) -> pd.DataFrame:
    """Label of every object of the run's survey: the catalogue's, those of annotators above.

    Parameters
    ----------
    run : Run
        Its settings say which columns of the catalogue hold labels.
    store : LabelStore, optional
        What annotators say; a label they have taken back gives way to the catalogue's.

    Returns
    -------
    DataFrame [objects]
        ``object_id label annotator source`` in survey order; nulls where nobody has named it.
    """
    catalogue = run.survey.catalogue
    columns = run.artefact("labels").settings.get("columns", OF_CATALOGUE)
    table = snapshot(catalogue, store, columns).set_index("object_id")
    objects = pd.Index(catalogue["object_id"].astype("str"), name="object_id")
    return table.reindex(objects).reset_index()
