"""A published run: immutable, memory-mapped, opened by name, never guessed."""

from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from astra.data.errors import StoreError
from astra.data.observatory import Observatory
from astra.data.surveys import Survey
from astra.runs.manifest import MANIFEST, Artefact, Manifest
from astra.runs.tables import column, read_table


class Run:
    """What ``precompute`` made of one survey with one encoder.

    Arrays of the survey's order follow the rows of the survey, those of the map's order follow the
    rows of the point grid; ``rows`` leads from the map to the survey.
    """

    def __init__(self, path: Path, manifest: Manifest) -> None:
        self.path = path
        self.manifest = manifest

    @classmethod
    def open(cls, path: Path | str) -> Self:
        """Open a published run.

        Raises
        ------
        StoreError
            There is no valid run in the folder.
        """
        path = Path(path)
        return cls(path, Manifest.read(path))

    @property
    def name(self) -> str:
        """Name of the run."""
        return self.manifest.run

    def __len__(self) -> int:
        return self.manifest.objects

    def artefact(self, name: str) -> Artefact:
        """Description of an artefact.

        Raises
        ------
        StoreError
            The run does not have it.
        """
        try:
            return self.manifest.artefacts[name]
        except KeyError:
            raise StoreError(f"run {self.name} has no {name}") from None

    @cached_property
    def survey(self) -> Survey:
        """Survey of the run.

        Raises
        ------
        StoreError
            The survey is gone, or is not the one the run was made from.
        """
        survey = Survey.open(Observatory(self.path.parent.parent).survey(self.manifest.survey))
        # Of a survey that grew, the rows that this run knows are still the same objects.
        if self.manifest.survey_fingerprint not in survey.revisions:
            raise StoreError(
                f"run {self.name} was made from another version of survey {survey.name}; "
                "precompute it again"
            )
        return survey

    @cached_property
    def rows(self) -> NDArray[np.int32]:
        """Survey row of each map row, int32 [objects]."""
        return self._array("rows.npy")

    @cached_property
    def projection(self) -> NDArray[np.float32]:
        """Coordinates on the map, float32 [objects, 2], map order."""
        return self._array("projection.npy")

    @cached_property
    def map_row(self) -> NDArray[np.int32]:
        """Map row of each survey row, int32 [objects]."""
        inverse = np.empty(len(self.rows), np.int32)
        inverse[self.rows] = np.arange(len(self.rows), dtype=np.int32)
        return inverse

    @cached_property
    def embeddings(self) -> NDArray[np.float32]:
        """Embeddings, float32 [objects, embedding], survey order."""
        return self._array("embeddings.npy")

    @cached_property
    def neighbours(self) -> NDArray[np.int32]:
        """Survey rows of the nearest objects, nearest first, int32 [objects, k], survey order."""
        return self._array("neighbours.npy")

    @cached_property
    def neighbour_distances(self) -> NDArray[np.float32]:
        """Distances to ``neighbours``, float32 [objects, k], survey order."""
        return self._array("neighbour_distances.npy")

    @cached_property
    def probabilities(self) -> NDArray[np.float16]:
        """Probability of each class, float16 [objects, classes], map order."""
        return self._array("probabilities.npy")

    @cached_property
    def catalogue(self) -> pa.Table:
        """Catalogue with derived columns, map order."""
        return read_table(self.path / "catalogue.arrow")

    @cached_property
    def probes(self) -> pa.Table:
        """Predictions: ``predicted``, ``probability``, ``entropy``; map order."""
        return read_table(self.path / "probes.arrow")

    @cached_property
    def anomalies(self) -> pa.Table:
        """Anomaly ``score`` and ``rank`` (1 = most anomalous); map order."""
        return read_table(self.path / "anomalies.arrow")

    @cached_property
    def periods(self) -> pa.Table:
        """Period search; survey order."""
        return read_table(self.path / "periods.arrow")

    @cached_property
    def labels(self) -> pa.Table:
        """Snapshot of the labels that the run was made with."""
        return read_table(self.path / "labels.arrow")

    def row_of(self, object_id: str) -> int:
        """Map row of an object.

        Raises
        ------
        KeyError
            No such object.
        """
        row = int(self.rows_of([object_id])[0])
        if row < 0:
            raise KeyError(object_id)
        return row

    def rows_of(self, object_ids: list[str] | pd.Series) -> NDArray[np.int64]:
        """Map rows of many objects, int64 [ids]; -1 for ids that are not in the run.

        Every id of the run is read, and none is kept: an index of millions takes a gigabyte.
        """
        known = self.catalogue["object_id"]
        which, wanted = pd.factorize(pd.Series(object_ids, dtype=pd.ArrowDtype(known.type)))
        options = pc.SetLookupOptions(pa.array(wanted, known.type))
        place = pc.call_function("index_in", [known], options).to_numpy()
        found = np.full(len(wanted) + 1, -1, np.int64)
        here = np.flatnonzero(~np.isnan(place))
        found[place[here].astype(np.int64)] = here
        return found[which]

    def object_ids(self, rows: NDArray[np.integer]) -> list[str]:
        """Ids of some map rows, int [rows]."""
        return self.catalogue["object_id"].take(pa.array(rows)).to_pylist()

    def values(self, table: str, name: str) -> NDArray:
        """Numeric column of a table, [objects], such as ``values("anomalies", "score")``."""
        return column(getattr(self, table), name)

    def summary(self, artefact: str) -> dict[str, Any]:
        """What a stage found worth telling, such as the scores of the probes."""
        return self.artefact(artefact).summary

    def _array(self, file: str) -> NDArray:
        try:
            return np.load(self.path / file, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError) as error:
            raise StoreError(f"run {self.name}: {file} is missing or damaged ({error})") from error


def list_runs(observatory: Observatory) -> list[Run]:
    """All published runs, newest first; folders without a valid manifest are not runs."""
    runs = []
    for path in observatory.runs.glob(f"[!.]*/{MANIFEST}"):
        try:
            runs.append(Run.open(path.parent))
        except StoreError:
            continue
    return sorted(runs, key=lambda run: run.manifest.created, reverse=True)
