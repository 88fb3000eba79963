"""An expression asked of the columns of a run: which objects it is true of.

Three-valued logic: a comparison with what is unknown is neither true nor false, ``not`` leaves it
so, ``and`` is false where one side is, ``or`` true where one side is. An object belongs to the
answer where the whole is true. A number written in the expression is rounded to the precision of
the column it is compared with, so that ``probability >= 0.9`` holds for a float32 0.9.
"""

from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
from numpy.typing import NDArray

from astra.data.catalogue import separation_deg
from astra.runs.run import Run
from astra.selections.columns import (
    Columns,
    Flags,
    Numbers,
    Rows,
    RunColumns,
    Texts,
    Truth,
    truth_of,
)
from astra.selections.errors import ExpressionError, near
from astra.selections.parser import parse
from astra.selections.syntax import (
    Among,
    Arithmetic,
    Comparison,
    Cone,
    Either,
    Every,
    Function,
    IsNull,
    Name,
    Node,
    Not,
    Number,
    Starts,
    Text,
)

arrow: Any = pyarrow.compute  # makes its functions when it is imported: no type is known

# Rows at a time: what a block needs stays in the cache, whatever the number of objects.
BLOCK = 1 << 16
Condition = Callable[[Rows], Truth]
Quantity = Callable[[Rows], Any]

_HOLDS = {
    "=": np.equal, "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
}  # fmt: skip
_FAILS = {"<": np.greater_equal, "<=": np.greater, ">": np.less_equal, ">=": np.less}
_ARITHMETIC = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide}
_FUNCTIONS = {"-": np.negative, "abs": np.abs, "log10": np.log10, "sqrt": np.sqrt}


class Expression:
    """An expression that fits some columns.

    Parameters
    ----------
    text : str
    columns : Columns
        Usually those of a run, `RunColumns`.

    Raises
    ------
    ExpressionError
        It cannot be parsed, names a column that is not there, or compares numbers with text.
    """

    def __init__(self, text: str, columns: Columns) -> None:
        self.text = text
        self._length = len(columns)
        self._condition = _Meaning(text, columns).condition(parse(text))

    def mask(self) -> NDArray[np.bool_]:
        """Objects of which it is true, bool [objects]."""
        answer = np.empty(self._length, np.bool_)
        with np.errstate(all="ignore"):
            for first in range(0, self._length, BLOCK):
                rows = slice(first, min(first + BLOCK, self._length))
                answer[rows] = self._condition(rows).yes
        return answer


def where(run: Run, text: str) -> NDArray[np.bool_]:
    """Objects of a run of which an expression is true, bool [objects], map order.

    Raises
    ------
    ExpressionError
        The expression cannot be understood, or does not fit the run.
    """
    return Expression(text, RunColumns(run)).mask()


