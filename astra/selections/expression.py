"""An expression asked of the columns of a run: which objects it is true of.

Three-valued logic: a comparison with what is unknown is neither true nor false, ``not`` leaves it
so, ``and`` is false where one side is, ``or`` true where one side is. An object belongs to the
answer where the whole is true. A number written in the expression is rounded to the precision of
the column it is compared with, so that ``probability >= 0.9`` holds for a float32 0.9.
"""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from astra.data.catalogue import separation_deg
from astra.runs.run import Run
from astra.selections.columns import (
    Columns,
    Flags,
    Numbers,
    RunColumns,
    Texts,
    arrow,
)
from astra.selections.conditions import (
    Condition,
    Mask,
    Quantity,
    Rows,
    compared,
    either,
    equal,
    every,
    is_known,
    is_true,
    real,
    unless,
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

# Rows at a time: what a block makes stays in the cache, whatever the number of objects. Answers
# take a byte an object, values eight.
BLOCK, BLOCK_OF_VALUES = 1 << 17, 1 << 16

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
        tree, meaning = parse(text), _Meaning(text, columns)
        self._condition = meaning.condition(tree)
        self._block = BLOCK_OF_VALUES if meaning.makes_values else BLOCK
        if _is_plain(tree, columns):
            self._block = max(1, self._length)

    def mask(self) -> NDArray[np.bool_]:
        """Objects of which it is true, bool [objects]."""
        answer = np.empty(self._length, np.bool_)
        with np.errstate(all="ignore"):
            for first in range(0, self._length, self._block):
                rows = slice(first, min(first + self._block, self._length))
                self._condition.yes(rows, answer[rows])
        return answer


def where(run: Run, text: str) -> NDArray[np.bool_]:
    """Objects of a run of which an expression is true, bool [objects], map order.

    Raises
    ------
    ExpressionError
        The expression cannot be understood, or does not fit the run.
    """
    return Expression(text, RunColumns(run)).mask()


def _is_plain(tree: Node, columns: Columns) -> bool:
    """Whether nothing is made on the way to the answer, so that one block of all rows is best."""
    match tree:
        case Not(part=part):
            return _is_plain(part, columns)
        case Comparison(sign="!="):
            return False  # what is unknown is a mask beside the answer
        case Comparison(left=Name(name=name), right=Number()) | IsNull(value=Name(name=name)):
            column = columns.column(name)
            return isinstance(column, Numbers) and column.values.dtype != np.float16
    return False


class _Meaning:
    """Gives each node of a tree its meaning in some columns.

    Attributes
    ----------
    makes_values : bool
        Numbers are made on the way to the answer, not only compared as they stand.
    """

    def __init__(self, text: str, columns: Columns) -> None:
        self._text, self._columns = text, columns
        self.makes_values = False
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
                return every([self.condition(part) for part in parts])
            case Either(parts=parts):
                return either([self.condition(part) for part in parts])
            case Not(part=part):
                return self.condition(part).contrary()
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
                return is_true(column.values, column.known)
            kind = "text" if isinstance(column, Texts) else "a number"
            example = f"{node.name} = ..." if isinstance(column, Texts) else f"{node.name} > 1"
            raise self._wrong(f"{node.name} is {kind}: compare it, as in {example}", node)
        raise self._wrong("this is a value: compare it, as in period < 1", node)

    def _comparison(self, node: Comparison) -> Condition:
        if node.sign == "!=":
            return self._comparison(Comparison(node.at, "=", node.left, node.right)).contrary()
        texts = [self._texts(side) for side in (node.left, node.right)]
        if any(found is not None for found in texts):
            return self._same_text(node, texts)
        left, right = self._quantity(node.left), self._quantity(node.right)
        if node.sign == "=":
            return equal(left, right)
        signs = (_HOLDS[node.sign], _FAILS[node.sign])
        return Condition(*(compared(sign, left, right) for sign in signs))

    def _same_text(self, node: Comparison, sides: list[Texts | None]) -> Condition:
        if node.sign != "=":
            raise self._wrong("text is compared by =, !=, in or starts with", node)
        one, other = sides
        if one is not None and other is not None:
            return one.same_as(other)
        column, literal = (one, node.right) if one is not None else (other, node.left)
        wanted = self._literal(literal)
        assert column is not None
        return column.test(lambda texts: arrow.equal(texts, pa.scalar(wanted, texts.type)))

    def _among(self, node: Among) -> Condition:
        texts = self._texts(node.value)
        if texts is None:
            same = [Comparison(node.at, "=", node.value, option) for option in node.options]
            return either([self._comparison(each) for each in same])
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
            return unless(texts.test(lambda values: values.is_valid()).yes)
        if isinstance(node.value, Name):
            column = self._column(node.value)
            if isinstance(column, Flags):
                return unless(is_known(column.known))
        quantity = self._quantity(node.value)

        def unknown(rows: Rows, out: Mask) -> None:
            np.isnan(quantity(rows), out=out)

        return unless(unknown).contrary()

    def _cone(self, node: Cone) -> Condition:
        self.makes_values = True
        ra, dec = (self._quantity(Name(node.at, name)) for name in ("ra", "dec"))

        def distance(rows: Rows) -> NDArray[np.float64]:
            places = (np.asarray(values(rows), np.float64) for values in (ra, dec))
            return separation_deg(node.ra, node.dec, *places)

        signs = (np.less_equal, np.greater)
        return Condition(*(compared(sign, distance, lambda _: node.radius) for sign in signs))

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
        self.makes_values |= isinstance(node, Arithmetic | Function)
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
                return lambda rows: join(real(left(rows)), real(right(rows)))
            case Function(name=name):
                apply, operand = _FUNCTIONS[name], self._quantity(node.operand)
                return lambda rows: apply(real(operand(rows)))
        raise self._wrong("a value is needed here, not a condition", node)

    def _numbers(self, node: Name) -> Quantity:
        column = self._column(node)
        if isinstance(column, Texts):
            raise self._wrong(f"{node.name} is text, and a number is needed here", node)
        if isinstance(column, Flags):
            if column.known is None:
                return lambda rows: column.values[rows]
            known = column.known
            return lambda rows: np.where(known[rows], column.values[rows], np.nan)
        values = column.values
        if values.dtype == np.float16:
            return lambda rows: values[rows].astype(np.float32)
        return lambda rows: values[rows]
