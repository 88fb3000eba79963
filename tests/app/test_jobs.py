import json
import os
import signal
import subprocess
import sys
import textwrap
import time

import psutil
import pytest

from app import jobs
from app.jobs import Story, last_lines, resume, start_finetune, stop
from astra.runs.jobs import Job, list_jobs
from astra.runs.progress import ProgressFile

FINETUNE = {"encoder.epochs": 3, "encoder.learning_rate": 0.001}

# What stands for `python -m precompute`: it takes the same arguments, and lives as told by --run.
STAND_IN = """
    import signal, subprocess, sys, time
    from pathlib import Path
    from astra.runs.progress import ProgressFile

    arguments = dict(zip(sys.argv, sys.argv[1:]))
    tell, kind = ProgressFile(Path(arguments["--progress"])), arguments["--run"]
    print("made by", *sys.argv[1:], flush=True)

    def cancelled(*_):
        tell("cancelled", stage=None, message="the next call goes on from here")
        sys.exit(130)

    if kind == "stubborn":
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        print("child", child.pid, flush=True)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    elif kind != "rude":
        signal.signal(signal.SIGTERM, cancelled)
    tell("start", stage="encoder")
    if kind == "dies":
        sys.exit(3)
    if kind == "quick":
        tell("published", stage=None, message="run quick")
        sys.exit(0)
    while True:
        time.sleep(0.05)
"""


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    script = tmp_path / "precompute.py"
    script.write_text(textwrap.dedent(STAND_IN))
    monkeypatch.setattr(jobs, "PRECOMPUTE", (sys.executable, str(script)))


@pytest.fixture
def start(observatory, stand_in):
    """Start a job whose name says how it behaves; whatever is left is ended at the end."""

    def start(run, **more):
        job = start_finetune(observatory, "sky", run, "first", FINETUNE, "me", **more)
        started.append(job)
        until(lambda: job.progress.exists() or job.state() != "running")
        return job

    started = []
    yield start
    for job in started:
        if job.process() is not None:
            os.killpg(job.pid, signal.SIGKILL)


def until(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def test_the_process_gets_what_was_asked(start, observatory):
    job = start("long")
    until(lambda: last_lines(job))
    said = last_lines(job)[0].split()
    assert said[:2] == ["made", "by"]
    assert " ".join(said[2:]) == (
        "sky --run long --parent first --recipe finetune --set encoder.epochs=3 "
        f"--set encoder.learning_rate=0.001 --progress {job.progress} --home {observatory.home}"
    )


def test_the_command_is_one_that_precompute_takes():
    shown = subprocess.run(
        [*jobs.PRECOMPUTE, "--help"], capture_output=True, text=True, check=True, timeout=120
    )
    for option in ("--run", "--parent", "--recipe", "--set", "--progress", "--home"):
        assert option in shown.stdout


def test_a_job_is_its_own_process_group_and_needs_no_parent(start):
    job = start("long")
    assert os.getpgid(job.pid) == job.pid != os.getpgid(0)
    assert os.getsid(job.pid) == job.pid


def test_a_job_is_found_again_by_another_server(start, observatory):
    job = start("long")
    known = json.loads((job.path / "job.json").read_text())
    assert known["asked_by"] == "me"
    found = list_jobs(observatory)[0]
    assert (found.run, found.state(), found.facts["parent"]) == ("long", "running", "first")


@pytest.mark.parametrize(("run", "state"), [("quick", "done"), ("dies", "failed")])
def test_how_a_job_ends_can_be_told_from_its_files(start, observatory, run, state):
    start(run)
    until(lambda: list_jobs(observatory)[0].state() == state)


def test_ended_processes_are_not_left_as_zombies(start):
    job = start("quick")
    until(lambda: not psutil.pid_exists(job.pid))


def test_a_job_stops_when_asked(start):
    job = start("long")
    stop(job).join(20)
    assert job.state() == "cancelled"
    assert job.process() is None


def test_a_job_that_dies_of_the_signal_counts_as_cancelled(start):
    job = start("rude")
    stop(job).join(20)
    assert job.state() == "cancelled"


def test_a_job_that_does_not_stop_is_ended_by_force_with_its_children(start):
    job = start("stubborn")
    until(lambda: any(line.startswith("child") for line in last_lines(job)))
    child = int(last_lines(job)[-1].split()[1])
    stop(job, grace=0.3).join(20)
    assert job.state() == "cancelled"
    assert job.process() is None
    until(lambda: not psutil.pid_exists(child) or psutil.Process(child).status() == "zombie")


def test_what_has_ended_cannot_be_stopped(start):
    job = start("quick")
    until(lambda: job.process() is None)
    assert stop(job) is None
    assert job.state() == "done"


def test_resuming_asks_for_the_same_again(start, observatory):
    job = start("long")
    stop(job).join(20)
    again = resume(observatory, job, "you")
    assert again.command == job.command
    assert again.facts["resumes"] == job.name
    assert (again.asked_by, again.state()) == ("you", "running")
    stop(again).join(20)
    assert job.state() == again.state() == "cancelled"


@pytest.fixture
def told(observatory):
    """A job without a process, and a way to have it tell something."""
    job = Job.create(observatory, [], "made", "me", settings={"encoder.epochs": 4})
    return job, ProgressFile(job.progress)


def test_the_story_grows_by_what_is_new(told):
    job, tell = told
    story = Story(job)
    assert not story.read_on()
    tell("done", stage="labels", message="12 labels")
    tell("inherited", stage="periods", message="from first")
    tell("start", stage="encoder")
    assert story.read_on()
    assert story.stages == {"labels": "done", "periods": "inherited", "encoder": "start"}
    assert story.told == {"labels": "12 labels", "periods": "from first"}
    tell("progress", stage="encoder", done=3, total=12, unit="steps")
    assert story.read_on()
    assert (story.stage, story.fraction, story.unit) == ("encoder", 0.25, "steps")
    assert not story.read_on()


def test_curves_are_by_epochs_done_also_within_an_epoch(told):
    job, tell = told
    story = Story(job)
    for step in range(1, 9):
        figures = {"validation_loss": 1 / step, "score": step / 10} if step % 2 == 0 else {}
        tell("progress", stage="encoder", done=step, total=8, epoch=0, loss=2 / step, **figures)
    story.read_on()
    assert [x for x, _ in story.metrics["loss"]] == [0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4]
    assert story.metrics["score"] == [(1, 0.2), (2, 0.4), (3, 0.6), (4, 0.8)]
    assert story.metrics["validation_loss"][-1] == (4, 0.125)


def test_a_failure_says_why(told):
    job, tell = told
    tell("failed", stage=None, message="too few labels")
    story = Story(job)
    story.read_on()
    assert story.error == "too few labels"


def test_last_lines_are_plain_text(told):
    job, _ = told
    job.log.write_bytes(
        b"one\n\x1b[31mred\x1b[0m\n\n 10 %\r 50 %\r100 %\n\xff\xfebroken\nlast line\x07\n"
    )
    assert last_lines(job, 5) == ["one", "red", "100 %", "\ufffd\ufffdbroken", "last line"]


def test_of_a_long_log_only_the_end_is_read(told):
    job, _ = told
    job.log.write_text("".join(f"line {i}\n" for i in range(100_000)))
    assert last_lines(job, 3) == ["line 99997", "line 99998", "line 99999"]
