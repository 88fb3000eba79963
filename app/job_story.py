"""What a job tells while it runs, and when it has ended."""

import re
import time
from dataclasses import dataclass, field
from typing import Any

from astra.runs.jobs import HEARTBEAT, Job
from astra.runs.progress import Follower

METRICS = ("loss", "validation_loss", "score", "probe")
_TAIL_BYTES = 16_384
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f]")


def last_lines(job: Job, lines: int = 8) -> list[str]:
    """Last lines that the process printed, without control characters."""
    if not job.log.exists():
        return []
    with job.log.open("rb") as file:
        file.seek(max(0, job.log.stat().st_size - _TAIL_BYTES))
        text = file.read().decode("utf-8", errors="replace")
    # A progress bar rewrites its line: what stood last on it counts.
    kept = [_CONTROL.sub("", line.rstrip("\r").rpartition("\r")[2]) for line in text.split("\n")]
    return [line.rstrip() for line in kept if line.strip()][-lines:]


@dataclass
class Story:
    """What a job has told so far; :meth:`read_on` reads only what is new.

    The curves of a job that was resumed begin with those of the job before.

    Attributes
    ----------
    job : Job
    stage, unit, message : str
    done, total : float
        How far the present stage is, in ``unit``.
    stages : dict of stage to what it said last
        ``start``, ``progress``, ``done``, ``inherited`` or ``current``.
    told : dict of stage to what it found worth telling
    error : str
        What a failure said.
    metrics : dict of name to list of (epoch, value)
    classes : list of str
    confusion : list of list of int
        Of the last epoch: objects of each class (outer) by what they were taken for.
    baselines : dict of name to macro-F1
        What must be beaten, on ``baselines_on``.
    frozen_f1 : dict of class to F1 of a probe on the frozen encoder
    eta : float
        Seconds that are left of teaching.
    """

    job: Job
    stage: str = ""
    unit: str = ""
    message: str = ""
    done: float = 0
    total: float = 0
    error: str = ""
    stages: dict[str, str] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    classes: list[str] = field(default_factory=list)
    confusion: list[list[int]] = field(default_factory=list)
    baselines: dict[str, float] = field(default_factory=dict)
    baselines_on: str = ""
    frozen_f1: dict[str, float] = field(default_factory=dict)
    eta: float = 0.0
    _follower: Follower = field(init=False)

    def __post_init__(self) -> None:
        self._follower = Follower(self.job.progress)
        earlier = self.job.path.parent / self.job.facts.get("resumes", "")
        if "resumes" in self.job.facts and (earlier / "job.json").exists():
            before = Story(Job.open(earlier))
            before.read_on()
            for name in ("metrics", "classes", "confusion", "baselines", "frozen_f1"):
                setattr(self, name, getattr(before, name))

    @property
    def epochs(self) -> int:
        """Epochs that were asked for."""
        return int(self.job.facts.get("settings", {}).get("encoder.epochs", 0))

    @property
    def heartbeat(self) -> float | None:
        """Seconds since the process last showed that it lives; None where it never did."""
        try:
            return max(0.0, time.time() - (self.job.path / HEARTBEAT).stat().st_mtime)
        except FileNotFoundError:
            return None

    @property
    def f1(self) -> dict[str, float]:
        """F1 of each class in the last epoch, of those that were scored."""
        found = {}
        for place, name in enumerate(self.classes if self.confusion else ()):
            true, right = sum(self.confusion[place]), self.confusion[place][place]
            claimed = sum(row[place] for row in self.confusion)
            if true:
                found[name] = 2 * right / (true + claimed)
        return found

    @property
    def fraction(self) -> float:
        """Share of the present stage that is done, 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0

    def read_on(self) -> bool:
        """Take in the new events; False where there are none."""
        events = list(self._follower.new_events())
        for event in events:
            self._take(event)
        return bool(events)

    def _take(self, event: dict[str, Any]) -> None:
        kind, stage = event["event"], event.get("stage") or ""
        self.message, self.unit = event.get("message") or "", event.get("unit") or ""
        self.done, self.total = event.get("done") or 0, event.get("total") or 0
        if stage:
            self.stage, self.stages[stage] = stage, kind
            if kind in ("done", "inherited"):
                self.told[stage] = self.message
        if kind == "failed":
            self.error = self.message
        self.eta = event.get("eta") or 0.0
        if "baselines" in event:
            self._plan(event)
        if "epoch" in event:
            self._measure(event)

    def _plan(self, event: dict[str, Any]) -> None:
        self.classes, self.baselines = event["classes"], event["baselines"]
        self.baselines_on = event.get("baselines_on", "")
        by_class = event.get("frozen_by_class", {})
        self.frozen_f1 = {name: told["f1"] for name, told in by_class.items() if told["f1"]}

    def _measure(self, event: dict[str, Any]) -> None:
        # Within an epoch the steps say how far it is; the events count epochs from zero.
        known = self.epochs and self.total
        epoch = self.fraction * self.epochs if known else event["epoch"] + 1
        self.confusion = event.get("confusion") or self.confusion
        for name in METRICS:
            if event.get(name) is not None:
                self.metrics.setdefault(name, []).append((float(epoch), float(event[name])))
