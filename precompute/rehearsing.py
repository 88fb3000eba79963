"""``python -m precompute.rehearsing RUN``: how fast a fine-tune would be, by a few of its steps.

Nothing is kept. It prints one line of JSON: ``steps_per_second``, ``memory_mb``, ``device``.
"""

import json
import sys
import time
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from typing import Annotated

import numpy as np
import torch
import typer

from astra.data.errors import AstraError
from astra.data.observatory import Observatory
from astra.encoders import load
from astra.encoders.embed import choose_device
from astra.runs.run import Run
from astra.training.objective import to_device
from astra.training.supervised import Supervised, SupervisedSettings
from precompute.stage import light_curves_with_periods

STEPS = 4
CLASSES = ("one", "other")


def rehearse(run: Run, top_groups: int, batch: int, device: str = "auto") -> dict[str, object]:
    """Time a few steps of teaching a run's encoder; labels are drawn by lot.

    Parameters
    ----------
    run : Run
    top_groups, batch : int
        As in the recipe ``finetune``.
    device : str
    """
    torch.set_num_threads(1)
    light_curves = light_curves_with_periods(run.survey.path, run.path)
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 2, len(light_curves))
    light_curves = light_curves.with_columns(label=labels)
    settings = SupervisedSettings(top_groups=top_groups)
    objective = Supervised(load(run.path), CLASSES, labels, settings)
    target = choose_device(device)
    objective.to(target)
    optimizer = torch.optim.AdamW([p for p in objective.parameters() if p.requires_grad])
    seconds = []
    for _ in range(STEPS):
        begun = time.perf_counter()
        rows = generator.integers(0, len(light_curves), batch)
        here = to_device(objective.collate(light_curves.take(rows), generator), target)
        optimizer.zero_grad()
        objective.loss(here).backward()
        optimizer.step()
        seconds.append(time.perf_counter() - begun)
    # The first step compiles and warms up.
    return {
        "steps_per_second": round(1 / float(np.median(seconds[1:])), 3),
        "memory_mb": round(getrusage(RUSAGE_SELF).ru_maxrss / 1024),
        "device": str(target),
    }


def make(
    run: Annotated[str, typer.Argument(help="Run whose encoder would be taught.")],
    home: Annotated[Path | None, typer.Option(help="Observatory.")] = None,
    top_groups: Annotated[int, typer.Option(help="Layer groups that learn.", min=0)] = 2,
    batch: Annotated[int, typer.Option(help="Objects in a step.", min=2)] = 64,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, ...")] = "auto",
) -> None:
    """Time a few steps of a fine-tune."""
    observatory = Observatory(home)
    try:
        found = rehearse(Run.open(observatory.run(run)), top_groups, batch, device)
    except (AstraError, RuntimeError) as error:
        typer.echo(str(error), err=True)
        sys.exit(1)
    typer.echo(json.dumps(found))


def main() -> None:
    """Entry point."""
    typer.run(make)


if __name__ == "__main__":
    main()
