"""A run written by hand, as the published ones are."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from astra.data.observatory import Observatory
from astra.runs.manifest import Artefact, Manifest, describe_part
from astra.runs.run import Run
from astra.runs.tables import write_table

WriteRun = Callable[..., Path]
OBJECTS = 6


def write_run(
    observatory: Observatory, name: str = "first", created: str = "2026-01-02T03:04:05+00:00"
) -> Path:
    """Write a run of six objects; map row ``i`` is survey row ``5 - i``."""
    folder = observatory.run(name)
    folder.mkdir(parents=True)
    np.save(folder / "rows.npy", np.arange(OBJECTS, dtype=np.int32)[::-1])
    np.save(folder / "projection.npy", np.arange(12, dtype=np.float32).reshape(OBJECTS, 2))
    ids = [f"test:{5 - i}" for i in range(OBJECTS)]
    write_table(folder / "catalogue.arrow", pd.DataFrame({"object_id": ids, "ra": 1.5}))
    parts = {
        "projection": [describe_part(folder, n) for n in ("projection.npy", "rows.npy")],
        "catalogue": [describe_part(folder, "catalogue.arrow")],
    }
    artefacts = {
        stage: Artefact(
            parts=described,
            order="map",
            settings={"seed": 1},
            needs={},
            columns={},
            seconds=0.5,
            summary={"found": stage},
        )
        for stage, described in parts.items()
    }
    Manifest(
        run=name,
        survey="sky",
        survey_fingerprint="f" * 64,
        objects=OBJECTS,
        observations=60,
        recipe="smoke",
        created=created,
        code_version="0.1",
        artefacts=artefacts,
    ).write(folder)
    return folder


@pytest.fixture
def observatory(tmp_path: Path) -> Observatory:
    return Observatory(tmp_path)


@pytest.fixture(name="write_run")
def _write_run() -> WriteRun:
    return write_run


@pytest.fixture
def run(observatory: Observatory) -> Run:
    return Run.open(write_run(observatory))
