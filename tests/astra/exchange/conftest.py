"""A survey with awkward ids and texts, and a run of it."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from astra.data.light_curves import LightCurves
from astra.data.observatory import Observatory
from astra.data.surveys import Survey, new_survey, write_manifest
from astra.runs.manifest import Artefact, Manifest, describe_part
from astra.runs.run import Run
from astra.runs.tables import write_table

# More than 2**53, more than 2**63, a leading zero, an exponent, a sign: none of them is a number.
IDS = ["739260766315010006", "18446744073709551615", "007", "1e5", "-12", "ztf:ZTF18a", "+1.50"]
CLASSES = ["CV/Nova", "RR <b>Lyrae</b>"]
UNITS = {"ra": "deg", "dec": "deg", "period_days": "d", "mean_magnitude": "mag"}
FILES = {
    "labels": ["labels.arrow"],
    "projection": ["projection.npy", "rows.npy"],
    "catalogue": ["catalogue.arrow"],
    "probes": ["probes.arrow", "probabilities.npy"],
    "anomalies": ["anomalies.arrow"],
}
MakeRun = Callable[..., Run]


def survey_of(home: Path, ids: Sequence[str]) -> Survey:
    rng = np.random.default_rng(1)
    n = [rng.integers(3, 9) for _ in ids]
    objects = pd.DataFrame({"object_id": list(ids)})
    observations = pd.DataFrame(
        {
            "object_id": np.repeat(list(ids), n),
            "mjd": rng.uniform(58000, 60000, sum(n)).round(5),
            "band": rng.choice(["ztf_g", "ztf_r"], sum(n)),
            "flux_ujy": rng.normal(100, 30, sum(n)).astype(np.float32),
            "flux_err_ujy": np.full(sum(n), 3, np.float32),
            "flagged": rng.random(sum(n)) < 0.2,
        }
    )
    observatory = Observatory(home)
    with new_survey(observatory.survey("sky")) as folder:
        light_curves = LightCurves.from_tables(objects, observations)
        light_curves.save(folder / "light_curves")
        assert light_curves.catalogue is not None
        light_curves.catalogue.save(folder / "catalogue.parquet")
        write_manifest(folder, "sky", {"made": "for tests"}, time_scale="TDB")
    return Survey.open(observatory.survey("sky"))


def write_catalogue(folder: Path, ids: Sequence[str], texts: Sequence[str | None]) -> None:
    rng, n = np.random.default_rng(2), len(ids)
    rows = rng.permutation(n).astype(np.int32)
    np.save(folder / "rows.npy", rows)
    np.save(folder / "projection.npy", rng.normal(size=(n, 2)).astype(np.float32))
    period = rng.uniform(0.1, 9, n)
    period[::2] = np.nan
    catalogue = pd.DataFrame(
        {
            "object_id": list(ids),
            "ra": rng.uniform(0, 360, n),
            "dec": rng.uniform(-90, 90, n),
            "note": pd.array(list(texts), dtype="string"),
            "period_days": period,
            "mean_magnitude": rng.uniform(14, 20, n).astype(np.float32),
            "n_obs": rng.integers(0, 9, n, dtype=np.int32),
            "expid": rng.integers(2**60, 2**62, n),
            "known": rng.random(n) < 0.5,
        }
    )
    write_table(folder / "catalogue.arrow", catalogue.iloc[rows].reset_index(drop=True))


def write_predictions(folder: Path, n: int) -> None:
    rng = np.random.default_rng(3)
    shares = rng.dirichlet(np.ones(2), n).astype(np.float16)
    np.save(folder / "probabilities.npy", shares)
    probes = {
        "predicted": pd.Categorical.from_codes(shares.argmax(1), CLASSES),
        "probability": shares.max(1).astype(np.float32),
        "entropy": np.zeros(n, np.float32),
    }
    write_table(folder / "probes.arrow", pd.DataFrame(probes))
    scores = {"score": rng.random(n, np.float32), "rank": rng.permutation(n).astype(np.int32) + 1}
    write_table(folder / "anomalies.arrow", pd.DataFrame(scores))


def write_labels(folder: Path, ids: Sequence[str]) -> None:
    labels = pd.DataFrame({"object_id": list(ids[:2]), "label": CLASSES[: len(ids[:2])]})
    labels["annotator"] = labels["source"] = "catalogue"
    write_table(folder / "labels.arrow", labels)


def artefact(folder: Path, name: str) -> Artefact:
    return Artefact(
        parts=[describe_part(folder, part) for part in FILES[name]],
        order="map",
        settings={},
        needs={},
        columns=UNITS if name == "catalogue" else {},
        seconds=1.0,
        summary={"classes": CLASSES} if name == "probes" else {},
    )


def run_of(home: Path, ids: Sequence[str], texts: Sequence[str | None]) -> Run:
    survey = survey_of(home, ids)
    folder = Observatory(home).run("first")
    folder.mkdir(parents=True)
    write_catalogue(folder, ids, texts)
    write_predictions(folder, len(ids))
    write_labels(folder, ids)
    Manifest(
        run="first",
        survey="sky",
        survey_fingerprint=survey.fingerprint,
        objects=len(ids),
        observations=survey.manifest["observations"],
        recipe="tests",
        created="2026-01-02T03:04:05+00:00",
        code_version="0.1",
        artefacts={name: artefact(folder, name) for name in FILES},
    ).write(folder)
    return Run.open(folder)


@pytest.fixture(scope="session")
def make_run() -> Iterator[MakeRun]:
    """Run of given ids and of as many texts, in a home of its own."""
    homes: list[str] = []

    def make(texts: Sequence[str | None], ids: Sequence[str] | None = None) -> Run:
        homes.append(tempfile.mkdtemp())
        ids = [f"sky:{i}" for i in range(len(texts))] if ids is None else ids
        return run_of(Path(homes[-1]), ids, texts)

    yield make
    for home in homes:
        shutil.rmtree(home)


@pytest.fixture(scope="session")
def run(make_run: MakeRun) -> Run:
    """Run of `IDS`, the third of which has no note, and of others that look like formulas."""
    return make_run(["=1+1", "", None, "a,b", 'say "so"', "<td>&amp;", "été ☉"], IDS)
