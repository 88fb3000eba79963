"""``python -m precompute`` as a process: what it prints, leaves and survives."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import psutil
import pytest

from astra.runs.manifest import Manifest
from astra.runs.run import Run, list_runs
from precompute.building import check_content

LONG = int(os.environ.get("ASTRA_LONG", "0"))
FAST = ("--recipe", "smoke", "--set", "projection.epochs=10", "--workers", "2")


def start(observatory, *arguments):
    command = [sys.executable, "-m", "precompute", *arguments]
    command += ["--home", str(observatory.home), "--progress", str(observatory.home / "p.jsonl")]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )


def finish(observatory, *arguments):
    process = start(observatory, *arguments)
    printed, _ = process.communicate(timeout=300)
    return process.returncode, printed


def events(observatory):
    path = observatory.home / "p.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def wait_for(observatory, **wanted):
    for _ in range(1200):
        if any(all(e[k] == v for k, v in wanted.items()) for e in events(observatory)):
            return
        time.sleep(0.05)
    pytest.fail(f"no event {wanted} within a minute")


def hashes(run):
    return {
        part.path: part.sha256 for made in run.manifest.artefacts.values() for part in made.parts
    }


def test_help_names_every_option():
    done = subprocess.run(
        [sys.executable, "-m", "precompute", "--help"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "COLUMNS": "200"},
    )
    for option in ("--run", "--recipe", "--parent", "--set", "--home", "--progress", "--workers"):
        assert option in done.stdout


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("sky", "--recipe", "smoek"), "no recipe 'smoek'; did you mean smoke"),
        (("sky", "--recipe", "smoke", "--set", "probes.sead=1"), "did you mean seed"),
        (("skye", "--recipe", "smoke"), "skye: no survey here"),
        (("sky", "--recipe", "smoke", "--parent", "gone"), "gone: no run here"),
        (("sky", "--recipe", "smoke", "--run", "../up"), "run name '../up'"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(observatory, arguments, complaint):
    status, printed = finish(observatory, *arguments)
    assert status == 1
    assert complaint in printed
    assert "Traceback" not in printed
    assert len(printed.strip().splitlines()) == 1
    (event,) = events(observatory)
    assert event["event"] == "failed"
    assert complaint in event["message"]
    assert not observatory.runs.exists()


@pytest.mark.slow
def test_killed_or_cancelled_it_goes_on_and_ends_as_if_it_had_not_been(observatory):
    """Kill -9 at random moments, then SIGTERM, then to the end: the same bytes as without."""
    generator = random.Random(1)
    begin = time.perf_counter()
    status, printed = finish(observatory, "sky", "--run", "undisturbed", *FAST)
    whole = time.perf_counter() - begin
    assert status == 0, printed
    undisturbed = Run.open(observatory.run("undisturbed"))
    kills = LONG or 6
    for _ in range(kills):
        process = start(observatory, "sky", "--run", "killed", *FAST)
        time.sleep(generator.uniform(0.3, 0.6 * whole))
        family = psutil.Process(process.pid).children(recursive=True)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate(timeout=60)
        for run in list_runs(observatory):
            for artefact in run.manifest.artefacts.values():
                for part in artefact.parts:
                    check_content(run.path, part)
        _, alive = psutil.wait_procs(family, timeout=20)
        assert not alive, "worker processes outlive their parent"
    status, printed = finish(observatory, "sky", "--run", "killed", *FAST, "--workers", "1")
    assert status == 0, printed
    assert hashes(Run.open(observatory.run("killed"))) == hashes(undisturbed)
    status, printed = finish(observatory, "sky", "--run", "killed", *FAST)
    assert status == 0
    assert "nothing to do" in printed


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["periods", "encoder"])
def test_sigterm_cancels_at_once_and_the_next_call_goes_on(observatory, stage):
    arguments = ("sky", "--run", "cancelled", *FAST)
    process = start(observatory, *arguments)
    wait_for(observatory, stage=stage, event="start")
    time.sleep(0.5)
    family = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, signal.SIGTERM)
    printed, _ = process.communicate(timeout=30)
    assert process.returncode == 130, printed
    assert "Traceback" not in printed
    assert events(observatory)[-1]["event"] == "cancelled"
    assert events(observatory)[-1]["stage"] == stage
    _, alive = psutil.wait_procs(family, timeout=20)
    assert not alive
    assert not list_runs(observatory)
    status, printed = finish(observatory, *arguments)
    assert status == 0, printed
    assert "labels      current" in printed
    assert Manifest.read(observatory.run("cancelled")).run == "cancelled"


@pytest.mark.slow
def test_two_processes_do_not_make_one_run(observatory):
    first = start(observatory, "sky", "--run", "one", *FAST)
    wait_for(observatory, stage="labels", event="done")
    status, printed = finish(observatory, "sky", "--run", "one", *FAST)
    assert status == 1
    assert "run one is being made by another process" in printed
    first.kill()
    first.communicate(timeout=30)
