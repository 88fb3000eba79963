"""Runs of a small sky, compared: a child, twins of other seeds, a survey that has grown."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from astra.analysis.alignment import displacement, map_size
from astra.data.errors import AstraError
from astra.runs.comparisons import Comparison, find_comparison
from astra.runs.run import Run
from precompute.comparing import compare, twins_for
from precompute.pipeline import bring_up_to_date

LONG = int(os.environ.get("ASTRA_LONG", "0"))


@pytest.fixture(scope="module")
def kin(smoke, ask):
    """Two more runs of the smoke recipe with other seeds of the encoder, and a child."""
    for seed in (1, 2):
        bring_up_to_date(ask(smoke, f"seed{seed}", changes=[f"encoder.seed={seed}"]))
    child = ask(smoke, "child", parent="smoke", changes=["encoder.seed=3"])
    bring_up_to_date(child)
    return smoke


def test_runs_that_differ_by_seed_alone_show_nothing_beyond_noise(kin):
    found = compare(kin, "seed1", "seed2")
    verdict = found.summary("verdict")
    assert found.summary("noise")["kind"] == "twins"
    assert set(found.summary("noise")["of"]) == {"seed2", "smoke"}
    assert verdict["twins"]
    assert verdict["change"]["share"] <= 0.1
    assert verdict["word"] == "nothing"
    assert verdict["told"].startswith("Nothing beyond noise has changed")


def test_what_is_compared_is_no_measure_of_its_own_noise(kin):
    runs = [Run.open(kin.run(name)) for name in ("smoke", "seed1", "seed2")]
    (twins,) = twins_for(runs[1], runs[2], runs)
    assert [run.name for run in twins[1]] == ["smoke"]
    assert twins_for(runs[1], runs[2], runs[1:]) == ()


def test_the_objects_are_those_of_both_runs_in_the_order_of_the_first(kin):
    found = compare(kin, "smoke", "child")
    a, b = (Run.open(kin.run(name)) for name in ("smoke", "child"))
    table = found.objects.to_pandas()
    assert a.object_ids(table["row_a"].to_numpy()) == b.object_ids(table["row_b"].to_numpy())
    np.testing.assert_array_equal(table["row_a"], np.arange(len(a)))
    place = 17
    survey_row = a.rows[place]
    one, other = set(a.neighbours[survey_row].tolist()), set(b.neighbours[survey_row].tolist())
    assert table["change"][place] == pytest.approx(1 - len(one & other) / len(one | other))
    classes = found.summary("objects")["classes"]
    predicted = b.probes["predicted"][int(table["row_b"][place])].as_py()
    assert classes[table["class_b"][place]] == predicted
    flows = np.array(found.summary("objects")["flows"])
    assert flows.sum() == len(table)
    assert flows.sum() - flows.trace() == found.summary("objects")["flipped"]


def test_a_child_begins_from_its_parents_map(kin):
    summary = Run.open(kin.run("child")).summary("projection")
    assert summary["begun_from"] == "smoke"
    assert summary["placed"] == 0
    a, b = (Run.open(kin.run(name)) for name in ("smoke", "child"))
    moved = displacement(b.projection[b.map_row[a.rows]], a.projection, map_size(a.projection))
    assert np.median(moved) == pytest.approx(summary["moved_median"], abs=1e-3)


def test_a_comparison_is_made_once_and_again_when_a_run_is_another(kin):
    first = compare(kin, "smoke", "child")
    manifest = (first.path / "manifest.json").read_bytes()
    assert (compare(kin, "smoke", "child").path / "manifest.json").read_bytes() == manifest
    own = compare(kin, "smoke", "child", own=True)
    assert own.own is not None
    assert own.own.shape == (len(Run.open(kin.run("child"))), 2)
    assert own.artefact("objects") == first.artefact("objects")
    path = kin.run("child") / "manifest.json"
    text = path.read_text()
    path.write_text(text.replace('"recipe": "smoke"', '"recipe": "other"'))
    assert find_comparison(kin, "smoke", "child") is None
    path.write_text(text)
    assert find_comparison(kin, "smoke", "child") is not None


def test_runs_of_other_surveys_and_runs_that_are_not_there_are_refused(kin):
    with pytest.raises(AstraError, match="no run here"):
        compare(kin, "smoke", "nobody")


def test_killed_at_any_moment_a_comparison_is_whole_or_not_there(kin):
    generator = np.random.default_rng(0)
    command = [sys.executable, "-m", "precompute.comparing", "seed1", "child"]
    for _ in range(30 if LONG else 2):
        process = subprocess.Popen(
            [*command, "--home", str(kin.home)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        assert process.stderr is not None
        process.stderr.readline()  # the first step has begun
        time.sleep(generator.uniform(0, 0.6))
        process.send_signal(signal.SIGKILL)
        process.wait()
        seen = [path for path in kin.comparisons.glob("[!.]*") if "seed1..child" in path.name]
        assert all(Comparison.open(path).objects.num_rows for path in seen)
    assert compare(kin, "seed1", "child").summary("verdict")["told"]
    assert not list(kin.comparisons.glob(".tmp-*"))
