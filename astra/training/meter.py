"""What a fit tells while it runs: how far, how fast, and whether it waits for its data."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from astra.runs.progress import Progress

SECONDS_BETWEEN_EVENTS = 0.5
T = TypeVar("T")


@dataclass
class Meter:
    """Counts objects and seconds, and tells of them, not too often.

    Attributes
    ----------
    progress : Progress
    steps : int
        Of the whole fit.
    objects_per_step : float
    """

    progress: Progress
    steps: int
    objects_per_step: float
    started: float = field(default_factory=lambda: time.monotonic())
    told: float = field(default_factory=lambda: time.monotonic())
    objects: int = 0
    waiting: float = 0.0

    def timed(self, stream: Iterator[T]) -> Iterator[T]:
        """Give what the stream gives, and count the seconds that it takes to."""
        nothing = object()
        while True:
            asked = time.monotonic()
            found = next(stream, nothing)
            self.waiting += time.monotonic() - asked
            if found is nothing:
                return
            yield found  # type: ignore[misc]

    @property
    def seconds(self) -> float:
        """Since the fit began, or went on."""
        return time.monotonic() - self.started

    @property
    def is_time(self) -> bool:
        """Whether what was told last is long enough ago."""
        return time.monotonic() - self.told >= SECONDS_BETWEEN_EVENTS

    def tell(self, step: int, loss: float, epoch: float, **figures: Any) -> None:
        """Tell how far the fit is, with whatever else is known of it."""
        self.told = time.monotonic()
        speed = self.objects / max(self.seconds, 1e-9)
        left = (self.steps - step) * self.objects_per_step
        facts: dict[str, Any] = {
            "done": step,
            "total": self.steps,
            "unit": "steps",
            "loss": loss,
            "epoch": epoch,
            "objects_per_second": round(speed, 1),
            "eta": round(left / max(speed, 1e-9), 1),
            "waiting": round(self.waiting / max(self.seconds, 1e-9), 4),
        }
        self.progress("progress", **(facts | figures))
