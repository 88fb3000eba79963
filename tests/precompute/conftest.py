"""A small sky of three kinds of variable, and a complete smoke run of it."""

import os

import numpy as np
import pandas as pd
import pytest

from astra.data.light_curves import LightCurves
from astra.data.observatory import Observatory
from astra.data.surveys import Survey, new_survey, write_manifest
from astra.runs.progress import silent
from astra.runs.run import Run

KINDS = ("ECL", "LPV", "RR")
OBJECTS = 240
NIGHTS = 60
LONG = int(os.environ.get("ASTRA_LONG", "0"))


def shape(kind, phase):
    """Magnitudes below the brightest, by phase."""
    if kind == "RR":
        return 0.9 * (phase % 1)
    if kind == "ECL":
        return 0.7 * np.exp(-0.5 * (((phase + 0.5) % 1 - 0.5) / 0.06) ** 2)
    return 1.2 * np.sin(2 * np.pi * phase)


def tables(rng):
    """Canonical pair of tables; two objects in three have a class."""
    objects, observations = [], []
    for i in range(OBJECTS):
        kind = KINDS[i % 3]
        period = {"RR": 0.55, "ECL": 2.1, "LPV": 180.0}[kind] * rng.uniform(0.8, 1.25)
        mjd = np.sort(rng.uniform(58300, 59300, NIGHTS))
        band = rng.choice(["ztf_g", "ztf_r"], NIGHTS)
        magnitude = 17 + shape(kind, mjd / period) - 0.3 * (band == "ztf_r")
        flux = 10 ** ((23.9 - magnitude) / 2.5)
        error = 0.03 * flux
        objects.append(
            {
                "object_id": f"sky:{i:04d}",
                "ra": rng.uniform(0, 360),
                "dec": rng.uniform(-30, 80),
                "label": kind.lower(),
                "astra_class": kind if rng.random() < 2 / 3 else None,
                "period_days": period,
                "flux_kind": "total",
            }
        )
        observations.append(
            pd.DataFrame(
                {
                    "object_id": f"sky:{i:04d}",
                    "mjd": mjd,
                    "band": band,
                    "flux_ujy": rng.normal(flux, error),
                    "flux_err_ujy": error,
                }
            )
        )
    return pd.DataFrame(objects), pd.concat(observations, ignore_index=True)


@pytest.fixture(scope="session")
def sky_tables():
    """The pair of tables that the survey is made of."""
    return tables(np.random.default_rng(4))


@pytest.fixture(scope="session")
def sky_home(tmp_path_factory, sky_tables):
    """Path of an observatory with the survey ``sky`` and no run."""
    observatory = Observatory(tmp_path_factory.mktemp("observatory"))
    with new_survey(observatory.survey("sky")) as folder:
        light_curves = LightCurves.from_tables(*sky_tables)
        light_curves.save(folder / "light_curves")
        light_curves.catalogue.save(folder / "catalogue.parquet")
        write_manifest(folder, "sky", {"made": "for tests"})
    return observatory.home


def with_sky(home, sky_home):
    """Observatory of a test's own, with the survey of all."""
    observatory = Observatory(home)
    observatory.surveys.mkdir(parents=True)
    (observatory.surveys / "sky").symlink_to(sky_home / "surveys" / "sky")
    return observatory


@pytest.fixture
def observatory(tmp_path, sky_home):
    """An observatory with the survey and no run, for one test."""
    return with_sky(tmp_path / "home", sky_home)


@pytest.fixture(scope="session")
def ask():
    """Make what ``bring_up_to_date`` is asked for."""
    from precompute.pipeline import STAGES, Asked
    from precompute.recipe import read_recipe

    def make(observatory, run, recipe="smoke", parent=None, progress=silent, changes=(), workers=1):
        parent_run = None if parent is None else Run.open(observatory.run(parent))
        manifest = None if parent_run is None else parent_run.manifest
        types = {stage.makes: stage.settings for stage in STAGES}
        return Asked(
            observatory=observatory,
            survey=Survey.open(observatory.survey("sky")),
            run=run,
            recipe=read_recipe(recipe, list(changes), types, manifest),
            parent=parent_run,
            workers=workers,
            progress=progress,
        )

    return make


@pytest.fixture(scope="session")
def smoke(tmp_path_factory, sky_home, ask):
    """Observatory with the published run ``smoke``; tests add runs, and leave this one alone."""
    from precompute.pipeline import bring_up_to_date

    observatory = with_sky(tmp_path_factory.mktemp("smoke") / "home", sky_home)
    bring_up_to_date(ask(observatory, "smoke"))
    return observatory


class Events(list):
    """Progress that remembers."""

    def __call__(self, event, **facts):
        self.append({"event": event, **facts})

    def of(self, event):
        """Stages of which an event was told."""
        return [told["stage"] for told in self if told["event"] == event]


@pytest.fixture
def events():
    return Events()
