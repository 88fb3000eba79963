"""Signs for "no position": told by file, row and value, never a place and never a join."""

import logging

import numpy as np
import pandas as pd
import pytest

from astra.data.light_curves import LightCurves
from astra.readers import read
from astra.readers.options import Options
from astra.readers.positions import signs
from astra.readers.quarantine import Quarantine


def places(light_curves: LightCurves) -> list[tuple[float, float]]:
    assert light_curves.catalogue is not None
    table = light_curves.catalogue.table[["ra", "dec"]].astype(float).round(6)
    return [tuple(row) for row in table.itertuples(index=False)]


def same(found: tuple[float, float], expected: tuple[float, float]) -> bool:
    return bool(np.allclose(found, expected, equal_nan=True, atol=1e-6))


NONE = (np.nan, np.nan)


@pytest.mark.parametrize(
    ("ra", "dec"),
    [
        (-999.0, -999.0), (-9.0, -9.0), (99.99, 99.99), (-99.0, -99.0), (999.0, 999.0),
        (-99_999.0, -99_999.0), (10.0, -999.0), (-9999.0, 5.0),
        (float(np.float32(99.99)), float(np.float32(99.99))),
    ],
)  # fmt: skip
def test_a_sign_is_no_position_and_is_told_by_row_and_value(pair, tmp_path, ra, dec) -> None:
    pair.objects.loc[[1, 3], ["ra", "dec"]] = [[ra, dec], [ra, dec]]
    quarantine = Quarantine()
    files = pair.write(tmp_path)
    light_curves = read(files, quarantine, options=Options(bridge=1.0))
    assert not quarantine
    pair.assert_kept(light_curves)
    for row, place in enumerate(places(light_curves)):
        given = tuple(pair.objects.loc[row, ["ra", "dec"]].astype(float))
        assert same(place, NONE if row in (1, 3) else given)
    for row in (1, 3):
        name = pair.objects["object_id"][row]
        start = f"{files[0]}: row {row} (object {name}), columns ra, dec, value {ra:.10g}, "
        assert any(note.startswith(start) for note in quarantine.notes), quarantine.notes


@pytest.mark.parametrize(
    ("ra", "dec"), [(99.99, 9.99), (9.0, -9.0), (350.0, -9.0), (0.0, 0.0), (99.0, 0.0), (0.0, 45.0)]
)
def test_a_place_that_only_looks_like_one_stays(pair, tmp_path, ra, dec) -> None:
    pair.objects.loc[2, ["ra", "dec"]] = [ra, dec]
    quarantine = Quarantine()
    light_curves = read(pair.write(tmp_path), quarantine)
    assert same(places(light_curves)[2], (ra, dec))
    assert not quarantine.warnings
    told = [note for note in quarantine.notes if "row 2 " in note and "value 0, 0" in note]
    assert len(told) == ((ra, dec) == (0.0, 0.0))


def test_several_at_the_origin_have_no_position_and_stay_apart(pair, tmp_path) -> None:
    pair.objects.loc[[0, 1, 4], ["ra", "dec"]] = 0.0
    quarantine = Quarantine()
    light_curves = read(pair.write(tmp_path), quarantine, options=Options(bridge=5.0))
    pair.assert_kept(light_curves)
    found = places(light_curves)
    assert all(same(found[row], NONE) for row in (0, 1, 4))
    assert not same(found[2], NONE)
    assert sum("value 0, 0: several objects" in warning for warning in quarantine.warnings) == 3


def test_many_are_counted_not_listed(pair, tmp_path) -> None:
    pair.objects[["ra", "dec"]] = -999.0
    quarantine = Quarantine()
    read(pair.write(tmp_path), quarantine)
    assert len(quarantine.warnings) == 4
    assert "2 more rows" in quarantine.warnings[-1]


def test_who_asks_for_no_notes_is_warned(pair, tmp_path, caplog) -> None:
    pair.objects.loc[1, ["ra", "dec"]] = -999.0
    with caplog.at_level(logging.WARNING):
        read(pair.write(tmp_path))
    assert "row 1 " in caplog.text
    assert "value -999, -999" in caplog.text


def test_a_sign_in_one_file_does_not_hide_the_place_in_another(tmp_path) -> None:
    for name, place in (("first", (-999.0, -999.0)), ("second", (10.5, -5.25))):
        time = 58_000 + np.arange(6.0) + (name == "second") * 100
        pd.DataFrame(
            {
                "object_id": "x", "mjd": time, "band": "ztf_g", "flux": 30.0, "flux_err": 1.0,
                "ra": place[0], "dec": place[1],
            }
        ).to_csv(tmp_path / f"{name}.csv", index=False)  # fmt: skip
    quarantine = Quarantine()
    mapping = {"flux": "flux", "error": "flux_err", "unit": "ujy"}
    light_curves = read(tmp_path, quarantine, options=Options(mapping=mapping))
    assert same(places(light_curves)[0], (10.5, -5.25))
    assert any("first.csv: row 0 " in warning for warning in quarantine.warnings)


@pytest.mark.parametrize("signed", [[0], [0, 1, 2], [5]])
def test_a_row_without_a_position_leaves_its_object_the_place_of_another(tmp_path, signed) -> None:
    rows = pd.DataFrame(
        {
            "object_id": ["x"] * 6 + ["y"] * 6, "mjd": 58_000 + np.arange(12.0), "band": "ztf_g",
            "flux": 30.0, "flux_err": 1.0, "ra": 10.5, "dec": -5.25,
        }
    )  # fmt: skip
    rows.loc[signed, ["ra", "dec"]] = -999.0
    rows.loc[6:, ["ra", "dec"]] = 99.99
    rows.to_csv(tmp_path / "all.csv", index=False)
    quarantine = Quarantine()
    mapping = {"flux": "flux", "error": "flux_err", "unit": "ujy"}
    light_curves = read(tmp_path / "all.csv", quarantine, options=Options(mapping=mapping))
    first, second = places(light_curves)
    assert same(first, (10.5, -5.25))
    assert same(second, NONE)
    assert len(quarantine.warnings) == 1
    assert "all.csv: row 6 (object y)" in quarantine.warnings[0]


def test_signs_are_those_of_a_list_and_nan_is_none() -> None:
    ra = np.array([np.nan, -999.0, 10.0, -9.0, 99.99, 359.9, -9.0])
    dec = np.array([np.nan, np.nan, -999.0, -9.0, 99.99, -89.9, 9.0])
    assert signs(ra, dec).tolist() == [False, True, True, True, True, False, False]
