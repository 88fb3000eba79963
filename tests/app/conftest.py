"""A small sky of four kinds of object, and two runs of it, written as `precompute` would."""

import shutil

import numpy as np
import pandas as pd
import pytest

from app.session import Session
from astra.data.light_curves import LightCurves
from astra.data.observatory import Observatory
from astra.data.surveys import Survey, new_survey, write_manifest
from astra.map.grid import grid_order
from astra.runs.manifest import Artefact, Manifest, describe_part
from astra.runs.tables import write_table

KINDS = ("RRab", "EA", "LPV", "SN Ia")
EACH = 60
NIGHTS = 90
BANDS = ("ztf_g", "ztf_r")
NEIGHBOURS = 12


def curve(kind, phase):
    """Magnitudes beside the mean by phase, as the four kinds have them."""
    if kind == "RRab":
        return -0.5 * np.cos(2 * np.pi * phase) - 0.2 * np.cos(4 * np.pi * phase)
    if kind == "EA":
        return 0.8 * (np.abs((phase + 0.5) % 1 - 0.5) < 0.05)
    return np.cos(2 * np.pi * phase)


def tables(rng):
    """Canonical pair of tables: objects in blocks of one kind; flux in microjansky."""
    objects, observations = [], []
    for kind in KINDS:
        for i in range(EACH):
            object_id = f"sky:{kind.replace(' ', '')}{i:03d}"
            period = {"RRab": 0.6, "EA": 2.7, "LPV": 250.0, "SN Ia": np.nan}[kind] + 0.001 * i
            band = rng.choice(BANDS, NIGHTS)
            mjd = np.sort(rng.uniform(58300, 59300, NIGHTS))
            if kind == "SN Ia":
                flux = 90 * np.exp(-0.5 * ((mjd - 58800) / 25) ** 2)
            else:
                magnitude = 17 + curve(kind, (mjd - 58000) / period) - 0.4 * (band == "ztf_r")
                flux = 10 ** ((23.9 - magnitude) / 2.5)
            error = np.full(NIGHTS, 5.0)
            flux = flux + rng.normal(0, error)
            objects.append(
                {
                    "object_id": object_id,
                    "ra": rng.uniform(0, 360),
                    "dec": rng.uniform(-30, 80),
                    "label": kind,
                    "astra_class": kind,
                    "period_days": period,
                    "flux_kind": "difference" if kind == "SN Ia" else "total",
                }
            )
            observations.append(
                pd.DataFrame(
                    {
                        "object_id": object_id,
                        "mjd": mjd,
                        "band": band,
                        "flux_ujy": flux,
                        "flux_err_ujy": error,
                        "flagged": rng.random(NIGHTS) < 0.03,
                    }
                )
            )
    return pd.DataFrame(objects), pd.concat(observations, ignore_index=True)


def write_survey(observatory, objects, observations, name="sky"):
    with new_survey(observatory.survey(name)) as folder:
        light_curves = LightCurves.from_tables(objects, observations)
        light_curves.save(folder / "light_curves")
        light_curves.catalogue.save(folder / "catalogue.parquet")
        write_manifest(folder, name, {"made": "for tests"}, time_scale="UTC")


def write_run(observatory, survey, objects, observations, name, created, parent=None):
    """Write a complete run whose map has one blob a kind."""
    rng = np.random.default_rng(5)
    n, out = len(objects), observatory.run(name)
    out.mkdir(parents=True)
    kind = objects["astra_class"].map({kind: i for i, kind in enumerate(KINDS)}).to_numpy()
    angle = 2 * np.pi * kind / len(KINDS)
    xy = 5 * np.column_stack([np.cos(angle), np.sin(angle)]) + rng.normal(0, 1, (n, 2))
    xy = xy.astype(np.float32)
    rows = grid_order(xy[:, 0], xy[:, 1]).astype(np.int32)
    squared = ((xy[:, None] - xy[None]) ** 2).sum(-1)
    near = np.argsort(squared, axis=1)[:, 1 : NEIGHBOURS + 1].astype(np.int32)
    np.save(out / "rows.npy", rows)
    np.save(out / "projection.npy", xy[rows])
    np.save(out / "embeddings.npy", np.column_stack([xy, xy]).astype(np.float32))
    np.save(out / "neighbours.npy", near)
    distances = np.sqrt(np.take_along_axis(squared, near, axis=1))
    np.save(out / "neighbour_distances.npy", distances.astype(np.float32))
    found = objects["period_days"].fillna(1.5).to_numpy()
    write_table(out / "periods.arrow", pd.DataFrame({"period_days": found}))
    write_catalogue(out, objects, observations, rows, found)
    write_predictions(out, objects, kind, rows, rng)
    light_curves = len(observations)
    Manifest(
        run=name,
        survey=survey.name,
        survey_fingerprint=survey.fingerprint,
        objects=n,
        observations=light_curves,
        recipe="tests",
        parent=parent,
        created=created,
        code_version="0.1.0",
        artefacts=artefacts(out),
    ).write(out)


