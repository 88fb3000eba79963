"""``astra import`` of other people's files: mixed folders, guesses that are asked, the page."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from astra.cli.import_survey import import_survey
from astra.data.errors import AstraError, RejectedFileError
from astra.data.observatory import Observatory
from astra.data.surveys import Survey

PLAIN = "star,mjd,filter,mag,err\nv1,58000,ztf_g,20,0.1\nv1,58001,ztf_g,20.1,0.1\n"
RELEASE = (
    "oid,hjd,mjd,mag,magerr,catflags,filtercode,ra,dec\n"
    "1,2458202.777,58202.273,18.0,0.02,0,zg,10.0,5.0\n"
    "1,2458203.777,58203.273,18.1,0.02,0,zg,10.0,5.0\n"
    "2,2458202.787,58202.283,17.5,0.02,32768,zr,10.0001,5.0001\n"
)
BHTOM = "MJD;Magnitude;Error;Facility;Filter;Observer\n57905.6;20.14;0.18;ATLAS;o;ATLAS\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three formats, a note, a picture of nothing, and a packet that cannot be read."""
    mixed = tmp_path / "my data"
    (mixed / "more").mkdir(parents=True)
    (mixed / "release.csv").write_text(RELEASE)
    (mixed / "AT2017eqx.csv").write_text(BHTOM)
    (mixed / "more" / "plain.csv").write_text(PLAIN)
    (mixed / "README.md").write_text("notes, of a kind\n")
    (mixed / "packet.bin").write_bytes(b"\x00\x00\x00\x03\x84" + bytes(range(60)))
    return mixed


def run(*arguments: object) -> Result:
    app = typer.Typer()
    app.command()(import_survey)
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_a_folder_of_mixed_files_is_one_survey(folder: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    result = run(folder, "--home", home, "--yes")
    assert result.exit_code == 0, result.output
    survey = Survey.open(Observatory(home).survey("my_data"))
    catalogue = survey.catalogue.table.set_index("object_id")
    assert set(catalogue.index) == {"1", "AT2017eqx", "v1"}
    assert catalogue.loc["1", "members"] == "1 2"
    assert catalogue.loc["1", "time_reference"] == "heliocentric"
    assert survey.manifest["time_scale"] == "mixed"
    formats = {Path(f).name: name for f, name in survey.manifest["origin"]["formats"].items()}
    assert formats == {
        "release.csv": "IRSA ZTF light curves",
        "AT2017eqx.csv": "BHTOM table",
        "plain.csv": "plain table",
    }
    assert "File refused" in result.output
    assert "schema number 900" in result.output
    refused = survey.manifest["quarantine"]["refused_files"]
    assert [Path(file).name for file in refused] == ["packet.bin"]
    assert json.loads((survey.path / "quarantine.json").read_text())["refused_files"] == refused


def test_the_page_says_what_was_read_and_refused_and_escapes_it(
    folder: Path, tmp_path: Path
) -> None:
    hostile = "<script>alert(1)</script>"
    (folder / "more" / "plain.csv").write_text(PLAIN + f"v1,58002,{hostile},20,0.1\n")
    result = run(folder, "--home", tmp_path / "home", "--survey", "mixed", "--yes")
    assert result.exit_code == 0, result.output
    page = (tmp_path / "home" / "surveys" / "mixed" / "import.html").read_text()
    assert "<script" not in page
    for said in (
        "BHTOM table",
        "schema number 900",
        "known_band",
        "&lt;script&gt;",
        "heliocentric",
    ):
        assert said in page


def test_without_a_terminal_a_guess_needs_yes_or_a_mapping(tmp_path: Path) -> None:
    path = tmp_path / "plain.csv"
    path.write_text(PLAIN)
    result = run(path, "--home", tmp_path / "home")
    assert isinstance(result.exception, RejectedFileError)
    assert "needs a yes: give --yes" in str(result.exception)
    assert "magnitude   mag" in result.output
    assert not list((tmp_path / "home" / "surveys").iterdir())


def test_a_mapping_is_used(tmp_path: Path) -> None:
    path = tmp_path / "plain.csv"
    path.write_text(PLAIN.replace("mag", "brightness"))
    home = tmp_path / "home"
    wanted = ("--map", "magnitude=brightness", "--map", "band=atlas_o", "--yes")
    result = run(path, "--home", home, *wanted)
    assert result.exit_code == 0, result.output
    assert Survey.open(Observatory(home).survey("plain")).manifest["bands"] == ["atlas_o"]


def test_joining_can_be_forbidden_or_asked_for_all(folder: Path, tmp_path: Path) -> None:
    (folder / "near.csv").write_text(PLAIN.replace("star,", "ra,dec,star,").replace(
        "\nv1", "\n10.00005,5.00005,near"))  # fmt: skip
    found = {}
    for bridge in ("none", "auto", "2"):
        home = tmp_path / f"home{bridge}"
        result = run(folder, "--home", home, "--survey", "m", "--yes", "--bridge", bridge)
        assert result.exit_code == 0, result.output
        catalogue = Survey.open(Observatory(home).survey("m")).catalogue
        found[bridge] = set(catalogue["object_id"])
    assert found["none"] == {"1", "2", "AT2017eqx", "v1", "near"}
    assert found["auto"] == {"1", "AT2017eqx", "v1", "near"}
    assert found["2"] == {"1", "AT2017eqx", "v1"} or found["2"] == {"near", "AT2017eqx", "v1"}


@pytest.mark.parametrize(
    ("option", "says"),
    [
        (("--bridge", "far"), "auto, none, or a radius"),
        (("--duplicates", "some"), "one of keep, best, mean"),
        (("--map", "mjd"), "write MEANING=COLUMN"),
        (("--map", "tiem=mjd"), "no such meaning; use time"),
    ],
)
def test_options_that_mean_nothing_are_told(tmp_path: Path, option: tuple, says: str) -> None:
    result = run(tmp_path, "--home", tmp_path / "home", *option)
    assert isinstance(result.exception, AstraError)
    assert says in str(result.exception)


def test_strict_refuses_a_doubted_unit(tmp_path: Path) -> None:
    rows = [f"v{i % 3},{58000 + i},ztf_g,{17 + i % 5},{150 + i}" for i in range(40)]
    path = tmp_path / "zubercal.csv"
    path.write_text("\n".join(["star,mjd,filter,mag,magerr", *rows]) + "\n")
    loud = run(path, "--home", tmp_path / "home", "--yes")
    assert "Units?" in loud.output
    assert "in units of 1e-4 mag" in loud.output
    strict = run(path, "--home", tmp_path / "home", "--yes", "--strict", "--survey", "strict")
    assert isinstance(strict.exception, RejectedFileError)
    assert not (tmp_path / "home" / "surveys" / "strict").exists()


def test_a_survey_of_what_was_imported_is_the_same_twice(folder: Path, tmp_path: Path) -> None:
    prints = []
    for number in range(2):
        home = tmp_path / f"home{number}"
        run(folder, "--home", home, "--survey", "m", "--yes")
        survey = Survey.open(Observatory(home).survey("m"))
        prints.append(survey.fingerprint)
    assert prints[0] == prints[1]
