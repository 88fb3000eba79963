"""What a run is made of: artefacts, settings, hashes, lineage."""

import hashlib
import json
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from astra.data.errors import StoreError

RUN_FORMAT = "astra-run-1"
MANIFEST = "manifest.json"


class Part(BaseModel):
    """One file of an artefact."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    sha256: str
    bytes: int


class Artefact(BaseModel):
    """What one stage made, from what, with which settings.

    ``order`` says whose rows a per-object array follows: the survey's, the map's, or none.
    ``needs`` maps each input to its hash at the time; ``columns`` maps each column to its unit.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    parts: list[Part]
    order: Literal["survey", "map", "none"]
    settings: dict[str, Any]
    needs: dict[str, str]
    columns: dict[str, str]
    seconds: float
    summary: dict[str, Any] = {}

    @property
    def hash(self) -> str:
        """SHA-256 of the content of all parts together."""
        return hashlib.sha256("".join(part.sha256 for part in self.parts).encode()).hexdigest()


class Manifest(BaseModel):
    """The description of a run, written last: a folder with a valid one is a run."""

    model_config = ConfigDict(extra="forbid")

    format: Literal["astra-run-1"] = RUN_FORMAT
    run: str
    survey: str
    survey_fingerprint: str
    objects: int
    observations: int
    recipe: str
    parent: str | None = None
    created: str
    code_version: str
    artefacts: dict[str, Artefact]

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read and check the manifest of a published run, and that every part has its size.

        Raises
        ------
        StoreError
            There is no manifest, it is not valid, or a part is missing or cut short.
        """
        path = folder / MANIFEST
        try:
            manifest = cls.model_validate_json(path.read_bytes())
        except FileNotFoundError as error:
            names = sorted(found.parent.name for found in folder.parent.glob(f"[!.]*/{MANIFEST}"))
            there = ", ".join(names) or "none"
            raise StoreError(f"{folder}: no run here; there are: {there}") from error
        except OSError as error:
            raise StoreError(f"{folder}: no run here ({error})") from error
        except ValidationError as error:
            raise StoreError(
                f"{path}: not a run's manifest ({error.error_count()} errors)"
            ) from error
        for artefact in manifest.artefacts.values():
            for part in artefact.parts:
                check_part(folder, part)
        return manifest

    def write(self, folder: Path) -> None:
        """Write the manifest; the caller makes it durable and visible."""
        text = json.dumps(self.model_dump(mode="json"), indent=1, allow_nan=False)
        (folder / MANIFEST).write_text(text)


def check_part(folder: Path, part: Part) -> None:
    """Check that a part is there with its size.

    Raises
    ------
    StoreError
        It is not.
    """
    path = folder / part.path
    size = path.stat().st_size if path.is_file() else None
    if size != part.bytes:
        raise StoreError(f"{path}: {size} bytes, but the manifest says {part.bytes}")


def describe_part(folder: Path, name: str) -> Part:
    """Hash one file of a run."""
    path = folder / name
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Part(path=name, sha256=digest, bytes=path.stat().st_size)


def check_content(folder: Path, part: Part) -> None:
    """Check that a part is, byte for byte, what was recorded.

    Raises
    ------
    StoreError
        It is missing or has another content.
    """
    path = folder / part.path
    if not path.is_file() or describe_part(folder, part.path) != part:
        raise StoreError(
            f"{path}: not what the manifest says (sha256 {part.sha256[:12]}..., {part.bytes} "
            "bytes); the disk or somebody changed it: make this run again"
        )
