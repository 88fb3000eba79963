import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from astra.data.errors import StoreError, UnknownBandError
from astra.data.light_curves import (
    LightCurves,
    magnitude,
    magnitude_error,
)
from astra.data.store import COLUMNS, LightCurvesWriter
from astra.data.ticks import choose_mjd_zero, ticks

ARRAYS = tuple(COLUMNS)


def assert_equal(first: LightCurves, second: LightCurves) -> None:
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name), name)
    assert (first.bands, first.mjd_zero) == (second.bands, second.mjd_zero)


@pytest.fixture
def tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Four objects, one without observations; observations in any order."""
    rng = np.random.default_rng(7)
    ids = np.array(["b", "a", "none", "c"])
    owner = rng.choice([0, 1, 3], 90)
    observations = pd.DataFrame(
        {
            "object_id": ids[owner],
            "mjd": 58_000 + rng.uniform(0, 1000, 90).round(4),
            "band": rng.choice(["ztf_r", "ztf_g", "atlas_o"], 90),
            "flux_ujy": rng.normal(100, 50, 90),
            "flux_err_ujy": rng.uniform(1, 2, 90),
            "flagged": rng.random(90) < 0.3,
        }
    )
    kinds = ["total", "difference", "total", "total"]
    return pd.DataFrame({"object_id": ids, "flux_kind": kinds}), observations


def test_tables_become_light_curves_object_by_object(tables) -> None:
    """Oracle: a selection and a sort for each object."""
    objects, observations = tables
    light_curves = LightCurves.from_tables(*tables)
    assert len(light_curves) == 4
    assert light_curves.is_difference.tolist() == [False, True, False, False]
    for curve, object_id in zip(light_curves, objects["object_id"], strict=True):
        mine = observations[observations["object_id"] == object_id].sort_values("mjd")
        assert curve.object_id == object_id
        assert len(curve) == len(mine)
        np.testing.assert_allclose(curve.mjd, mine["mjd"], rtol=0, atol=0.5e-5)
        np.testing.assert_array_equal(curve.flux, mine["flux_ujy"].to_numpy(np.float32))
        np.testing.assert_array_equal(curve.flux_error, mine["flux_err_ujy"].to_numpy(np.float32))
        np.testing.assert_array_equal(curve.flagged, mine["flagged"])
        assert [curve.bands[code].name for code in curve.band] == mine["band"].tolist()


def test_text_and_categories_give_the_same(tables) -> None:
    objects, observations = tables
    coded = observations.astype({"object_id": "category", "band": "category"})
    assert_equal(LightCurves.from_tables(*tables), LightCurves.from_tables(objects, coded))


def test_tables_that_do_not_fit_are_refused(tables) -> None:
    objects, observations = tables
    with pytest.raises(StoreError, match="'c' has observations but no row"):
        LightCurves.from_tables(objects[objects["object_id"] != "c"], observations)
    with pytest.raises(UnknownBandError, match="ztf_q"):
        LightCurves.from_tables(objects, observations.assign(band="ztf_q"))


def test_what_is_saved_is_read_back(light_curves: LightCurves, tmp_path: Path) -> None:
    light_curves.save(tmp_path / "store")
    opened = LightCurves.open(tmp_path / "store")
    assert_equal(opened, light_curves)
    size = sum((tmp_path / "store" / COLUMNS[name].file).stat().st_size for name in ARRAYS)
    assert size == 13 * light_curves.n_observations + 9 * len(light_curves) + 8


def test_chunks_written_one_by_one_equal_the_whole(
    light_curves: LightCurves, tmp_path: Path
) -> None:
    with LightCurvesWriter(tmp_path / "whole", light_curves.bands, 55000.0) as whole:
        whole.append(light_curves)
    with LightCurvesWriter(tmp_path / "parts", light_curves.bands, 55000.0) as parts:
        for rows in (slice(0, 3), slice(3, 4), slice(4, 4), slice(4, 10)):
            parts.append(light_curves.take(rows))
    assert_equal(LightCurves.open(tmp_path / "parts"), light_curves)
    assert parts.fingerprint == whole.fingerprint
    changed = light_curves.flux.copy()
    changed[0] *= 2
    with LightCurvesWriter(tmp_path / "other", light_curves.bands, 55000.0) as other:
        other.append(light_curves._replace(flux=changed))
    assert other.fingerprint != whole.fingerprint


def test_an_interrupted_writer_leaves_nothing_that_opens(
    light_curves: LightCurves, tmp_path: Path
) -> None:
    writer = LightCurvesWriter(tmp_path / "store", light_curves.bands, 55000.0)
    with pytest.raises(KeyboardInterrupt), writer:
        writer.append(light_curves)
        raise KeyboardInterrupt
    with pytest.raises(StoreError, match="no light curves here"):
        LightCurves.open(tmp_path / "store")


def test_chunks_of_another_zero_or_other_bands_are_refused(
    light_curves: LightCurves, tmp_path: Path
) -> None:
    with LightCurvesWriter(tmp_path / "store", light_curves.bands, 55000.0) as writer:
        for other in ({"mjd_zero": 56000.0}, {"bands": light_curves.bands[::-1]}):
            with pytest.raises(StoreError, match="other bands or another time zero"):
                writer.append(light_curves._replace(**other))


@pytest.mark.parametrize("file", [column.file for column in COLUMNS.values()])
def test_a_column_that_is_missing_or_cut_is_named(
    light_curves: LightCurves, tmp_path: Path, file: str
) -> None:
    light_curves.save(tmp_path / "store")
    column = tmp_path / "store" / file
    column.write_bytes(column.read_bytes()[:-1])
    with pytest.raises(StoreError, match=f"{file}: .* bytes, expected"):
        LightCurves.open(tmp_path / "store")
    column.unlink()
    with pytest.raises(StoreError, match=f"{file}: missing"):
        LightCurves.open(tmp_path / "store")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"format": "astra-light-curves-0"}, "expected astra-light-curves-1"),
        ({"objects": None}, "no light curves here"),
        ({"bands": ["ztf_q"]}, "ztf_q"),
    ],
)
def test_a_wrong_description_is_told(
    light_curves: LightCurves, tmp_path: Path, change: dict, reason: str
) -> None:
    light_curves.save(tmp_path / "store")
    path = tmp_path / "store" / "light_curves.json"
    description = {**json.loads(path.read_text()), **change}
    path.write_text(json.dumps({k: v for k, v in description.items() if v is not None}))
    with pytest.raises((StoreError, UnknownBandError), match=reason):
        LightCurves.open(tmp_path / "store")


def test_rows_are_taken_in_their_order(light_curves: LightCurves) -> None:
    """Oracle: the light curves one by one."""
    for rows in ([5, 0, 5, 1], [3, 4, 5], [], [9], [1, 1], list(range(10))):
        taken = light_curves.with_columns(level=np.arange(10) * 2.0).take(np.array(rows, int))
        assert len(taken) == len(rows)
        for curve, row in zip(taken, rows, strict=True):
            for name in ("mjd", "flux", "flux_error", "band", "flagged"):
                np.testing.assert_array_equal(
                    getattr(curve, name), getattr(light_curves[row], name)
                )
        assert taken.columns["level"].tolist() == [2.0 * row for row in rows]
        assert taken.n_observations == taken.lengths.sum() == len(taken.flux)
    assert_equal(light_curves.take(slice(2, 6)), light_curves.take(np.arange(2, 6)))


def test_the_catalogue_is_taken_along(tables) -> None:
    taken = LightCurves.from_tables(*tables).take(np.array([3, 0]))
    assert [curve.object_id for curve in taken] == ["c", "b"]


@pytest.mark.parametrize("rows", [[10], [-1], [0, 99]])
def test_rows_that_are_not_there_are_an_error(light_curves: LightCurves, rows: list[int]) -> None:
    with pytest.raises(IndexError):
        light_curves.take(np.array(rows))
    with pytest.raises(IndexError):
        light_curves[10]
    with pytest.raises(IndexError):
        light_curves[-11]
    np.testing.assert_array_equal(light_curves[-1].flux, light_curves[9].flux)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_observations_are_kept_one_by_one(light_curves: LightCurves, share: float) -> None:
    kept = np.random.default_rng(3).random(light_curves.n_observations) < share
    numbered = light_curves.with_columns(number=np.arange(len(light_curves)))
    fewer = numbered.keep(kept)
    assert fewer.n_observations == np.count_nonzero(kept)
    np.testing.assert_array_equal(fewer.columns["number"], numbered.columns["number"])
    for row, curve in enumerate(light_curves):
        here = kept[light_curves.offsets[row] : light_curves.offsets[row + 1]]
        for name in ("mjd", "flux", "flux_error", "band", "flagged"):
            np.testing.assert_array_equal(getattr(fewer[row], name), getattr(curve, name)[here])


def test_flag_and_band_share_a_byte(light_curves: LightCurves) -> None:
    assert set(light_curves.band) == {0, 1}
    assert 0 < light_curves.flagged.sum() < light_curves.n_observations
    np.testing.assert_array_equal(
        light_curves.band + 128 * light_curves.flagged, light_curves.band_and_flag
    )


def test_days_count_from_any_zero(light_curves: LightCurves) -> None:
    mjd = np.concatenate([curve.mjd for curve in light_curves])
    np.testing.assert_allclose(light_curves.days(), mjd - 55000, rtol=0, atol=1e-9)
    np.testing.assert_allclose(light_curves.days(58194.0), mjd - 58194, rtol=0, atol=1e-9)


def test_magnitudes_are_ab() -> None:
    """3631 Jy is magnitude 0, a tenth of the flux is 2.5 magnitudes fainter."""
    flux = np.array([3631e6, 363.1e6, 1.0, 0.0, -5.0])
    found = magnitude(flux)
    np.testing.assert_allclose(found[:3], [0.0, 2.5, 23.9], atol=2e-4)
    assert np.isnan(found[3:]).all()
    error = magnitude_error(flux, 0.01 * np.abs(flux) + (flux == 0))
    small = -2.5 * np.log10(1 - 0.01)
    np.testing.assert_allclose(error[:3], small, rtol=0.01)
    assert np.isnan(error[3:]).all()


def assert_held_or_refused(*times: float) -> None:
    mjd = np.array(times)
    try:
        zero = choose_mjd_zero(mjd)
    except StoreError:
        assert np.ptp(mjd) > 42_948
    else:
        np.testing.assert_allclose(zero + 1e-5 * ticks(mjd, zero), mjd, rtol=0, atol=0.51e-5)


MJD = st.floats(15_000, 90_000)


@given(st.lists(MJD, min_size=1, max_size=5))
def test_ticks_hold_every_time_to_half_a_tick_or_refuse(times: list[float]) -> None:
    assert_held_or_refused(*times)


@given(MJD, st.floats(42_940, 42_955))
def test_ticks_hold_the_longest_spans_or_refuse(first: float, span: float) -> None:
    assert_held_or_refused(first, first + span)
