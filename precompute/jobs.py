"""``python -m precompute.jobs``: start the jobs that wait, in turn, until there are none."""

import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from astra.data.observatory import Observatory
from astra.runs.job_queue import serve

PROGRAM = [sys.executable, "-m", "precompute"]


def make(
    program: Annotated[
        list[str] | None, typer.Argument(help="What makes a run; default: this precompute.")
    ] = None,
    home: Annotated[Path | None, typer.Option(help="Observatory.")] = None,
) -> None:
    """Start waiting jobs in turn; leave where another process does that."""
    serve(Observatory(home), program or PROGRAM)


def main() -> None:
    """Entry point."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    typer.run(make)


if __name__ == "__main__":
    main()
