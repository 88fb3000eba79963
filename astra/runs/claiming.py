"""``python -m astra.runs.claiming JOB COMMAND...``: take a job up, then become the command.

The process writes itself into the job before it does anything, and only if nobody else has: so,
whoever is killed at whatever moment, no job is ever done by two.
"""

import os
import sys
from pathlib import Path

from astra.data.observatory import Observatory
from astra.runs.jobs import Job, holding

TAKEN = 75


def main() -> None:
    """Entry point; the exit status is 75 where the job is not to be had."""
    path, *command = sys.argv[1:]
    job = Job.open(Path(path))
    with holding(Observatory(job.path.parent.parent)):
        if job.state() != "queued":
            sys.exit(TAKEN)
        job.started_as(os.getpid())
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
