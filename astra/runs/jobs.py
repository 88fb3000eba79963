"""Jobs: what was asked of a process, whether it lives, and what it said."""

import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Self

import psutil

from astra.data.errors import StoreError
from astra.data.observatory import Observatory
from astra.runs.progress import Follower

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
    """

    path: Path
    command: list[str]
    run: str
    asked_by: str
    created: str
    facts: dict[str, Any] = field(default_factory=dict)
    pid: int = 0
    started: float = 0.0

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
            return cls(path, **json.loads((path / "job.json").read_text()))
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
        temporary.rename(self.path / "job.json")

    def started_as(self, pid: int) -> None:
        """Remember the process that does the job."""
        self.pid, self.started = pid, psutil.Process(pid).create_time()
        self.save()

    def process(self) -> psutil.Process | None:
        """Process of the job while it lives."""
        if not self.pid:
            return None
        try:
            process = psutil.Process(self.pid)
            alive = process.create_time() == self.started and process.status() != "zombie"
        except psutil.NoSuchProcess:
            return None
        return process if alive else None

    def state(self) -> State:
        """Where the job is; a process that died without a word has failed."""
        last: State | None = None
        for event in Follower(self.progress).new_events():
            last = _ENDS.get(event["event"])  # a resumed job goes on after "cancelled"
        if last:
            return last
        if not self.pid:
            return "queued"
        return "running" if self.process() else "failed"


def list_jobs(observatory: Observatory) -> list[Job]:
    """All jobs, newest first; folders without a valid ``job.json`` are not jobs."""
    jobs = []
    for path in sorted(observatory.jobs.glob("[!.]*/job.json"), reverse=True):
        try:
            jobs.append(Job.open(path.parent))
        except StoreError:
            continue
    return jobs


def cancel(job: Job) -> bool:
    """Ask a running job to stop (SIGTERM to its process group); False where it does not run."""
    process = job.process()
    if process is None:
        return False
    os.killpg(process.pid, 15)
    return True
