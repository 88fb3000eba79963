"""Advice: what the labels of the moment teach a probe, and what to label next; made in a process.

``advice/<run>/<time>/`` holds ``advice.json``, ``predicted.npy`` int16 and ``probability.npy``
float32 (map order), and ``queue-<name>.npy`` int64 (map rows, the first first). It appears by
rename, whole.
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from astra.data.durable import make_durable
from astra.data.errors import StoreError
from astra.data.observatory import Observatory, check_name

FORMAT = "astra-advice-1"
FACTS = "advice.json"


@dataclass(frozen=True)
class Advice:
    """One answer.

    Attributes
    ----------
    path : Path
    facts : dict
        ``made`` (time), ``labels``, ``classes``, ``left_out``, ``split``, ``scores`` (of the probe
        on held-out sky: figures, ``intervals``, ``by_class``, ``confusion``, ``majority``) or
        ``not_scored`` (why), ``queues`` (name to how many), ``seconds``.
    """

    path: Path
    facts: dict[str, Any]

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open one answer.

        Raises
        ------
        StoreError
            There is none in the folder.
        """
        try:
            facts = json.loads((path / FACTS).read_bytes())
        except (OSError, ValueError) as error:
            raise StoreError(f"{path}: no advice here ({error})") from error
        if not isinstance(facts, dict) or facts.get("format") != FORMAT:
            raise StoreError(f"{path}: not of the form {FORMAT}")
        return cls(path, facts)

    @property
    def classes(self) -> tuple[str, ...]:
        """Classes that the probe knows, sorted."""
        return tuple(self.facts["classes"])

    @property
    def queues(self) -> list[str]:
        """Names of the queues there are."""
        return list(self.facts["queues"])

    @cached_property
    def predicted(self) -> NDArray[np.int16]:
        """Class of every object by the probe, int16 [objects], map order; -1 without a probe."""
        return self._array("predicted")

    @cached_property
    def probability(self) -> NDArray[np.float32]:
        """Probability of that class, float32 [objects], map order."""
        return self._array("probability")

    def queue(self, name: str) -> NDArray[np.int64]:
        """Map rows of a queue, int64 [queue], the first first.

        Raises
        ------
        StoreError
            There is no such queue.
        """
        if name not in self.facts["queues"]:
            raise StoreError(f"no queue {name!r}; there are {', '.join(self.queues)}")
        return self._array(f"queue-{name}")

    def _array(self, name: str) -> NDArray:
        try:
            return np.load(self.path / f"{name}.npy", mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError) as error:
            raise StoreError(f"{self.path}: {name}.npy is damaged ({error})") from error


def folder_of(observatory: Observatory, run: str) -> Path:
    """Folder of the answers about a run."""
    return observatory.home / "advice" / check_name("run", run)


def newest_advice(observatory: Observatory, run: str) -> Advice | None:
    """Last answer about a run, if there is one."""
    for path in sorted(folder_of(observatory, run).glob("[!.]*"), reverse=True):
        try:
            return Advice.open(path)
        except StoreError:
            continue
    return None


def save_advice(
    observatory: Observatory, run: str, facts: Mapping[str, Any], arrays: Mapping[str, NDArray]
) -> Advice:
    """Write an answer, whole, and delete those before the last two."""
    folder = folder_of(observatory, run)
    name = f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}"
    hidden = folder / f".{name}"
    hidden.mkdir(parents=True)
    for array, values in arrays.items():
        np.save(hidden / f"{array}.npy", values, allow_pickle=False)
    made = {"format": FORMAT, "made": datetime.now(UTC).isoformat(timespec="seconds"), **facts}
    (hidden / FACTS).write_text(json.dumps(made, indent=1, allow_nan=False))
    make_durable(hidden / FACTS)
    hidden.rename(folder / name)
    # Whoever reads the last but one has its files open, and reads on.
    for old in sorted(folder.glob("[!.]*"))[:-2]:
        shutil.rmtree(old, ignore_errors=True)
    return Advice.open(folder / name)