class _Meaning:
    """Gives each node of a tree its meaning in some columns."""

    def __init__(self, text: str, columns: Columns) -> None:
        self._text, self._columns = text, columns
        self._known = frozenset(columns.names)

    def _wrong(self, reason: str, node: Node) -> ExpressionError:
        return ExpressionError(reason, self._text, node.at)

    def _column(self, node: Name) -> Numbers | Flags | Texts:
        if node.name not in self._known:
            hint = near(node.name, self._columns.names, "there are")
            raise self._wrong(f"no column {node.name!r}; {hint}", node)
        return self._columns.column(node.name)

    # Conditions

    def condition(self, node: Node) -> Condition:
        match node:
            case Every(parts=parts):
                return _folded(_both, [self.condition(part) for part in parts])
            case Either(parts=parts):
                return _folded(_one_of, [self.condition(part) for part in parts])
            case Not(part=part):
                inner = self.condition(part)
                return lambda rows: Truth(*reversed(inner(rows)))
            case Comparison():
                return self._comparison(node)
            case Among():
                return self._among(node)
            case Starts():
                return self._starts(node)
            case IsNull():
                return self._is_null(node)
            case Cone():
                return self._cone(node)
        return self._flag(node)

    def _flag(self, node: Node) -> Condition:
        if isinstance(node, Name):
            column = self._column(node)
            if isinstance(column, Flags):
                return _truth_of_flags(column)
            kind = "text" if isinstance(column, Texts) else "a number"
            example = f"{node.name} = ..." if isinstance(column, Texts) else f"{node.name} > 1"
            raise self._wrong(f"{node.name} is {kind}: compare it, as in {example}", node)
        raise self._wrong("this is a value: compare it, as in period < 1", node)

    def _comparison(self, node: Comparison) -> Condition:
        if node.sign == "!=":
            same = self._comparison(Comparison(node.at, "=", node.left, node.right))
            return lambda rows: Truth(*reversed(same(rows)))
        texts = [self._texts(side) for side in (node.left, node.right)]
        if any(found is not None for found in texts):
            return self._same_text(node, texts)
        left, right = self._quantity(node.left), self._quantity(node.right)
        if node.sign == "=":
            return lambda rows: _equal(left(rows), right(rows), rows)
        holds, fails = _HOLDS[node.sign], _FAILS[node.sign]

        def compare(rows: Rows) -> Truth:
            one, other = left(rows), right(rows)
            return _shaped(holds(one, other), fails(one, other), rows)

        return compare

    def _same_text(self, node: Comparison, sides: list[Texts | None]) -> Condition:
        if node.sign != "=":
            raise self._wrong("text is compared by =, !=, in or starts with", node)
        one, other = sides
        if one is not None and other is not None:
            return lambda rows: truth_of(arrow.equal(one.texts(rows), other.texts(rows)))
        column, literal = (one, node.right) if one is not None else (other, node.left)
        wanted = self._literal(literal)
        assert column is not None
        return column.test(lambda texts: arrow.equal(texts, pa.scalar(wanted, texts.type)))

    def _among(self, node: Among) -> Condition:
        texts = self._texts(node.value)
        if texts is None:
            equal = [Comparison(node.at, "=", node.value, option) for option in node.options]
            return _folded(_one_of, [self._comparison(each) for each in equal])
        wanted = [self._literal(option) for option in node.options]

        def check(values: pa.Array) -> pa.Array:
            found = arrow.is_in(values, value_set=pa.array(wanted, values.type))
            return arrow.if_else(values.is_valid(), found, None)

        return texts.test(check)

    def _starts(self, node: Starts) -> Condition:
        texts = self._texts(node.value)
        if texts is None:
            raise self._wrong("'starts with' takes a column of text", node.value)
        prefix = self._literal(node.prefix)
        return texts.test(lambda values: arrow.starts_with(values, pattern=prefix))

    def _is_null(self, node: IsNull) -> Condition:
        texts = self._texts(node.value)
        if texts is not None:
            known = texts.test(lambda values: values.is_valid())
            return lambda rows: _certain(~known(rows).yes)
        if isinstance(node.value, Name):
            column = self._column(node.value)
            if isinstance(column, Flags):
                flags = _truth_of_flags(column)
                return lambda rows: _certain(~np.logical_or(*flags(rows)))
        quantity = self._quantity(node.value)
        return lambda rows: _certain(np.broadcast_to(np.isnan(quantity(rows)), _length(rows)))

    def _cone(self, node: Cone) -> Condition:
        ra, dec = (self._quantity(Name(node.at, name)) for name in ("ra", "dec"))

        def within(rows: Rows) -> Truth:
            places = (np.asarray(values(rows), np.float64) for values in (ra, dec))
            distance = separation_deg(node.ra, node.dec, *places)
            return Truth(distance <= node.radius, distance > node.radius)

        return within

    # Values

    def _texts(self, node: Node) -> Texts | None:
        if isinstance(node, Name) and node.name in self._known:
            column = self._columns.column(node.name)
            return column if isinstance(column, Texts) else None
        return None

    def _literal(self, node: Node) -> str:
        if isinstance(node, Text):
            return node.value
        if isinstance(node, Name) and node.name not in self._known:
            return node.name  # RRab without quotes: the column beside it is of text
        raise self._wrong("a text is needed here: compare with a name, as in 'RRab'", node)

    def _quantity(self, node: Node) -> Quantity:
        match node:
            case Number(value=value):
                return lambda rows: value
            case Text(value=value):
                raise self._wrong(f"{value!r} is text, and is compared with a number here", node)
            case Name():
                return self._numbers(node)
            case Arithmetic(sign=sign):
                join = _ARITHMETIC[sign]
                left, right = self._quantity(node.left), self._quantity(node.right)
                return lambda rows: join(_real(left(rows)), _real(right(rows)))
            case Function(name=name):
                apply, operand = _FUNCTIONS[name], self._quantity(node.operand)
                return lambda rows: apply(_real(operand(rows)))
        raise self._wrong("a value is needed here, not a condition", node)

    def _numbers(self, node: Name) -> Quantity:
        column = self._column(node)
        if isinstance(column, Texts):
            raise self._wrong(f"{node.name} is text, and a number is needed here", node)
        if isinstance(column, Flags):
            flags = _truth_of_flags(column)
            return lambda rows: np.where(np.logical_or(*flags(rows)), flags(rows).yes, np.nan)
        values = column.values
        if values.dtype == np.float16:
            return lambda rows: values[rows].astype(np.float32)
        return lambda rows: values[rows]


def _folded(join: Callable[[Truth, Truth], Truth], parts: list[Condition]) -> Condition:
    return lambda rows: reduce(join, (part(rows) for part in parts))


def _both(one: Truth, other: Truth) -> Truth:
    return Truth(one.yes & other.yes, one.no | other.no)


def _one_of(one: Truth, other: Truth) -> Truth:
    return Truth(one.yes | other.yes, one.no & other.no)


def _certain(yes: NDArray[np.bool_]) -> Truth:
    return Truth(yes, ~yes)


def _truth_of_flags(flags: Flags) -> Condition:
    if flags.known is None:
        return lambda rows: _certain(flags.values[rows])
    known = flags.known
    return lambda rows: Truth(flags.values[rows] & known[rows], ~flags.values[rows] & known[rows])


def _equal(one: Any, other: Any, rows: Rows) -> Truth:
    yes = np.equal(one, other)
    return _shaped(yes, ~(yes | np.isnan(one) | np.isnan(other)), rows)


def _shaped(yes: Any, no: Any, rows: Rows) -> Truth:
    """Answers for a block; two numbers of the expression give one answer for all."""
    length = _length(rows)
    return Truth(np.broadcast_to(yes, length), np.broadcast_to(no, length))


def _length(rows: Rows) -> int:
    return rows.stop - rows.start


def _real(values: Any) -> Any:
    """Integers as float64, so that none overflows; numbers of an expression as Python has them."""
    if isinstance(values, int):
        return float(values)
    if isinstance(values, np.ndarray) and values.dtype.kind in "iub":
        return values.astype(np.float64)
    return values
