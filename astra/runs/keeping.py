"""Runs that are put away: into the archive, to be kept, or into the trash, to be forgotten.

A run is moved by one rename, so that it is here or there, whole, whenever a process is killed.
"""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from astra.data.durable import make_durable
from astra.data.errors import AstraError, StoreError
from astra.data.observatory import Observatory
from astra.runs.jobs import list_jobs
from astra.runs.pointers import pointers
from astra.runs.run import Run, list_runs

Place = Literal["archive", "trash"]


@dataclass(frozen=True, slots=True)
class Loss:
    """What goes with a run.

    Attributes
    ----------
    objects : int
    bytes, bytes_alone : int
        Of its files, and of those that no other run shares: what deleting sets free.
    comparisons : tuple of str
        Comparisons that can no longer be opened.
    labels : int
        Labels of annotators in its snapshot; the label log keeps them.
    against : tuple of str
        Why it may not go.
    beware : tuple of str
        What else will be different.
    """

    objects: int
    bytes: int
    bytes_alone: int
    comparisons: tuple[str, ...]
    labels: int
    against: tuple[str, ...]
    beware: tuple[str, ...]


def loss_of(observatory: Observatory, name: str) -> Loss:
    """What would be lost with a run, and why it may not go.

    Raises
    ------
    StoreError
        There is no such run.
    """
    run = Run.open(observatory.run(name))
    files = [path.stat() for path in run.path.iterdir() if path.is_file()]
    point = pointers(observatory, run.manifest.survey)
    beware = []
    if point.previous == name:
        beware.append(f"survey {run.manifest.survey} could no longer be rolled back to it")
    labels = run.manifest.artefacts.get("labels")
    return Loss(
        objects=len(run),
        bytes=sum(file.st_size for file in files),
        bytes_alone=sum(file.st_size for file in files if file.st_nlink == 1),
        comparisons=tuple(sorted(_comparisons(observatory, name))),
        labels=0 if labels is None else labels.summary.get("by_annotators", 0),
        against=tuple(_against(observatory, name, point.current)),
        beware=tuple(beware),
    )


def _against(observatory: Observatory, name: str, current: str) -> list[str]:
    against = []
    if current == name:
        against.append("it is the current run of its survey: promote another one first")
    runs = list_runs(observatory)
    children = sorted(run.name for run in runs if run.manifest.parent == name)
    if children:
        against.append(f"runs were made from it: {', '.join(children)}")
    making = [
        job.run
        for job in list_jobs(observatory)
        if name in job.command and job.state() in ("queued", "running")
    ]
    if making:
        against.append(f"jobs work with it: {', '.join(making)}")
    return against


def _comparisons(observatory: Observatory, name: str) -> list[str]:
    folders = observatory.comparisons.glob("[!.]*")
    return [
        folder.name
        for folder in folders
        if folder.name.startswith(f"{name}..") or folder.name.endswith(f"..{name}")
    ]


def put_away(observatory: Observatory, name: str, place: Place) -> Path:
    """Move a run into the archive or the trash; gives its new folder.

    Raises
    ------
    AstraError
        It is current, or other runs or jobs need it.
    StoreError
        There is no such run.
    """
    against = loss_of(observatory, name).against
    if against:
        raise AstraError(f"run {name} stays: {'; '.join(against)}")
    folder = observatory.archive if place == "archive" else observatory.trash
    folder.mkdir(parents=True, exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
    target = folder / f"{stamp}_{name}"
    observatory.run(name).rename(target)
    make_durable(folder)
    make_durable(observatory.runs)
    return target


def away(observatory: Observatory) -> dict[str, list[Path]]:
    """Folders of the runs that are away, newest first, by ``archive`` and ``trash``."""
    return {
        "archive": sorted(observatory.archive.glob("[!.]*_*"), reverse=True),
        "trash": sorted(observatory.trash.glob("[!.]*_*"), reverse=True),
    }


def bring_back(observatory: Observatory, name: str) -> Run:
    """Bring a run back from the archive or the trash: of several the one that went last.

    Raises
    ------
    StoreError
        No such run is away, or there is a run of that name again.
    """
    folders = [path for paths in away(observatory).values() for path in paths]
    found = [path for path in folders if path.name.partition("_")[2] == name]
    if not found:
        raise StoreError(f"no run {name} in the archive or the trash")
    target = observatory.run(name)
    if target.exists():
        raise StoreError(f"there is a run {name} again: it would have to go first")
    newest = max(found, key=lambda path: path.name)
    newest.rename(target)
    make_durable(observatory.runs)
    return Run.open(target)


def empty_trash(observatory: Observatory) -> int:
    """Delete what is in the trash for good; gives how many runs that were."""
    folders = away(observatory)["trash"]
    for folder in folders:
        shutil.rmtree(folder)
    return len(folders)
