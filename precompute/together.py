"""Several processes for one run: the first makes it, the others train along.

``python -m torch.distributed.run --nproc-per-node 8 -m precompute ...`` starts them. Only the
encoder's training is shared; every other stage has its own processes (see
:mod:`precompute.workers`).
"""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from astra.data.observatory import Observatory
from astra.data.surveys import Survey
from astra.runs.manifest import Manifest
from astra.runs.progress import silent
from astra.runs.run import Run
from precompute.recipe import plain
from precompute.stage import Context

if TYPE_CHECKING:
    from precompute.stages.encoder import Settings


def are_several() -> bool:
    """Whether ``torch.distributed.run`` started this process and others."""
    return int(os.environ.get("WORLD_SIZE", "1")) > 1


def share(work: Callable[[], int]) -> int:
    """Do the work in the first process, train along in the others; gives the exit status."""
    from astra.training.ranks import joined
    from precompute.training import train

    with joined() as here:
        if here.is_first:
            try:
                return work()
            finally:
                # Where another process is gone, it is the one that ended this one.
                with suppress(RuntimeError):
                    here.hear_first(None)
        while (asked := here.hear_first(None)) is not None:
            train(*understood(asked))
    return 0


def asked_of_others(context: Context, settings: "Settings") -> dict[str, Any]:
    """What the others have to know to train along, JSON-able."""
    return {
        "home": str(context.observatory.home),
        "survey": context.survey.name,
        "run": str(context.run.path),
        "manifest": context.run.manifest.model_dump(mode="json"),
        "parent": None if context.parent is None else context.parent.name,
        "scratch": str(context.scratch),
        "workers": context.workers,
        "settings": plain(settings),
    }


def understood(asked: dict[str, Any]) -> tuple[Context, "Settings"]:
    """Context and settings of what was asked."""
    from precompute.stages.encoder import Settings

    observatory = Observatory(Path(asked["home"]))
    parent = asked["parent"]
    context = Context(
        observatory=observatory,
        survey=Survey.open(observatory.survey(asked["survey"])),
        run=Run(Path(asked["run"]), Manifest.model_validate(asked["manifest"])),
        parent=None if parent is None else Run.open(observatory.run(parent)),
        scratch=Path(asked["scratch"]),
        workers=asked["workers"],
        progress=silent,
    )
    return context, TypeAdapter(Settings).validate_python(asked["settings"])
