"""What is unusual but right: it is read, and told where that matters."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from astra.data.errors import RejectedFileError
from astra.readers import read
from astra.readers.quarantine import Quarantine


def read_noting(folder: Path):
    quarantine = Quarantine()
    light_curves = read(folder, quarantine)
    assert not quarantine
    return light_curves, quarantine.notes


def test_an_orderly_pair_is_read_without_a_word(pair, tmp_path: Path) -> None:
    pair.write(tmp_path)
    light_curves, notes = read_noting(tmp_path)
    pair.assert_kept(light_curves)
    assert notes == []
    assert light_curves.is_difference.tolist() == [False, False, True, False, False]
    assert light_curves.catalogue is not None
    pd.testing.assert_frame_equal(light_curves.catalogue.table, pair.objects, check_dtype=False)


def test_unsorted_observations_are_sorted_and_counted(pair, tmp_path: Path) -> None:
    pair.observations.loc[[3, 4], "mjd"] = pair.observations.loc[[4, 3], "mjd"].to_numpy()
    pair.observations.loc[30, "mjd"] = 90_000.0
    pair.write(tmp_path)
    light_curves, notes = read_noting(tmp_path)
    pair.assert_kept(light_curves)
    assert len(notes) == 1
    assert notes[0].startswith("2 observations of 2 objects were earlier")


def test_interleaved_objects_are_gathered_without_a_word(pair, tmp_path: Path) -> None:
    pair.observations = pair.observations.sort_values("mjd", ignore_index=True)
    pair.write(tmp_path)
    light_curves, notes = read_noting(tmp_path)
    pair.assert_kept(light_curves)
    assert notes == []


def test_any_order_of_rows_gives_the_same_light_curves(pair, tmp_path: Path) -> None:
    expected = tmp_path / "sorted"
    pair.write(expected)
    shuffled = tmp_path / "shuffled"
    pair.observations = pair.observations.sample(frac=1, random_state=3)
    pair.write(shuffled)
    first, second = read(expected), read_noting(shuffled)[0]
    for name in ("time", "flux", "flux_error", "band_and_flag", "offsets"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))


def test_equal_times_are_ordered_by_band_and_flux(pair, tmp_path: Path) -> None:
    pair.observations.loc[2:5, "mjd"] = pair.observations.loc[2, "mjd"]
    pair.observations.loc[2:5, "band"] = ["ztf_r", "ztf_g", "ztf_r", "ztf_g"]
    pair.write(tmp_path)
    light_curves, notes = read_noting(tmp_path)
    pair.assert_kept(light_curves)
    assert notes == [
        "2 observations share object, band and time with another but differ in flux or error; "
        "all are kept"
    ]


def test_long_integer_ids_stay_exact(pair, tmp_path: Path) -> None:
    numbers = {name: 2**53 + 1 + i for i, name in enumerate(pair.objects["object_id"])}
    for table in (pair.objects, pair.observations):
        table["object_id"] = table["object_id"].map(numbers)
    pair.write(tmp_path)
    light_curves, _ = read_noting(tmp_path)
    pair.assert_kept(light_curves)
    assert light_curves.catalogue is not None
    assert light_curves.catalogue.object_id(0) == "9007199254740993"
    assert light_curves.catalogue.object_id(4) == "9007199254740997"


def test_coarse_times_are_noted(pair, tmp_path: Path) -> None:
    pair.observations["mjd"] = pair.observations["mjd"].astype(np.float32)
    pair.write(tmp_path)
    light_curves, notes = read_noting(tmp_path)
    pair.assert_kept(light_curves)
    assert any("column mjd has type float" in note and "minutes" in note for note in notes)


@pytest.mark.parametrize("text", [pa.large_string(), pa.dictionary(pa.int16(), pa.string())])
@pytest.mark.parametrize("number", [pa.float64(), pa.decimal128(20, 8)])
def test_other_types_of_the_same_meaning_are_read(
    pair, tmp_path: Path, text: pa.DataType, number: pa.DataType
) -> None:
    pair.observations["flux_ujy"] = np.round(pair.observations["flux_ujy"].astype(float), 3)
    pair.observations["mjd"] = np.round(pair.observations["mjd"], 5)
    _, file = pair.write(tmp_path)
    types = [("object_id", text), ("mjd", number), ("band", text), ("flux_ujy", number)]
    schema = pa.schema([*types, ("flux_err_ujy", pa.float32())])
    pq.write_table(pq.read_table(file).cast(schema), file)
    pair.assert_kept(read_noting(tmp_path)[0])


def test_flagged_observations_are_kept_as_such(pair, tmp_path: Path) -> None:
    pair.observations["flagged"] = np.arange(60) % 7 == 0
    pair.write(tmp_path)
    light_curves, _ = read_noting(tmp_path)
    pair.assert_kept(light_curves)
    assert light_curves.flagged.sum() == 9


def test_only_the_id_is_needed_of_an_object_and_what_is_assumed_is_noted(
    pair, tmp_path: Path
) -> None:
    pair.objects = pair.objects[["object_id"]]
    pair.write(tmp_path)
    light_curves, notes = read_noting(tmp_path)
    pair.assert_kept(light_curves)
    assert not light_curves.is_difference.any()
    assert [note.split(": ", 1)[1] for note in notes] == [
        "no column ra: positions are unknown",
        "no column dec: positions are unknown",
        "no column flux_kind: all fluxes are taken as total",
    ]
    assert light_curves.catalogue is not None
    assert light_curves.catalogue["ra"].isna().all()


def test_columns_that_are_all_null_have_the_type_that_is_meant(pair, tmp_path: Path) -> None:
    pair.objects = pair.objects.assign(ra=None, dec=None, label=None, period_days=None)
    pair.write(tmp_path)
    light_curves, _ = read_noting(tmp_path)
    assert light_curves.catalogue is not None
    types = light_curves.catalogue.table.dtypes
    assert [str(types[c]) for c in ("ra", "dec", "period_days")] == ["float64"] * 3
    assert str(types["label"]) == "str"


def test_plain_columns_travel_and_others_are_named(pair, tmp_path: Path) -> None:
    pair.objects["n_spectra"] = np.arange(5)
    pair.objects["<b>bold"] = 1
    pair.objects["history"] = [[1, 2]] * 5
    pair.observations["seeing"] = 1.5
    pair.write(tmp_path)
    light_curves, notes = read_noting(tmp_path)
    pair.assert_kept(light_curves)
    assert light_curves.catalogue is not None
    assert "n_spectra" in light_curves.catalogue
    assert "history" not in light_curves.catalogue
    assert [note.split(": ", 1)[1] for note in notes] == [
        "2 columns are not kept: '<b>bold', 'history'",
        "1 columns are not kept: 'seeing'",
    ]


def test_what_pandas_wrote_about_its_index_is_ignored(pair, tmp_path: Path) -> None:
    pair.write(tmp_path)
    objects = tmp_path / "survey_objects.parquet"
    pair.objects.set_index("object_id").to_parquet(objects)
    pair.assert_kept(read_noting(tmp_path)[0])


def doubts_of(pair, folder: Path) -> list[str]:
    pair.objects["flux_kind"] = "total"
    pair.observations["band"] = "ztf_g"
    pair.write(folder)
    quarantine = Quarantine()
    pair.assert_kept(read(folder, quarantine))
    assert not quarantine
    return quarantine.doubts


@pytest.mark.parametrize(
    ("factor", "noise", "doubt"),
    [
        (1, 1, None),
        (1e-8, 1e-8, "the median magnitude is 3"),
        (1e9, 1e9, "the median magnitude is -"),
        (1, 1e4, "of the flux: are magnitude errors in units of 1e-4 mag"),
        (1, 1e-9, "of the flux: do errors and fluxes have one unit?"),
        (1000, 1e5, "five-sigma depth of 8.9 mag, where ztf reaches 20.6: are they nanojansky"),
        (1e-3, 1e-3, "five-sigma depth of 28.9 mag, where ztf reaches 20.6: are they jansky"),
    ],
)
def test_wrong_units_are_doubted(
    pair, tmp_path: Path, factor: float, noise: float, doubt: str | None
) -> None:
    pair.observations["flux_ujy"] *= np.float32(factor)
    pair.observations["flux_err_ujy"] = np.float32(2 * noise)
    found = doubts_of(pair, tmp_path)
    if doubt is None:
        assert found == []
        return
    assert len(found) == 1
    assert found[0].startswith("band ztf_g: ")
    assert doubt in found[0]


def test_magnitudes_in_place_of_fluxes_are_doubted(pair, tmp_path: Path) -> None:
    flux = pair.observations["flux_ujy"]
    pair.observations["flux_ujy"] = 23.9 - 2.5 * np.log10(flux)
    pair.observations["flux_err_ujy"] = 1.0857 * 0.02
    assert "are they magnitudes?" in doubts_of(pair, tmp_path)[0]


def test_a_doubt_is_a_reason_for_strict(pair, tmp_path: Path) -> None:
    pair.observations["flux_ujy"] *= np.float32(1e9)
    pair.write(tmp_path)
    with pytest.raises(RejectedFileError, match="the median magnitude is -"):
        read(tmp_path, strict=True)
