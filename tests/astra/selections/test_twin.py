"""Masks against a twin that goes row by row, one truth at a time, with none of the short cuts."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from astra.selections import expression
from astra.selections.columns import TableColumns, _of_table
from astra.selections.expression import Expression
from astra.selections.parser import parse
from astra.selections.syntax import (
    Among,
    Arithmetic,
    Comparison,
    Either,
    Every,
    Function,
    IsNull,
    Name,
    Not,
    Number,
    Starts,
    Text,
)

ROWS = 23
COMPARE = {
    "=": np.equal, "!=": np.not_equal, "<": np.less, "<=": np.less_equal, ">": np.greater,
    ">=": np.greater_equal,
}  # fmt: skip
JOIN = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide}
APPLY = {"-": np.negative, "abs": np.abs, "log10": np.log10, "sqrt": np.sqrt}
SEEN = [None, 0.0, -0.0, 0.1, 0.5, 0.9, 1.0, -1.0, 2.5, 1e30, np.inf, -np.inf, np.nan]


def chosen(seed, values, kind):
    rng = np.random.default_rng(seed)
    return pa.array([values[i] for i in rng.integers(0, len(values), ROWS)], kind)


# As in a run: Arrow columns with nulls and NaN, of every width, the text also by dictionary.
TABLE = pa.table(
    {
        "wide": chosen(1, SEEN, pa.float64()),
        "narrow": chosen(2, SEEN, pa.float32()),
        "half": pa.array(np.array([0.1, 0.5, 0.9, np.nan, 1.0], np.float16)[np.arange(ROWS) % 5]),
        "count": chosen(3, [0, 1, 2, 10, -1], pa.int32()),
        "partly": chosen(4, [None, 0, 1, 2, 1 << 40], pa.int64()),
        "tiny": chosen(5, [0, 1, 2, 255], pa.uint8()),
        "flag": chosen(6, [True, False], pa.bool_()),
        "maybe": chosen(7, [True, False, None], pa.bool_()),
        "word": chosen(8, ["a", "ab", "", None, "RRab"], pa.string()),
        "coded": chosen(9, ["a", "ab", "RRab", None], pa.large_string()).dictionary_encode(),
    }
)
NUMERIC = ["wide", "narrow", "half", "count", "partly", "tiny"]


def columns():
    made = {name: _of_table(TABLE[name]) for name in TABLE.column_names}
    return TableColumns(made, ROWS)


# The twin: True, False, or None where it is unknown; a number, or NaN where it is unknown.


def cell(name, row):
    value, kind = TABLE[name][row].as_py(), TABLE.schema.field(name).type
    if pa.types.is_floating(kind):
        width = {"double": np.float64, "float": np.float32, "halffloat": np.float32}[str(kind)]
        return width(np.nan if value is None else value)
    if pa.types.is_integer(kind):
        # Arrow gives numpy a column of whole numbers with nulls as float64.
        if TABLE[name].null_count:
            return np.float64(np.nan if value is None else value)
        return kind.to_pandas_dtype()(value)
    return value


def number(node, row):
    match node:
        case Number(value=value):
            return value
        case Name(name=name) if name in ("flag", "maybe"):
            value = cell(name, row)
            return np.float64(np.nan if value is None else value)
        case Name(name=name):
            return cell(name, row)
        case Arithmetic(sign=sign):
            return JOIN[sign](real(number(node.left, row)), real(number(node.right, row)))
        case Function(name=name):
            return APPLY[name](real(number(node.operand, row)))
    raise AssertionError(node)


def real(value):
    """Columns of whole numbers count as float64; those written, as Python has them."""
    if isinstance(value, np.integer):
        return np.float64(value)
    return float(value) if isinstance(value, int) else value


def is_text(node):
    return isinstance(node, Text) or (isinstance(node, Name) and node.name in ("word", "coded"))


def text(node, row) -> Any:
    return node.value if isinstance(node, Text) else cell(node.name, row)


def compared(sign, left, right, row):
    if is_text(left):
        one, other = text(left, row), text(right, row)
        return None if one is None or other is None else (one == other) == (sign == "=")
    one, other = number(left, row), number(right, row)
    return None if np.isnan(one) or np.isnan(other) else bool(COMPARE[sign](one, other))


def truth(node, row):
    match node:
        case Every(parts=parts):
            found = [truth(part, row) for part in parts]
            return False if False in found else None if None in found else True
        case Either(parts=parts):
            found = [truth(part, row) for part in parts]
            return True if True in found else None if None in found else False
        case Not(part=part):
            found = truth(part, row)
            return None if found is None else not found
        case Comparison(sign=sign):
            return compared(sign, node.left, node.right, row)
        case Among(value=value, options=options):
            found = [compared("=", value, option, row) for option in options]
            return True if True in found else None if None in found else False
        case Starts(value=value, prefix=prefix):
            found = text(value, row)
            return None if found is None else str(found).startswith(text(prefix, row))
        case IsNull(value=value):
            if is_text(value):
                return text(value, row) is None
            return bool(np.isnan(number(value, row)))
        case Name(name=name):
            return cell(name, row)
    raise AssertionError(node)


NUMBERS = st.sampled_from(["0", "0.1", "0.5", "0.9", "1", "2", "-1", "255", "1e30", "1e300"])
SUMS = st.recursive(
    st.one_of(st.sampled_from([*NUMERIC, "flag", "maybe"]), NUMBERS),
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from("+-*/"), inner),
        st.builds("{}({})".format, st.sampled_from(["abs", "log10", "sqrt", "-"]), inner),
    ),
    max_leaves=4,
)
TEXTS = st.sampled_from(["'a'", "'ab'", "''", "'RRab'", "'none'"])
WORDS = st.sampled_from(["word", "coded"])
LISTED = st.lists(TEXTS, min_size=1, max_size=3).map(", ".join)
ATOMS = st.one_of(
    st.builds("{} {} {}".format, SUMS, st.sampled_from(list(COMPARE)), SUMS),
    st.builds("{} between {} and {}".format, SUMS, NUMBERS, NUMBERS),
    st.builds("{} in ({}, {})".format, SUMS, NUMBERS, NUMBERS),
    st.builds("{} {} {}".format, WORDS, st.sampled_from(["=", "!="]), st.one_of(TEXTS, WORDS)),
    st.builds("{} not in ({})".format, WORDS, LISTED),
    st.builds("{} starts with {}".format, WORDS, TEXTS),
    st.builds("{} is null".format, st.one_of(SUMS, WORDS)),
    st.sampled_from(["flag", "maybe"]),
)
CONDITIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds("not ({})".format, inner),
        st.builds("({}) and ({})".format, inner, inner),
        st.builds("({}) or ({})".format, inner, inner),
    ),
    max_leaves=6,
)


@pytest.fixture(scope="module", autouse=True)
def small_blocks():
    """Blocks that end in the middle, and of both sizes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(expression, "BLOCK", 7)
        patch.setattr(expression, "BLOCK_OF_VALUES", 5)
        yield


