"""The simulated survey as a whole: determinism, class mix, catalogue, truth, streaming."""

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import typer
from astropy import units
from astropy.coordinates import SkyCoord
from typer.testing import CliRunner

from astra.cli.simulate import simulate as command
from astra.data.catalogue import Catalogue
from astra.data.errors import StoreError
from astra.data.light_curves import LightCurves, magnitude
from astra.data.observatory import Observatory
from astra.data.simulation.anomalies import BLEND
from astra.data.simulation.dice import Dice, next_normal, next_uniform
from astra.data.simulation.simulate import simulate, simulate_survey
from astra.data.simulation.sky import POPULATIONS, TRANSIENTS, Sky, draw_sky
from astra.data.surveys import Survey

SEED = 7
COLUMNS = ("time", "flux", "flux_error", "band_and_flag")


@pytest.fixture(scope="module")
def chunk() -> tuple[LightCurves, Catalogue, pd.DataFrame]:
    return simulate(1000, SEED)


@pytest.fixture(scope="module")
def sky() -> Sky:
    return draw_sky(Dice(SEED, np.arange(60_000, dtype=np.uint64)).scoped("sky"))


def assert_same(some: LightCurves, row: int, others: LightCurves, other_row: int) -> None:
    here, there = some.offsets[row : row + 2], others.offsets[other_row : other_row + 2]
    for name in COLUMNS:
        ours, theirs = getattr(some, name), getattr(others, name)
        assert ours[slice(*here)].tobytes() == theirs[slice(*there)].tobytes()


def test_chunks_of_seven_hold_the_objects_of_a_chunk_of_a_thousand(chunk) -> None:
    light_curves, catalogue, truth = chunk
    for start in (*range(0, 105, 7), 400, 993):
        part, part_catalogue, part_truth = simulate(7, SEED, start)
        for row in range(7):
            assert_same(part, row, light_curves, start + row)
        rows = slice(start, start + 7)
        pd.testing.assert_frame_equal(part_truth, truth.iloc[rows].reset_index(drop=True))
        pd.testing.assert_frame_equal(
            part_catalogue.table, catalogue.table.iloc[rows].reset_index(drop=True)
        )


def test_a_blended_object_alone_is_the_same_as_in_company(sky) -> None:
    number = int(np.flatnonzero(sky.anomaly == BLEND)[0])
    alone, _, truth = simulate(1, SEED, number)
    company, _, _ = simulate(30, SEED, number - 11)
    assert truth["anomaly"].iat[0] == BLEND
    assert_same(alone, 0, company, 11)


def test_the_same_seed_gives_the_same_sky_and_another_seed_another(chunk) -> None:
    again, _, _ = simulate(20, SEED)
    other, _, _ = simulate(20, SEED + 1)
    assert_same(again, 13, chunk[0], 13)
    assert not np.array_equal(again.flux[:50], other.flux[:50])


def test_class_mix_is_as_stated_and_no_class_is_rare(sky) -> None:
    share = pd.Series(sky.astra_class).value_counts(normalize=True) * 100
    stated = pd.Series({name: population.share for name, population in POPULATIONS.items()})
    error = np.sqrt(stated * (100 - stated) / len(sky.astra_class))
    assert np.isclose(stated.sum(), 100)
    assert ((share - stated[share.index]).abs() < 4.5 * error[share.index]).all()
    assert len(POPULATIONS) - len(TRANSIENTS) == 12
    assert stated.drop(list(TRANSIENTS)).min() >= 2
    assert stated[list(TRANSIENTS)].sum() == pytest.approx(1.0)
    assert np.mean(sky.anomaly != "") == pytest.approx(0.005, abs=0.0015)


def test_stars_crowd_to_the_plane_and_quasars_avoid_it_evenly(sky) -> None:
    assert (sky.dec > -28).all()
    place = SkyCoord(sky.ra * units.deg, sky.dec * units.deg).galactic
    latitude = np.abs(place.b.deg)
    by_class = pd.Series(latitude).groupby(sky.astra_class).median()
    assert by_class["CEP"] < by_class["LPV"] < by_class["ECL"] < by_class["RR"] < by_class["AGN"]
    quasars = latitude[sky.astra_class == "AGN"]
    assert quasars.min() > 10
    # The cap around the galactic pole is whole, so that rings of equal area hold equal numbers.
    cap = np.sin(np.radians(place.b.deg[(sky.astra_class == "AGN") & (place.b.deg > 61)]))
    rings = np.histogram(cap, bins=6, range=(np.sin(np.radians(61)), 1))[0]
    assert rings.sum() > 500
    assert ((rings - rings.mean()) ** 2 / rings.mean()).sum() < 20


def test_colours_are_those_of_the_classes(chunk, sky) -> None:
    g_r = pd.Series(sky.colour).groupby(sky.astra_class).mean()
    order = ["DSCT|GDOR|SXPHE", "AGN", "ECL", "RS", "YSO", "LPV"]
    assert g_r[order].is_monotonic_increasing
    assert g_r["RR"] < g_r["ECL"]
    light_curves, _, truth = chunk
    owner = np.repeat(np.arange(len(light_curves)), light_curves.lengths)
    table = pd.DataFrame(
        {"owner": owner, "band": light_curves.band, "mag": magnitude(light_curves.flux)}
    )
    seen = table.groupby(["owner", "band"])["mag"].median().unstack()
    observed = (seen[0] - seen[1]).groupby(truth["astra_class"]).median()
    expected = pd.Series(sky.magnitude[:, 0] - sky.magnitude[:, 1])[: len(truth)]
    expected = expected.groupby(truth["astra_class"]).median()
    for name in ("ECL", "RS", "SOLAR_LIKE", "DSCT|GDOR|SXPHE"):
        assert observed[name] == pytest.approx(expected[name], abs=0.05)


