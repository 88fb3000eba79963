"""``python -m precompute.comparing A B``: compare two runs, or find that they were compared.

Made like a run: step by step in a hidden folder that a killed process leaves to the next one, and
published by a single rename.
"""

import logging
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer

from astra.data.observatory import Observatory
from astra.runs.comparisons import (
    Comparison,
    ComparisonManifest,
    find_comparison,
    manifest_hash,
)
from astra.runs.manifest import Artefact
from astra.runs.progress import Progress
from astra.runs.run import Run, list_runs
from precompute.building import Building
from precompute.guarding import guarded
from precompute.progress import reporting
from precompute.stage import Product, Stage
from precompute.stopping import STOP

OBJECTS, NOISE, SCORES, VERDICT, OWN = "objects", "noise", "scores", "verdict", "own"


@dataclass(frozen=True)
class Compared:
    """What a step may look at.

    Attributes
    ----------
    a, b : Run
        Before and after.
    twins : tuple of Run
        Runs that differ from one of them by seeds alone; what noise is measured with.
    folder : Path
        Where the artefacts of the steps before lie.
    artefacts : dict
        Their descriptions.
    workers : int
    progress : Progress
    """

    a: Run
    b: Run
    twins: tuple[tuple[Run, tuple[Run, ...]], ...]
    folder: Path
    artefacts: dict[str, Artefact]
    workers: int
    progress: Progress

    @property
    def so_far(self) -> Comparison:
        """The steps before, read like a published comparison."""
        return Comparison(self.folder, manifest_of(self.a, self.b, ("", ""), self.artefacts))


Step = tuple[str, tuple[str, ...], Callable[[Compared], Product]]


def steps(own: bool) -> list[Step]:
    """Steps in order: name, the steps it needs, and what does it."""
    from precompute.comparison_steps import noise, objects, own_layout, scores, verdict

    made: list[Step] = [
        (OBJECTS, (), objects),
        (SCORES, (), scores),
        (NOISE, (), noise),
        (VERDICT, (OBJECTS, SCORES, NOISE), verdict),
    ]
    return [*made, (OWN, (OBJECTS,), own_layout)] if own else made


def compare(
    observatory: Observatory,
    before: str,
    after: str,
    own: bool = False,
    workers: int = 1,
    progress: Progress | None = None,
) -> Comparison:
    """Compare two runs of a survey; what was compared before is kept.

    Parameters
    ----------
    observatory : Observatory
    before, after : str
        Names of the runs.
    own : bool
        Lay the map of the run after out by itself too.
    workers : int
    progress : Progress, optional

    Raises
    ------
    StoreError
        One of the runs is not there.
    BusyError
        Another process compares them.
    AstraError
        They are of different surveys, or have no object in common.
    """
    from astra.runs.progress import silent

    tell = progress or silent
    a, b = (Run.open(observatory.run(name)) for name in (before, after))
    hashes = manifest_hash(observatory, before), manifest_hash(observatory, after)
    twins = twins_for(a, b, list_runs(observatory))
    published = observatory.comparison(before, after)
    with Building.hold_folder(
        published, f"comparison {published.name}", ComparisonManifest.read
    ) as building:
        known = find_comparison(observatory, before, after)
        own = own or (known is not None and OWN in known.manifest.artefacts)
        asked = partial(Compared, a, b, twins, building.folder, workers=workers)
        fresh = [bring_step(asked, building, step, known, hashes, tell) for step in steps(own)]
        if known is not None and not any(fresh):
            shutil.rmtree(building.folder)
            tell("published", stage=None, message=f"{known.name} is compared already")
            return known
        make_room(published)
        building.publish(manifest_of(a, b, hashes, building.artefacts))
    made = Comparison.open(published)
    tell("published", stage=None, message=made.summary(VERDICT)["told"])
    return made


def bring_step(
    asked: Callable[..., Compared],
    building: Building,
    step: Step,
    known: Comparison | None,
    hashes: tuple[str, str],
    tell: Progress,
) -> bool:
    """Keep, take over or do one step; True where it was done."""
    name, needed, do = step
    compared = asked(artefacts=building.artefacts, progress=partial(tell, stage=name))
    settings: dict[str, Any] = {}
    needs = dict(zip(("before", "after"), hashes, strict=True))
    needs |= {step: building.artefacts[step].hash for step in needed}
    if name == NOISE:
        needs |= {
            f"twin {twin.name}": twin.artefact("embeddings").hash
            for _, twins in compared.twins
            for twin in twins
        }
    wanted = settings, needs
    for artefacts, act in (
        (building.artefacts, None),
        ({} if known is None else known.manifest.artefacts, building.inherit),
    ):
        there = artefacts.get(name)
        if there is not None and (there.settings, there.needs) == wanted:
            if act is not None and known is not None:
                act(name, known)
            tell("current", stage=name)
            return act is None
    tell("start", stage=name)
    stage = Stage(name, (), "none", dict, lambda context, settings: Product())
    start = datetime.now(UTC)
    product = do(compared)
    seconds = (datetime.now(UTC) - start).total_seconds()
    building.keep(stage, product, *wanted, seconds)
    tell("done", stage=name, seconds=round(seconds, 2), message=product.summary.get("told", ""))
    return True


def twins_for(a: Run, b: Run, runs: list[Run]) -> tuple[tuple[Run, tuple[Run, ...]], ...]:
    """Runs that differ by seeds alone from B or, where there are none, from A.

    What is compared is no measure of its own noise: the two runs are never each other's twins.
    """
    from astra.analysis.noise import twins_of

    others = [run for run in runs if run.name not in (a.name, b.name)]
    for run in (b, a):
        twins = twins_of(run, others)
        if twins:
            return ((run, tuple(twins)),)
    return ()


def make_room(published: Path) -> None:
    """Take away what lies where a comparison is to appear: one that is out of date."""
    if published.exists():
        old = published.with_name(f".old-{published.name}-{os.getpid()}")
        published.rename(old)
        shutil.rmtree(old)


def manifest_of(
    a: Run, b: Run, hashes: tuple[str, str], artefacts: dict[str, Artefact]
) -> ComparisonManifest:
    """Manifest of what is there so far."""
    return ComparisonManifest(
        before=a.name,
        after=b.name,
        before_hash=hashes[0],
        after_hash=hashes[1],
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        code_version=version("astra-observatory"),
        artefacts=dict(artefacts),
    )


def make(
    before: Annotated[str, typer.Argument(help="Run before.")],
    after: Annotated[str, typer.Argument(help="Run after.")],
    own: Annotated[bool, typer.Option("--own", help="Lay B's map out by itself too.")] = False,
    home: Annotated[
        Path | None, typer.Option(help="The observatory; default: $ASTRA_HOME or ./observatory.")
    ] = None,
    progress: Annotated[Path | None, typer.Option(help="Append events here, as JSON.")] = None,
    workers: Annotated[int, typer.Option(help="Threads; 0: one a core.", min=0)] = 0,
) -> None:
    """Compare two runs of a survey, object by object, against the noise of seeds."""
    STOP.listen()
    with reporting(progress) as tell:
        cores = workers or os.cpu_count() or 1
        status = guarded(tell, lambda: compare(Observatory(home), before, after, own, cores, tell))
    sys.exit(status)


def main() -> None:
    """Entry point."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    typer.run(make)


if __name__ == "__main__":
    main()
