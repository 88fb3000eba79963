"""Expressions against pandas' three-valued logic, and against anything a keyboard can produce."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from astra.selections.columns import Flags, Numbers, TableColumns, Texts
from astra.selections.errors import ExpressionError
from astra.selections.expression import BLOCK, Expression

CLASSES = ["EA", "RRab", "RRc", "SN Ia"]
FRAME = pd.DataFrame(
    {
        "period": pd.array([0.5, 1.0, None, 2.5, 0.0, -1.0, 100.0, 0.5], "Float64"),
        "score": pd.array([0.9, 0.1, 0.5, None, 0.9, 0.2, 1.0, 0.0], "Float32"),
        "n_obs": pd.array([10, 20, 30, 40, 50, 60, 70, 10], "Int64"),
        "class": pd.array(["EA", "RRab", None, "RRc", "SN Ia", "RRab", None, "EA"], "string"),
        "name": pd.array(["a", "ab", "b", "RRab", None, "abc", "", "EA"], "string"),
        "flagged": pd.array([True, False, None, True, False, False, None, True], "boolean"),
    }
)


def columns(frame=FRAME):
    coded = pd.Categorical(frame["class"], categories=CLASSES)
    return TableColumns(
        {
            "period": Numbers(frame["period"].to_numpy(float, na_value=np.nan)),
            "score": Numbers(frame["score"].to_numpy(np.float32, na_value=np.nan)),
            "n_obs": Numbers(frame["n_obs"].to_numpy(np.int32)),
            "class": Texts(pa.array(CLASSES), coded.codes),
            "name": Texts(pa.array(frame["name"].to_numpy(object, na_value=None), pa.string())),
            "flagged": Flags(
                frame["flagged"].fillna(False).to_numpy(bool), frame["flagged"].notna().to_numpy()
            ),
        },
        len(frame),
    )


def rows_of(text):
    return np.flatnonzero(Expression(text, columns()).mask()).tolist()


# Any condition as text, beside what pandas says of it: true, false or unknown.


def numeric_comparison(name, sign, value):
    column, number = FRAME[name], np.float32(value) if name == "score" else value
    answer = {
        "=": column.eq, "!=": column.ne, "<": column.lt, "<=": column.le, ">": column.gt,
        ">=": column.ge,
    }[sign](number)  # fmt: skip
    return f"{name} {sign} {value}", answer


def text_comparison(name, sign, value):
    column = FRAME[name]
    return f"{name} {sign} '{value}'", column.eq(value) if sign == "=" else column.ne(value)


def among(name, values, contrary):
    listed = ", ".join(repr(value) for value in values)
    answer = FRAME[name].isin(values).astype("boolean").mask(FRAME[name].isna())
    return f"{name} {'not ' if contrary else ''}in ({listed})", ~answer if contrary else answer


def between(low, high):
    return f"period between {low} and {high}", (FRAME["period"] >= low) & (FRAME["period"] <= high)


def starts(prefix):
    return f"name starts with '{prefix}'", FRAME["name"].str.startswith(prefix)


def is_null(name, contrary):
    column = FRAME[name]
    answer = (column.notna() if contrary else column.isna()).astype("boolean")
    return f"{name} is {'not ' if contrary else ''}null", answer


NUMBERS = st.sampled_from([0, 0.1, 0.5, 0.9, 1, 2.5, 10, 50, 1e3])
TEXTS = st.sampled_from([*CLASSES, "a", "ab", "", "missing"])
ATOMS = st.one_of(
    st.builds(
        numeric_comparison,
        st.sampled_from(["period", "score", "n_obs"]),
        st.sampled_from(["=", "!=", "<", "<=", ">", ">="]),
        NUMBERS,
    ),
    st.builds(
        text_comparison, st.sampled_from(["class", "name"]), st.sampled_from(["=", "!="]), TEXTS
    ),
    st.builds(
        among,
        st.sampled_from(["class", "name"]),
        st.lists(TEXTS, min_size=1, max_size=3),
        st.booleans(),
    ),
    st.builds(
        among, st.just("n_obs"), st.lists(st.integers(0, 70), min_size=1, max_size=4), st.booleans()
    ),
    st.builds(between, NUMBERS, NUMBERS),
    st.builds(starts, st.sampled_from(["", "a", "RR", "abcd"])),
    st.builds(is_null, st.sampled_from(list(FRAME)), st.booleans()),
    st.just(("flagged", FRAME["flagged"])),
)
TRUTHS = ATOMS.map(lambda one: (one[0], one[1].astype("boolean")))
CONDITIONS = st.recursive(
    TRUTHS,
    lambda inner: st.one_of(
        st.builds(lambda one: (f"not ({one[0]})", ~one[1]), inner),
        st.builds(lambda a, b: (f"({a[0]}) and ({b[0]})", a[1] & b[1]), inner, inner),
        st.builds(lambda a, b: (f"({a[0]}) | ({b[0]})", a[1] | b[1]), inner, inner),
    ),
    max_leaves=12,
)


@settings(max_examples=400, deadline=None)
@given(CONDITIONS)
def test_every_condition_is_what_pandas_says(condition):
    text, expected = condition
    if len(text) <= 1000:
        found = Expression(text, columns()).mask()
        np.testing.assert_array_equal(found, expected.fillna(False).to_numpy(bool), err_msg=text)


SUMS = st.recursive(
    st.sampled_from(
        [
            ("period", FRAME["period"].to_numpy(float, na_value=np.nan)),
            ("n_obs", FRAME["n_obs"].to_numpy(float)),
            ("score", FRAME["score"].to_numpy(np.float32, na_value=np.nan)),
            ("2", 2.0),
            ("0.5", 0.5),
        ]
    ),
    lambda inner: st.one_of(
        *(
            st.builds(
                lambda a, b, s=sign, f=join: (f"({a[0]} {s} {b[0]})", f(a[1], b[1])), inner, inner
            )
            for sign, join in zip(
                "+-*/", (np.add, np.subtract, np.multiply, np.divide), strict=True
            )
        ),
        st.builds(lambda one: (f"-{one[0]}", -one[1]), inner),
        st.builds(lambda one: (f"abs({one[0]})", np.abs(one[1])), inner),
    ),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(SUMS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_arithmetic_is_that_of_numpy(made):
    text, expected = made
    found = Expression(f"{text} > 1", columns()).mask()
    np.testing.assert_array_equal(found, np.broadcast_to(expected > 1, found.shape))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.4 < period < 1.5", [0, 1, 7]),
        ("period < 1 & n_obs >= 20 | class = EA", [0, 4, 5, 7]),
        ("class = RRab", [1, 5]),
        ("class != name", [0, 1, 3, 5]),
        ("class starts RR", [1, 3, 5]),
        ("NOT class IN (RRab, 'SN Ia') AND period > 0", [0, 3, 7]),
        ("score >= 0.9", [0, 4, 6]),
        ("score = 0.9", [0, 4]),
        ("log10(period) ≥ 2", [6]),
        ("-period > 0", [5]),
        ("period / 0 > 1", [0, 1, 3, 6, 7]),
        ("1 < 2", list(range(8))),
        ("0 / 0 != 1 or not 0 / 0 = 1", []),
        ("not flagged", [1, 4, 5]),
        ("flagged = false", [1, 4, 5]),
        ("`period` > 50", [6]),
        ("period + 1 between 1.4 and 1.6", [0, 7]),
        ("(period) > (50)", [6]),
        ("period > 9223372036854775808", []),
        ("n_obs > 1e300", []),
        ("n_obs * 1000000000000 > 69e12", [6]),
        ("'EA' = class", [0, 7]),
        ("n_obs - 10 - 10 > 39", [5, 6]),
        ("n_obs - 2 * 10 / 2 + 1 = 1", [0, 7]),
        ("not period > 1 and period < 1 or n_obs = 20", [0, 1, 4, 5, 7]),
    ],
)
def test_what_is_written_is_what_is_meant(text, expected):
    assert rows_of(text) == expected


@pytest.mark.parametrize(
    ("text", "at", "said"),
    [
        ("", 0, "empty"),
        ("   ", 3, "empty"),
        ("perod < 1", 0, "did you mean period?"),
        ("period < 1 and zzzzz > 2", 15, "there are: period, score"),
        ("period <", 8, "before the end"),
        ("period < 1 n_obs > 2", 11, "'and' or 'or' is missing before 'n_obs'"),
        ("(period < 1", 11, "')' is missing"),
        ("period", 0, "period is a number: compare it"),
        ("class", 0, "class is text"),
        ("period + 1", 7, "this is a value"),
        ("class > 3", 6, "text is compared by"),
        ("class = 3", 8, "a text is needed"),
        ("class = period", 8, "a text is needed"),
        ("period = 'EA'", 9, "is text"),
        ("period = EA", 9, "no column 'EA'"),
        ("period starts with 'x'", 0, "takes a column of text"),
        ("class = 'EA", 8, "not closed"),
        ("class = “EA”", 8, "quoted by"),
        ("period < 1e999", 9, "too large"),
        ("period # 1", 7, "no meaning"),
        ("period not 3", 11, "is missing after 'not'"),
        ("(period < 1) > 3", 8, "not a condition"),
        ("__import__('os').system('x')", 16, "no meaning"),
        ("__import__('os')", 10, "'and' or 'or' is missing"),
        ("period < 1; drop table selection", 10, "no meaning"),
        ("(" * 40 + "period < 1" + ")" * 40, 31, "nested"),
        ("not " * 40 + "flagged", 124, "nested"),
        ("period < " + "1" * 1000, 1000, "at most 1000"),
        ("+".join("1" * 200) + " > 3", 300, "at most 300"),
        ("p(3) > 1", 2, "name of a class"),
        ("cone(1, 2)", 9, "',' is missing"),
        ("cone(1, 95, 2)", 0, "-90 to 90"),
        ("cone(1, period, 2)", 8, "is a number, in degrees"),
        ("cone(1, 2, 3)", 0, "no column 'ra'"),
    ],
)
def test_an_error_points_at_the_character_and_says_what_to_do(text, at, said):
    with pytest.raises(ExpressionError) as caught:
        Expression(text, columns())
    assert said in str(caught.value)
    assert caught.value.at == at
    line, mark = caught.value.pointed().splitlines()
    assert len(line) == len(text)
    assert mark.index("^") == at


PIECES = st.sampled_from(
    [*FRAME, "and", "or", "not", "in", "is", "null", "between", "starts with", "(", ")", ",", "<",
     "<=", "=", "!=", "-", "+", "*", "/", "&", "|", "!", "1", "0.5", "1e9", "'EA'", "\"RRc\"", "`",
     "cone", "p", "abs", "log10", "true", "é", "\u202f", "\ud800", "\x00", "'", "{", "lambda", ".",
     "__"]
)  # fmt: skip


@settings(max_examples=1500, deadline=None)
@given(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=14).map(" ".join)))
def test_anything_typed_is_an_answer_or_an_expression_error(text):
    try:
        mask = Expression(text, columns()).mask()
    except ExpressionError as error:
        assert 0 <= error.at <= len(text)
        assert error.pointed()
    else:
        assert mask.dtype == bool
        assert mask.shape == (len(FRAME),)


def test_blocks_join_without_seam():
    rng = np.random.default_rng(1)
    values = rng.random(2 * BLOCK + 17).astype(np.float32)
    codes = rng.integers(-1, 3, len(values)).astype(np.int8)
    names = rng.choice(["a", "b"], len(values))
    table = TableColumns(
        {
            "x": Numbers(values),
            "kind": Texts(pa.array(["u", "v", "w"]), codes),
            "name": Texts(pa.array(names)),
        },
        len(values),
    )
    found = Expression("x < 0.5 and not kind = 'v' or name = a", table).mask()
    expected = (values < np.float32(0.5)) & (codes >= 0) & (codes != 1) | (names == "a")
    np.testing.assert_array_equal(found, expected)


def test_no_objects_are_no_answer():
    table = TableColumns({"x": Numbers(np.empty(0))}, 0)
    assert Expression("x > 1", table).mask().shape == (0,)
