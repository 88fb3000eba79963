"""A complete run of a small sky, by the smoke recipe, and children of it."""

import numpy as np
import pytest

from astra.analysis.neighbours import exact_neighbours
from astra.analysis.standard import standardise
from astra.data.errors import AstraError
from astra.data.held_out import held_out
from astra.encoders import load
from astra.encoders.embed import embed
from astra.labels.label import Label
from astra.labels.store import LabelStore
from astra.map.grid import PointGrid
from astra.periods import PERIOD_COLUMNS, search
from astra.runs.run import Run, list_runs
from precompute.building import check_content
from precompute.changes import ChangedError
from precompute.pipeline import STAGES, bring_up_to_date

MAP_ARTEFACTS = ("catalogue", "probes", "anomalies")


@pytest.fixture(scope="module")
def run(smoke):
    return Run.open(smoke.run("smoke"))


def frame(run, table):
    return getattr(run, table).to_pandas()


def test_every_artefact_is_there_and_is_what_the_manifest_says(run):
    assert list(run.manifest.artefacts) == [stage.makes for stage in STAGES]
    parts = [part for artefact in run.manifest.artefacts.values() for part in artefact.parts]
    for part in parts:
        check_content(run.path, part)
    files = {path.name for path in run.path.iterdir()}
    assert files == {part.path for part in parts} | {"manifest.json"}
    assert len(parts) == len({part.path for part in parts})
    for artefact in run.manifest.artefacts.values():
        assert artefact.seconds >= 0
        assert artefact.summary["told"]


def test_rows_lead_from_the_map_to_the_survey(run):
    assert sorted(run.rows) == list(range(len(run)))
    x, y = run.projection[:, 0], run.projection[:, 1]
    np.testing.assert_array_equal(PointGrid(x, y).order, np.arange(len(run)))
    ids = run.survey.catalogue["object_id"].to_numpy()
    assert list(frame(run, "catalogue")["object_id"]) == list(ids[run.rows])


def test_periods_are_those_of_the_search_in_survey_order(run):
    found = search(run.survey.light_curves.take(np.arange(20)))
    for name in PERIOD_COLUMNS:
        np.testing.assert_allclose(frame(run, "periods")[name][:20], found[name], rtol=1e-9)
    carried = frame(run, "catalogue")["found_period_days"]
    np.testing.assert_array_equal(carried, frame(run, "periods")["period_days"][run.rows])


def test_embeddings_are_those_of_the_encoder_kept(run):
    columns = {name: frame(run, "periods")[name].to_numpy() for name in PERIOD_COLUMNS}
    light_curves = run.survey.light_curves.with_columns(**columns)
    expected = embed(load(run.path), light_curves, "cpu")
    np.testing.assert_allclose(run.embeddings, expected, atol=1e-5)


def test_neighbours_are_the_nearest(run):
    points = standardise(run.embeddings)
    indices, distances = exact_neighbours(points, np.arange(len(run)), 15)
    np.testing.assert_array_equal(run.neighbours, indices)
    np.testing.assert_allclose(run.neighbour_distances, distances, rtol=1e-4, atol=1e-4)


def test_predictions_and_their_order(run):
    probes = frame(run, "probes")
    classes = run.summary("probes")["classes"]
    assert classes == ["ECL", "LPV", "RR"]
    np.testing.assert_allclose(run.probabilities.astype(float).sum(axis=1), 1, atol=3e-3)
    best = np.array(classes)[run.probabilities.argmax(axis=1)]
    assert np.mean(probes["predicted"] == best) > 0.99
    np.testing.assert_allclose(probes["probability"], run.probabilities.max(axis=1), atol=1e-3)
    # Two in three were learnt from, and they are easy: map order must match the truth.
    truth = run.survey.catalogue["label"].str.upper().to_numpy()[run.rows]
    assert np.mean(probes["predicted"] == truth) > 0.85
    summary = run.summary("probes")
    assert summary["macro_f1"] > 0.8 > summary["majority"]["macro_f1"]
    assert summary["split"] == "sky cells of 2 deg"


def test_anomalies_are_ranked_in_map_order(run):
    anomalies = frame(run, "anomalies")
    assert sorted(anomalies["rank"]) == list(range(1, len(run) + 1))
    assert anomalies["score"].between(0, 1).all()
    assert anomalies["score"][anomalies["rank"] == 1].item() == 1


