"""Stopping on SIGTERM: at once, or where a stage asks for it, at its next safe point."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Stopped(KeyboardInterrupt):
    """Somebody asked the process to stop; what is done so far is kept."""


class StopRequest:
    """What SIGTERM and Ctrl-C set; called, it says whether they did."""

    def __init__(self) -> None:
        self._requested = False
        self._patient = False

    def __call__(self) -> bool:
        """Whether the process was asked to stop."""
        return self._requested

    def listen(self) -> None:
        """Take over SIGTERM and SIGINT."""
        signal.signal(signal.SIGTERM, self._hear)
        signal.signal(signal.SIGINT, self._hear)

    @contextmanager
    def patiently(self) -> Iterator["StopRequest"]:
        """Let the block ask, instead of interrupting it; at its end it is stopped all the same.

        Raises
        ------
        Stopped
            At the end, where the process was asked to stop and the block did not.
        """
        self._patient = True
        try:
            yield self
        finally:
            self._patient = False
        if self._requested:
            raise Stopped

    def _hear(self, number: int, frame: FrameType | None) -> None:
        # A terminal and a job's owner may both ask: to interrupt the clearing up would spoil it.
        again, self._requested = self._requested, True
        if not (again or self._patient):
            raise Stopped(signal.Signals(number).name)


STOP = StopRequest()
