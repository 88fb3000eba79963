"""What a fine-tune will take, before it starts: from jobs before, or from a few of its steps."""

import json
import math
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from app.finetune import GROUPS, Finetune
from astra.data.errors import AstraError
from astra.data.observatory import Observatory
from astra.runs.run import Run

REHEARSAL = (sys.executable, "-m", "precompute.rehearsing")
LONGEST_REHEARSAL = 180
# As in the recipe `finetune`.
BATCH, FEWEST_STEPS = 64, 15
MADE_ANEW = ("embeddings", "neighbours", "projection", "catalogue", "probes", "anomalies")


@dataclass(frozen=True, slots=True)
class Rate:
    """How fast steps are.

    Attributes
    ----------
    steps_per_second, memory_mb : float
    source : str
        Where it is from: ``measured``, or ``from 3 earlier jobs``.
    """

    steps_per_second: float
    memory_mb: float
    source: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a fine-tune will take.

    Attributes
    ----------
    seconds : float
        Of teaching, for all its runs.
    after : float
        Seconds of embedding, map and probes, for all its runs.
    memory_mb, disk_mb : float
    source : str
        Where the rate is from.
    """

    seconds: float
    after: float
    memory_mb: float
    disk_mb: float
    source: str


def recorded_rate(runs: Sequence[Run], parent: Run, asked: Finetune) -> Rate | None:
    """Rate of earlier fine-tunes of the same encoder with the same layers, if there are any."""
    rates, memory = [], []
    name = parent.summary("encoder").get("name")
    for run in runs:
        if "encoder" not in run.manifest.artefacts:
            continue
        settings, told = run.artefact("encoder").settings, run.summary("encoder")
        alike = settings.get("top_groups") == GROUPS[asked.layers] and told.get("name") == name
        here = asked.device in ("auto", told.get("device"))
        if settings.get("objective") == "supervised" and alike and here and told.get("seconds"):
            rates.append(told["steps"] / told["seconds"])
            memory.append(told.get("memory_mb", 0))
    if not rates:
        return None
    jobs = f"{len(rates)} earlier job" + ("" if len(rates) == 1 else "s")
    return Rate(sum(rates) / len(rates), max(memory), f"from {jobs}")


def rehearsed_rate(observatory: Observatory, parent: Run, asked: Finetune) -> Rate:
    """Rate of a few steps, made now in a process of their own.

    Raises
    ------
    AstraError
        They cannot be made; the message says why.
    """
    command = [*REHEARSAL, parent.name, "--home", str(observatory.home)]
    command += ["--top-groups", str(GROUPS[asked.layers]), "--batch", str(BATCH)]
    command += ["--device", asked.device]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=LONGEST_REHEARSAL, check=False
        )
    except subprocess.TimeoutExpired:
        raise AstraError(f"no step was done within {LONGEST_REHEARSAL} s") from None
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        raise AstraError(lines[-1] if lines else "the steps could not be timed")
    told = json.loads(done.stdout.splitlines()[-1])
    source = f"measured on {told['device']}"
    return Rate(told["steps_per_second"], told["memory_mb"], source)


def estimate(asked: Finetune, parent: Run, learnt: int, rate: Rate) -> Estimate:
    """What it will take.

    Parameters
    ----------
    asked : Finetune
    parent : Run
    learnt : int
        Objects that teach.
    rate : Rate
    """
    steps = asked.epochs * max(FEWEST_STEPS, math.ceil(learnt / BATCH))
    made = [a for name, a in parent.manifest.artefacts.items() if name in MADE_ANEW]
    return Estimate(
        seconds=asked.repeats * steps / rate.steps_per_second,
        after=asked.repeats * sum(artefact.seconds for artefact in made),
        memory_mb=rate.memory_mb,
        disk_mb=asked.repeats * sum(p.bytes for a in made for p in a.parts) / 1e6,
        source=rate.source,
    )
