"""A survey that grows keeps its rows, takes what is new, and takes it once."""

import numpy as np
import pandas as pd
import pytest

from astra.data.errors import StoreError
from astra.data.growing import grow_survey
from astra.data.light_curves import LightCurves
from astra.data.observatory import Observatory
from astra.data.surveys import Survey, new_survey, write_manifest

OBJECTS, NIGHTS = 30, 40


@pytest.fixture
def tables():
    dice = np.random.default_rng(7)
    objects = pd.DataFrame(
        {
            "object_id": [f"o{i}" for i in range(OBJECTS)],
            "ra": dice.uniform(0, 360, OBJECTS),
            "dec": dice.uniform(-30, 80, OBJECTS),
            "flux_kind": "total",
        }
    )
    rows = np.repeat(np.arange(OBJECTS), NIGHTS)
    observations = pd.DataFrame(
        {
            "object_id": objects["object_id"].to_numpy()[rows],
            "mjd": np.round(dice.uniform(58000, 59000, len(rows)), 4),
            "band": dice.choice(["ztf_g", "ztf_r"], len(rows)),
            "flux_ujy": dice.normal(100, 5, len(rows)),
            "flux_err_ujy": 5.0,
        }
    )
    return objects, observations


def survey_of(home, objects, observations):
    with new_survey(Observatory(home).survey("sky")) as folder:
        light_curves = LightCurves.from_tables(objects, observations)
        light_curves.save(folder / "light_curves")
        light_curves.catalogue.save(folder / "catalogue.parquet")
        write_manifest(folder, "sky", {"made": "for tests"})
    return Survey.open(Observatory(home).survey("sky"))


def seen(light_curves, row):
    """Observations of an object, whatever their order and the numbers of their bands."""
    one = light_curves[row]
    bands = [one.bands[code].name for code in one.band]
    return sorted(zip(np.round(one.mjd, 4).tolist(), bands, one.flux.tolist(), strict=True))


def test_grown_in_two_steps_it_holds_what_it_holds_at_once(tables, tmp_path):
    objects, observations = tables
    early = observations["mjd"] < 58700
    old = objects.iloc[:25]
    base = early & observations["object_id"].isin(old["object_id"])
    survey = survey_of(tmp_path, old, observations[base])
    growth = grow_survey(survey, LightCurves.from_tables(objects, observations[~base]))
    grown = Survey.open(survey.path)
    whole = LightCurves.from_tables(objects, observations)
    assert (growth.objects, growth.observations) == (5, int((~base).sum()))
    assert grown.catalogue["object_id"].tolist() == objects["object_id"].tolist()
    for row in range(OBJECTS):
        assert seen(grown.light_curves, row) == seen(whole, row)


def test_objects_without_news_stay_byte_for_byte_and_know_their_revision(tables, tmp_path):
    objects, observations = tables
    survey = survey_of(tmp_path, objects, observations)
    news = observations[observations["object_id"].isin(["o3", "o11"])].assign(
        mjd=lambda table: table["mjd"] + 2000, band="atlas_c"
    )
    chosen = objects[objects["object_id"].isin(["o3", "o11"])]
    first, before = survey.fingerprint, survey.light_curves
    times = [np.array(before[row].mjd) for row in range(OBJECTS)]
    growth = grow_survey(survey, LightCurves.from_tables(chosen, news))
    grown = Survey.open(survey.path)
    assert (growth.objects, growth.changed) == (0, 2)
    assert np.flatnonzero(grown.changed_since(first)).tolist() == [3, 11]
    assert grown.changed_since("another") is None
    assert not grown.changed_since(grown.fingerprint).any()
    for row in set(range(OBJECTS)) - {3, 11}:
        np.testing.assert_array_equal(grown.light_curves[row].mjd, times[row])
    assert len(grown.light_curves[3]) == len(times[3]) + NIGHTS


def test_what_is_there_already_is_not_taken_again(tables, tmp_path):
    survey = survey_of(tmp_path, *tables)
    growth = grow_survey(survey, LightCurves.from_tables(*tables))
    assert not growth
    assert growth.repeated == OBJECTS * NIGHTS
    assert Survey.open(survey.path).manifest == survey.manifest


def test_revisions_count_on(tables, tmp_path):
    objects, observations = tables
    survey = survey_of(tmp_path, objects.iloc[:10], observations[:400])
    fingerprints = [survey.fingerprint]
    for start in (10, 20):
        chosen = objects.iloc[start : start + 10]
        here = observations[observations["object_id"].isin(chosen["object_id"])]
        grow_survey(survey, LightCurves.from_tables(chosen, here))
        survey = Survey.open(survey.path)
        fingerprints.append(survey.fingerprint)
    assert survey.revisions == fingerprints
    assert survey.revision.tolist() == [0] * 10 + [1] * 10 + [2] * 10
    assert survey.changed_since(fingerprints[1]).sum() == 10


def test_differences_are_not_mixed_with_totals(tables, tmp_path):
    objects, observations = tables
    survey = survey_of(tmp_path, objects, observations)
    other = LightCurves.from_tables(objects.assign(flux_kind="difference"), observations)
    with pytest.raises(StoreError, match="object o0: difference fluxes cannot be added to total"):
        grow_survey(survey, other)
    assert Survey.open(survey.path).manifest == survey.manifest
