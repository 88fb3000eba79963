import multiprocessing
import shutil
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from astra.data.catalogue import Catalogue
from astra.data.errors import StoreError
from astra.data.light_curves import LightCurves
from astra.data.observatory import Observatory
from astra.data.surveys import Survey, new_survey, write_manifest


def write(path: Path, light_curves: LightCurves, replace: bool = False, **facts: object) -> None:
    with new_survey(path, replace) as folder:
        light_curves.save(folder / "light_curves")
        ids = [f"test:{i}" for i in range(len(light_curves))]
        Catalogue(pd.DataFrame({"object_id": ids})).save(folder / "catalogue.parquet")
        write_manifest(folder, path.name, {"imported": {}}, **facts)


def test_a_survey_is_written_and_opened(light_curves: LightCurves, tmp_path: Path) -> None:
    write(tmp_path / "sky", light_curves, time_scale="UTC", n_fields=3)
    survey = Survey.open(tmp_path / "sky")
    assert survey.name == "sky"
    np.testing.assert_array_equal(survey.light_curves.flux, light_curves.flux)
    assert survey.catalogue.object_id(9) == "test:9"
    assert survey.manifest["objects"] == len(survey.catalogue) == 10
    assert survey.manifest["observations"] == light_curves.n_observations
    assert survey.manifest["bands"] == ["ztf_g", "ztf_r"]
    assert (survey.manifest["time_scale"], survey.manifest["n_fields"]) == ("UTC", 3)
    assert len(survey.fingerprint) == 64


def test_the_same_light_curves_have_the_same_fingerprint(
    light_curves: LightCurves, tmp_path: Path
) -> None:
    write(tmp_path / "one", light_curves)
    write(tmp_path / "two", light_curves)
    write(tmp_path / "three", light_curves.take(slice(0, 9)))
    one, two, three = (Survey.open(tmp_path / name) for name in ("one", "two", "three"))
    assert one.fingerprint == two.fingerprint != three.fingerprint


def test_a_failed_survey_leaves_nothing(light_curves: LightCurves, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), new_survey(tmp_path / "sky") as folder:
        light_curves.save(folder / "light_curves")
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(StoreError, match="no survey here"):
        Survey.open(tmp_path / "sky")


def test_a_survey_is_replaced_only_when_asked(light_curves: LightCurves, tmp_path: Path) -> None:
    path = tmp_path / "sky"
    write(path, light_curves)
    with pytest.raises(StoreError, match="this survey exists"):
        write(path, light_curves.take(slice(0, 3)))
    assert Survey.open(path).manifest["objects"] == 10
    write(path, light_curves.take(slice(0, 3)), replace=True)
    assert Survey.open(path).manifest["objects"] == 3
    assert [child.name for child in tmp_path.iterdir()] == ["sky"]


def test_a_failed_replacement_leaves_the_old_survey(
    light_curves: LightCurves, tmp_path: Path
) -> None:
    path = tmp_path / "sky"
    write(path, light_curves)
    with pytest.raises(KeyboardInterrupt), new_survey(path, replace=True):
        raise KeyboardInterrupt
    assert len(Survey.open(path).light_curves) == 10


def test_what_a_killed_maker_left_is_swept_and_the_survey_it_took_put_back(
    light_curves: LightCurves, tmp_path: Path
) -> None:
    path = tmp_path / "sky"
    write(path, light_curves)
    dead = multiprocessing.get_context("fork").Process(target=str)
    dead.start()
    dead.join()
    path.rename(tmp_path / f".tmp-sky-{dead.pid}-replaced")
    (tmp_path / f".tmp-sky-{dead.pid}").mkdir()
    others = {tmp_path / ".tmp-sky-1", tmp_path / f".tmp-sky-two-{dead.pid}"}
    for other in others:
        other.mkdir()
    with pytest.raises(KeyboardInterrupt), new_survey(path, replace=True):
        raise KeyboardInterrupt
    assert len(Survey.open(path).light_curves) == 10
    assert set(tmp_path.iterdir()) == {path, *others}


def replace_forever(path: Path, light_curves: LightCurves) -> None:
    while True:
        write(path, light_curves, replace=True)


def test_a_survey_that_is_listed_is_whole_whenever_its_writer_dies(
    light_curves: LightCurves, tmp_path: Path
) -> None:
    observatory = Observatory(tmp_path)
    path = observatory.survey("sky")
    fork, rng = multiprocessing.get_context("fork"), np.random.default_rng(5)
    for _ in range(12):
        writer = fork.Process(target=replace_forever, args=(path, light_curves))
        writer.start()
        time.sleep(rng.uniform(0.01, 0.12))
        writer.kill()
        writer.join()
        if observatory.survey_names():
            survey = Survey.open(path)
            assert len(survey.light_curves) == len(survey.catalogue) == 10


def test_removing_the_old_survey_can_be_cut_off(
    light_curves: LightCurves, tmp_path: Path, monkeypatch
) -> None:
    """When a replacement dies while it removes the old files, the new survey is there."""
    path = Observatory(tmp_path).survey("sky")
    write(path, light_curves)
    remove = shutil.rmtree

    def die(folder: Path, **options: bool) -> None:
        if (Path(folder) / "manifest.json").exists():
            remove(Path(folder) / "light_curves")
            raise KeyboardInterrupt
        remove(folder, **options)

    monkeypatch.setattr(shutil, "rmtree", die)
    with pytest.raises(KeyboardInterrupt):
        write(path, light_curves.take(slice(0, 3)), replace=True)
    monkeypatch.undo()
    assert Observatory(tmp_path).survey_names() == ["sky"]
    assert len(Survey.open(path).light_curves) == 3
