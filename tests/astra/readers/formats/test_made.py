"""Every format gives back the light curves that a small file of it was written from."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from astra.data.errors import RejectedFileError
from astra.data.light_curves import LightCurves
from astra.readers import read
from astra.readers.options import Options
from astra.readers.quarantine import Quarantine
from made_files.truth import Made

# float32 fluxes, and the digits that a format writes.
PRECISION = {"Zubercal": 2e-2, "ZTF alert": 2e-7}


def read_made(made: Made, path: Path, quarantine: Quarantine | None = None, **choices: object):
    given = dict(made.options)
    if "schema" in given:
        given["schema"] = path.parent / given["schema"]
    return read(path, quarantine, options=Options(**given, **choices))


@pytest.fixture(scope="module")
def wanted(truth: pd.DataFrame) -> pd.DataFrame:
    """The first of the two light curves."""
    return truth[truth["object_id"] == "ZTF18aaaaaaa"].reset_index(drop=True)


@dataclass(frozen=True)
class Alone:
    """A file of one object, and what was read from it."""

    path: Path
    light_curves: LightCurves
    quarantine: Quarantine


@pytest.fixture(scope="module")
def alone(made: Made, wanted: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Alone:
    path = made.write(tmp_path_factory.mktemp("alone"), wanted)
    quarantine = Quarantine()
    return Alone(path, read_made(made, path, quarantine), quarantine)


def test_light_curves_come_back(
    made: Made, named: str, alone: Alone, truth: pd.DataFrame, wanted: pd.DataFrame, tmp_path: Path
) -> None:
    sign = -1 if named == "ATLAS alert" else 1
    if made.one:
        light_curves, quarantine = alone.light_curves, alone.quarantine
    else:
        wanted, quarantine = truth, Quarantine()
        light_curves = read_made(made, made.write(tmp_path, truth), quarantine)
    assert not quarantine, list(quarantine)
    assert quarantine.doubts == []
    assert set(quarantine.formats.values()) == {named.partition(",")[0]} or "stacked" in named
    groups = list(wanted.groupby("object_id", sort=False))
    assert len(light_curves) == len(groups)
    assert light_curves.catalogue is not None
    for row, (object_id, part) in enumerate(groups):
        curve = light_curves[row]
        assert curve.is_difference == made.difference
        if made.name is not None:
            assert curve.object_id == made.name
        elif set(truth["object_id"]) & set(light_curves.catalogue["object_id"]):
            assert curve.object_id == object_id
        np.testing.assert_allclose(curve.mjd, part["mjd"], rtol=0, atol=0.51e-5)
        np.testing.assert_allclose(curve.flux, sign * part["flux"], rtol=2e-6)
        error = PRECISION.get(named, 3e-6)
        np.testing.assert_allclose(curve.flux_error, part["error"], rtol=error)
        bands = part["band"].map(made.bands or {band: band for band in ("ztf_g", "ztf_r")})
        assert [curve.bands[code].name for code in curve.band] == bands.tolist()
        flagged = part["flagged"] if made.flags else np.zeros(len(part), bool)
        np.testing.assert_array_equal(curve.flagged, flagged)


def test_positions_come_back(named: str, alone: Alone) -> None:
    catalogue = alone.light_curves.catalogue
    assert catalogue is not None
    ra, dec = catalogue["ra"].iat[0], catalogue["dec"].iat[0]
    if np.isfinite(float(ra)):
        assert (float(ra), float(dec)) == pytest.approx((10.5, -5.25), abs=1e-4)
    else:
        assert named in WITHOUT_POSITIONS


WITHOUT_POSITIONS = {
    "ATLAS forced photometry, stacked", "ALeRCE JSON", "sncosmo table", "ANTARES table",
    "BHTOM table", "SLSNe table", "MultimodalUniverse", "PLAsTiCC table", "plain table, Parquet",
    "plain table, VOTable", "plain table, FITS",
}  # fmt: skip


def test_content_tells_the_format_whatever_the_name(
    made: Made, named: str, alone: Alone, tmp_path: Path
) -> None:
    quarantine = Quarantine()
    read_made(made, renamed(alone.path, tmp_path), quarantine)
    kinds = list(quarantine.formats.values())
    assert kinds
    assert all(kind.startswith(named.partition(",")[0]) for kind in kinds), kinds


def renamed(path: Path, folder: Path) -> Path:
    """Copy under a name that tells nothing, with what the file cannot do without.

    Of a catalogue in HATS its one leaf, of a pair both files: the words HEAD and PHOT, by which one
    finds the other, are all that is left of their names.
    """
    leaves = [leaf for leaf in path.rglob("*.parquet") if leaf.is_file()] if path.is_dir() else []
    path = leaves[0] if leaves else path
    for schema in path.parent.glob("*.avsc"):
        shutil.copy(schema, folder)
    if "HEAD" not in path.name:
        return Path(shutil.copy(path, folder / "light_curve.bin"))
    shutil.copy(path.with_name(path.name.replace("HEAD", "PHOT")), folder / "PHOT.bin")
    return Path(shutil.copy(path, folder / "HEAD.bin"))


def test_rows_in_any_order_and_twice_give_the_same(
    made: Made, alone: Alone, wanted: pd.DataFrame, tmp_path: Path
) -> None:
    doubled = pd.concat([wanted, wanted.iloc[::3]]).sample(frac=1, random_state=4)
    first = alone.light_curves
    second = read_made(made, made.write(tmp_path, doubled.reset_index(drop=True)))
    for column in ("time", "flux", "flux_error", "band_and_flag", "offsets"):
        np.testing.assert_array_equal(getattr(first, column), getattr(second, column))


def test_a_packet_without_its_schema_is_refused_for_that(
    truth: pd.DataFrame, tmp_path: Path, every_format
) -> None:
    path = every_format["Rubin alert"].write(tmp_path, truth)
    with pytest.raises(RejectedFileError, match=r"packet.avro.*schema number 900.*--schema"):
        read(path)
    (tmp_path / "other.avsc").write_text('{"type": "record", "name": "x", "fields": []}')
    with pytest.raises(
        RejectedFileError, match=r"other\.avsc leaves bytes .* schema has number 900"
    ):
        read(path, options=Options(schema=tmp_path / "other.avsc"))
