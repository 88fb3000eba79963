"""Comparisons of two runs on disk: one folder each, complete or not there."""

from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from astra.data.durable import hash_of_file
from astra.data.errors import StoreError
from astra.data.observatory import Observatory
from astra.runs.manifest import MANIFEST, Artefact, check_part
from astra.runs.tables import read_table


class ComparisonManifest(BaseModel):
    """The description of a comparison, written last.

    ``before_hash`` and ``after_hash`` are those of the manifests of the two runs.
    """

    model_config = ConfigDict(extra="forbid")

    format: Literal["astra-comparison-1"] = "astra-comparison-1"
    before: str
    after: str
    before_hash: str
    after_hash: str
    created: str
    code_version: str
    artefacts: dict[str, Artefact]

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the manifest of a published comparison, and check that every part has its size.

        Raises
        ------
        StoreError
            There is none, it is not valid, or a part is missing or cut short.
        """
        try:
            manifest = cls.model_validate_json((folder / MANIFEST).read_bytes())
        except (OSError, ValidationError) as error:
            raise StoreError(f"{folder}: no comparison here ({error})") from error
        for artefact in manifest.artefacts.values():
            for part in artefact.parts:
                check_part(folder, part)
        return manifest

    def write(self, folder: Path) -> None:
        """Write the manifest; the caller makes it durable and visible."""
        (folder / MANIFEST).write_text(self.model_dump_json(indent=1))


class Comparison:
    """What ``precompute.comparing`` made of two runs.

    Parameters
    ----------
    path : Path
    manifest : ComparisonManifest
    """

    def __init__(self, path: Path, manifest: ComparisonManifest) -> None:
        self.path, self.manifest = path, manifest

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a comparison.

        Raises
        ------
        StoreError
            There is no valid one in the folder.
        """
        return cls(path, ComparisonManifest.read(path))

    @property
    def name(self) -> str:
        """Both runs: ``before..after``."""
        return f"{self.manifest.before}..{self.manifest.after}"

    def artefact(self, name: str) -> Artefact:
        """Description of an artefact.

        Raises
        ------
        StoreError
            The comparison does not have it.
        """
        try:
            return self.manifest.artefacts[name]
        except KeyError:
            raise StoreError(f"comparison {self.name} has no {name}") from None

    def summary(self, artefact: str) -> dict[str, Any]:
        """What came of ``objects``, ``noise``, ``scores`` or ``verdict``."""
        return self.artefact(artefact).summary

    @cached_property
    def objects(self) -> pa.Table:
        """What changed, a row for every common object, in the order of the map of the run before.

        ``row_a``, ``row_b`` (map rows), ``change`` (of the neighbourhood, 0 to 1), ``moved`` (in
        sizes of the map), ``class_a``, ``class_b`` (predicted, places in the summary's
        ``classes``), ``probability_change``, ``purity_a``, ``purity_b``.
        """
        return read_table(self.path / "objects.arrow")

    @cached_property
    def own(self) -> NDArray[np.float32] | None:
        """Map of the run after, laid out by itself, float32 [objects, 2], map order; or None."""
        if "own" not in self.manifest.artefacts:
            return None
        return np.load(self.path / "own.npy", mmap_mode="r", allow_pickle=False)


def manifest_hash(observatory: Observatory, run: str) -> str:
    """SHA-256 of a run's manifest.

    Raises
    ------
    StoreError
        There is no such run.
    """
    try:
        return hash_of_file(observatory.run(run) / MANIFEST)
    except OSError as error:
        raise StoreError(f"no run {run} ({error})") from error


def find_comparison(observatory: Observatory, before: str, after: str) -> Comparison | None:
    """Comparison of two runs as they are now; None where it has to be made.

    Raises
    ------
    StoreError
        One of the runs is not there.
    """
    hashes = tuple(manifest_hash(observatory, run) for run in (before, after))
    try:
        found = Comparison.open(observatory.comparison(before, after))
    except StoreError:
        return None
    manifest = found.manifest
    same = (manifest.before, manifest.after) == (before, after)
    return found if same and (manifest.before_hash, manifest.after_hash) == hashes else None
