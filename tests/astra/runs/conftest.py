"""A run written by hand, as the published ones are."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from astra.data.observatory import Observatory
from astra.data.simulation.simulate import simulate_survey
from astra.data.surveys import Survey
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


MEMBERS = 30


def write_member(observatory: Observatory, name: str, parent: str | None, day: int) -> None:
    """Write a whole run of the survey ``sky``, with the parts that a parent hands down linked."""
    survey, folder = Survey.open(observatory.survey("sky")), observatory.run(name)
    folder.mkdir(parents=True)
    generator = np.random.default_rng(day)
    xy = generator.normal(size=(MEMBERS, 2)).astype(np.float32)
    rows = generator.permutation(MEMBERS).astype(np.int32)
    probabilities = generator.dirichlet(np.ones(3), MEMBERS).astype(np.float16)
    near = (np.arange(MEMBERS)[:, None] + np.arange(day, day + 5)) % MEMBERS
    arrays = {
        "projection.npy": xy,
        "rows.npy": rows,
        "embeddings.npy": generator.normal(size=(MEMBERS, 4)).astype(np.float32),
        "neighbours.npy": near.astype(np.int32),
        "neighbour_distances.npy": np.ones((MEMBERS, 5), np.float32),
        "probabilities.npy": probabilities,
    }
    for file, array in arrays.items():
        np.save(folder / file, array)
    ids = survey.catalogue["object_id"].to_numpy()[rows]
    write_table(folder / "catalogue.arrow", pd.DataFrame({"object_id": ids}))
    write_table(folder / "probes.arrow", pd.DataFrame({"entropy": np.ones(MEMBERS)}))
    if parent is None:
        write_table(folder / "periods.arrow", pd.DataFrame({"period_days": np.ones(MEMBERS)}))
    else:
        (folder / "periods.arrow").hardlink_to(observatory.run(parent) / "periods.arrow")
    describe_run(folder, name, survey, parent, day)


FILES = {
    "periods": ["periods.arrow"],
    "embeddings": ["embeddings.npy"],
    "neighbours": ["neighbours.npy", "neighbour_distances.npy"],
    "projection": ["projection.npy", "rows.npy"],
    "catalogue": ["catalogue.arrow"],
    "probes": ["probes.arrow", "probabilities.npy"],
}


def describe_run(folder: Path, name: str, survey: Survey, parent: str | None, day: int) -> None:
    """Write the manifest of what lies in a folder."""
    artefacts = {
        stage: Artefact(
            parts=[describe_part(folder, file) for file in files],
            order="survey" if stage == "periods" else "map",
            settings={},
            needs={"survey.light_curves": survey.fingerprint},
            columns={},
            seconds=0.5,
            summary={"told": stage},
        )
        for stage, files in FILES.items()
    }
    Manifest(
        run=name,
        survey="sky",
        survey_fingerprint=survey.fingerprint,
        objects=MEMBERS,
        observations=survey.manifest["observations"],
        recipe="smoke",
        parent=parent,
        created=f"2026-01-{day:02d}T00:00:00+00:00",
        code_version="0.1",
        artefacts=artefacts,
    ).write(folder)


@pytest.fixture(scope="session")
def family_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    observatory = Observatory(tmp_path_factory.mktemp("family"))
    simulate_survey(observatory, "sky", MEMBERS, seed=1)
    for day, (name, parent) in enumerate(
        (("first", None), ("child", "first"), ("grandchild", "child")), start=1
    ):
        write_member(observatory, name, parent, day)
    return observatory.home


@pytest.fixture
def family(family_home: Path, tmp_path: Path) -> Observatory:
    """Runs ``first``, ``child`` and ``grandchild`` of a survey ``sky``, whole, to be written to."""
    home = tmp_path / "home"
    subprocess.run(["cp", "-a", str(family_home), str(home)], check=True)  # keeps hard links
    return Observatory(home)


@pytest.fixture
def remanifest() -> Callable[[Path], None]:
    """Make a run's manifest say what lies in its folder now."""

    def again(folder: Path) -> None:
        before = Manifest.model_validate_json((folder / "manifest.json").read_bytes())
        survey = Survey.open(Observatory(folder.parent.parent).survey("sky"))
        describe_run(folder, before.run, survey, before.parent, int(before.created[8:10]))

    return again
