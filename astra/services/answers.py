"""Answers of services, kept on disk so that nobody is asked twice for the same."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from astra.data.durable import write_whole
from astra.data.observatory import Observatory

KEPT_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Match:
    """One object of another catalogue near a position.

    Attributes
    ----------
    name : str
    kind : str
        Type of object, in the catalogue's own words; empty where it says none.
    separation : float
        Distance from the position asked for [arcsec].
    facts : tuple of (str, str)
        What else is worth telling: its name and its value with unit.
    link : str
        Page on the object, or empty.
    """

    name: str
    kind: str
    separation: float
    facts: tuple[tuple[str, str], ...] = ()
    link: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service said: objects, nearest first, and when (UTC)."""

    matches: tuple[Match, ...]
    time: datetime


class Answers:
    """Answers in ``services/`` of an observatory, each for thirty days.

    Parameters
    ----------
    observatory : Observatory
    """

    def __init__(self, observatory: Observatory) -> None:
        self.folder = observatory.home / "services"

    @classmethod
    def of(cls, home: Path | str | None = None) -> Self:
        """Answers of the observatory in a folder."""
        return cls(Observatory(home))

    def find(self, service: str, question: str) -> Answer | None:
        """What is known, or None; what cannot be read is not known."""
        try:
            told = json.loads(self._path(service, question).read_text())
            matches = tuple(
                Match(**{**match, "facts": tuple((str(a), str(b)) for a, b in match["facts"])})
                for match in told["matches"]
            )
            answer = Answer(matches, datetime.fromisoformat(told["time"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return answer if datetime.now(UTC) - answer.time < KEPT_FOR else None

    def keep(self, service: str, question: str, matches: tuple[Match, ...]) -> Answer:
        """Keep an answer that came now."""
        answer = Answer(matches, datetime.now(UTC).replace(microsecond=0))
        told = {
            "service": service,
            "question": question,
            "time": answer.time.isoformat(),
            "matches": [asdict(match) for match in matches],
        }
        path = self._path(service, question)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps(told, indent=1).encode())
        return answer

    def _path(self, service: str, question: str) -> Path:
        digest = hashlib.sha256(f"{service}\n{question}".encode()).hexdigest()
        return self.folder / f"{digest[:32]}.json"
