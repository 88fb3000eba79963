"""Ask a process which labels are doubtful: what it needs is never loaded by the app."""

import os
import subprocess
import sys

from astra.data.errors import AstraError
from astra.data.observatory import Observatory

_LONGEST = 1_800


def look_again(observatory: Observatory, run: str) -> str:
    """Run ``astra labels suspicious`` to its end, and give the last that it said.

    Raises
    ------
    AstraError
        It failed or took very long; the message is its own.
    """
    command = [sys.executable, "-m", "astra.cli", "labels", "suspicious", run]
    try:
        done = subprocess.run(
            [*command, "--home", str(observatory.home)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_LONGEST,
            env={**os.environ, "NO_COLOR": "1", "OMP_NUM_THREADS": "1"},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise AstraError(f"the second look took more than {_LONGEST} s and was ended") from error
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["it ended without a word"]
        raise AstraError(f"no second look: {said[-1].removeprefix('Error: ')}")
    return (done.stdout.strip().splitlines() or ["looked again"])[-1]
