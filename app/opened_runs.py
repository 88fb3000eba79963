"""Runs opened once per process, shared read-only by all visitors."""

import hashlib
import threading
from collections import OrderedDict
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from app.categories import Category, Scale
from app.drawing.palette import ClassStyles
from app.shared_arrays import rows_by_rank, sealed
from app.words import title
from astra.data.light_curves import LightCurve
from astra.map.grid import PointGrid
from astra.runs.manifest import MANIFEST
from astra.runs.run import Run
from astra.runs.tables import codes
from astra.selections.columns import RunColumns, classes_of
from astra.selections.crossing import Axis, bins_of
from astra.selections.nearest import Space

OPEN_AT_ONCE = 4
MOST_ORDERS = 6
CATEGORIES = ("class", "predicted")
PERIOD = "period"
_SHARES = ("probability", "entropy", "anomaly")


class Binned(NamedTuple):
    """A column for its histogram: the axis, and the bin of each object, uint8 [objects]."""

    axis: Axis
    codes: NDArray[np.uint8]


class OpenedRun:
    """A run with what the screen asks of it again and again, made once.

    All rows are map rows (the order of the point grid). Arrays are shared by all visitors: never
    write to them.

    Attributes
    ----------
    run : Run
        The run on disk: artefacts, manifest, ``survey``.
    x, y : float32 [objects]
        Coordinates on the map.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.x = np.ascontiguousarray(run.projection[:, 0])
        self.y = np.ascontiguousarray(run.projection[:, 1])
        self._scales: dict[tuple[str, str | None], Scale] = {}
        self._values: dict[str, NDArray[np.float32]] = {}
        self._binned: dict[str, Binned] = {}
        self._orders: OrderedDict[tuple[str, bool], NDArray[np.int32]] = OrderedDict()
        self._medians: dict[str, float] = {}
        self._sorting = threading.Lock()

    @property
    def name(self) -> str:
        """Name of the run."""
        return self.run.name

    def __len__(self) -> int:
        return len(self.x)

    def prepare(self) -> None:
        """Make now what the first picture needs."""
        for name in CATEGORIES:
            _ = self.category(name).counts
        _ = self.grid, self.extent, self.styles, self.numeric_columns, self.by_rank

    @cached_property
    def grid(self) -> PointGrid:
        """Point grid of the map: counts, lasso, nearest."""
        return PointGrid(self.x, self.y)

    @cached_property
    def extent(self) -> tuple[float, float, float, float]:
        """Smallest and largest finite coordinates: x low, x high, y low, y high."""
        (x_low, x_high), (y_low, y_high) = (
            (float(np.nanmin(v)), float(np.nanmax(v))) if len(v) else (0.0, 1.0)
            for v in (self.x, self.y)
        )
        return x_low, x_high, y_low, y_high

    @cached_property
    def classes(self) -> Category:
        """Label of each object in the run's snapshot; the annotators' above the catalogue's."""
        if "labels" not in self.run.manifest.artefacts:
            return Category.nothing(len(self))
        snapshot_codes, names = classes_of(self.run)
        return Category(tuple(names), snapshot_codes)

    @cached_property
    def predicted(self) -> Category:
        """Class that the probe predicts for each object."""
        if "probes" not in self.run.manifest.artefacts:
            return Category.nothing(len(self))
        predicted_codes, names = codes(self.run.probes, "predicted")
        return Category(tuple(names), predicted_codes.astype(np.int16))

    def category(self, name: str) -> Category:
        """Give ``classes`` for "class" and ``predicted`` for "predicted"."""
        return self.predicted if name == "predicted" else self.classes

    @cached_property
    def class_names(self) -> list[str]:
        """Names of all classes of the probe and of the snapshot, sorted."""
        return sorted({*self.predicted.names, *self.classes.names})

    @cached_property
    def styles(self) -> ClassStyles:
        """Colour and marker of every class by name, ``unlabelled`` among them."""
        return ClassStyles(self.class_names)

    @cached_property
    def numeric_columns(self) -> dict[str, str]:
        """Numeric columns that may colour the map and sort the table: name -> title with unit."""
        units = self.run.artefact("catalogue").columns
        made = {
            "probes": {"probability": "Probability", "entropy": "Entropy"},
            "anomalies": {"anomaly": "Anomaly score"},
        }
        artefacts = self.run.manifest.artefacts
        named = {
            column: words
            for artefact, columns in made.items()
            if artefact in artefacts
            for column, words in columns.items()
        }
        for field in self.run.catalogue.schema:
            if pa.types.is_integer(field.type) or pa.types.is_floating(field.type):
                named.setdefault(field.name, title(field.name, units.get(field.name, "")))
        return named

    def values(self, column: str) -> NDArray[np.float32]:
        """Numeric column in map order, float32 [objects], NaN where unknown.

        Raises
        ------
        KeyError
            The run has no such column.
        """
        if column == PERIOD:
            return self.period
        if column not in self._values:
            table, name = {
                "probability": ("probes", "probability"),
                "entropy": ("probes", "entropy"),
                "anomaly": ("anomalies", "score"),
            }.get(column, ("catalogue", column))
            values = np.ascontiguousarray(self.run.values(table, name), dtype=np.float32)
            values.flags.writeable = False
            self._values[column] = values
        return self._values[column]

    def scale(self, column: str, kind: str | None = None) -> Scale:
        """Range that the colours of a column show, fixed over the run, on a kind of scale."""
        key = column, kind
        if key not in self._scales:
            self._scales[key] = Scale.of(self.values(column), column not in _SHARES, kind)
        return self._scales[key]

    @cached_property
    def by_rank(self) -> NDArray[np.int32]:
        """Map rows, most anomalous first, int32 [objects]; none where the run has no scores."""
        if "anomalies" not in self.run.manifest.artefacts:
            return np.empty(0, np.int32)
        return sealed(rows_by_rank(self.run.values("anomalies", "rank")))

    def order(self, column: str, descending: bool) -> NDArray[np.int32]:
        """Map rows sorted by a numeric column, int32 [objects]; those without a value come last.

        Equal ones stay in map order, but for the anomaly score, whose ranks decide.
        """
        if column == "anomaly":
            return self.by_rank if descending else self.by_rank[::-1]
        with self._sorting:
            key = column, descending
            if key not in self._orders:
                values = self.values(column)
                values = np.where(np.isfinite(values), -values if descending else values, np.inf)
                self._orders[key] = sealed(np.argsort(values, kind="stable").astype(np.int32))
                while len(self._orders) > MOST_ORDERS:
                    self._orders.popitem(last=False)
            self._orders.move_to_end(key)
            return self._orders[key]

    def median(self, column: str) -> float:
        """Median of a numeric column over all objects; NaN where none has a value."""
        if column not in self._medians:
            values = self.values(column)
            known = values[np.isfinite(values)]
            self._medians[column] = float(np.median(known)) if len(known) else float("nan")
        return self._medians[column]

    @cached_property
    def filter_columns(self) -> dict[str, str]:
        """Columns that may be filtered by a brush: name -> title with unit."""
        titles = {PERIOD: "Period [d]", **self.numeric_columns}
        if "period_days" in titles:
            titles["period_days"] = "Catalogue period [d]"
        return titles

    def is_whole(self, column: str) -> bool:
        """Whether a column has whole numbers only."""
        schema = self.run.catalogue.schema
        return column in schema.names and pa.types.is_integer(schema.field(column).type)

    @cached_property
    def space(self) -> Space:
        """Embeddings, to find what is near in them; its rows are the survey's."""
        return Space(self.run.embeddings)

    @cached_property
    def columns(self) -> RunColumns:
        """Columns that an expression may name."""
        return RunColumns(self.run)

    def binned(self, column: str) -> Binned:
        """Histogram's axis and bins of a column of `filter_columns`."""
        if column not in self._binned:
            values = self.values(column)
            axis = Axis.of(values, column in _SHARES and column != "entropy")
            self._binned[column] = Binned(axis, bins_of(values, axis))
        return self._binned[column]

    @cached_property
    def period(self) -> NDArray[np.float32]:
        """Period [d] of each object, float32 [objects]: the catalogue's, or else the one found."""
        period = np.full(len(self), np.nan, np.float32)
        for column in ("period_days", "found_period_days"):
            if column in self.numeric_columns:
                values = self.values(column)
                period = np.where(np.isfinite(period) & (period > 0), period, values)
        period.flags.writeable = False
        return period

    def object_id(self, row: int) -> str:
        """Id of the object in a map row."""
        return self.run.object_ids(np.array([row]))[0]

    def find(self, object_id: str) -> int | None:
        """Map row of an object, or None."""
        try:
            return self.run.row_of(object_id)
        except KeyError:
            return None

    def light_curve(self, row: int) -> LightCurve:
        """Light curve of the object in a map row; reads its own observations only."""
        return self.run.survey.light_curves[int(self.run.rows[row])]


_opened: OrderedDict[tuple[str, str], OpenedRun] = OrderedDict()
_lock = threading.Lock()


def opened(path: Path) -> OpenedRun:
    """Open a run, or give the one that is open already with the same manifest.

    At most four stay open; the one asked for longest ago makes room.

    Raises
    ------
    StoreError
        There is no valid run in the folder.
    """
    run = Run.open(path)
    key = (str(path), hashlib.sha256((path / MANIFEST).read_bytes()).hexdigest())
    with _lock:
        if key not in _opened:
            _opened[key] = OpenedRun(run)
            while len(_opened) > OPEN_AT_ONCE:
                _opened.popitem(last=False)
        _opened.move_to_end(key)
        return _opened[key]
