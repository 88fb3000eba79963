"""The run that a bench of the page measures."""

import sys

from rich.console import Console

from astra.data.observatory import Observatory
from astra.runs.run import Run, list_runs


def newest_run(observatory: Observatory, console: Console) -> Run:
    """Newest run, which is the one that the page opens; where there is none, say so and leave."""
    runs = list_runs(observatory)
    if not runs:
        console.print(f"no run in {observatory.runs}: make demo first")
        sys.exit(1)
    return runs[0]
