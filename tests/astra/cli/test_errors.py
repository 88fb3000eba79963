"""What goes wrong is told in one line that says what to do, never as a traceback."""

import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from astra.cli.__main__ import app, main
from astra.cli.options import read_ids
from astra.data.errors import RejectedFileError, StoreError
from astra.data.observatory import Observatory
from astra.data.simulation.simulate import simulate_survey
from astra.data.surveys import Survey
from astra.runs.run import Run


def test_a_home_that_is_a_file_is_told_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    home.touch()
    monkeypatch.setattr(sys, "argv", ["astra", "simulate", "sky", "--home", str(home)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    said = capsys.readouterr().err.strip()
    assert said.startswith("Error: ")
    assert said.endswith("Not a directory")
    assert str(home) in said
    assert "\n" not in said


def test_a_survey_or_run_that_is_not_there_is_told_beside_those_that_are(tmp_path: Path) -> None:
    observatory = Observatory(tmp_path)
    with pytest.raises(StoreError, match=r"no survey here; there are: none; import or simulate"):
        Survey.open(observatory.survey("sky"))
    simulate_survey(observatory, "sky", 3, 1)
    with pytest.raises(StoreError, match=r"skye: no survey here; there are: sky$"):
        Survey.open(observatory.survey("skye"))
    with pytest.raises(StoreError, match=r"gone: no run here; there are: none$"):
        Run.open(observatory.run("gone"))


def test_ids_are_read_one_a_line(tmp_path: Path) -> None:
    file = tmp_path / "ids.txt"
    file.write_text(" a \n\nb\n")
    assert read_ids(file) == ["a", "b"]
    file.write_bytes(b"\xe8\x00\xff")
    with pytest.raises(RejectedFileError, match=r"ids.txt: not a text file"):
        read_ids(file)
    file.write_text("\n \n")
    with pytest.raises(RejectedFileError, match=r"ids.txt: no ids in it"):
        read_ids(file)


@pytest.mark.parametrize("command", ["import", "fetch"])
def test_units_are_seen_in_the_help(command: str) -> None:
    """What stands in square brackets would be taken as markup and not shown."""
    said = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200"}).output
    assert {"import": "Error (mag)", "fetch": "RA and Dec (deg) and radius (arcsec)"}[
        command
    ] in said
