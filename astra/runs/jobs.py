"""Jobs: what was asked of a process, whether it lives, and what it said.

A job waits, is taken up by a process, and comes to exactly one end. A process that dies without a
word has not ended the job: it waits again, and goes on from what was finished, up to three times.
"""

import fcntl
import json
import os
import secrets
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Self

import psutil

from astra.data.errors import StoreError
from astra.data.observatory import Observatory
from astra.runs.progress import Follower, ProgressFile

MOST_ATTEMPTS = 3
JOB, HEARTBEAT, STOP = "job.json", "heartbeat", "stop"
State = Literal["queued", "running", "done", "failed", "cancelled"]
_ENDS: dict[str, State] = {"published": "done", "failed": "failed", "cancelled": "cancelled"}


@dataclass
class Job:
    """One folder of ``jobs/``: ``job.json``, ``progress.jsonl``, ``log.txt``.

    Attributes
    ----------
    path : Path
    command : list of str
        Arguments after ``python -m precompute``.
    run : str
        The run that the job makes.
    asked_by : str
        Annotator who asked for it.
    facts : dict
        Whatever the form said, for people to read.
    pid, started : int, float
        Process and its start time, so that a reused pid is not mistaken for the job.
    attempts : int
        Processes that have taken it up.
    """

    path: Path
    command: list[str]
    run: str
    asked_by: str
    created: str
    facts: dict[str, Any] = field(default_factory=dict)
    pid: int = 0
    started: float = 0.0
    attempts: int = 0

    @classmethod
    def create(
        cls, observatory: Observatory, command: list[str], run: str, asked_by: str, **facts: Any
    ) -> Self:
        """Make a new job's folder; the job is not started."""
        now = datetime.now(UTC)
        path = observatory.job(f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}")
        path.mkdir(parents=True)
        job = cls(path, command, run, asked_by, now.isoformat(timespec="seconds"), facts)
        job.save()
        return job

    @classmethod
    def open(cls, path: Path) -> Self:
        """Read a job's folder.

        Raises
        ------
        StoreError
            There is no job in it.
        """
        try:
            return cls(path, **json.loads((path / JOB).read_text()))
        except (OSError, ValueError, TypeError) as error:
            raise StoreError(f"{path}: no job here ({error})") from error

    @property
    def name(self) -> str:
        """Name of the job."""
        return self.path.name

    @property
    def progress(self) -> Path:
        """File of the job's events."""
        return self.path / "progress.jsonl"

    @property
    def log(self) -> Path:
        """File of what the process printed."""
        return self.path / "log.txt"

    def save(self) -> None:
        """Write ``job.json`` in one step."""
        asked = {name: value for name, value in asdict(self).items() if name != "path"}
        temporary = self.path / ".job.json"
        temporary.write_text(json.dumps(asked, indent=1))
        temporary.rename(self.path / JOB)

    def started_as(self, pid: int) -> None:
        """Remember the process that does the job."""
        self.pid, self.started = pid, psutil.Process(pid).create_time()
        self.attempts += 1
        self.save()

    def reread(self) -> None:
        """Read again which process does the job."""
        now = Job.open(self.path)
        self.pid, self.started, self.attempts = now.pid, now.started, now.attempts

    def process(self) -> psutil.Process | None:
        """Process of the job while it lives."""
        self.reread()
        if not self.pid:
            return None
        try:
            process = psutil.Process(self.pid)
            alive = process.create_time() == self.started and process.status() != "zombie"
        except psutil.NoSuchProcess:
            return None
        return process if alive else None

    @property
    def was_asked_to_stop(self) -> bool:
        """Whether somebody asked for its end."""
        return (self.path / STOP).exists()

    def end(self) -> State | None:
        """How the job ended, in its own words; None where it has not said so."""
        last: State | None = None
        for event in Follower(self.progress).new_events():
            last = _ENDS.get(event["event"])  # a job that is taken up again goes on after its end
        return last

    def state(self) -> State:
        """Where the job is; one whose process died without a word waits, but not for ever."""
        alive = self.process() is not None
        if end := self.end():
            return end
        if alive:
            return "running"
        if self.was_asked_to_stop:
            return "cancelled"
        return "queued" if self.attempts < MOST_ATTEMPTS else "failed"


@contextmanager
def holding(observatory: Observatory) -> Iterator[None]:
    """Hold all jobs still: while the block runs, no other process starts or ends one."""
    observatory.jobs.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(observatory.jobs / ".lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def settle(observatory: Observatory, job: Job, why: str = "") -> State:
    """Write the end of a job that died without a word, once; gives its state.

    Parameters
    ----------
    observatory : Observatory
    job : Job
    why : str
        What is said of the end; by default what is known.
    """
    with holding(observatory):
        state = job.state()
        if state in _ENDS.values() and job.end() is None:
            words = {
                "cancelled": "stopped before it could say so",
                "failed": f"ended without a word, {job.attempts} times; see the log",
            }
            ProgressFile(job.progress)(state, stage=None, message=why or words[state])
    return state


def list_jobs(observatory: Observatory) -> list[Job]:
    """All jobs, newest first; folders without a valid ``job.json`` are not jobs."""
    jobs = []
    for path in sorted(observatory.jobs.glob("[!.]*/job.json"), reverse=True):
        try:
            jobs.append(Job.open(path.parent))
        except StoreError:
            continue
    return jobs


def cancel(observatory: Observatory, job: Job) -> bool:
    """Ask a job to stop; one that waits ends at once. False where it has ended.

    A running one gets SIGTERM, with its process group.
    """
    with holding(observatory):
        if job.state() not in ("queued", "running"):
            return False
        (job.path / STOP).touch()
        process = job.process()
        if process is not None:
            os.killpg(process.pid, signal.SIGTERM)
            return True
    settle(observatory, job, "taken out of the queue")
    return True