def test_catalogue_is_canonical_and_tells_little(chunk) -> None:
    light_curves, catalogue, truth = chunk
    table = catalogue.table
    assert list(table.columns) == [
        "object_id", "survey", "ra", "dec", "label", "astra_class",
        "period_days", "redshift", "flux_kind", "n_obs", "bands",
    ]  # fmt: skip
    assert table["object_id"].iat[12] == f"sim{SEED}:0000000012"
    assert (table["n_obs"].to_numpy() == light_curves.lengths).all()
    known = table["astra_class"].notna()
    assert 60 < known.sum() < 145
    assert (known == table["label"].notna()).all()
    assert (table["astra_class"] == truth["astra_class"])[known].all()
    assert table.loc[~known, ["period_days", "redshift"]].isna().all(axis=None)
    told = table.loc[known, "period_days"]
    pd.testing.assert_series_equal(told, truth.loc[known, "period_days"])
    names = [band.name for band in light_curves[3].bands]
    seen = {names[code] for code in np.unique(light_curves[3].band)}
    assert set(table["bands"].iat[3].split(",")) == seen


def test_every_object_can_be_seen_and_faint_ones_seldom(chunk) -> None:
    light_curves, _, _ = chunk
    assert light_curves.lengths.min() >= 8
    assert (light_curves.lengths < 150).sum() > 10
    assert np.isfinite(light_curves.flux).all()
    assert (light_curves.flux > 0).all()
    assert (light_curves.flux_error > 0).all()
    assert all((np.diff(light_curve.mjd) >= 0).all() for light_curve in light_curves)


def test_a_survey_streams_to_the_same_bytes_whatever_the_chunk(tmp_path) -> None:
    observatory, done = Observatory(tmp_path), []
    first = simulate_survey(observatory, "coarse", 300, SEED, chunk=200, progress=done.append)
    second = simulate_survey(observatory, "fine", 300, SEED, chunk=64)
    assert done == [200, 300]
    coarse, fine = Survey.open(first), Survey.open(second)
    assert coarse.fingerprint == fine.fingerprint
    assert coarse.manifest["objects"] == len(coarse.light_curves) == len(coarse.catalogue) == 300
    assert pq.ParquetFile(second / "catalogue.parquet").num_row_groups == 5
    pd.testing.assert_frame_equal(coarse.catalogue.table, fine.catalogue.table)
    truth = pd.read_parquet(second / "truth.parquet")
    pd.testing.assert_frame_equal(truth, pd.read_parquet(first / "truth.parquet"))
    assert truth["astra_class"].notna().all()
    assert (truth["is_anomaly"] == truth["anomaly"].notna()).all()


def test_an_existing_survey_is_not_replaced_unasked(tmp_path) -> None:
    observatory = Observatory(tmp_path)
    simulate_survey(observatory, "sky", 3, SEED)
    with pytest.raises(StoreError, match="exists"):
        simulate_survey(observatory, "sky", 3, SEED)
    path = simulate_survey(observatory, "sky", 4, SEED, replace=True, labelled=1.0)
    table = Survey.open(path).catalogue.table
    assert len(table) == 4
    assert table["astra_class"].notna().all()


def test_the_command_says_what_it_made(tmp_path) -> None:
    app = typer.Typer()
    app.command()(command)
    result = CliRunner().invoke(app, ["sky", "--objects", "25", "--home", str(tmp_path)])
    assert result.exit_code == 0, result.output
    survey = Survey.open(Observatory(tmp_path).survey("sky"))
    assert f"25 objects, {survey.manifest['observations']:,} observations" in result.output


def test_draws_depend_on_object_and_name_alone() -> None:
    dice = Dice(3, np.arange(100_000, dtype=np.uint64))
    uniform, normal = dice.uniform("a"), dice.normal("b")
    assert uniform.mean() == pytest.approx(0.5, abs=0.004)
    assert normal.std() == pytest.approx(1.0, abs=0.01)
    assert abs(np.corrcoef(uniform, normal)[0, 1]) < 0.015
    assert abs(np.corrcoef(uniform[1:], uniform[:-1])[0, 1]) < 0.015
    rows = np.array([5, 77, 4096])
    np.testing.assert_array_equal(Dice(3, rows.astype(np.uint64)).uniform("a"), uniform[rows])
    bounded = dice.bounded("c", 3.0, 0.5, 1.0, 9.0)
    assert 1.0 <= bounded.min() < 1.01
    assert 8.9 < bounded.max() <= 9.0
    with pytest.raises(ValueError, match="'a' is drawn twice"):
        dice.uniform("a")


def test_streams_of_the_kernels_are_uniform_and_normal() -> None:
    state = np.array([123], dtype=np.uint64)
    uniform = np.array([next_uniform(state) for _ in range(20_000)])
    normal = np.array([next_normal(state) for _ in range(20_000)])
    counts = np.histogram(uniform, bins=20, range=(0, 1))[0]
    assert ((counts - 1000) ** 2 / 1000).sum() < 45
    assert normal.mean() == pytest.approx(0, abs=0.03)
    assert np.mean(np.abs(normal) < 1.96) == pytest.approx(0.95, abs=0.007)
