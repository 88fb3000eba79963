"""The columns of a run that an expression may name: numbers, flags and texts, in map order."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from typing import Any, NamedTuple, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute
from numpy.typing import NDArray

from astra.runs.run import Run
from astra.runs.tables import column
from astra.selections.conditions import Condition, Mask, Rows, Side

arrow: Any = pyarrow.compute  # makes its functions when it is imported: no type is known
_PROBES = ("predicted", "probability", "entropy")


class Numbers(NamedTuple):
    """A column of numbers, [objects]; NaN where unknown."""

    values: NDArray


class Flags(NamedTuple):
    """A column that is true or false, bool [objects]; ``known`` is None where all are known."""

    values: NDArray[np.bool_]
    known: NDArray[np.bool_] | None = None


Check = Callable[[pa.Array], pa.Array]


class Texts:
    """A column of text.

    Parameters
    ----------
    values : pyarrow.Array
        Texts [objects] where ``codes`` is None; else the different texts.
    codes : integer [objects], optional
        Which of ``values`` each object has; negative where unknown.
    """

    def __init__(self, values: pa.Array, codes: NDArray[np.integer] | None = None) -> None:
        self._values, self._codes = values, codes

    @classmethod
    def of(cls, table_column: pa.ChunkedArray) -> "Texts":
        """Texts of an Arrow column, of strings or of a dictionary; nothing large is copied."""
        chunks = table_column.unify_dictionaries()
        values = chunks.chunk(0) if chunks.num_chunks == 1 else chunks.combine_chunks()
        if isinstance(values, pa.ChunkedArray):
            values = values.chunk(0) if values.num_chunks else pa.array([], pa.large_string())
        if not pa.types.is_dictionary(values.type):
            return cls(values)
        indices = values.indices
        if indices.null_count:
            indices = indices.cast(pa.int32()).fill_null(-1)
        return cls(values.dictionary, indices.to_numpy(zero_copy_only=False))

    def test(self, check: Check) -> Condition:
        """Find out which objects' texts pass; each different text is checked once."""
        if self._codes is None:
            return Condition(*(self._checked(check, side) for side in (0, 1)))
        return Condition(*(self._looked_up(side) for side in sides_of(check(self._values))))

    def _checked(self, check: Check, side: int) -> Side:
        def ask(rows: Rows, out: Mask) -> None:
            out[:] = sides_of(check(self._values[rows]))[side]

        return ask

    def _looked_up(self, passes: Mask) -> Side:
        codes = self._codes
        assert codes is not None
        passes = np.append(passes, False)  # one cannot take from nothing

        def ask(rows: Rows, out: Mask) -> None:
            block = codes[rows]
            np.take(passes, block, mode="clip", out=out)
            out &= block >= 0

        return ask

    def same_as(self, other: "Texts") -> Condition:
        """``=`` of two columns of text."""

        def ask(side: int, rows: Rows, out: Mask) -> None:
            out[:] = sides_of(arrow.equal(self.texts(rows), other.texts(rows)))[side]

        return Condition(*(partial(ask, side) for side in (0, 1)))

    def texts(self, rows: Rows) -> pa.Array:
        """Texts of some rows, null where unknown."""
        if self._codes is None:
            return self._values[rows].cast(pa.large_string())
        block = self._codes[rows]
        indices = pa.array(np.maximum(block, 0), mask=block < 0)
        return self._values.take(indices).cast(pa.large_string())


def sides_of(answers: pa.Array) -> tuple[Mask, Mask]:
    """Where Arrow's answers are true, and where they are false: neither where null."""
    yes = arrow.fill_null(answers, False).to_numpy(zero_copy_only=False)
    if not answers.null_count:
        return yes, ~yes
    return yes, answers.is_valid().to_numpy(zero_copy_only=False) & ~yes


Column = Numbers | Flags | Texts


class Columns(Protocol):
    """What an expression is asked of."""

    def __len__(self) -> int:
        """Return the number of objects."""
        ...

    @property
    def names(self) -> Sequence[str]:
        """Names of the columns, the most asked for first."""
        ...

    def column(self, name: str) -> Column:
        """Column of that name, or KeyError."""
        ...


class TableColumns:
    """Columns given one by one.

    Parameters
    ----------
    columns : mapping of name to Column or to a function that makes it
        Made when it is first asked for.
    length : int
        Number of objects.
    """

    def __init__(self, columns: Mapping[str, Column | Callable[[], Column]], length: int) -> None:
        self._columns = dict(columns)
        self._length = length

    def __len__(self) -> int:
        return self._length

    @property
    def names(self) -> Sequence[str]:
        """Names of the columns."""
        return list(self._columns)

    def column(self, name: str) -> Column:
        """Column of that name, or KeyError."""
        found = self._columns[name]
        if not isinstance(found, Column):
            self._columns[name] = found = found()
        return found


