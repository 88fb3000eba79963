"""The pipeline: stages in order, and the one function that brings a run up to date."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from astra.data.durable import hash_of_file
from astra.data.errors import AstraError
from astra.data.observatory import Observatory
from astra.data.surveys import Survey
from astra.runs.manifest import Artefact, Manifest
from astra.runs.progress import Progress
from astra.runs.run import Run
from precompute.building import Building, sweep
from precompute.changes import ChangedError, changes_of
from precompute.recipe import Recipe, plain
from precompute.stage import Context, Stage
from precompute.stages import (
    anomalies,
    catalogue,
    embeddings,
    encoder,
    labels,
    neighbours,
    periods,
    probes,
    projection,
)

STAGES: tuple[Stage, ...] = (
    labels.STAGE,
    periods.STAGE,
    encoder.STAGE,
    embeddings.STAGE,
    neighbours.STAGE,
    projection.STAGE,
    catalogue.STAGE,
    probes.STAGE,
    anomalies.STAGE,
)

Wanted = tuple[dict[str, Any], dict[str, str]]


@dataclass(frozen=True)
class Asked:
    """What to make.

    Attributes
    ----------
    observatory : Observatory
    survey : Survey
    run : str
    recipe : Recipe
    parent : Run or None
    workers : int
    progress : Progress
    """

    observatory: Observatory
    survey: Survey
    run: str
    recipe: Recipe
    parent: Run | None
    workers: int
    progress: Progress

    @cached_property
    def inputs(self) -> dict[str, str]:
        """Hashes of what stages read of the survey."""
        return {
            "survey.light_curves": self.survey.fingerprint,
            "survey.catalogue": hash_of_file(self.survey.path / "catalogue.parquet"),
        }


def bring_up_to_date(asked: Asked, stages: tuple[Stage, ...] = STAGES) -> None:
    """Make what is missing of a run and publish it, or find that there is nothing to do.

    Raises
    ------
    ChangedError
        The run is published, and something that it was made from has changed since.
    BusyError
        Another process makes it.
    AstraError
        The survey is empty, the parent is of another survey, or a stage refuses.
    """
    check(asked, stages)
    sweep(asked.observatory)
    published = asked.observatory.run(asked.run)
    if not published.exists():
        with Building.hold(asked.observatory, asked.run) as building:
            if not building.finish_interrupted():
                for stage in stages:
                    bring_stage(asked, building, stage)
                building.publish(manifest_of(asked, building.artefacts))
                asked.progress("published", stage=None, message=f"run {asked.run}")
                return
    confirm(asked, stages, Run.open(published))


def check(asked: Asked, stages: tuple[Stage, ...]) -> None:
    """Refuse what cannot be made, before anything is.

    Raises
    ------
    AstraError
        The survey is empty, the parent is of another survey, or a stage refuses.
    """
    if not asked.survey.manifest["objects"]:
        raise AstraError(f"survey {asked.survey.name} has no objects: nothing to make a map of")
    parent = asked.parent
    if parent is not None and parent.manifest.survey != asked.survey.name:
        raise AstraError(
            f"parent {parent.name} is a run of survey {parent.manifest.survey}, "
            f"not of {asked.survey.name}"
        )
    for stage in stages:
        stage.refuse(parent, asked.recipe.settings[stage.makes])


def bring_stage(asked: Asked, building: Building, stage: Stage) -> None:
    """Keep, inherit or make one artefact."""
    tell = partial(asked.progress, stage=stage.makes)
    settings = asked.recipe.settings[stage.makes]
    wanted = wanted_of(asked, building.artefacts, building.folder, stage)
    if is_current(building.artefacts.get(stage.makes), wanted):
        tell("current")
        return
    parent = asked.parent
    if parent is not None and is_current(parent.manifest.artefacts.get(stage.makes), wanted):
        building.inherit(stage.makes, parent)
        tell("inherited", message=f"from {parent.name}")
        return
    building.forget(stage.makes)
    tell("start")
    start = time.monotonic()
    scratch = building.scratch(stage.makes, *wanted)
    context = context_of(asked, building.artefacts, building.folder, stage, scratch)
    product = stage.compute(context, settings)
    seconds = time.monotonic() - start
    building.keep(stage, product, *wanted, seconds)
    tell("done", seconds=round(seconds, 2), message=product.summary.get("told", ""))


def confirm(asked: Asked, stages: tuple[Stage, ...], run: Run) -> None:
    """Say that a published run is what would be made now.

    Raises
    ------
    ChangedError
        It is not; the message says which stages and why, and what to do.
    """
    artefacts = run.manifest.artefacts
    if run.manifest.survey != asked.survey.name:
        raise ChangedError(
            f"run {run.name} is a run of survey {run.manifest.survey}: choose another --run name"
        )
    changes = []
    for stage in stages:
        wanted = wanted_of(asked, artefacts, run.path, stage)
        then = artefacts.get(stage.makes)
        if is_current(then, wanted):
            asked.progress("current", stage=stage.makes)
            continue
        context = context_of(asked, artefacts, run.path, stage, run.path)
        more = "" if then is None else stage.explain(context, asked.recipe.settings[stage.makes])
        changes.append(f"{stage.makes}: {changes_of(then, *wanted)}{more and f' ({more})'}")
    if changes:
        raise ChangedError(
            f"run {run.name} is published and stays as it is, but would now be made otherwise "
            f"({'; '.join(changes)}). Make a new one from it: "
            f"--run {free_name(asked.observatory, run.name)} --parent {run.name}"
        )
    asked.progress(
        "published", stage=None, message=f"nothing to do: every stage of run {run.name} is current"
    )


def free_name(observatory: Observatory, name: str) -> str:
    """First of name-2, name-3, ... that is not the name of a run."""
    number = 2
    while observatory.run(f"{name}-{number}").exists():
        number += 1
    return f"{name}-{number}"


def is_current(artefact: Artefact | None, wanted: Wanted) -> bool:
    """Whether an artefact is what these settings would make of these needs."""
    return artefact is not None and (artefact.settings, artefact.needs) == wanted


def wanted_of(
    asked: Asked, artefacts: Mapping[str, Artefact], folder: Path, stage: Stage
) -> Wanted:
    """Settings of a stage, and the hash of everything that it reads."""
    settings = asked.recipe.settings[stage.makes]
    context = context_of(asked, artefacts, folder, stage, folder)
    made = {name: artefact.hash for name, artefact in artefacts.items()}
    needs = {name: (asked.inputs | made)[name] for name in stage.needs}
    return plain(settings), needs | stage.outside(context, settings)


def context_of(
    asked: Asked, artefacts: Mapping[str, Artefact], folder: Path, stage: Stage, scratch: Path
) -> Context:
    """What one stage may look at."""
    return Context(
        observatory=asked.observatory,
        survey=asked.survey,
        run=Run(folder, manifest_of(asked, artefacts)),
        parent=asked.parent,
        scratch=scratch,
        workers=asked.workers,
        progress=partial(asked.progress, stage=stage.makes),
    )


def manifest_of(asked: Asked, artefacts: Mapping[str, Artefact]) -> Manifest:
    """Manifest of what is there so far."""
    return Manifest(
        run=asked.run,
        survey=asked.survey.name,
        survey_fingerprint=asked.survey.fingerprint,
        objects=asked.survey.manifest["objects"],
        observations=asked.survey.manifest["observations"],
        recipe=asked.recipe.name,
        parent=None if asked.parent is None else asked.parent.name,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        code_version=version("astra-observatory"),
        artefacts=dict(artefacts),
    )
