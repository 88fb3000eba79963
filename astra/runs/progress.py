"""Progress of long work: one JSON object per line, written by a job and followed by the app."""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

_log = logging.getLogger(__name__)


class Progress(Protocol):
    """Anything that can be told how far the work is."""

    def __call__(self, event: str, **facts: Any) -> None:
        """Tell of one event.

        Parameters
        ----------
        event : str
            ``start``, ``progress``, ``done``, ``current``, ``inherited``, ``published``,
            ``failed`` or ``cancelled``.
        **facts
            ``stage``, ``done``, ``total``, ``unit``, ``message``, and any metric.
        """
        ...


def silent(event: str, **facts: Any) -> None:
    """Tell nobody."""


@dataclass
class ProgressFile:
    """Appends events to a file; each line is whole when it is seen."""

    path: Path

    def __call__(self, event: str, **facts: Any) -> None:
        """Append one event with its time."""
        line = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "event": event,
            **facts,
        }
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


@dataclass
class Follower:
    """Reads the events that were appended since it last looked."""

    path: Path
    _offset: int = field(default=0, init=False)

    def new_events(self) -> Iterator[dict[str, Any]]:
        """Events since the last call; a line that is not complete yet is left for the next.

        A line that is no event (a disk was full, a power cut) is passed over.
        """
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            file.seek(self._offset)
            for line in file:
                if not line.endswith(b"\n"):
                    return
                self._offset += len(line)
                try:
                    yield json.loads(line)
                except ValueError:
                    _log.warning("%s: not an event: %r", self.path, line[:80])
