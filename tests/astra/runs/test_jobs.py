import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from astra.data.errors import StoreError
from astra.data.observatory import Observatory
from astra.runs.jobs import Job, cancel, list_jobs, settle
from astra.runs.progress import Follower, ProgressFile


@pytest.fixture
def job(observatory: Observatory) -> Job:
    return Job.create(observatory, ["sky", "--run", "child"], "child", "ann", classes=["RR"])


Start = Callable[[Job, str], subprocess.Popen]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a process for a job, in a group of its own; what still runs is killed at the end."""
    started = []

    def run(job: Job, code: str) -> subprocess.Popen:
        process = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
        started.append(process)
        job.started_as(process.pid)
        return process

    yield run
    for process in started:
        process.kill()
        process.wait()


def wait_for(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return False


def test_what_was_asked_is_read_back(job: Job, start: Start) -> None:
    assert Job.open(job.path) == job
    assert (job.run, job.asked_by, job.facts) == ("child", "ann", {"classes": ["RR"]})
    start(job, "")
    assert Job.open(job.path) == job
    assert [path.name for path in job.path.iterdir()] == ["job.json"]


def test_a_job_goes_from_queued_to_running_to_done(job: Job, start: Start) -> None:
    assert job.state() == "queued"
    assert job.process() is None
    start(job, "import time; time.sleep(60)")
    assert job.state() == "running"
    tell = ProgressFile(job.progress)
    tell("progress", done=1, total=2)
    assert Job.open(job.path).state() == "running"
    tell("published")
    assert job.state() == "done"


@pytest.mark.parametrize("event", ["failed", "cancelled"])
def test_the_last_word_of_a_job_counts(job: Job, start: Start, event: str) -> None:
    process = start(job, "")
    process.wait()
    tell = ProgressFile(job.progress)
    tell("progress")
    tell(event)
    assert job.state() == event


def test_a_job_that_goes_on_after_it_was_cancelled_runs(job: Job, start: Start) -> None:
    ProgressFile(job.progress)("cancelled")
    start(job, "import time; time.sleep(60)")
    ProgressFile(job.progress)("start")
    assert job.state() == "running"


def test_a_job_whose_process_dies_without_a_word_waits_again_three_times(
    observatory: Observatory, job: Job, start: Start
) -> None:
    for state in ("queued", "queued", "failed"):
        process = start(job, "import time; time.sleep(60)")
        ProgressFile(job.progress)("progress")
        assert job.state() == "running"
        process.kill()
        # Not waited for: until somebody does, the dead process is a zombie.
        assert wait_for(lambda: job.process() is None)
        assert job.state() == state
        assert settle(observatory, job) == state
    assert job.attempts == 3
    for _ in range(2):
        settle(observatory, job)
    ends = [event for event in Follower(job.progress).new_events() if event["event"] == "failed"]
    assert len(ends) == 1
    assert "3 times" in ends[0]["message"]


def test_another_process_with_the_same_number_is_not_the_job(
    observatory: Observatory, job: Job, start: Start
) -> None:
    process = start(job, "import time; time.sleep(60)")
    job.started -= 100
    job.save()
    assert job.process() is None
    assert job.state() == "queued"
    assert cancel(observatory, job)
    assert process.poll() is None


def test_a_job_that_was_asked_to_stop_does_not_wait_again(
    observatory: Observatory, job: Job, start: Start
) -> None:
    process = start(job, "import time; time.sleep(60)")
    assert cancel(observatory, job)
    process.wait(20)
    assert settle(observatory, job) == job.end() == "cancelled"


def test_many_who_claim_a_job_and_one_who_gets_it(observatory: Observatory, job: Job) -> None:
    did = job.path / "did"
    code = f"import time; open({str(did)!r}, 'a').write('x'); time.sleep(1.5)"
    command = [sys.executable, "-m", "astra.runs.claiming", str(job.path)]
    many = [subprocess.Popen([*command, sys.executable, "-c", code]) for _ in range(8)]
    codes = sorted(process.wait(40) for process in many)
    assert codes == [0] + [75] * 7
    assert did.read_text() == "x"
    job.reread()
    assert (job.attempts, job.pid in [process.pid for process in many]) == (1, True)


def test_cancelling_asks_the_whole_group(
    observatory: Observatory, job: Job, start: Start, tmp_path: Path
) -> None:
    child = "import time; time.sleep(60)"
    code = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-c', {child!r}])\n"
        f"open({str(tmp_path / 'child')!r}, 'w').write(str(child.pid))\n"
        "sys.exit(child.wait())"
    )
    process = start(job, code)
    assert wait_for(lambda: (tmp_path / "child").exists())
    assert cancel(observatory, job)
    assert process.wait(20) in (-signal.SIGTERM, 256 - signal.SIGTERM)
    assert settle(observatory, job) == "cancelled"
    assert not cancel(observatory, job)


def test_a_job_that_waits_is_cancelled_at_once(observatory: Observatory, job: Job) -> None:
    assert cancel(observatory, job)
    assert job.end() == "cancelled"
    assert not cancel(observatory, job)


def test_jobs_are_listed_newest_first_and_damaged_ones_hide_no_other(
    observatory: Observatory,
) -> None:
    assert list_jobs(observatory) == []
    jobs = [Job.create(observatory, [], f"run-{number}", "ann") for number in range(3)]
    for number, job in enumerate(jobs):
        job.path = job.path.rename(observatory.jobs / f"2026010{number}-000000-abcdef")
    for name, content in (("damaged", "{"), ("other", '{"no": "job"}'), ("list", "[]")):
        (observatory.jobs / name).mkdir()
        (observatory.jobs / name / "job.json").write_text(content)
        with pytest.raises(StoreError, match="no job here"):
            Job.open(observatory.jobs / name)
    (observatory.jobs / "empty").mkdir()
    assert [job.run for job in list_jobs(observatory)] == ["run-2", "run-1", "run-0"]
