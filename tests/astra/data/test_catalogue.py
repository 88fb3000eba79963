from pathlib import Path

import astropy.units as u
import numpy as np
import pandas as pd
import pytest
from astropy.coordinates import SkyCoord

from astra.data.catalogue import Catalogue, separation_deg, sky_cell
from astra.data.errors import StoreError


def somewhere(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Positions uniform on the sphere [deg]."""
    rng = np.random.default_rng(seed)
    return rng.uniform(0, 360, count), np.degrees(np.arcsin(rng.uniform(-1, 1, count)))


@pytest.fixture
def catalogue() -> Catalogue:
    ra, dec = somewhere(2000, seed=1)
    ra[3], dec[4] = np.nan, np.nan
    ids = [f"test:{i}" for i in range(2000)]
    return Catalogue(pd.DataFrame({"object_id": ids, "ra": ra, "dec": dec}))


def test_rows_and_ids_lead_to_each_other(catalogue: Catalogue) -> None:
    assert catalogue.object_id(17) == "test:17"
    assert catalogue.row_of("test:17") == 17
    assert catalogue.rows_of(["test:5", "nobody", "test:0"]).tolist() == [5, -1, 0]
    with pytest.raises(KeyError, match="nobody"):
        catalogue.row_of("nobody")


def test_a_catalogue_needs_ids() -> None:
    with pytest.raises(StoreError, match="object_id"):
        Catalogue(pd.DataFrame({"name": ["a"]}))


def test_it_is_saved_and_read_back(catalogue: Catalogue, tmp_path: Path) -> None:
    catalogue.save(tmp_path / "catalogue.parquet")
    opened = Catalogue.open(tmp_path / "catalogue.parquet")
    pd.testing.assert_frame_equal(opened.table, catalogue.table)
    assert len(opened) == 2000
    assert "ra" in opened
    assert "period_days" not in opened


@pytest.mark.parametrize("content", [None, b"", b"not Parquet at all"])
def test_a_damaged_catalogue_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "catalogue.parquet"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(StoreError, match=f"{path}: no catalogue here"):
        Catalogue.open(path)


def test_some_rows_are_taken_in_their_order(catalogue: Catalogue) -> None:
    taken = catalogue.take(np.array([7, 0, 7]))
    assert taken["object_id"].tolist() == ["test:7", "test:0", "test:7"]
    assert taken.object_id(1) == "test:0"


@pytest.mark.parametrize(("ra", "dec"), [(10.0, 5.0), (0.05, -89.9), (359.9, 0.0), (180.0, 90.0)])
def test_angles_equal_those_of_astropy(ra: float, dec: float) -> None:
    other = somewhere(500, seed=2)
    expected = SkyCoord(ra, dec, unit=u.deg).separation(SkyCoord(*other, unit=u.deg))
    np.testing.assert_allclose(separation_deg(ra, dec, *other), expected.deg, rtol=0, atol=1e-9)
    assert separation_deg(ra, dec, np.array([ra]), np.array([dec])) == 0


def test_a_cone_holds_what_is_near_nearest_first(catalogue: Catalogue) -> None:
    rows = catalogue.cone(359.5, 20.0, 15.0)
    there = SkyCoord(catalogue["ra"], catalogue["dec"], unit=u.deg)
    distance = SkyCoord(359.5, 20.0, unit=u.deg).separation(there).deg
    assert set(rows) == set(np.flatnonzero(distance <= 15))
    assert len(rows) > 10
    assert (np.diff(distance[rows]) >= 0).all()
    assert len(catalogue.cone(0.0, 0.0, 180.0)) == 1998


@pytest.mark.parametrize("size", [1.0, 2.0, 7.5])
def test_sky_cells_are_small_and_of_equal_area(size: float) -> None:
    ra, dec = somewhere(200_000, seed=3)
    cells = sky_cell(ra, dec, size)
    groups = pd.DataFrame({"cell": cells, "ra": ra, "dec": dec}).groupby("cell")
    assert (groups["dec"].max() - groups["dec"].min()).max() <= size
    middle = groups["dec"].mean().abs() < 75  # nearer to a pole, right ascension is no measure
    degree = np.cos(np.radians(groups["dec"].mean()[middle]))
    wide = (groups["ra"].max() - groups["ra"].min())[middle]
    assert (wide * degree).max() < 1.2 * size
    expected = len(ra) * size**2 / (4 * np.pi * np.degrees(1) ** 2)
    assert abs(groups.size()[middle].median() / expected - 1) < 0.1


def test_sky_cells_meet_at_right_ascension_zero_and_unknown_places_are_apart() -> None:
    ra = np.array([0.0, 360.0, np.nan, 10.0, np.nan])
    dec = np.array([5.0, 5.0, 5.0, np.nan, 5.0])
    cells = sky_cell(ra, dec)
    assert cells[0] == cells[1]
    assert len(set(cells)) == 4
    poles = sky_cell(np.array([0.0, 180.0]), np.array([90.0, 90.0]))
    assert poles.min() > 0
