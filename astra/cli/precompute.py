"""``astra precompute``: starts ``python -m precompute``, a process of its own."""

import subprocess
import sys

import typer


def run_precompute(arguments: list[str]) -> int:
    """Run ``python -m precompute`` with these arguments; gives its exit status."""
    return subprocess.call([sys.executable, "-m", "precompute", *arguments])


def precompute(context: typer.Context) -> None:
    """Make a run of a survey (see ``astra precompute -- --help`` for its options)."""
    raise typer.Exit(run_precompute(context.args))