def test_the_catalogue_has_what_the_survey_and_the_light_curves_say(run):
    catalogue = frame(run, "catalogue")
    survey = run.survey.catalogue.table.iloc[run.rows].reset_index(drop=True)
    for name in ("ra", "dec", "period_days"):
        np.testing.assert_array_equal(catalogue[name], survey[name])
        assert catalogue[name].dtype == np.float64
    assert list(catalogue["catalogue_label"]) == list(survey["label"])
    known = survey["astra_class"].notna()
    assert (catalogue["label"][known].astype(str) == survey["astra_class"][known]).all()
    assert catalogue["label"][~known].isna().all()
    assert (catalogue["n_obs"] == 60).all()
    light_curve = run.survey.light_curves[int(run.rows[5])]
    assert catalogue["span_days"][5] == pytest.approx(light_curve.mjd[-1] - light_curve.mjd[0])
    assert catalogue["amplitude"][survey["label"] == "lpv"].between(1.7, 2.7).all()
    units = run.artefact("catalogue").columns
    assert set(units) == set(catalogue.columns)
    assert (units["ra"], units["found_period_days"], units["amplitude"]) == ("deg", "d", "mag")


def test_a_second_time_there_is_nothing_to_do(smoke, ask, events):
    before = {p: p.stat().st_mtime_ns for p in smoke.run("smoke").rglob("*")}
    bring_up_to_date(ask(smoke, "smoke", progress=events))
    assert {p: p.stat().st_mtime_ns for p in smoke.run("smoke").rglob("*")} == before
    assert events.of("current") == [stage.makes for stage in STAGES]
    assert "nothing to do" in events[-1]["message"]


def test_changes_are_explained(smoke, ask):
    with pytest.raises(ChangedError, match="neighbours: setting k was 15, is 7"):
        bring_up_to_date(ask(smoke, "smoke", changes=["neighbours.k=7"]))


def test_a_child_computes_only_what_depends_on_the_change(smoke, ask, events):
    changes = ["neighbours.k=7"]
    bring_up_to_date(ask(smoke, "k7", None, "smoke", events, changes))
    assert events.of("inherited") == ["labels", "periods", "encoder", "embeddings"]
    assert events.of("done") == ["neighbours", "projection", "catalogue", "probes", "anomalies"]
    child, parent = Run.open(smoke.run("k7")), Run.open(smoke.run("smoke"))
    assert child.manifest.parent == "smoke"
    assert child.manifest.recipe == "smoke"
    assert child.neighbours.shape == (240, 7)
    assert (child.path / "embeddings.npy").samefile(parent.path / "embeddings.npy")
    np.testing.assert_array_equal(np.sort(child.rows), np.sort(parent.rows))


def name_some(observatory, named):
    """Label objects, {object_id: label}, as one annotator does."""
    store = LabelStore(observatory.labels)
    store.append([Label(object_id=i, label=name, annotator="eva") for i, name in named.items()])


@pytest.fixture
def taught_sky(smoke, tmp_path):
    """The smoke run in an observatory of its own, for labels."""
    from astra.data.observatory import Observatory

    observatory = Observatory(tmp_path / "home")
    observatory.runs.mkdir(parents=True)
    observatory.surveys.symlink_to(smoke.surveys)
    observatory.run("smoke").symlink_to(smoke.run("smoke"))
    return observatory


def test_labels_of_annotators_win_and_make_a_new_run(taught_sky, ask, events):
    name_some(taught_sky, {"sky:0000": "odd", "sky:0001": "odd", "elsewhere:1": "odd"})
    with pytest.raises(ChangedError, match="labels: labels of annotators changed") as caught:
        bring_up_to_date(ask(taught_sky, "smoke"))
    assert "withdrawn" in str(caught.value)
    bring_up_to_date(ask(taught_sky, "labelled", None, "smoke", events))
    assert events.of("done") == ["labels", "catalogue", "probes"]
    run = Run.open(taught_sky.run("labelled"))
    labels = frame(run, "labels").set_index("object_id")
    assert labels.loc["sky:0000", ["label", "annotator", "source"]].tolist() == [
        "odd",
        "eva",
        "annotator",
    ]
    assert "elsewhere:1" not in labels.index
    assert labels.index.is_unique
    assert (labels["source"] == "catalogue").sum() > 100
    assert run.summary("probes")["left_out"] == {"odd": 2}
    here = frame(run, "catalogue").set_index("object_id")
    assert here.loc["sky:0001", "label"] == "odd"


