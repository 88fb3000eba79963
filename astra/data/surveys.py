"""A survey: light curves and their catalogue in one folder, written whole or not at all."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
import psutil
from numpy.typing import NDArray

from astra.data.catalogue import Catalogue
from astra.data.durable import make_durable
from astra.data.errors import StoreError
from astra.data.light_curves import LightCurves

REVISION = "revision.npy"


class Survey:
    """One folder of ``surveys/``: ``light_curves/``, ``catalogue.parquet``, ``manifest.json``.

    The manifest says ``name``, ``objects``, ``observations``, ``bands``, ``time_scale`` (or
    ``unknown``), ``flux_unit``, ``fingerprint`` (SHA-256 of the light curves), ``created``, and
    how the survey came to be (``origin``); of one that grew, the fingerprints that it had before
    (``revisions``).
    """

    def __init__(self, path: Path, manifest: dict[str, Any]) -> None:
        self.path = path
        self.manifest = manifest

    @classmethod
    def open(cls, path: Path | str) -> Self:
        """Open a survey's folder; its light curves are mapped when first used.

        Raises
        ------
        StoreError
            There is no complete survey in the folder.
        """
        path = Path(path)
        try:
            manifest = json.loads((path / "manifest.json").read_text())
        except FileNotFoundError as error:
            names = sorted(found.parent.name for found in path.parent.glob("[!.]*/manifest.json"))
            there = ", ".join(names) or "none; import or simulate one first"
            raise StoreError(f"{path}: no survey here; there are: {there}") from error
        except (OSError, ValueError) as error:
            raise StoreError(f"{path}: no survey here ({error})") from error
        return cls(path, manifest)

    @property
    def name(self) -> str:
        """Name of the survey."""
        return self.manifest["name"]

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the light curves, hexadecimal."""
        return self.manifest["fingerprint"]

    @property
    def revisions(self) -> list[str]:
        """Fingerprints of the survey as it grew, the present one last."""
        return [*self.manifest.get("revisions", []), self.fingerprint]

    @cached_property
    def revision(self) -> NDArray[np.int16]:
        """Place in `revisions` of the last change of each object, int16 [objects]."""
        path = self.path / REVISION
        if not path.exists():
            return np.zeros(self.manifest["objects"], np.int16)
        return np.load(path, allow_pickle=False)

    def changed_since(self, fingerprint: str) -> NDArray[np.bool_] | None:
        """Objects that changed or came after the survey had a fingerprint, bool [objects].

        None where it never had it.
        """
        if fingerprint not in self.revisions:
            return None
        return self.revision > self.revisions.index(fingerprint)

    @cached_property
    def light_curves(self) -> LightCurves:
        """Light curves, memory-mapped, without their catalogue."""
        return LightCurves.open(self.path / "light_curves")

    @cached_property
    def catalogue(self) -> Catalogue:
        """Catalogue, read whole."""
        return Catalogue.open(self.path / "catalogue.parquet")


@contextmanager
def new_survey(path: Path, replace: bool = False) -> Iterator[Path]:
    """Make a survey in a hidden folder beside ``path``, and move it there when the block ends.

    The block writes ``light_curves/`` and ``catalogue.parquet`` and calls :func:`write_manifest`.
    If it raises, nothing is left behind.

    Raises
    ------
    StoreError
        The survey exists and ``replace`` is false.
    """
    if path.exists() and not replace:
        raise StoreError(f"{path}: this survey exists; choose another name, or say --replace")
    building = path.parent / f".tmp-{path.name}-{os.getpid()}"
    replaced = building.with_name(f"{building.name}-replaced")
    _sweep(path)
    building.mkdir(parents=True)
    try:
        yield building
        _make_tree_durable(building)
        # Never removed where it is listed: what is cut off there would still be found.
        if path.exists():
            path.rename(replaced)
        building.rename(path)
        make_durable(path.parent)
    finally:
        if replaced.exists() and not path.exists():
            replaced.rename(path)
        shutil.rmtree(building, ignore_errors=True)
        shutil.rmtree(replaced, ignore_errors=True)


def _sweep(path: Path) -> None:
    """Clear away what makers of this survey left when they were killed; put back what they took."""
    prefix = f".tmp-{path.name}-"
    for leftover in path.parent.glob(f"{prefix}*"):
        pid, _, taken = leftover.name.removeprefix(prefix).partition("-")
        if not pid.isdigit() or (psutil.pid_exists(int(pid)) and int(pid) != os.getpid()):
            continue
        if taken and not path.exists():
            leftover.rename(path)
        else:
            shutil.rmtree(leftover, ignore_errors=True)


def _make_tree_durable(folder: Path) -> None:
    for path in (*folder.rglob("*"), folder):
        make_durable(path)


def write_manifest(folder: Path, name: str, origin: dict[str, Any], **facts: Any) -> None:
    """Write a survey's manifest from the light curves already in its folder."""
    stored = json.loads((folder / "light_curves" / "light_curves.json").read_text())
    manifest = {
        "name": name,
        "objects": stored["objects"],
        "observations": stored["observations"],
        "bands": stored["bands"],
        "time_scale": "unknown",
        "flux_unit": "microjansky (AB)",
        "fingerprint": stored["fingerprint"],
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "origin": origin,
        **facts,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1))
