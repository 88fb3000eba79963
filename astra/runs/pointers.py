"""Which run of a survey everybody sees, and which one they saw before.

One small file a survey, replaced in one step: whenever a process is killed, the file is the old or
the new one. Labels and selections are kept by object, so a switch leaves them as they are.
"""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict, ValidationError

from astra.data.durable import write_whole
from astra.data.errors import AstraError, StoreError
from astra.data.observatory import Observatory, check_name
from astra.runs.checks import check_run
from astra.runs.progress import Progress, silent
from astra.runs.run import Run


class Pointers(BaseModel):
    """What is current of one survey.

    Attributes
    ----------
    current, previous : str
        Names of runs; empty where nothing was promoted, or nothing before.
    changed : str
        When, ISO 8601.
    by : str
        Who.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    current: str = ""
    previous: str = ""
    changed: str = ""
    by: str = ""


def pointers(observatory: Observatory, survey: str) -> Pointers:
    """What is current of a survey; nothing, where nothing was promoted yet.

    Raises
    ------
    StoreError
        The file is not what this module writes.
    """
    path = observatory.pointers / f"{check_name('survey', survey)}.json"
    try:
        return Pointers.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return Pointers()
    except (OSError, ValidationError) as error:
        raise StoreError(f"{path}: does not say what is current; delete it: {error}") from error


def promote(
    observatory: Observatory, run: str, by: str = "", progress: Progress = silent
) -> Pointers:
    """Make a run the current one of its survey, after it was checked.

    Raises
    ------
    StoreError
        There is no such run, or it is not whole.
    """
    opened = Run.open(observatory.run(run))
    check_run(opened, progress)
    survey = opened.manifest.survey
    with _held(observatory):
        before = pointers(observatory, survey)
        if before.current == run:
            return before
        return _write(observatory, survey, run, before.current, by)


def roll_back(
    observatory: Observatory, survey: str, by: str = "", progress: Progress = silent
) -> Pointers:
    """Make the run before the current one again; done twice, nothing has changed.

    Raises
    ------
    AstraError
        No run was current before.
    StoreError
        That run is gone, or is not whole.
    """
    asked = pointers(observatory, survey)
    if not asked.previous:
        raise AstraError(f"survey {survey}: no run was current before, so none can be again")
    check_run(Run.open(observatory.run(asked.previous)), progress)
    with _held(observatory):
        if pointers(observatory, survey) != asked:
            raise AstraError(f"survey {survey}: somebody has just promoted another run; look again")
        return _write(observatory, survey, asked.previous, asked.current, by)


def run_to_show(observatory: Observatory, runs: Sequence[Run]) -> str:
    """Name of the current run of the survey of the newest run, where that opens; else the newest.

    Parameters
    ----------
    observatory : Observatory
    runs : sequence of Run
        Those that open, newest first; at least one.

    Raises
    ------
    StoreError
        What is current cannot be read.
    """
    newest = runs[0]
    current = pointers(observatory, newest.manifest.survey).current
    return current if current in [run.name for run in runs] else newest.name


def _write(observatory: Observatory, survey: str, current: str, previous: str, by: str) -> Pointers:
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    made = Pointers(current=current, previous=previous, changed=now, by=by)
    write_whole(observatory.pointers / f"{survey}.json", made.model_dump_json(indent=1).encode())
    return made


@contextmanager
def _held(observatory: Observatory) -> Iterator[None]:
    """Let one process at a time read and write; the end of a process lets go."""
    observatory.pointers.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(observatory.pointers, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
