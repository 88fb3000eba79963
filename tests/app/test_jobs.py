import json
import os
import subprocess
import sys
import textwrap
import time

import psutil
import pytest

from app import jobs
from app.job_story import Story, last_lines
from app.jobs import resume, start_finetune, stop
from astra.data.errors import AstraError
from astra.runs.jobs import Job, list_jobs
from astra.runs.progress import Follower, ProgressFile

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
    if kind.startswith("brief"):
        time.sleep(1)
    if kind.startswith(("quick", "brief")):
        tell("published", stage=None, message="run " + kind)
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
        until(lambda: job.progress.exists())
        return job

    started = []
    yield start
    for job in started:
        waiter = stop(observatory, job, grace=0.3)
        if waiter is not None:
            waiter.join(20)


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
    job.reread()
    assert os.getpgid(job.pid) == job.pid != os.getpgid(0)
    assert os.getsid(job.pid) == job.pid


def test_a_job_is_found_again_by_another_server(start, observatory):
    job = start("long")
    known = json.loads((job.path / "job.json").read_text())
    assert known["asked_by"] == "me"
    found = list_jobs(observatory)[0]
    assert (found.run, found.state(), found.facts["parent"]) == ("long", "running", "first")


@pytest.mark.parametrize(
    ("run", "state", "attempts"), [("quick", "done", 1), ("dies", "failed", 3)]
)
def test_how_a_job_ends_can_be_told_from_its_files(start, observatory, run, state, attempts):
    job = start(run)
    until(lambda: list_jobs(observatory)[0].state() == state)
    until(lambda: job.end() is not None)
    job.reread()
    assert job.attempts == attempts
    assert ends_of(job) == [state if state == "failed" else "published"]


def ends_of(job):
    ends = ("published", "failed", "cancelled")
    return [e["event"] for e in Follower(job.progress).new_events() if e["event"] in ends]


def test_jobs_take_turns(start, observatory):
    first = start("long")
    others = [
        start_finetune(observatory, "sky", run, "first", FINETUNE, "me")
        for run in ("quick", "quick-2", "never")
    ]
    time.sleep(1.5)
    assert [job.state() for job in others] == ["queued"] * 3
    assert first.state() == "running"
    assert stop(observatory, others[2]) is None
    assert others[2].state() == "cancelled"
    stop(observatory, first).join(20)
    until(lambda: [job.state() for job in others] == ["done", "done", "cancelled"])
    assert not others[2].log.exists()
    for job in others:
        assert len(ends_of(job)) == 1


def test_a_job_that_cannot_be_started_fails_with_a_word(observatory, monkeypatch):
    monkeypatch.setattr(jobs, "PRECOMPUTE", ("/nowhere/at-all",))
    job = start_finetune(observatory, "sky", "x", "first", FINETUNE, "me")
    until(lambda: job.state() == "failed", 40)
    assert "FileNotFoundError" in "".join(last_lines(job))


def test_very_many_are_refused(observatory, monkeypatch):
    monkeypatch.setattr(jobs, "serve_queue", lambda observatory: None)
    for number in range(20):
        start_finetune(observatory, "sky", f"run-{number}", "first", FINETUNE, "me")
    with pytest.raises(AstraError, match="20 jobs wait already"):
        start_finetune(observatory, "sky", "one-more", "first", FINETUNE, "me")


SERVER = """
import sys, time
from pathlib import Path
from app import jobs
from astra.data.observatory import Observatory

jobs.PRECOMPUTE = (sys.executable, sys.argv[2])
home = Observatory(Path(sys.argv[1]))
for number in range(5):
    jobs.start_finetune(home, "sky", f"brief-{number}", "first", {"encoder.epochs": 1}, "me")
print("asked", flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("queue_dies", [False, True])
def test_a_killed_server_leaves_five_jobs_that_each_end_once(
    observatory, stand_in, tmp_path, queue_dies
):
    """J2 of the bar: the server is killed, and once also the process that starts the jobs."""
    command = [sys.executable, "-c", SERVER, str(observatory.home), jobs.PRECOMPUTE[1]]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    assert server.stdout.readline() == "asked\n"
    until(lambda: any(job.state() == "running" for job in list_jobs(observatory)), 30)
    if queue_dies:
        for process in psutil.process_iter(["cmdline"]):
            words = process.info["cmdline"] or []
            if "precompute.jobs" in words and str(observatory.home) in words:
                process.kill()
    server.kill()
    server.wait()
    five = list_jobs(observatory)
    assert len(five) == 5
    if queue_dies:
        jobs.serve_queue(observatory)
    until(lambda: all(job.end() for job in five), 60)
    for job in five:
        assert ends_of(job) == ["published"]
        until(lambda job=job: job.process() is None)
        assert (job.attempts, job.log.read_text().count("made by")) == (1, 1)


def test_ended_processes_are_not_left_as_zombies(start):
    job = start("quick")
    job.reread()
    until(lambda: not psutil.pid_exists(job.pid))


def test_a_job_stops_when_asked(start, observatory):
    job = start("long")
    stop(observatory, job).join(20)
    assert job.state() == "cancelled"
    assert job.process() is None


def test_a_job_that_dies_of_the_signal_counts_as_cancelled(start, observatory):
    job = start("rude")
    stop(observatory, job).join(20)
    assert job.state() == "cancelled"


def test_a_job_that_does_not_stop_is_ended_by_force_with_its_children(start, observatory):
    job = start("stubborn")
    until(lambda: any(line.startswith("child") for line in last_lines(job)))
    child = int(last_lines(job)[-1].split()[1])
    stop(observatory, job, grace=0.3).join(20)
    assert job.state() == "cancelled"
    assert job.process() is None
    until(lambda: not psutil.pid_exists(child) or psutil.Process(child).status() == "zombie")


def test_what_has_ended_cannot_be_stopped(start, observatory):
    job = start("quick")
    until(lambda: job.process() is None)
    assert stop(observatory, job) is None
    assert job.state() == "done"


def test_resuming_asks_for_the_same_again(start, observatory):
    job = start("long")
    stop(observatory, job).join(20)
    again = resume(observatory, job, "you")
    assert again.command == job.command
    assert again.facts["resumes"] == job.name
    until(lambda: again.state() == "running")
    assert again.asked_by == "you"
    stop(observatory, again).join(20)
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