class RunColumns(TableColumns):
    """Every column of a run that an expression may name.

    ``period`` is the catalogue's period, or else the one found [d]; ``class`` the label of the
    run's snapshot; ``predicted``, ``probability``, ``entropy`` what the probe says, ``p_<class>``
    its probability of each class; ``score`` (also ``anomaly``) and ``rank`` the anomaly score;
    then all columns of the catalogue.

    Parameters
    ----------
    run : Run
    **instead
        Columns that stand for, or beside, those of the run.
    """

    def __init__(self, run: Run, **instead: Column) -> None:
        self._run = run
        # Where the catalogue has a column of the same name, that of the run counts.
        made = {**self._derived(), **self._predicted(), **self._scored()}
        super().__init__({**made, **self._listed(), **made, **instead}, len(run))

    def _has(self, artefact: str) -> bool:
        return artefact in self._run.manifest.artefacts

    def _derived(self) -> dict[str, Callable[[], Column]]:
        made: dict[str, Callable[[], Column]] = {}
        if {"period_days", "found_period_days"} & set(self._run.catalogue.column_names):
            made["period"] = lambda: Numbers(self._period)
        if self._has("labels"):
            made["class"] = lambda: Texts(*_named(*classes_of(self._run)))
        return made

    def _predicted(self) -> dict[str, Callable[[], Column]]:
        if not self._has("probes"):
            return {}
        made = {name: _of_table(self._run.probes[name]) for name in _PROBES}
        for place, name in enumerate(self._run.summary("probes").get("classes", ())):
            made[f"p_{name}"] = lambda place=place: Numbers(self._run.probabilities[:, place])
        return made

    def _scored(self) -> dict[str, Callable[[], Column]]:
        if not self._has("anomalies"):
            return {}
        score, rank = (_of_table(self._run.anomalies[name]) for name in ("score", "rank"))
        return {"score": score, "rank": rank, "anomaly": score}

    def _listed(self) -> dict[str, Callable[[], Column]]:
        table = self._run.catalogue
        return {
            field.name: _of_table(table[field.name])
            for field in table.schema
            if is_number(field.type) or is_text(field.type) or pa.types.is_boolean(field.type)
        }

    @cached_property
    def _period(self) -> NDArray[np.float64]:
        period = np.full(len(self._run), np.nan)
        for name in ("period_days", "found_period_days"):
            if name in self._run.catalogue.column_names:
                values = column(self._run.catalogue, name)
                period = np.where(period > 0, period, values)
        return period


def classes_of(run: Run) -> tuple[NDArray[np.int16], list[str]]:
    """Class of each object in the run's snapshot of the labels, the annotators' above the others'.

    Returns
    -------
    codes : int16 [objects]
        Index into the names; -1 without a label; map order.
    names : list of str
        Sorted.
    """
    table = run.labels.to_pandas().sort_values("source", ascending=False, kind="stable")
    rows = run.rows_of(table["object_id"])
    here = rows >= 0
    names, snapshot = np.unique(table["label"].to_numpy(str), return_inverse=True)
    codes = np.full(len(run), -1, np.int16)
    codes[rows[here]] = snapshot[here]
    return codes, [str(name) for name in names]


def is_number(kind: pa.DataType) -> bool:
    """Whether an Arrow type is a number that can be compared."""
    return pa.types.is_integer(kind) or pa.types.is_floating(kind)


def is_text(kind: pa.DataType) -> bool:
    """Whether an Arrow type is text, spelled out or by dictionary."""
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def _of_table(values: pa.ChunkedArray) -> Callable[[], Column]:
    if is_text(values.type):
        return lambda: Texts.of(values)
    if pa.types.is_boolean(values.type):
        return lambda: _flags(values)
    return lambda: Numbers(_numbers(values))


def _flags(values: pa.ChunkedArray) -> Flags:
    yes, no = sides_of(values.combine_chunks())
    return Flags(yes, yes | no)


def _numbers(values: pa.ChunkedArray) -> NDArray:
    return column(pa.table({"values": values}), "values")


def _named(codes: NDArray[np.int16], names: Sequence[str]) -> tuple[pa.Array, NDArray[np.int16]]:
    return pa.array(names, pa.large_string()), codes
