"""Which objects a step sees: a pure function of the seed and the step, hence resumable."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from astra.data.light_curves import LightCurves
from astra.encoders.base import Batch
from astra.training.objective import Objective

# Streams of randomness under one seed; a new use gets a new number.
ORDER, VIEWS = 0, 1


@dataclass(frozen=True, slots=True)
class Batches:
    """Rows shuffled anew every epoch and cut into nearly equal batches; none is left out.

    A batch may be cut into parts, for several processes or for one after another. What a part
    is does not depend on who computes it.

    Attributes
    ----------
    rows : integer [rows]
    size : int
        Largest batch.
    seed : int
    parts : int
        Of every batch.
    """

    rows: NDArray[np.integer]
    size: int
    seed: int
    parts: int = 1

    @property
    def per_epoch(self) -> int:
        """Batches in an epoch."""
        return -(-len(self.rows) // self.size)

    @property
    def smallest_part(self) -> int:
        """Objects in the smallest part of any batch."""
        return len(self.rows) // self.per_epoch // self.parts

    def rows_of(self, step: int) -> NDArray[np.integer]:
        """Rows of a step, counted from 0 over all epochs; integer [objects]."""
        epoch, place = divmod(step, self.per_epoch)
        order = np.random.default_rng([self.seed, ORDER, epoch]).permutation(len(self.rows))
        return self.rows[_cut(order, self.per_epoch, place)]

    def part_of(self, step: int, part: int) -> NDArray[np.integer]:
        """Rows of a part of a step, integer [objects]."""
        return _cut(self.rows_of(step), self.parts, part)

    def generator_of(self, step: int, part: int = 0) -> np.random.Generator:
        """Randomness of the views of a part of a step."""
        which = [step] if self.parts == 1 else [step, part]
        return np.random.default_rng([self.seed, VIEWS, *which])


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A collated part of a step.

    Attributes
    ----------
    number : int
        Which of the parts of its batch.
    objects : int
    batch : Batch
    """

    number: int
    objects: int
    batch: Batch


@dataclass(frozen=True, slots=True)
class Ahead:
    """How far ahead batches are collated; it changes when they are ready, not what they are.

    Attributes
    ----------
    steps : int
        Steps that threads make ahead; 0 makes each when it is asked for.
    threads : int
    """

    steps: int = 0
    threads: int = 1


def collated(
    objective: Objective,
    light_curves: LightCurves,
    batches: Batches,
    steps: range,
    mine: range = range(1),
    ahead: Ahead = Ahead(),
    finish: Callable[[Batch], Batch] = dict,
) -> Iterator[tuple[int, list[Part]]]:
    """Give each step in turn, with its collated parts.

    Parameters
    ----------
    objective : Objective
    light_curves : LightCurves
    batches : Batches
    steps : range
    mine : range
        Parts that are wanted.
    ahead : Ahead
    finish : callable
        What is done to a batch at last, such as pinning its memory.
    """

    def make(step: int, part: int) -> Part:
        rows = batches.part_of(step, part)
        generator = batches.generator_of(step, part)
        return Part(part, len(rows), finish(objective.collate(light_curves.take(rows), generator)))

    if ahead.steps < 1:
        for step in steps:
            yield step, [make(step, part) for part in mine]
        return
    waiting: deque[tuple[int, list[Future[Part]]]] = deque()
    with ThreadPoolExecutor(ahead.threads, "collate") as threads:
        try:
            for step in steps:
                waiting.append((step, [threads.submit(partial(make, step), p) for p in mine]))
                if len(waiting) > ahead.steps:
                    yield _ready(*waiting.popleft())
            while waiting:
                yield _ready(*waiting.popleft())
        finally:
            threads.shutdown(wait=True, cancel_futures=True)


def _ready(step: int, parts: list[Future[Part]]) -> tuple[int, list[Part]]:
    return step, [part.result() for part in parts]


def _cut(rows: NDArray[np.integer], pieces: int, place: int) -> NDArray[np.integer]:
    """Piece of nearly equal pieces."""
    return rows[place * len(rows) // pieces : (place + 1) * len(rows) // pieces]