def test_a_fine_tune_learns_and_is_scored_on_sky_that_it_has_not_seen(taught_sky, ask, events):
    changes = ["projection.epochs=20"]
    bring_up_to_date(ask(taught_sky, "tuned", "finetune", "smoke", events, changes))
    assert events.of("inherited") == ["labels", "periods"]
    run, parent = Run.open(taught_sky.run("tuned")), Run.open(taught_sky.run("smoke"))
    assert run.artefact("encoder").hash != parent.artefact("encoder").hash
    summary = run.summary("encoder")
    before, after = summary["frozen_probe"], summary["fine_tuned_probe"]
    assert after["macro_f1"] > 0.8 > 0.4 > after["majority"]["macro_f1"]
    out = held_out(run.survey.catalogue).rows
    labelled = run.survey.catalogue["astra_class"].notna().to_numpy()
    assert before["objects"] == after["objects"] == np.count_nonzero(out & labelled)
    assert summary["objects"] + summary["validation_objects"] == np.count_nonzero(~out & labelled)
    assert summary["history"][-1]["loss"] < summary["history"][0]["loss"]
    assert {event["epoch"] for event in events if event["event"] == "progress" and "epoch" in event}
    low, high = summary["gain"]["interval"]
    assert low <= summary["gain"]["mean"] <= high
    assert summary["gain"]["mean"] == pytest.approx(after["macro_f1"] - before["macro_f1"])
    (plan,) = (event for event in events if "baselines" in event)
    assert plan["parts"] == {
        "learn": summary["objects"],
        "choose": summary["validation_objects"],
        "held out": before["objects"],
    }
    assert 0 < plan["baselines"]["majority"] < plan["baselines"]["frozen probe"] <= 1
    scored = [event["confusion"] for event in events if "confusion" in event]
    for confusion in scored:
        assert np.sum(confusion) == summary["validation_objects"]
    assert len(scored) == 20


@pytest.mark.parametrize(
    ("named", "complaint"),
    [
        ({}, "there are no labels"),
        ({f"sky:{i:04d}": "odd" for i in range(30)}, "odd has enough"),
        (
            {f"sky:{i:04d}": "odd" if i < 30 else "even" for i in range(34)},
            "odd has enough, even has 4",
        ),
    ],
)
def test_too_few_labels_are_refused_with_a_reason(taught_sky, ask, named, complaint):
    if named:
        name_some(taught_sky, named)
    changes = ["encoder.label_source=annotator"]
    with pytest.raises(AstraError, match=f"at least 5 labels each; {complaint}"):
        bring_up_to_date(ask(taught_sky, "tuned", "finetune", "smoke", changes=changes))
    assert [run.name for run in list_runs(taught_sky)] == ["smoke"]


def test_teaching_without_a_parent_is_refused_before_anything_is_made(observatory, ask):
    with pytest.raises(AstraError, match="name the run with --parent"):
        bring_up_to_date(ask(observatory, "tuned", "finetune"))
    with pytest.raises(AstraError, match="teaches encoder astra, not 'astra_clr'"):
        bring_up_to_date(ask(observatory, "wrong", changes=["encoder.name=astra_clr"]))
    assert not observatory.runs.exists()


def test_without_labels_there_is_a_map_but_no_prediction(observatory, ask, smoke):
    changes = ["labels.columns=[]"]
    asked = ask(smoke, "unlabelled", None, "smoke", changes=changes)
    bring_up_to_date(asked)
    run = Run.open(smoke.run("unlabelled"))
    assert run.probabilities.shape == (240, 0)
    assert frame(run, "probes")["predicted"].isna().all()
    assert frame(run, "probes")["probability"].isna().all()
    assert run.summary("probes")["classes"] == []
    assert frame(run, "catalogue")["label"].isna().all()


def test_the_survey_of_a_run_is_the_one_it_was_made_of(run, smoke):
    assert run.survey.path.resolve() == smoke.survey(run.manifest.survey).resolve()
    assert run.survey.fingerprint == run.manifest.survey_fingerprint
