"""Where an export is written: a file, a folder or a zip, whole or not at all."""

import os
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

from astra.data.durable import make_durable
from astra.exchange.columns import ExchangeError


class Place(Protocol):
    """A folder, or a zip that looks like one; one file is open at a time."""

    def file(self, name: str) -> IO[bytes]:
        """Open a new file for writing; the name is ours, never a user's."""
        ...


@contextmanager
def whole(path: Path, replace: bool = False) -> Iterator[Path]:
    """Give a hidden path beside ``path``; what the block makes there is moved when it ends.

    Raises
    ------
    ExchangeError
        There is something at ``path`` already and ``replace`` is false, or its folder is missing.
    """
    if not path.parent.is_dir():
        raise ExchangeError(f"{path.parent}: no such folder; make it first")
    if path.exists() and not replace:
        raise ExchangeError(f"{path} exists; choose another name, or say --replace")
    building = path.parent / f".{path.name}.{os.getpid()}"
    try:
        yield building
        make_durable(building)
        if path.is_dir():
            shutil.rmtree(path)
        building.rename(path)
        make_durable(path.parent)
    finally:
        if building.is_dir():
            shutil.rmtree(building)
        else:
            building.unlink(missing_ok=True)


@contextmanager
def folder_or_zip(path: Path, zipped: bool) -> Iterator[Place]:
    """Open a new folder, or a new zip file, at a path."""
    if not zipped:
        path.mkdir()
        yield _Folder(path)
        return
    # Parquet is compressed already, and light curves in CSV are the smaller part of an export.
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as opened:
        yield _Zip(opened)


class _Folder:
    def __init__(self, path: Path) -> None:
        self._path = path

    def file(self, name: str) -> IO[bytes]:
        made = self._path / name
        made.parent.mkdir(exist_ok=True)
        return made.open("wb")


class _Zip:
    def __init__(self, opened: zipfile.ZipFile) -> None:
        self._zip = opened

    def file(self, name: str) -> IO[bytes]:
        return self._zip.open(name, "w", force_zip64=True)
