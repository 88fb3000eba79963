"""What happens to a run while it is made, with stages that take no time."""

import json
import multiprocessing
import os
import random
import signal
import time
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest

from astra.data.errors import AstraError, StoreError
from astra.runs.run import Run, list_runs
from precompute.building import Building, BusyError, check_content
from precompute.changes import ChangedError
from precompute.pipeline import bring_up_to_date
from precompute.recipe import Recipe
from precompute.stage import Product, Stage

SIZE = 200_000


@dataclass(frozen=True)
class Settings:
    factor: int = 1


def first(context, settings):
    part = context.scratch / "part.npy"
    np.save(part, np.full(SIZE, 7 * settings.factor))
    return Product(files={"first.npy": part}, summary={"told": "seven"})


def second(context, settings):
    values = np.load(context.run.path / "first.npy") + settings.factor
    table = pd.DataFrame({"value": values[:100]})
    return Product(arrays={"second.npy": values}, tables={"second.arrow": table})


def third(context, settings):
    return Product(arrays={"third.npy": np.load(context.run.path / "second.npy") * 2})


TOYS = (
    Stage("first", ("survey.light_curves",), "none", Settings, first),
    Stage("second", ("first",), "none", Settings, second),
    Stage("third", ("second",), "none", Settings, third),
)


def settings(**factors):
    return Recipe("toy", {stage.makes: Settings(factors.get(stage.makes, 1)) for stage in TOYS})


@pytest.fixture
def asked(observatory, ask, events):
    return replace(ask(observatory, "toy", progress=events), recipe=settings())


def check_whole(run):
    for artefact in run.manifest.artefacts.values():
        for part in artefact.parts:
            check_content(run.path, part)
    assert {path.name for path in run.path.iterdir()} == {
        "manifest.json", "first.npy", "second.npy", "second.arrow", "third.npy",
    }  # fmt: skip
    assert np.load(run.path / "third.npy")[0] == 16


def failing(stage, error):
    def compute(context, settings):
        raise error

    return replace(stage, compute=compute)


def test_a_published_run_is_whole_and_nothing_else_is_left(asked, observatory):
    bring_up_to_date(asked, TOYS)
    check_whole(Run.open(observatory.run("toy")))
    assert [path.name for path in observatory.runs.iterdir()] == ["toy"]
    assert asked.progress.of("done") == ["first", "second", "third"]
    assert asked.progress[-1]["event"] == "published"


def test_a_second_time_nothing_is_done_or_touched(asked, observatory):
    bring_up_to_date(asked, TOYS)
    before = {path: path.stat().st_mtime_ns for path in observatory.runs.rglob("*")}
    asked.progress.clear()
    bring_up_to_date(asked, TOYS)
    assert {path: path.stat().st_mtime_ns for path in observatory.runs.rglob("*")} == before
    assert asked.progress.of("current") == ["first", "second", "third"]
    assert asked.progress[-1]["event"] == "published"
    assert "nothing to do" in asked.progress[-1]["message"]


def test_what_is_done_before_an_error_is_not_done_again(asked, observatory):
    broken = (*TOYS[:2], failing(TOYS[2], ValueError("no")))
    with pytest.raises(ValueError, match="no"):
        bring_up_to_date(asked, broken)
    assert not list_runs(observatory)
    asked.progress.clear()
    bring_up_to_date(asked, TOYS)
    assert asked.progress.of("current") == ["first", "second"]
    assert asked.progress.of("done") == ["third"]
    check_whole(Run.open(observatory.run("toy")))


def test_a_resumed_run_makes_anew_what_was_asked_otherwise(asked):
    with pytest.raises(ValueError, match="no"):
        bring_up_to_date(asked, (*TOYS[:2], failing(TOYS[2], ValueError("no"))))
    bring_up_to_date(replace(asked, recipe=settings(second=5)), TOYS)
    run = Run.open(asked.observatory.run("toy"))
    assert np.load(run.path / "third.npy")[0] == 24
    assert run.artefact("second").settings == {"factor": 5}


def test_a_part_that_was_damaged_meanwhile_is_made_again(asked, observatory):
    with pytest.raises(ValueError, match="no"):
        bring_up_to_date(asked, (*TOYS[:2], failing(TOYS[2], ValueError("no"))))
    path = observatory.runs / ".tmp-toy" / "first.npy"
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    asked.progress.clear()
    bring_up_to_date(asked, TOYS)
    assert asked.progress.of("done") == ["first", "third"]
    check_whole(Run.open(observatory.run("toy")))


def test_another_setting_of_a_published_run_is_explained(asked):
    bring_up_to_date(asked, TOYS)
    with pytest.raises(ChangedError) as caught:
        bring_up_to_date(replace(asked, recipe=settings(second=5)), TOYS)
    assert "second: setting factor was 1, is 5" in str(caught.value)
    assert "first" not in str(caught.value)
    assert "--run toy-2 --parent toy" in str(caught.value)


