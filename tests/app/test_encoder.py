import sys
import time

import numpy as np
import pytest

from app import jobs
from app.estimate import Rate
from app.views import encoder
from app.views.encoder import EncoderView
from app.words import safe
from astra.labels.label import Label
from astra.labels.store import LabelStore
from astra.runs.jobs import Job, list_jobs
from astra.runs.progress import ProgressFile

# Stands for `python -m precompute`: publishes a copy of the parent, or waits until it is stopped.
STAND_IN = """
import json, shutil, signal, sys, time
from pathlib import Path
from astra.runs.progress import ProgressFile

arguments = dict(zip(sys.argv, sys.argv[1:]))
tell, name = ProgressFile(Path(arguments["--progress"])), arguments["--run"]
runs = Path(arguments["--home"]) / "runs"

def cancelled(*_):
    tell("cancelled", stage=None)
    sys.exit(130)

signal.signal(signal.SIGTERM, cancelled)
tell("start", stage="encoder")
for epoch in range(2):
    tell("progress", stage="encoder", done=epoch + 1, total=2, unit="steps", epoch=epoch,
         loss=1 / (epoch + 1), validation_loss=1.5 / (epoch + 1), score=0.6 + epoch / 10)
print("two epochs", flush=True)
while name.startswith("slow"):
    time.sleep(0.05)
shutil.copytree(runs / arguments["--parent"], runs / name)
manifest = json.loads((runs / name / "manifest.json").read_text())
manifest |= {"run": name, "created": "2027-01-01T00:00:00+00:00"}
manifest["artefacts"]["encoder"]["summary"] = {
    "frozen_probe": {"macro_f1": 0.66}, "fine_tuned_probe": {"macro_f1": 0.69}
}
(runs / name / "manifest.json").write_text(json.dumps(manifest))
tell("done", stage="encoder", message="macro-F1 0.700 on held-out sky")
tell("published", stage=None, message="run " + name)
"""


@pytest.fixture
def view(session, tmp_path, monkeypatch):
    script = tmp_path / "precompute.py"
    script.write_text(STAND_IN)
    monkeypatch.setattr(jobs, "PRECOMPUTE", (sys.executable, str(script)))
    monkeypatch.setattr(encoder, "rehearsed_rate", lambda *_: Rate(2.0, 640, "measured on cpu"))
    session.annotator = "MK"
    session.screen = "train"
    view = EncoderView(session)
    yield view
    for job in list_jobs(session.observatory):
        jobs.stop(session.observatory, job, grace=1)


def poll_until(view, state, seconds=20):
    deadline = time.monotonic() + seconds
    while view.panel.watch.state != state:
        assert time.monotonic() < deadline, f"still {view.panel.watch.state}"
        time.sleep(0.05)
        view.panel.watch.poll()


def states(view):
    return {check.text: check.state for check in view.found}


def refused(view):
    return [check.text for check in view.found if check.state == "refusal"]


def label(session, name, kind, n):
    store = LabelStore(session.observatory.labels)
    store.append([Label(f"sky:{kind}{i:03d}", name, "MK") for i in range(n)])
    session.labels_changed()


def test_the_form_proposes_a_child_of_the_run_on_screen(view, session):
    assert (view.asked.parent, view.asked.name) == ("first", "first-2")
    session.open_run("second")
    assert (view.asked.parent, view.asked.name) == ("second", "second-2")


def test_the_snapshot_is_the_catalogues_labels_and_the_annotators_above_them(view, session):
    assert {c.name: (c.catalogue, c.annotators) for c in view.known.classes} == dict.fromkeys(
        ("EA", "LPV", "RRab", "SN Ia"), (60, 0)
    )
    label(session, "Blazhko", "RRab", 7)
    known = {c.name: (c.catalogue, c.annotators) for c in view.known.classes}
    assert known["RRab"] == (53, 0)
    assert known["Blazhko"] == (0, 7)
    assert "7 by annotators" in view._snapshot.html


def test_labels_of_other_surveys_do_not_count(view, session):
    LabelStore(session.observatory.labels).append([Label("elsewhere:1", "Nova", "MK")])
    session.labels_changed()
    assert view.known.annotated == 0


def test_without_labels_of_annotators_there_is_a_warning_not_a_refusal(view, session):
    assert states(view)["No label of an annotator: it learns the catalogue alone"] == "warning"
    label(session, "RRab", "RRab", 3)
    assert "No label of an annotator: it learns the catalogue alone" not in states(view)


def test_fewer_than_two_classes_with_five_labels_are_refused(view, session):
    view.parent.survey.catalogue.table["astra_class"] = None
    label(session, "RRab", "RRab", 20)
    label(session, "EA", "EA", 4)
    assert refused(view) == ["Two classes with 5 labels each are needed"]
    view.start()
    assert not list_jobs(session.observatory)
    assert "not started: Two classes" in session.status
    label(session, "EA", "EA", 5)
    assert refused(view) == []


def test_learning_from_annotators_alone_counts_theirs_alone(view, session):
    label(session, "Blazhko", "RRab", 7)
    assert refused(view) == []
    view._choices.press("source:annotator")
    assert refused(view) == ["Two classes with 5 labels each are needed"]
    label(session, "EA", "EA", 5)
    assert refused(view) == []
    assert view.asked.settings()["encoder.label_source"] == "annotator"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("second", "There is a run second already"),
        ("../escape", "run name '../escape'"),
        ("", "run name ''"),
        ("a b", "run name 'a b'"),
        ("x" * 65, "run name"),
        ("<script>", "run name '<script>'"),
    ],
)
def test_a_name_that_is_taken_or_no_name_is_refused(view, name, said):
    view._form.change("name", name)
    assert refused(view)[0].startswith(said)
    assert "disabled" in view._start.html
    assert "<script>" not in view._checks.html


