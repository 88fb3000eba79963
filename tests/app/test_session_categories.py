import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.categories import OTHER, Category, Scale
from app.words import UNLABELLED


@st.composite
def categories(draw, objects=30):
    names = draw(st.lists(st.text("abcdef", min_size=1, max_size=3), unique=True, max_size=8))
    codes = draw(st.lists(st.integers(-1, len(names) - 1), min_size=objects, max_size=objects))
    return Category(tuple(sorted(names)), np.array(codes, np.int16))


def names_of(category):
    return [category.name_of(row) for row in range(len(category.codes))]


@given(categories())
def test_counts_are_those_of_the_names(category):
    names = names_of(category)
    expected = [names.count(name) for name in (*category.names, UNLABELLED)]
    assert category.counts.tolist() == expected


@given(categories(), st.integers(2, 5))
def test_by_frequency_keeps_the_frequent_names_and_folds_the_rest(category, most):
    listed = category.by_frequency(most)
    assert len(listed.names) <= max(most, len(category.names) if len(category.names) <= most else 0)
    counts = [
        count for name, count in zip(listed.names, listed.counts, strict=False) if name != OTHER
    ]
    assert counts == sorted(counts, reverse=True)
    for before, after in zip(names_of(category), names_of(listed), strict=True):
        assert after in (before, OTHER)
    assert listed.counts.sum() == len(category.codes)


@given(categories(), categories())
def test_what_stands_above_wins_where_it_says_something(below, above):
    both = names_of(below.below(above))
    for mine, theirs, found in zip(names_of(below), names_of(above), both, strict=True):
        assert found == (mine if theirs == UNLABELLED else theirs)


@given(categories(), st.data())
def test_members_are_the_objects_of_the_names(category, data):
    wanted = frozenset(data.draw(st.sets(st.sampled_from([*category.names, UNLABELLED]))))
    expected = [name in wanted for name in names_of(category)]
    assert category.members(wanted).tolist() == expected


def test_layers_put_objects_without_a_class_last():
    category = Category(("a", "b"), np.array([1, -1, 0], np.int16))
    assert category.layers.tolist() == [1, 2, 0]


def test_a_scale_is_logarithmic_where_positive_values_span_decades():
    wide = Scale.of(np.geomspace(0.01, 1000, 500).astype(np.float32))
    assert wide.kind == "log"
    np.testing.assert_allclose(wide.at(0.5), np.sqrt(wide.low * wide.high))
    assert Scale.of(np.linspace(-5, 1000, 500).astype(np.float32)).kind == "linear"
    assert Scale.of(np.linspace(10, 20, 500).astype(np.float32)).kind == "linear"


def test_a_scale_of_one_value_or_of_none_still_increases():
    for values in ([3.0, 3.0], [np.nan], []):
        scale = Scale.of(np.array(values, np.float32))
        assert scale.low < scale.high
