"""Progress for three readers: a person at a terminal, a log, and the app."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from astra.runs.jobs import HEARTBEAT, JOB
from astra.runs.progress import ProgressFile

SECONDS_BETWEEN_EVENTS = 0.2
SECONDS_BETWEEN_LINES = 5.0
SECONDS_BETWEEN_BEATS = 5.0
_EMPTY = {"stage": None, "done": 0, "total": 0, "unit": "", "message": ""}
_NEVER_DROPPED = {"score", "probe", "baselines"}
_FIGURES = ("loss", "score", "probe")
_COLOURS = {"failed": "bold red", "cancelled": "yellow", "published": "bold green"}


class Reporter:
    """Tells of each event: a line of JSON in a file, and a bar that moves or a plain line.

    Events ``progress`` that follow too fast on one another are dropped, unless they carry a score
    or a probe, or end the stage.

    Parameters
    ----------
    console : Console
    bars : Progress
        Drawn where the console is a terminal.
    file : Path, optional
    """

    def __init__(self, console: Console, bars: Progress, file: Path | None) -> None:
        self.console = console
        self.bars = bars
        self.file = None if file is None else ProgressFile(file)
        self.stage: str | None = None
        self._bar: Any = None
        self._told = self._printed = -SECONDS_BETWEEN_LINES

    def __call__(self, event: str, **facts: Any) -> None:
        """Tell of one event; see :class:`astra.runs.progress.Progress`."""
        if event in ("start", "done"):
            self.stage = facts["stage"] if event == "start" else None
        facts.setdefault("stage", self.stage)
        moving = event == "progress"
        if moving and self._is_too_soon(facts):
            return
        if self.file:
            self.file(event, **{**_EMPTY, **facts})
        if moving and self.console.is_terminal:
            self._move(facts)
        elif not moving or self._is_time_for_a_line():
            self._end_bar()
            self._print(event, facts)

    def _is_too_soon(self, facts: dict[str, Any]) -> bool:
        last = facts.get("done") == facts.get("total") or bool(_NEVER_DROPPED & facts.keys())
        now = time.monotonic()
        if not last and now - self._told < SECONDS_BETWEEN_EVENTS:
            return True
        self._told = now
        return False

    def _is_time_for_a_line(self) -> bool:
        now = time.monotonic()
        if now - self._printed < SECONDS_BETWEEN_LINES:
            return False
        self._printed = now
        return True

    def _print(self, event: str, facts: dict[str, Any]) -> None:
        words = []
        if event == "progress":
            words.append(f"{facts.get('done', 0):,} of {facts.get('total', 0):,}")
            words.append(facts.get("unit", ""))
        if "seconds" in facts:
            words.append(f"{facts['seconds']:.1f} s")
        words += [f"{name} {facts[name]:.4g}" for name in _FIGURES if name in facts]
        words.append(facts.get("message", ""))
        line = f"{facts['stage'] or '':<12}{event:<11}" + "  ".join(word for word in words if word)
        self.console.print(
            line.rstrip(),
            style=_COLOURS.get(event, ""),
            highlight=False,
            markup=False,
            soft_wrap=True,
        )

    def _move(self, facts: dict[str, Any]) -> None:
        if self._bar is None:
            self._bar = self.bars.add_task(facts["stage"] or "", unit="", loss="")
        self.bars.update(
            self._bar,
            completed=facts.get("done", 0),
            total=facts.get("total"),
            unit=facts.get("unit", ""),
            loss=f"loss {facts['loss']:.4g}" if "loss" in facts else "",
        )

    def _end_bar(self) -> None:
        if self._bar is not None:
            self.bars.remove_task(self._bar)
            self._bar = None


@contextmanager
def reporting(file: Path | None) -> Iterator[Reporter]:
    """Show progress on the standard error, and in a file, while the block runs."""
    console = Console(stderr=True)
    bars = Progress(
        TextColumn("{task.description:<12}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[unit]}"),
        TextColumn("{task.fields[loss]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    if file is not None and (file.parent / JOB).exists():
        threading.Thread(target=_beat, args=(file.parent / HEARTBEAT,), daemon=True).start()
    with bars:
        yield Reporter(console, bars, file)


def _beat(file: Path) -> None:
    """Show, every five seconds, that the process lives."""
    while True:
        file.touch()
        time.sleep(SECONDS_BETWEEN_BEATS)
