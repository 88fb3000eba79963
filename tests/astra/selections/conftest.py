"""Two runs of one sky in which some objects of the one are missing from the other."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from astra.data.observatory import Observatory
from astra.map.grid import grid_order
from astra.runs.manifest import Artefact, Manifest, describe_part
from astra.runs.run import Run
from astra.runs.tables import write_table

CLASSES = ["EA", "RRab", "SN Ia"]
FILES = {
    "labels": ["labels.arrow"],
    "neighbours": ["neighbours.npy", "neighbour_distances.npy"],
    "projection": ["projection.npy", "rows.npy"],
    "catalogue": ["catalogue.arrow"],
    "probes": ["probes.arrow", "probabilities.npy"],
    "anomalies": ["anomalies.arrow"],
}


def write_map(folder: Path, xy: NDArray[np.float32], rows: NDArray[np.int32]) -> None:
    np.save(folder / "rows.npy", rows)
    np.save(folder / "projection.npy", xy[rows])
    near = np.argsort(((xy[:, None] - xy[None]) ** 2).sum(-1), axis=1)[:, 1:13]
    np.save(folder / "neighbours.npy", near.astype(np.int32))
    np.save(folder / "neighbour_distances.npy", np.ones(near.shape, np.float32))


def catalogue_of(ids: list[str], rng: np.random.Generator) -> pd.DataFrame:
    n = len(ids)
    period = np.where(rng.random(n) < 0.3, np.nan, 10 ** rng.uniform(-1, 2, n))
    return pd.DataFrame(
        {
            "object_id": ids,
            "ra": rng.uniform(0, 360, n),
            "dec": np.degrees(np.arcsin(rng.uniform(-1, 1, n))),
            "astra_class": pd.Categorical(rng.choice(CLASSES, n)),
            "period_days": period,
            "n_obs": rng.integers(5, 900, n, dtype=np.int32),
            "found_period_days": 10 ** rng.uniform(-1, 2, n),
            "is_difference": rng.random(n) < 0.5,
        }
    )


def write_predictions(folder: Path, n: int, rng: np.random.Generator) -> None:
    probabilities = rng.dirichlet(np.ones(3), n)
    np.save(folder / "probabilities.npy", probabilities.astype(np.float16))
    probes = {
        "predicted": pd.Categorical.from_codes(probabilities.argmax(1), CLASSES),
        "probability": probabilities.max(1).astype(np.float32),
        "entropy": rng.random(n, np.float32),
    }
    write_table(folder / "probes.arrow", pd.DataFrame(probes))
    scores = {"score": rng.random(n, np.float32), "rank": rng.permutation(n).astype(np.int32) + 1}
    write_table(folder / "anomalies.arrow", pd.DataFrame(scores))


def write_labels(folder: Path, ids: list[str], rng: np.random.Generator) -> None:
    labels = pd.DataFrame({"object_id": ids[::3], "label": rng.choice(CLASSES, len(ids[::3]))})
    labels["annotator"] = labels["source"] = "catalogue"
    mine = labels.iloc[[0]].assign(label="mine", annotator="me", source="annotator")
    write_table(folder / "labels.arrow", pd.concat([mine, labels], ignore_index=True))


def write_run(folder: Path, ids: list[str], seed: int) -> None:
    """Write a run of these objects, with every artefact that is asked for here."""
    rng, n = np.random.default_rng(seed), len(ids)
    folder.mkdir(parents=True)
    xy = rng.normal(size=(n, 2)).astype(np.float32)
    rows = grid_order(xy[:, 0], xy[:, 1]).astype(np.int32)
    write_map(folder, xy, rows)
    catalogue = catalogue_of(ids, rng).iloc[rows].reset_index(drop=True)
    write_table(folder / "catalogue.arrow", catalogue)
    write_predictions(folder, n, rng)
    write_labels(folder, ids, rng)
    Manifest(
        run=folder.name,
        survey="sky",
        survey_fingerprint="f" * 64,
        objects=n,
        observations=60,
        recipe="tests",
        created="2026-01-02T03:04:05+00:00",
        code_version="0.1",
        artefacts={name: artefact(folder, name) for name in FILES},
    ).write(folder)


def artefact(folder: Path, name: str) -> Artefact:
    return Artefact(
        parts=[describe_part(folder, file) for file in FILES[name]],
        order="map",
        settings={},
        needs={},
        columns={},
        seconds=1.0,
        summary={"classes": CLASSES} if name == "probes" else {},
    )


@pytest.fixture(scope="session")
def sky(tmp_path_factory: pytest.TempPathFactory) -> Observatory:
    observatory = Observatory(tmp_path_factory.mktemp("sky"))
    ids = [f"sky:{i}" for i in range(400)]
    write_run(observatory.run("first"), ids, 1)
    write_run(observatory.run("second"), [*ids[100:], "sky:new"], 2)
    return observatory


@pytest.fixture(scope="session")
def run(sky: Observatory) -> Run:
    return Run.open(sky.run("first"))


@pytest.fixture(scope="session")
def other(sky: Observatory) -> Run:
    return Run.open(sky.run("second"))