def test_a_child_inherits_by_hard_link_and_never_writes_to_its_parent(asked, observatory):
    bring_up_to_date(asked, TOYS)
    before = {path: path.read_bytes() for path in observatory.run("toy").iterdir()}
    parent = Run.open(observatory.run("toy"))
    child = replace(asked, run="child", parent=parent)
    asked.progress.clear()
    # What was inherited under one setting is made anew under another, in the same folder.
    with pytest.raises(ValueError, match="no"):
        bring_up_to_date(
            replace(child, recipe=settings(third=3)),
            (*TOYS[:2], failing(TOYS[2], ValueError("no"))),
        )
    assert asked.progress.of("inherited") == ["first", "second"]
    bring_up_to_date(replace(child, recipe=settings(second=2)), TOYS)
    run = Run.open(observatory.run("child"))
    assert run.manifest.parent == "toy"
    assert (run.path / "first.npy").samefile(parent.path / "first.npy")
    assert not (run.path / "second.npy").samefile(parent.path / "second.npy")
    assert np.load(run.path / "third.npy")[0] == 18
    assert {path: path.read_bytes() for path in parent.path.iterdir()} == before


def test_a_damaged_parent_is_not_inherited(asked, observatory):
    bring_up_to_date(asked, TOYS)
    path = observatory.run("toy") / "first.npy"
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[200] ^= 1
    path.write_bytes(data)
    parent = Run.open(observatory.run("toy"))
    with pytest.raises(StoreError, match=r"first\.npy: not what the manifest says"):
        bring_up_to_date(replace(asked, run="child", parent=parent), TOYS)


def test_a_truncated_part_or_a_broken_manifest_is_no_run(asked, observatory):
    bring_up_to_date(asked, TOYS)
    manifest = observatory.run("toy") / "manifest.json"
    text = manifest.read_text()
    manifest.write_text(text[:-30])
    assert not list_runs(observatory)
    manifest.write_text(text)
    assert len(list_runs(observatory)) == 1
    (observatory.run("toy") / "third.npy").unlink()
    assert not list_runs(observatory)


def test_an_empty_survey_and_a_foreign_parent_are_refused(asked, observatory):
    bring_up_to_date(asked, TOYS)
    parent = Run.open(observatory.run("toy"))
    parent.manifest.survey = "other"
    with pytest.raises(AstraError, match="run of survey other"):
        bring_up_to_date(replace(asked, run="child", parent=parent), TOYS)
    asked.survey.manifest["objects"] = 0
    with pytest.raises(AstraError, match="no objects"):
        bring_up_to_date(replace(asked, run="empty"), TOYS)


def test_one_process_at_a_time(observatory):
    with (
        Building.hold(observatory, "toy"),
        pytest.raises(BusyError, match="another process"),
        Building.hold(observatory, "toy"),
    ):
        pytest.fail("two processes hold one run")
    with Building.hold(observatory, "toy"), Building.hold(observatory, "other"):
        pass


def test_what_died_long_ago_is_swept_and_nothing_else(asked, observatory):
    old, young, held = (observatory.runs / f".tmp-{name}" for name in ("old", "young", "held"))
    for folder in (old, young):
        (folder / "stages").mkdir(parents=True)
    with Building.hold(observatory, "held"):
        for folder in (old, held):
            os.utime(folder, (1e9, 1e9))
        bring_up_to_date(asked, TOYS)
        assert [path.name for path in sorted(observatory.runs.iterdir())] == [
            ".tmp-held",
            ".tmp-young",
            "toy",
        ]


def test_a_complete_run_that_was_not_renamed_is_published(asked, observatory, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(Building, "_show", lambda self: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            bring_up_to_date(asked, TOYS)
    assert not list_runs(observatory)
    bring_up_to_date(asked, tuple(failing(toy, AssertionError("made again")) for toy in TOYS))
    check_whole(Run.open(observatory.run("toy")))


def make_and_die(asked):
    bring_up_to_date(replace(asked, progress=lambda event, **facts: None), TOYS)


def test_kill_nine_at_any_moment_leaves_all_or_nothing(asked, observatory):
    """Kill the making of many runs; then make each of them to the end."""
    context = multiprocessing.get_context("fork")
    generator = random.Random(0)
    kills = int(os.environ.get("ASTRA_LONG", "0")) * 10 or 40
    begin = time.perf_counter()
    bring_up_to_date(replace(asked, run="timed"), TOYS)
    whole = time.perf_counter() - begin
    cut_short = 0
    for number in range(kills):
        one = replace(asked, run=f"run-{number % 20}")
        process = context.Process(target=make_and_die, args=(one,))
        process.start()
        time.sleep(generator.uniform(0, 1.2 * whole))
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        cut_short += process.exitcode != 0
        for run in list_runs(observatory):
            check_whole(run)
    assert cut_short >= kills / 4
    for number in range(20):
        bring_up_to_date(replace(asked, run=f"run-{number}"), TOYS)
    assert len(list_runs(observatory)) == 21
    assert not list(observatory.runs.glob(".tmp-*"))
    for run in list_runs(observatory):
        check_whole(run)
        assert json.loads((run.path / "manifest.json").read_text())["run"] == run.name
