"""A pair is found by whichever of its names is given."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from astra.data.errors import RejectedFileError
from astra.readers import read
from astra.readers.quarantine import Quarantine


@pytest.mark.parametrize(
    "given",
    [
        lambda folder: folder,
        lambda folder: str(folder),
        lambda folder: folder / "survey",
        lambda folder: folder / "survey_",
        lambda folder: folder / "survey_objects.parquet",
        lambda folder: folder / "survey_observations.parquet",
        lambda folder: (folder / "survey_objects.parquet", folder / "survey_observations.parquet"),
    ],
    ids=["folder", "text", "prefix", "prefix_", "objects", "observations", "both"],
)
def test_every_way_of_naming_a_pair(pair, tmp_path: Path, given: Callable) -> None:
    pair.write(tmp_path)
    pair.assert_kept(read(given(tmp_path)))


def test_tables_without_a_prefix(pair, tmp_path: Path) -> None:
    for file in pair.write(tmp_path):
        file.rename(tmp_path / file.name.removeprefix("survey_"))
    pair.assert_kept(read(tmp_path))
    pair.assert_kept(read(tmp_path / "objects.parquet"))


def test_a_prefix_with_dots(pair, tmp_path: Path) -> None:
    for file in pair.write(tmp_path):
        file.rename(tmp_path / f"v1.2-{file.name}")
    pair.assert_kept(read(tmp_path / "v1.2-survey"))


def test_of_two_pairs_both_are_read_and_what_both_have_is_kept_once(pair, tmp_path: Path) -> None:
    for file in pair.write(tmp_path):
        shutil.copy(file, tmp_path / file.name.replace("survey", "other"))
    quarantine = Quarantine()
    pair.assert_kept(read(tmp_path, quarantine))
    assert not quarantine
    assert any("60 observations occur more than once" in note for note in quarantine.notes)


def test_a_table_without_its_partner_is_named(pair, tmp_path: Path) -> None:
    objects, observations = pair.write(tmp_path)
    observations.unlink()
    for given in (objects, tmp_path, tmp_path / "survey"):
        with pytest.raises(RejectedFileError, match=f"{observations}: no such file"):
            read(given)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "no light curves here"),
        ("nothing", "no files nothing_objects.parquet and nothing_observations.parquet"),
        ("light_curves.parquet", r"no known format \(its content is text"),
        ("light_curves.csv", "no known format"),
    ],
)
def test_what_is_not_a_pair_is_told(tmp_path: Path, name: str, reason: str) -> None:
    if "." in name:
        (tmp_path / name).write_text("something")
    with pytest.raises(RejectedFileError, match=reason):
        read(tmp_path / name)
