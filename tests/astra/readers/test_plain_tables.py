"""Plain tables: what is guessed, what must be said, and what a row's refusal names."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from astra.data.errors import RejectedFileError
from astra.readers import read
from astra.readers.options import Options
from astra.readers.quarantine import Quarantine

ROWS = "{0},59000.5,ztf_g,20.0,0.1\n{0},59001.5,ztf_r,19.0,0.2\n"


def write(folder: Path, text: str, name: str = "mine.csv") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def note_of(quarantine: Quarantine) -> str:
    return next(note for note in quarantine.notes if "columns are taken as" in note)


def test_the_guess_is_told(tmp_path: Path) -> None:
    path = write(tmp_path, "Star,MJD,Filter,Mag,e_Mag\n" + ROWS.format("v1"))
    quarantine = Quarantine()
    curve = read(path, quarantine)[0]
    assert curve.object_id == "v1"
    np.testing.assert_allclose(curve.flux, [36.307805, 91.201084], rtol=1e-6)
    assert note_of(quarantine).endswith(
        "time=MJD, magnitude=Mag, error=e_Mag, band=Filter, object_id=Star"
    )


def test_a_mapping_wins_over_the_guess(tmp_path: Path) -> None:
    path = write(tmp_path, "star,mjd,filter,mag,merr\n" + ROWS.format("v1"))
    mapping = {"error": "merr", "band": "atlas_o"}
    curve = read(path, mapping=mapping)[0]
    assert {band.name for band in curve.bands} == {"atlas_o"}
    np.testing.assert_allclose(curve.magnitude_error, [0.1, 0.2], rtol=1e-6)


@pytest.mark.parametrize(
    ("header", "row", "mapping", "says"),
    [
        (
            "id,mjd,band,flux,err",
            "a,59000,ztf_g,5,1",
            {},
            r"in what unit is column flux\?.*unit=ujy",
        ),
        ("id,mjd,mag,err", "a,59000,20,1", {}, "no column for band .*--map band=COLUMN"),
        ("id,when,band,mag,err", "a,59000,ztf_g,20,1", {}, "no column for time"),
        ("id,mjd,band,mag,note", "a,59000,ztf_g,20,x", {}, "no column for error"),
        (
            "id,time,band,mag,err",
            "a,12.5,ztf_g,20,1",
            {},
            "neither MJD nor JD; give --map time_zero",
        ),
        ("id,mjd,band,mag,err", "a,59000,ztf_g,20,1", {"colour": "x"}, "unknown meaning colour"),
        ("id,mjd,band,mag,err", "a,59000,ztf_g,20,1", {"time": "x"}, "no column 'x' for time"),
        ("id,mjd,band,flux,err", "a,59000,ztf_g,5,1", {"unit": "erg"}, "unknown unit 'erg'"),
        ("id,mjd,band,flux,err", "a,59000,ztf_g,5,1", {"zero_point": "z"}, "neither a column nor"),
    ],
)
def test_what_cannot_be_guessed_is_asked_for(
    tmp_path: Path, header: str, row: str, mapping: Mapping[str, str], says: str
) -> None:
    path = write(tmp_path, f"{header}\n{row}\n")
    with pytest.raises(RejectedFileError, match=rf"mine\.csv: .*{says}"):
        read(path, mapping=mapping)


@pytest.mark.parametrize(
    ("header", "mapping", "factor"),
    [
        ("id,mjd,band,flux_njy,fluxerr", {}, 1e-3),
        ("id,mjd,band,flux_mjy,fluxerr", {}, 1e3),
        ("id,mjd,band,flux,fluxerr", {"unit": "jy"}, 1e6),
        ("id,mjd,band,flux,fluxerr", {"zero_point": "25"}, 10 ** (-0.4 * 1.1)),
        ("id,mjd,band,psfFlux,psfFluxErr", {}, 1e-3),
    ],
)
def test_units_of_fluxes(
    tmp_path: Path, header: str, mapping: Mapping[str, str], factor: float
) -> None:
    path = write(tmp_path, f"{header}\na,59000,ztf_g,-5,1\n")
    curve = read(path, mapping=mapping)[0]
    assert curve.flux[0] == pytest.approx(-5 * factor, rel=1e-6)
    assert curve.flux_error[0] == pytest.approx(factor, rel=1e-6)


def test_a_zero_of_time_is_added(tmp_path: Path) -> None:
    path = write(tmp_path, "id,hjd,band,mag,err\na,2123.25,ogle_I,20,0.1\n")
    assert read(path, mapping={"time_zero": "49999.5"})[0].mjd[0] == 52122.75


def test_julian_dates_are_converted_and_shown(tmp_path: Path) -> None:
    path = write(tmp_path, "id,jd,band,mag,err\na,2459000.5,ztf_g,20,0.1\n")
    quarantine = Quarantine()
    assert read(path, quarantine)[0].mjd[0] == 59000
    assert "time_zero=-2400000.5" in note_of(quarantine)


@pytest.mark.parametrize("repeated", [1, 5])
def test_repeated_rows_do_not_outvote_the_others_on_what_times_are(
    repeated: int, tmp_path: Path
) -> None:
    rows = "a,58000,ztf_g,20,0.1\n" + repeated * "a,2458000.5,ztf_g,20,0.1\n"
    quarantine = Quarantine()
    curve = read(write(tmp_path, "id,time,band,mag,err\n" + rows), quarantine)[0]
    assert curve.mjd.tolist() == [58000]
    assert quarantine.counts == {"mjd_not_jd": repeated}


@pytest.mark.parametrize(
    ("row", "column", "value", "rule"),
    [
        ("a,yesterday,ztf_g,20,0.1", "mjd", "yesterday", "mjd_finite"),
        ("a,2459000.5,ztf_g,20,0.1", "mjd", "2459000.5", "mjd_not_jd"),
        ("a,-99,ztf_g,20,0.1", "mjd", "-99", "mjd_in_range"),
        ("a,59000,ztf_g,99.99,0.1", "mag", "99.99", "flux_finite"),
        ("a,59000,ztf_g,1530.2,0.1", "mag", "1530.2", "flux_finite"),
        ("a,59000,ztf_g,null,0.1", "mag", "null", "flux_finite"),
        ("a,59000,ztf_g,20,-1", "err", "-1", "flux_error_positive"),
        ("a,59000,ztf_g,20,", "err", "", "flux_error_finite"),
        ("a,59000,ztf_q,20,0.1", "filter", "ztf_q", "known_band"),
        (",59000,ztf_g,20,0.1", "star", "", "observation_has_object"),
        ("a,59000,ztf_g", "(row)", "a,59000,ztf_g", "row_is_whole"),
    ],
)
def test_a_refusal_names_file_row_column_and_value_as_they_stand_there(
    tmp_path: Path, row: str, column: str, value: str, rule: str
) -> None:
    good = ["a,58000,ztf_g,20,0.1", "a,58001,ztf_g,20.1,0.1"]
    text = "\n".join(["star,mjd,filter,mag,err", good[0], row, good[1]]) + "\n"
    path = write(tmp_path, text)
    quarantine = Quarantine()
    light_curves = read(path, quarantine)
    assert light_curves[0].mjd.tolist() == [58000, 58001]
    (refusal,) = quarantine
    assert (refusal.file, refusal.row) == (str(path), 1)
    assert (refusal.column, refusal.value, refusal.rule) == (column, value, rule)


def test_rows_keep_their_numbers_after_a_torn_one(tmp_path: Path) -> None:
    rows = ["a,58000,ztf_g,20,0.1", "torn", "a,58002,ztf_g,x,0.1", "b,58003,ztf_g,20,0"]
    path = write(tmp_path, "\n".join(["star,mjd,filter,mag,err", *rows]) + "\n")
    quarantine = Quarantine()
    read(path, quarantine)
    assert sorted((r.row, r.rule) for r in quarantine) == [
        (1, "row_is_whole"),
        (2, "flux_finite"),
        (3, "flux_error_positive"),
        (3, "object_has_observations"),
    ]


def test_bytes_that_are_no_text_name_the_line(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_bytes(b"star,mjd,band,mag,err\na,59000,ztf_g,20,0.1\n\xe9toile,59000,ztf_g,20,0.1\n")
    with pytest.raises(RejectedFileError, match="line 3: byte 0xe9 is not UTF-8"):
        read(path)


def test_a_guess_that_is_not_confirmed_is_not_used(tmp_path: Path) -> None:
    path = write(tmp_path, "star,mjd,filter,mag,err\n" + ROWS.format("a"))
    asked = []

    def no(file: Path, mapping: Mapping[str, str]) -> bool:
        asked.append((file, dict(mapping)))
        return False

    with pytest.raises(RejectedFileError, match="was not confirmed"):
        read(path, options=Options(ask=no))
    assert asked == [
        (path, {"time": "mjd", "magnitude": "mag", "error": "err", "band": "filter",
                "object_id": "star"})
    ]  # fmt: skip


def test_long_ids_keep_their_digits(tmp_path: Path) -> None:
    path = write(tmp_path, "oid,mjd,band,mag,err\n" + ROWS.format(2**63 - 1))
    assert read(path)[0].object_id == str(2**63 - 1)


@pytest.mark.parametrize(
    ("policy", "flux", "error"),
    [
        ("keep", [10, 20, 30], [1, 2, 0.5]),
        ("best", [30], [0.5]),
        ("mean", [25.714286], [0.43643578]),
    ],
)
def test_duplicates_by_policy(tmp_path: Path, policy: str, flux: list, error: list) -> None:
    rows = "".join(f"a,59000,ztf_g,{f},{e}\n" for f, e in ((20, 2), (10, 1), (30, 0.5), (20, 2)))
    path = write(tmp_path, "id,mjd,band,flux_ujy,err\n" + rows)
    curve = read(path, options=Options(duplicates=policy))[0]
    np.testing.assert_allclose(curve.flux, flux, rtol=1e-6)
    np.testing.assert_allclose(curve.flux_error, error, rtol=1e-6)


def test_a_flagged_duplicate_does_not_count_beside_a_good_one(tmp_path: Path) -> None:
    rows = "a,59000,ztf_g,20,2,false\na,59000,ztf_g,900,0.1,true\n"
    path = write(tmp_path, "id,mjd,band,flux_ujy,err,flagged\n" + rows)
    for policy in ("best", "mean"):
        curve = read(path, options=Options(duplicates=policy))[0]
        assert (curve.flux.tolist(), curve.flagged.tolist()) == ([20.0], [False])