def write_catalogue(out, objects, observations, rows, found):
    catalogue = objects.drop(columns=["label", "flux_kind"])
    catalogue["n_obs"] = np.full(len(objects), NIGHTS, np.int32)
    catalogue["amplitude"] = np.float32(0.5)
    catalogue["mean_magnitude"] = np.float32(17)
    catalogue["found_period_days"] = found
    write_table(out / "catalogue.arrow", catalogue.iloc[rows].reset_index(drop=True))
    labelled = objects.iloc[::2]
    labels = pd.DataFrame({"object_id": labelled["object_id"], "label": labelled["astra_class"]})
    labels["annotator"] = labels["source"] = "catalogue"
    write_table(out / "labels.arrow", labels.reset_index(drop=True))


def write_predictions(out, objects, kind, rows, rng):
    n = len(objects)
    probabilities = rng.dirichlet(np.full(len(KINDS), 0.3), n) * 0.4
    probabilities[np.arange(n), kind] += 0.6
    probabilities = probabilities[rows]
    np.save(out / "probabilities.npy", probabilities.astype(np.float16))
    probes = pd.DataFrame(
        {
            "predicted": pd.Categorical(np.array(KINDS)[probabilities.argmax(1)]),
            "probability": probabilities.max(1).astype(np.float32),
            "entropy": -(probabilities * np.log(probabilities + 1e-9)).sum(1).astype(np.float32),
        }
    )
    write_table(out / "probes.arrow", probes)
    score = rng.random(n).astype(np.float32)
    rank = np.empty(n, np.int32)
    rank[np.argsort(-score)] = np.arange(1, n + 1)
    write_table(out / "anomalies.arrow", pd.DataFrame({"score": score, "rank": rank}))


def artefacts(out):
    files = {
        "labels": ("none", ["labels.arrow"]),
        "periods": ("survey", ["periods.arrow"]),
        "encoder": ("none", []),
        "embeddings": ("survey", ["embeddings.npy"]),
        "neighbours": ("survey", ["neighbours.npy", "neighbour_distances.npy"]),
        "projection": ("map", ["projection.npy", "rows.npy"]),
        "catalogue": ("map", ["catalogue.arrow"]),
        "probes": ("map", ["probes.arrow", "probabilities.npy"]),
        "anomalies": ("map", ["anomalies.arrow"]),
    }
    units = {"catalogue": {"period_days": "d", "ra": "deg", "dec": "deg", "amplitude": "mag"}}
    summaries = {
        "probes": {"classes": list(KINDS), "macro_f1": 0.71, "accuracy": 0.8},
        "encoder": {"name": "astra"},
    }
    return {
        name: Artefact(
            parts=[describe_part(out, file) for file in parts],
            order=order,
            settings={},
            needs={},
            columns=units.get(name, {}),
            seconds=1.0,
            summary=summaries.get(name, {}),
        )
        for name, (order, parts) in files.items()
    }


@pytest.fixture(scope="session")
def run_home(tmp_path_factory):
    """Path of an observatory: survey ``sky`` (240 objects), runs ``first`` and ``second``.

    Object ids are ``sky:RRab000`` to ``sky:RRab059`` and so on for EA, LPV and SNIa; every second
    one carries a label of the catalogue. SNIa have difference fluxes and no catalogue period.
    """
    home = tmp_path_factory.mktemp("observatory")
    observatory = Observatory(home)
    objects, observations = tables(np.random.default_rng(1))
    write_survey(observatory, objects, observations)
    survey = Survey.open(observatory.survey("sky"))
    for name, created, parent in (
        ("first", "2026-01-01T00:00:00+00:00", None),
        ("second", "2026-01-02T00:00:00+00:00", "first"),
    ):
        write_run(observatory, survey, objects, observations, name, created, parent)
    return home


@pytest.fixture
def observatory(run_home, tmp_path):
    """A copy of it that a test may write to."""
    return Observatory(shutil.copytree(run_home, tmp_path / "home"))


@pytest.fixture
def session(observatory):
    """One visitor on the run ``first``."""
    session = Session(observatory=observatory)
    assert session.open_run("first")
    return session
