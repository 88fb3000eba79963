"""A run being made: one hidden folder, resumable, published by a single rename.

The parts of a stage are durable before its record is written, the record appears by rename, and
the manifest is written when all records are there. Whatever moment the process is killed, the next
one finds of every artefact all or nothing, and of the run all or nothing.
"""

import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np
from pydantic import ValidationError

from astra.data.durable import make_durable, write_whole
from astra.data.errors import AstraError, StoreError
from astra.data.observatory import Observatory
from astra.runs.manifest import (
    MANIFEST,
    Artefact,
    Manifest,
    Part,
    check_content,
    describe_part,
)
from astra.runs.tables import write_table
from precompute.stage import Product, Stage

RECORDS = "stages"
FORGOTTEN_DAYS = 30
SCRATCH = "scratch"
_READ_ONLY = 0o444


class Inheritable(Protocol):
    """A folder with artefacts: a run, or a comparison."""

    path: Path

    def artefact(self, name: str) -> Artefact:
        """Description of an artefact."""
        ...


class Writable(Protocol):
    """A manifest."""

    def write(self, folder: Path) -> None:
        """Write it into a folder."""
        ...


class BusyError(AstraError):
    """Another process makes this run."""


class Building:
    """The folder ``runs/.tmp-<run>``; :meth:`hold` gives it to one process at a time.

    Attributes
    ----------
    folder : Path
    published : Path
        Where the folder is moved when it is complete.
    artefacts : dict of str to Artefact
        What is complete and intact.
    """

    def __init__(
        self, folder: Path, published: Path, read: Callable[[Path], object] = Manifest.read
    ) -> None:
        self.folder = folder
        self.published = published
        self._read = read
        (folder / RECORDS).mkdir(exist_ok=True)
        self.artefacts = dict(self._intact())

    @classmethod
    @contextmanager
    def hold(cls, observatory: Observatory, run: str) -> Iterator[Self]:
        """Hold the folder of a run while the block makes it; what a dead process left is taken up.

        Raises
        ------
        BusyError
            Another process holds it, or has just published the run.
        """
        published = observatory.run(run)
        with cls.hold_folder(published, f"run {run}") as building:
            if published.exists():
                with suppress(OSError):
                    (building.folder / RECORDS).rmdir()
                    building.folder.rmdir()
                raise BusyError(f"run {run} has just been published by another process")
            yield building

    @classmethod
    @contextmanager
    def hold_folder(
        cls, published: Path, what: str, read: Callable[[Path], object] = Manifest.read
    ) -> Iterator[Self]:
        """Hold the folder of anything that is published whole, such as a comparison.

        Parameters
        ----------
        published : Path
            Where it will be seen.
        what : str
            What it is called, for messages.
        read : callable
            Reads its manifest from a folder; raises `StoreError` where that is not valid.

        Raises
        ------
        BusyError
            Another process holds it.
        """
        folder = published.parent / f".tmp-{published.name}"
        lock = _lock(folder, what)
        try:
            yield cls(folder, published, read)
        finally:
            os.close(lock)

    def finish_interrupted(self) -> bool:
        """Publish a run whose manifest was complete when its process died."""
        try:
            self._read(self.folder)
        except StoreError:
            (self.folder / MANIFEST).unlink(missing_ok=True)
            return False
        self._show()
        return True

    def scratch(self, stage: str, settings: Mapping[str, Any], needs: Mapping[str, str]) -> Path:
        """Folder for what a killed stage can take up again, if it is asked for the same."""
        asked = json.dumps([settings, needs], sort_keys=True)
        path = self.folder / SCRATCH / stage / hashlib.sha256(asked.encode()).hexdigest()[:16]
        path.mkdir(parents=True, exist_ok=True)
        for other in path.parent.iterdir():
            if other != path:
                shutil.rmtree(other)
        return path

    def keep(
        self,
        stage: Stage,
        product: Product,
        settings: Mapping[str, Any],
        needs: Mapping[str, str],
        seconds: float,
    ) -> None:
        """Write what a stage made, make it durable, then record it."""
        self.forget(stage.makes)
        artefact = Artefact(
            parts=[self._write(name, content) for name, content in _contents(product)],
            order=stage.order,
            settings=dict(settings),
            needs=dict(needs),
            columns=dict(product.columns),
            seconds=round(seconds, 3),
            summary=plain(product.summary),
        )
        self._record(stage.makes, artefact)
        shutil.rmtree(self.folder / SCRATCH / stage.makes, ignore_errors=True)

    def inherit(self, name: str, parent: Inheritable) -> None:
        """Take an artefact of the parent as it is; its parts become hard links.

        Raises
        ------
        StoreError
            A part of the parent is not what its manifest says.
        """
        self.forget(name)
        artefact = parent.artefact(name)
        for part in artefact.parts:
            check_content(parent.path, part)
            target = self.folder / part.path
            target.unlink(missing_ok=True)
            _link(parent.path / part.path, target)
            make_durable(target)
        self._record(name, artefact)

    def forget(self, name: str) -> None:
        """Drop the record of an artefact that is out of date."""
        self.artefacts.pop(name, None)
        (self.folder / RECORDS / f"{name}.json").unlink(missing_ok=True)

    def publish(self, manifest: Writable) -> None:
        """Write the manifest and make the run visible, whole."""
        manifest.write(self.folder)
        make_durable(self.folder / MANIFEST)
        make_durable(self.folder)
        self._show()

    def _show(self) -> None:
        for name in (SCRATCH, RECORDS):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        self.folder.rename(self.published)
        make_durable(self.published.parent)

    def _write(self, name: str, content: Any) -> Part:
        path = self.folder / name
        # What lies here may be a hard link into the parent: it is replaced, never written to.
        path.unlink(missing_ok=True)
        if isinstance(content, Path):
            content.rename(path)
        elif isinstance(content, np.ndarray):
            np.save(path, content, allow_pickle=False)
        else:
            write_table(path, content)
        path.chmod(_READ_ONLY)
        make_durable(path)
        return describe_part(self.folder, name)

    def _record(self, name: str, artefact: Artefact) -> None:
        make_durable(self.folder)
        text = json.dumps(artefact.model_dump(mode="json"), allow_nan=False)
        write_whole(self.folder / RECORDS / f"{name}.json", text.encode())
        self.artefacts[name] = artefact

    def _intact(self) -> Iterator[tuple[str, Artefact]]:
        for path in (self.folder / RECORDS).glob("[!.]*.json"):
            try:
                artefact = Artefact.model_validate_json(path.read_bytes())
                for part in artefact.parts:
                    check_content(self.folder, part)
            except (ValidationError, StoreError):
                path.unlink()
                continue
            yield path.stem, artefact


def plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as JSON holds them: numbers of NumPy become numbers of Python."""
    return json.loads(json.dumps(dict(facts), default=lambda number: number.item()))


def sweep(observatory: Observatory) -> None:
    """Delete what processes left that died long ago, and that nobody has taken up since."""
    long_ago = time.time() - FORGOTTEN_DAYS * 86_400
    left = [*observatory.runs.glob(".tmp-*"), *observatory.comparisons.glob(".tmp-*")]
    for folder in left:
        if folder.stat().st_mtime < long_ago:
            with suppress(BusyError):
                lock = _lock(folder, folder.name)
                shutil.rmtree(folder)
                os.close(lock)


def _contents(product: Product) -> Iterator[tuple[str, Any]]:
    for contents in (product.arrays, product.tables, product.files):
        yield from contents.items()


def _link(present: Path, target: Path) -> None:
    try:
        target.hardlink_to(present)
    except OSError:  # another filesystem, or one without links
        shutil.copy2(present, target)


def _lock(folder: Path, what: str) -> int:
    """Descriptor of the folder, locked; closing it, or the end of the process, unlocks it."""
    while True:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise BusyError(f"{what} is being made by another process") from None
        # Between the two calls above, the holder may have renamed the folder and gone.
        if folder.exists() and os.path.samestat(os.fstat(descriptor), folder.stat()):
            return descriptor
        os.close(descriptor)