def test_a_parent_without_an_encoder_is_refused(view, session):
    del session.runs[1].manifest.artefacts["embeddings"]
    view.param.trigger("asked")
    assert not refused(view)
    del session.runs[1].manifest.artefacts["encoder"]
    view.param.trigger("asked")
    assert refused(view) == ["Run first has no encoder to teach"]


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [("epochs", "0", "Epochs"), ("learning_rate", "2", "Learning rate"), ("seed", "-1", "Seed")],
)
def test_numbers_out_of_range_are_refused(view, field, text, said):
    view._numbers.change(field, text)
    assert refused(view)[0].startswith(said)


def test_what_is_not_a_number_is_not_taken(view, session):
    before = view.asked
    view._numbers.change("epochs", "many")
    assert view.asked == before
    assert session.is_warning


@pytest.mark.parametrize(("layers", "groups"), [("probe", 0), ("top", 2), ("all", 99)])
def test_the_layers_become_settings_of_the_recipe(view, layers, groups):
    view._choices.press(f"layers:{layers}")
    view._numbers.change("epochs", "7")
    view._numbers.change("learning_rate", "3e-4")
    assert view.asked.settings() == {
        "encoder.top_groups": groups,
        "encoder.label_source": "all",
        "encoder.epochs": 7,
        "encoder.learning_rate": 0.0003,
        "encoder.seed": 0,
    }


def test_the_settings_are_ones_that_the_stages_have():
    from precompute.pipeline import STAGES
    from precompute.recipe import read_recipe

    asked = EncoderView.param.asked.default.settings()
    types = {stage.makes: stage.settings for stage in STAGES}
    recipe = read_recipe("finetune", [f"{key}={value}" for key, value in asked.items()], types)
    settings = recipe.settings["encoder"]
    assert settings.objective == "supervised"
    assert (settings.top_groups, settings.epochs, settings.learning_rate) == (2, 20, 0.001)


def test_a_run_is_made_shown_and_opened(view, session):
    view._form.change("name", "child")
    view._numbers.change("epochs", "2")
    view._start.press("start")
    assert view.asked.name == "first-2"
    poll_until(view, "done")
    panel = view.panel
    assert "run child is published" in session.status
    assert [run.name for run in session.runs] == ["child", "second", "first"]
    curve = panel._score._curves["validation"].points.data
    np.testing.assert_allclose(curve["x"], [1, 2])
    np.testing.assert_allclose(curve["y"], [0.6, 0.7])
    np.testing.assert_allclose(panel._loss._curves["validation"].points.data["y"], [1.5, 0.75])
    assert "macro-F1 0.700 on held-out sky" in panel._stages.html
    assert "two epochs" in panel._log.html
    assert panel._score._bar_name.text == "probe of first 0.660"
    assert list(panel._score._curves["held out"].points.data["y"]) == [0.69]
    panel._head.press("open")
    assert session.run.name == "child"
    assert session.screen == "explore"


def test_cancelling_asks_first_and_can_be_resumed(view, session):
    view._form.change("name", "slow")
    view.start()
    panel = view.panel
    deadline = time.monotonic() + 20
    while not panel.watch.story.metrics and time.monotonic() < deadline:
        time.sleep(0.05)
        panel.watch.poll()
    panel._head.press("cancel")
    assert "astra-cancel-confirm" in panel._head.html
    panel._head.press("cancel-no")
    assert panel.watch.state == "running"
    panel._head.press("cancel")
    panel._head.press("cancel-yes")
    poll_until(view, "cancelled")
    assert "astra-resume" in panel._head.html
    before = panel.watch.followed
    panel._head.press("resume")
    poll_until(view, "running")
    assert panel.watch.followed != before
    assert sorted(state for _, state in panel.watch.jobs) == ["cancelled", "running"]
    assert refused_name(view, "slow") == ["Run slow is being made already"]


def test_the_curves_of_a_resumed_job_begin_with_those_before(view, session):
    old = Job.create(session.observatory, [], "made", "MK", settings={"encoder.epochs": 4})
    ProgressFile(old.progress)("progress", stage="encoder", done=1, total=4, epoch=0, loss=2.0)
    new = Job.create(session.observatory, [], "made", "MK", **old.facts, resumes=old.name)
    ProgressFile(new.progress)("progress", stage="encoder", done=2, total=4, epoch=1, loss=1.0)
    view.panel.watch.follow(new.name)
    assert view.panel.watch.story.metrics["loss"] == [(1, 2.0), (2, 1.0)]


def refused_name(view, name):
    view._form.change("name", name)
    return refused(view)


def test_another_visitor_follows_the_running_job(view, session):
    view._form.change("name", "slow")
    view.start()
    poll_until(view, "running")
    other = EncoderView(session)
    assert other.panel.watch.followed == view.panel.watch.followed
    assert other.panel.watch.state == "running"
    assert "astra-cancel" in other.panel._head.html


def test_a_job_that_died_tells_its_error(view, session):
    job = Job.create(session.observatory, [], "broken", "<b>JL</b>", parent="first", settings={})
    ProgressFile(job.progress)("failed", stage=None, message="no <weights> here")
    job.log.write_text("Traceback\n<script>alert(1)</script>\n")
    view.panel.watch.follow(job.name)
    assert view.panel.watch.state == "failed"
    for part in (view.panel._head, view.panel._log, view.panel._list):
        assert "<script>" not in part.html
        assert "<b>JL" not in part.html
    assert safe("no <weights> here") in view.panel._head.html


def test_no_job_yet_says_what_to_do(view):
    assert "No fine-tune yet" in view.panel._head.html
