from pathlib import Path

import pytest

from astra.data.errors import AstraError, StoreError
from astra.data.observatory import Observatory, check_name


@pytest.mark.parametrize("name", ["a", "ztf-dr23", "Run_1.2+x", "0", "x" * 64])
def test_plain_names_may_become_folders(name: str, tmp_path: Path) -> None:
    assert check_name("survey", name) == name
    assert Observatory(tmp_path).run(name) == tmp_path / "runs" / name


@pytest.mark.parametrize(
    "name",
    [
        *("", ".", "..", ".hidden", "../up", "a/b", "a\\b", "/etc/passwd", "C:\\x", "a b"),
        *("a\n", "nul\0", "%2e%2e", "~root", "δ", "-flag", "x" * 65, "<b>", "a;b"),
    ],
)
def test_other_names_never_become_paths(name: str, tmp_path: Path) -> None:
    observatory = Observatory(tmp_path)
    for path_of in (observatory.survey, observatory.run, observatory.job):
        with pytest.raises(AstraError, match="use 1 to 64 letters"):
            path_of(name)


def test_home_is_given_or_named_by_the_environment_or_here(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ASTRA_HOME", "elsewhere")
    assert Observatory(tmp_path / "given").home == tmp_path / "given"
    assert Observatory().home == tmp_path / "elsewhere"
    monkeypatch.setenv("ASTRA_HOME", "")
    assert Observatory().home == tmp_path / "observatory"


def test_only_complete_surveys_are_listed(tmp_path: Path) -> None:
    observatory = Observatory(tmp_path)
    with pytest.raises(StoreError, match="import or simulate one first"):
        observatory.only_survey()
    for name, complete in (("b", True), (".tmp-c-7", True), ("half", False)):
        (tmp_path / "surveys" / name).mkdir(parents=True)
        if complete:
            (tmp_path / "surveys" / name / "manifest.json").write_text("{}")
    assert observatory.survey_names() == ["b"]
    assert observatory.only_survey() == "b"
    (tmp_path / "surveys" / "a").mkdir()
    (tmp_path / "surveys" / "a" / "manifest.json").write_text("{}")
    assert observatory.survey_names() == ["a", "b"]
    with pytest.raises(StoreError, match="holds a, b"):
        observatory.only_survey()