@settings(max_examples=500, deadline=None)
@given(CONDITIONS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_mask_is_what_each_row_says_by_itself(written):
    tree = parse(written)
    expected = [truth(tree, row) is True for row in range(ROWS)]
    found = Expression(written, columns()).mask()
    np.testing.assert_array_equal(found, expected, err_msg=written)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("contrary", ["", "not "])
@pytest.mark.parametrize("sign", list(COMPARE))
@pytest.mark.parametrize("name", NUMERIC)
def test_a_column_beside_a_number_is_what_each_row_says(name, sign, contrary):
    for value in ("0", "0.1", "0.9", "1", "1e300"):
        written = f"{contrary}{name} {sign} {value}"
        tree = parse(written)
        expected = [truth(tree, row) is True for row in range(ROWS)]
        found = Expression(written, columns()).mask()
        np.testing.assert_array_equal(found, expected, err_msg=written)


def test_asking_leaves_the_columns_as_they_were():
    before = columns()
    kept: dict[str, Any] = {name: before.column(name) for name in ("flag", "maybe", "wide")}
    copies = {name: column.values.copy() for name, column in kept.items()}
    for written in ("flag and maybe", "not flag or not maybe", "wide > 0 and flag", "not flag"):
        Expression(written, before).mask()
    for name, values in copies.items():
        np.testing.assert_array_equal(kept[name].values, values)
