"""Which objects a step sees: a pure function of the seed and the step, hence resumable."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

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

    Attributes
    ----------
    rows : integer [rows]
    size : int
        Largest batch.
    seed : int
    """

    rows: NDArray[np.integer]
    size: int
    seed: int

    @property
    def per_epoch(self) -> int:
        """Batches in an epoch."""
        return -(-len(self.rows) // self.size)

    def rows_of(self, step: int) -> NDArray[np.integer]:
        """Rows of a step, counted from 0 over all epochs."""
        epoch, place = divmod(step, self.per_epoch)
        order = np.random.default_rng([self.seed, ORDER, epoch]).permutation(len(self.rows))
        cut = np.arange(self.per_epoch + 1) * len(self.rows) // self.per_epoch
        return self.rows[order[cut[place] : cut[place + 1]]]

    def generator_of(self, step: int) -> np.random.Generator:
        """Randomness of a step's views."""
        return np.random.default_rng([self.seed, VIEWS, step])


def collated(
    objective: Objective,
    light_curves: LightCurves,
    batches: Batches,
    steps: range,
    prefetch: int = 0,
) -> Iterator[tuple[int, int, Batch]]:
    """Give (step, objects, collated batch) of each step in turn.

    Parameters
    ----------
    objective : Objective
    light_curves : LightCurves
    batches : Batches
    steps : range
    prefetch : int
        Batches that a thread makes ahead; 0 makes each when it is asked for.
    """

    def make(step: int) -> tuple[int, int, Batch]:
        rows = batches.rows_of(step)
        batch = objective.collate(light_curves.take(rows), batches.generator_of(step))
        return step, len(rows), batch

    if prefetch < 1:
        yield from map(make, steps)
        return
    waiting: deque[Future[tuple[int, int, Batch]]] = deque()
    with ThreadPoolExecutor(1, "collate") as thread:
        try:
            for step in steps:
                waiting.append(thread.submit(make, step))
                if len(waiting) > prefetch:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            thread.shutdown(wait=True, cancel_futures=True)
