"""``astra precompute``: starts ``python -m precompute``, a process of its own."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer


def run_precompute(arguments: list[str], module: str = "precompute") -> int:
    """Run ``python -m precompute``, or another module, with arguments; gives its exit status.

    Asked to stop, this process asks the other and waits for it to end in its own way.
    """
    process = subprocess.Popen([sys.executable, "-m", module, *arguments])
    with _passing_on(process):
        return process.wait()


def precompute(context: typer.Context) -> None:
    """Make a run of a survey: periods, embeddings, map, predictions, anomaly scores."""
    raise typer.Exit(run_precompute(context.args))


@contextmanager
def _passing_on(process: subprocess.Popen) -> Iterator[None]:
    # Ctrl-C reaches both processes; SIGTERM this one alone.
    handlers = {
        signal.SIGINT: lambda *_: None,
        signal.SIGTERM: lambda *_: process.terminate(),
    }
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
