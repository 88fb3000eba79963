"""A survey that grew: only what is new is searched and embedded, and the map stays put."""

import numpy as np
import pandas as pd
import pytest

from astra.data.errors import AstraError
from astra.data.growing import grow_survey
from astra.data.light_curves import LightCurves
from astra.data.observatory import Observatory
from astra.data.surveys import Survey, new_survey, write_manifest
from astra.encoders import embed, load
from astra.periods import PERIOD_COLUMNS
from astra.runs.run import Run
from precompute.pipeline import bring_up_to_date

NEW, TOUCHED = 20, 12


@pytest.fixture(scope="module")
def before_and_after(tmp_path_factory, sky_tables, ask):
    """A run, the survey grown by some objects and some nights of others, and the run's child."""
    objects, observations = sky_tables
    observatory = Observatory(tmp_path_factory.mktemp("growing"))
    old = objects.iloc[:-NEW]
    touched = set(old["object_id"].iloc[5 : 5 + TOUCHED])
    late = observations["object_id"].isin(touched) & (observations["mjd"] > 59200)
    base = observations["object_id"].isin(old["object_id"]) & ~late
    with new_survey(observatory.survey("sky")) as folder:
        light_curves = LightCurves.from_tables(old, observations[base])
        light_curves.save(folder / "light_curves")
        light_curves.catalogue.save(folder / "catalogue.parquet")
        write_manifest(folder, "sky", {"made": "for tests"})
    bring_up_to_date(ask(observatory, "before"))
    news = observations[~base]
    chosen = objects[objects["object_id"].isin(news["object_id"])]
    survey = Survey.open(observatory.survey("sky"))
    grow_survey(survey, LightCurves.from_tables(chosen, news))
    bring_up_to_date(ask(observatory, "after", recipe=None, parent="before"))
    return tuple(Run.open(observatory.run(name)) for name in ("before", "after"))


@pytest.fixture
def before(before_and_after):
    return before_and_after[0]


@pytest.fixture
def after(before_and_after):
    return before_and_after[1]


def test_only_what_changed_is_made_again(before, after):
    changed = int(after.survey.changed_since(before.manifest.survey_fingerprint).sum())
    assert NEW < changed <= NEW + TOUCHED
    assert after.artefact("periods").summary["searched"] == changed
    assert after.artefact("embeddings").summary["embedded"] == changed
    assert len(after) == len(before) + NEW


def test_it_is_what_the_whole_would_give(after):
    columns = {name: after.periods[name].to_numpy(zero_copy_only=False) for name in PERIOD_COLUMNS}
    light_curves = after.survey.light_curves.with_columns(**columns)
    wanted = embed(load(after.path), light_curves)
    np.testing.assert_allclose(after.embeddings, wanted, atol=1e-4 * np.abs(wanted).max())


def test_the_map_stays_put_and_shows_the_new(before, after):
    changed = after.survey.changed_since(before.manifest.survey_fingerprint)
    staying = np.flatnonzero(~changed)
    then = before.projection[before.map_row[staying]]
    now = after.projection[after.map_row[staying]]
    np.testing.assert_array_equal(now, then)
    assert np.isfinite(after.projection).all()
    revision = after.catalogue.to_pandas()["revision"].to_numpy()
    np.testing.assert_array_equal(revision[after.map_row] > 0, changed)


def test_the_run_before_still_shows_its_objects(before, sky_tables):
    ids = before.survey.catalogue["object_id"].to_numpy()[before.rows]
    assert list(before.catalogue.to_pandas()["object_id"]) == list(ids)
    assert list(ids) == list(sky_tables[0]["object_id"].iloc[: len(before)][before.rows])


def test_a_run_is_brought_up_to_date_before_it_is_taught(before, ask):
    observatory = Observatory(before.path.parent.parent)
    with pytest.raises(AstraError, match="survey sky has grown since run before was made"):
        bring_up_to_date(ask(observatory, "taught", recipe="finetune", parent="before"))


def test_a_night_that_is_new_to_nobody_changes_nothing(after):
    survey = Survey.open(after.survey.path)
    objects = pd.DataFrame(survey.catalogue.table)[["object_id", "ra", "dec", "flux_kind"]]
    one = survey.light_curves[0]
    again = pd.DataFrame(
        {
            "object_id": objects["object_id"].iloc[0],
            "mjd": one.mjd,
            "band": [one.bands[code].name for code in one.band],
            "flux_ujy": one.flux,
            "flux_err_ujy": one.flux_error,
        }
    )
    assert not grow_survey(survey, LightCurves.from_tables(objects.iloc[:1], again))
