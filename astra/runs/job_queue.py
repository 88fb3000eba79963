"""The queue of jobs: one process of its own that starts them in turn, and outlives the server.

All that it knows lies in the jobs' folders. It may be killed at any moment: the job that runs goes
on, and the next one that is started finds everything.
"""

import fcntl
import logging
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import psutil

from astra.data.errors import AstraError
from astra.data.observatory import Observatory
from astra.runs.claiming import TAKEN
from astra.runs.jobs import MOST_ATTEMPTS, STOP, Job, State, holding, list_jobs, settle
from astra.runs.progress import ProgressFile

MOST_WAITING = 20
GRACE = 20.0
NICENESS = 5
LONGEST_HOURS = 24.0
_WAIT_FOR_LOCK = 3.0
_log = logging.getLogger(__name__)


@dataclass
class Limits:
    """What jobs may take.

    Attributes
    ----------
    at_once : int
        Jobs that run at the same time; by default ``$ASTRA_JOBS_AT_ONCE``, or 1.
    hours : float
        Longest time of one attempt; by default ``$ASTRA_JOB_HOURS``, or 24.
    grace : float
        Seconds from the request to stop to the end by force.
    """

    at_once: int = field(default_factory=lambda: int(os.environ.get("ASTRA_JOBS_AT_ONCE", "1")))
    hours: float = field(
        default_factory=lambda: float(os.environ.get("ASTRA_JOB_HOURS", LONGEST_HOURS))
    )
    grace: float = GRACE


def waiting(observatory: Observatory) -> list[Job]:
    """Jobs that wait for their turn, the first first."""
    return [job for job in reversed(list_jobs(observatory)) if job.state() == "queued"]


def refuse_full(observatory: Observatory) -> None:
    """Refuse one job more where very many wait.

    Raises
    ------
    AstraError
        They do.
    """
    there = len(waiting(observatory))
    if there >= MOST_WAITING:
        raise AstraError(f"{there} jobs wait already: take one out of the queue, or wait")


def serve(
    observatory: Observatory,
    program: Sequence[str],
    limits: Limits | None = None,
    every: float = 0.5,
) -> bool:
    """Start waiting jobs in turn until none waits or runs; False where another process does that.

    Parameters
    ----------
    observatory : Observatory
    program : sequence of str
        What makes a run: the path of an executable and its first arguments.
    limits : Limits, optional
    every : float
        Seconds between two looks.
    """
    with _only_one(observatory) as alone:
        if alone:
            _Turns(observatory, program, limits or Limits()).take(every)
        return alone


@dataclass
class _Turns:
    observatory: Observatory
    program: Sequence[str]
    limits: Limits
    ended: set[str] = field(default_factory=set)
    started: dict[str, subprocess.Popen] = field(default_factory=dict)
    stillborn: Counter[str] = field(default_factory=Counter)

    def take(self, every: float) -> None:
        while True:
            found = [(job, self._look(job)) for job in self._open_jobs()]
            running = [job for job, state in found if state == "running"]
            queued = [job for job, state in found if state == "queued"]
            for job in running:
                self._watch(job)
            if not running and not queued:
                return
            for job in queued[: max(0, self.limits.at_once - len(running))]:
                self._start(job)
            time.sleep(every)

    def _open_jobs(self) -> list[Job]:
        jobs = reversed(list_jobs(self.observatory))
        return [job for job in jobs if job.name not in self.ended]

    def _look(self, job: Job) -> State:
        child = self.started.get(job.name)
        if child is not None and child.poll() is None and job.process() is None:
            return "running"  # it has not taken the job up yet
        if child is not None and child.poll() not in (None, TAKEN) and job.pid != child.pid:
            self._count_stillborn(job)
        state = settle(self.observatory, job)
        if state not in ("queued", "running"):
            self.ended.add(job.name)
        return state

    def _count_stillborn(self, job: Job) -> None:
        del self.started[job.name]
        self.stillborn[job.name] += 1
        if self.stillborn[job.name] >= MOST_ATTEMPTS:
            self._end(job, "cannot be started; see the log")

    def _start(self, job: Job) -> None:
        command = [sys.executable, "-m", "astra.runs.claiming", str(job.path), *self.program]
        command += [*job.command, "--progress", str(job.progress)]
        command += ["--home", str(self.observatory.home)]
        with job.log.open("ab") as log:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"},
                start_new_session=True,
            )
        with suppress(psutil.NoSuchProcess):
            psutil.Process(child.pid).nice(NICENESS)
        self.started[job.name] = child
        _log.info("job %s: process %d makes run %s", job.name, child.pid, job.run)

    def _watch(self, job: Job) -> None:
        """End by force what was asked to stop and did not, or what runs for very long."""
        process = job.process()
        if process is None:
            return
        now, stop = time.time(), job.path / STOP
        if stop.exists() and now - stop.stat().st_mtime > self.limits.grace:
            end_by_force(self.observatory, job, self.limits.grace)
        elif now - process.create_time() > 3600 * self.limits.hours:
            kill(process, self.limits.grace)
            self._end(job, f"ran longer than {self.limits.hours:g} hours")

    def _end(self, job: Job, why: str) -> None:
        with holding(self.observatory):
            if job.end() is None:
                ProgressFile(job.progress)("failed", stage=None, message=why)


def end_by_force(observatory: Observatory, job: Job, waited: float) -> None:
    """End a job that was asked to stop, and did not within so many seconds, with its children."""
    process = job.process()
    if process is not None:
        kill(process, waited)
        settle(observatory, job, f"did not stop within {waited:.0f} s, ended by force")


def kill(process: psutil.Process, wait: float) -> None:
    """Kill the process group of a process, and wait until it is gone, at most so many seconds."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    psutil.wait_procs([process], timeout=wait)


@contextmanager
def _only_one(observatory: Observatory) -> Iterator[bool]:
    """Whether this is the one process that serves the queue; another may be about to leave."""
    observatory.jobs.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(observatory.jobs / ".queue", os.O_CREAT | os.O_RDWR, 0o600)
    deadline = time.monotonic() + _WAIT_FOR_LOCK
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    yield False
                    return
                time.sleep(0.1)
            else:
                yield True
                return
    finally:
        os.close(descriptor)
