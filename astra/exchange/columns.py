"""The columns of an exported selection: what each is, its unit, its UCD, and its rows."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from astra.data.errors import AstraError
from astra.runs.run import Run
from astra.selections.columns import classes_of

ROWS_AT_ONCE = 50_000


class ExchangeError(AstraError):
    """Something that cannot be exported, sent or received."""


class Meaning(NamedTuple):
    """What a column is: in words, its UCD1+, and a unit where the run does not say."""

    says: str
    ucd: str = ""
    unit: str = ""


_KNOWN: dict[str, Meaning] = {
    "object_id": Meaning("Id of the object; text, whatever it looks like", "meta.id;meta.main"),
    "survey": Meaning("Survey that observed the object", "meta.dataset"),
    "ra": Meaning("Right ascension, ICRS", "pos.eq.ra;meta.main", "deg"),
    "dec": Meaning("Declination, ICRS", "pos.eq.dec;meta.main", "deg"),
    "class": Meaning("Label in the run's snapshot, the annotators' first", "meta.code.class"),
    "label": Meaning("Class that the catalogue gives", "meta.code.class"),
    "catalogue_label": Meaning("Class in the catalogue's own words", "meta.code.class"),
    "astra_class": Meaning("Class of the catalogue in Astra's broad classes", "meta.code.class"),
    "period_days": Meaning("Period that the catalogue gives", "time.period", "d"),
    "found_period_days": Meaning("Period that Astra found", "time.period", "d"),
    "period_gain": Meaning("Share of the variance that the found period explains"),
    "redshift": Meaning("Redshift that the catalogue gives", "src.redshift"),
    "flux_kind": Meaning("Fluxes are total, or differences from a reference", "meta.code"),
    "n_obs": Meaning("Number of unflagged observations", "meta.number;obs"),
    "bands": Meaning("Bands of the observations", "instr.bandpass"),
    "span_days": Meaning("Time from the first to the last observation", "time.duration", "d"),
    "mean_magnitude": Meaning("AB magnitude of the mean flux in the main band", "phot.mag", "mag"),
    "peak_magnitude": Meaning("AB magnitude of the 95 % flux in the main band", "phot.mag", "mag"),
    "amplitude": Meaning("From the 5 % to the 95 % flux, main band", "src.var.amplitude", "mag"),
    "predicted": Meaning("Class that the probe predicts", "meta.code.class"),
    "probability": Meaning("Probability of the predicted class", "stat.probability"),
    "entropy": Meaning("Entropy of the class probabilities", "stat.value"),
    "anomaly_score": Meaning("Anomaly score, 1 = most anomalous", "stat.value"),
    "anomaly_rank": Meaning("Rank by anomaly score, 1 = most anomalous", "meta.number"),
    "map_x": Meaning("First coordinate on the map; without a unit", "pos.cartesian.x"),
    "map_y": Meaning("Second coordinate on the map; without a unit", "pos.cartesian.y"),
}


class SelectionTable:
    """Some objects of a run with everything the run knows of them, a block of rows at a time.

    Columns: the catalogue's; ``class`` of the label snapshot; ``predicted``, ``probability``,
    ``entropy`` and ``p_<class>`` of the probe; ``anomaly_score`` and ``anomaly_rank``; ``map_x``
    and ``map_y``. Each field of `schema` carries ``unit``, ``description`` and ``ucd``.

    Parameters
    ----------
    run : Run
    rows : integer [selected]
        Map rows, in the order in which they are exported.
    name : str, optional
        What the selection is called.
    """

    def __init__(self, run: Run, rows: NDArray[np.integer], name: str = "") -> None:
        self.run, self.name = run, name
        self.rows = np.asarray(rows, np.int64)
        self._columns = dict(self._gather())
        self.schema = pa.schema(
            [self._field(column, values) for column, values in self._columns.items()],
            metadata=self.provenance(),
        )

    def __len__(self) -> int:
        return len(self.rows)

    def provenance(self) -> dict[str, str]:
        """Where the table comes from, for the metadata of every format."""
        manifest = self.run.manifest
        return {
            "astra.run": manifest.run,
            "astra.survey": manifest.survey,
            "astra.survey_fingerprint": manifest.survey_fingerprint,
            "astra.recipe": manifest.recipe,
            "astra.selection": self.name,
            "astra.objects": str(len(self)),
            "astra.code_version": manifest.code_version,
        }

    def blocks(self, size: int = ROWS_AT_ONCE) -> Iterator[pa.RecordBatch]:
        """Rows in order, at most ``size`` at a time, in the types of `schema`."""
        for first in range(0, len(self), size):
            rows = pa.array(self.rows[first : first + size])
            taken = [
                _plain(values.take(rows)).cast(field.type)
                for values, field in zip(self._columns.values(), self.schema, strict=True)
            ]
            yield pa.RecordBatch.from_arrays(taken, schema=self.schema)

    def _gather(self) -> Iterator[tuple[str, pa.ChunkedArray]]:
        run, artefacts = self.run, self.run.manifest.artefacts
        catalogue = run.catalogue
        for name in catalogue.column_names:
            if _exportable(catalogue.schema.field(name).type):
                yield name, catalogue[name]
        if "labels" in artefacts and "class" not in catalogue.column_names:
            codes, names = classes_of(run)
            indices = pa.array(np.maximum(codes, 0), mask=codes < 0)
            dictionary = pa.array(names or [""], pa.large_string())
            yield "class", pa.chunked_array([pa.DictionaryArray.from_arrays(indices, dictionary)])
        if "probes" in artefacts:
            for name in ("predicted", "probability", "entropy"):
                yield name, run.probes[name]
            for place, name in enumerate(run.summary("probes").get("classes", ())):
                share = np.asarray(run.probabilities[:, place], np.float32)
                yield f"p_{name}", pa.chunked_array([share])
        if "anomalies" in artefacts:
            yield "anomaly_score", run.anomalies["score"]
            yield "anomaly_rank", run.anomalies["rank"]
        for place, name in enumerate(("map_x", "map_y")):
            yield name, pa.chunked_array([np.ascontiguousarray(run.projection[:, place])])

    def _field(self, name: str, values: pa.ChunkedArray) -> pa.Field:
        known = _KNOWN.get(name, Meaning(""))
        unit = self.run.artefact("catalogue").columns.get(name) or known.unit
        says = known.says or (
            f"Probability of class {name[2:]}"
            if name.startswith("p_") and name not in self.run.catalogue.column_names
            else f"Column {name} of the survey's catalogue"
        )
        described = {"unit": unit, "description": says, "ucd": known.ucd}
        return pa.field(name, _plain_type(values.type), metadata=described)


def rows_of_ids(run: Run, object_ids: Sequence[str]) -> tuple[NDArray[np.int64], int]:
    """Map rows of ids in their order, each once, int64, and how many ids are not in the run."""
    rows = run.rows_of(list(dict.fromkeys(object_ids)))
    return rows[rows >= 0], int(np.count_nonzero(rows < 0))


def meaning_of(field: pa.Field) -> Meaning:
    """Read unit, description and UCD back from the metadata of a field."""
    told = {key.decode(): value.decode() for key, value in (field.metadata or {}).items()}
    return Meaning(told.get("description", ""), told.get("ucd", ""), told.get("unit", ""))


def _exportable(kind: pa.DataType) -> bool:
    plain = _plain_type(kind)
    tests = (pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean, pa.types.is_string)
    return any(test(plain) for test in tests)


def _plain_type(kind: pa.DataType) -> pa.DataType:
    """Type without dictionaries, texts as plain strings, half floats as single ones."""
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    if pa.types.is_large_string(kind):
        return pa.string()
    return pa.float32() if pa.types.is_float16(kind) else kind


def _plain(values: pa.ChunkedArray) -> pa.Array:
    joined = values.combine_chunks()
    if isinstance(joined, pa.ChunkedArray):
        joined = joined.chunk(0) if joined.num_chunks else pa.array([], values.type)
    if pa.types.is_dictionary(joined.type):
        return joined.dictionary_decode()
    return joined
