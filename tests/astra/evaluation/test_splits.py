import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from astra.data.catalogue import Catalogue, sky_cell
from astra.data.errors import AstraError
from astra.evaluation.splits import draw_splits, scorable, sky_units


def sky(objects: int, groups: int, seed: int, width: float = 40.0) -> Catalogue:
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "object_id": [f"o{i}" for i in range(objects)],
            "ra": rng.uniform(0, width, objects),
            "dec": rng.uniform(-width / 2, width / 2, objects),
            "sky_group": pd.array(rng.integers(groups, size=objects), dtype="Int32"),
        }
    )
    table.loc[rng.random(objects) < 0.2, "sky_group"] = pd.NA
    table.loc[rng.random(objects) < 0.1, ["ra", "dec"]] = np.nan
    return Catalogue(table)


@given(st.integers(0, 10_000), st.integers(20, 400))
@settings(max_examples=40, deadline=None)
def test_no_cell_and_no_sky_group_is_on_both_sides(seed: int, groups: int) -> None:
    catalogue = sky(300, 200 + groups, seed)
    codes = np.random.default_rng(seed).integers(-1, 3, 300)
    units = sky_units(catalogue)
    cells = sky_cell(catalogue["ra"].to_numpy(float), catalogue["dec"].to_numpy(float))
    group = catalogue["sky_group"].to_numpy(np.float64, na_value=np.nan)
    for split in draw_splits(units, codes, 2):
        assert set(split.learn) | set(split.test) == set(np.flatnonzero(codes >= 0))
        assert not set(split.learn) & set(split.test)
        assert not set(cells[split.learn]) & set(cells[split.test])
        known = group[split.learn][np.isfinite(group[split.learn])]
        assert not np.isin(group[split.test], known).any()


def test_a_sky_group_joins_the_cells_it_lies_in() -> None:
    table = pd.DataFrame(
        {
            "object_id": list("abcd"),
            "ra": [0.5, 10.5, 0.6, 20.5],
            "dec": [0.5, 0.5, 0.6, 0.5],
            "sky_group": [1, 1, 2, 3],
        }
    )
    assert sky_units(Catalogue(table)).tolist() == [0, 0, 0, 1]
    without = sky_units(Catalogue(table.drop(columns="sky_group")))
    assert without[0] == without[2] and len(set(without)) == 3
    assert len(set(sky_units(Catalogue(table[["object_id"]])))) == 4


def test_thirty_percent_of_the_cells_are_tested_and_seeds_differ() -> None:
    units = np.arange(1000) % 100
    codes = np.zeros(1000, int)
    splits = draw_splits(units, codes, 4)
    assert [len(set(units[s.test])) for s in splits] == [30] * 4
    assert len({s.test.tobytes() for s in splits}) == 4
    again = draw_splits(units, codes, 4)
    assert all(np.array_equal(a.test, b.test) for a, b in zip(splits, again, strict=True))


def test_with_few_cells_a_split_still_tests_every_class_it_can() -> None:
    # Class 1 lies in two of ten cells: one of them has to be learnt and one tested.
    units = np.repeat(np.arange(10), 60)
    codes = np.where((units < 2) & (np.arange(600) % 2 == 0), 1, 0)
    for split in draw_splits(units, codes, 5):
        assert (codes[split.learn] == 1).sum() == (codes[split.test] == 1).sum() == 30
        assert 0.2 <= len(split.test) / 600 <= 0.4


def test_a_split_of_the_learnt_part_never_touches_the_test() -> None:
    units, codes = np.arange(2000) // 10, np.arange(2000) % 4
    outer = draw_splits(units, codes, 1)[0]
    for inner in draw_splits(units, codes, 3, outer.learn):
        assert set(inner.learn) | set(inner.test) == set(outer.learn)
        assert not set(units[inner.test]) & set(units[inner.learn])


def test_rare_classes_are_not_scorable() -> None:
    units = np.arange(400)
    codes = np.zeros(400, int)
    codes[:24], codes[24:200] = 2, 1
    assert scorable(codes, draw_splits(units, codes, 3)).tolist() == [0, 1]


def test_one_cell_cannot_be_split() -> None:
    with pytest.raises(AstraError, match="5 objects with a class lie in 1 sky cells"):
        draw_splits(np.zeros(5, int), np.zeros(5, int))
