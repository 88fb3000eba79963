"""Ask for and stop jobs; they are started in turn by ``python -m precompute.jobs``.

A job is a process group of its own and all that is known of it lies on disk, so it outlives the
page and the server; so does the process that starts them.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Mapping

import psutil

from astra.data.observatory import Observatory
from astra.runs.job_queue import GRACE, end_by_force, refuse_full
from astra.runs.jobs import Job, cancel, settle

PRECOMPUTE = (sys.executable, "-m", "precompute")
QUEUE = (sys.executable, "-m", "precompute.jobs")


def start_finetune(
    observatory: Observatory,
    survey: str,
    run: str,
    parent: str,
    settings: Mapping[str, object],
    asked_by: str,
) -> Job:
    """Put a fine-tune in the queue; its process publishes a new run.

    Parameters
    ----------
    observatory : Observatory
    survey, run, parent : str
        Survey, name of the new run, name of the run whose encoder is the start.
    settings : mapping
        ``stage.key`` of the recipe -> value.
    asked_by : str
        Annotator who asked.

    Raises
    ------
    AstraError
        Very many jobs wait already.
    """
    command = [survey, "--run", run, "--parent", parent, "--recipe", "finetune"]
    for key, value in settings.items():
        command += ["--set", f"{key}={in_toml(value)}"]
    facts = {"parent": parent, "survey": survey, "settings": dict(settings)}
    refuse_full(observatory)
    job = Job.create(observatory, command, run, asked_by, **facts)
    serve_queue(observatory)
    return job


def resume(observatory: Observatory, job: Job, asked_by: str) -> Job:
    """Ask for the same once more; what the ended job had finished is not computed again."""
    refuse_full(observatory)
    again = Job.create(
        observatory, job.command, job.run, asked_by, **{**job.facts, "resumes": job.name}
    )
    serve_queue(observatory)
    return again


def in_toml(value: object) -> str:
    """A setting as the command takes it: tables in one line."""
    if isinstance(value, Mapping):
        inside = ", ".join(f"{name} = {in_toml(part)}" for name, part in value.items())
        return f"{{{inside}}}"
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, str) else str(value)


def serve_queue(observatory: Observatory) -> subprocess.Popen:
    """Start the process that starts jobs in turn; where there is one, the new one leaves."""
    process = subprocess.Popen(
        [*QUEUE, "--home", str(observatory.home), "--", *PRECOMPUTE],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    threading.Thread(target=process.wait, name="reap queue", daemon=True).start()
    return process


def stop(observatory: Observatory, job: Job, grace: float = GRACE) -> threading.Thread | None:
    """Ask a job to stop, and end it by force where it does not within ``grace`` seconds.

    Returns
    -------
    Thread or None
        The thread that waits for the end; None where the job has ended, or waited for its turn.
    """
    process = job.process()
    if not cancel(observatory, job) or process is None:
        return None
    waiter = threading.Thread(
        target=_end, args=(observatory, job, process, grace), name=f"stop {job.name}", daemon=True
    )
    waiter.start()
    return waiter


def _end(observatory: Observatory, job: Job, process: psutil.Process, grace: float) -> None:
    _, alive = psutil.wait_procs([process], timeout=grace)
    if alive:
        end_by_force(observatory, job, grace)
    settle(observatory, job)
