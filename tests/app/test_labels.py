import numpy as np
import pytest

from app.views import labels
from app.views.labels import LabelsView
from astra.data.errors import StoreError
from astra.labels.store import LabelStore


@pytest.fixture
def store(observatory):
    return LabelStore(observatory.labels)


@pytest.fixture
def view(session):
    session.annotator = "MK"
    return LabelsView(session)


def select(session, *ids):
    mask = np.zeros(len(session.run), bool)
    mask[[session.run.find(object_id) for object_id in ids]] = True
    session.select(mask, "lasso")


def current(store):
    table = store.current()
    return dict(zip(table["object_id"], table["label"], strict=True))


def test_a_selection_is_labelled_as_one_batch(view, session, store):
    select(session, "sky:RRab000", "sky:EA001", "sky:LPV002")
    assert "Label 3 objects" in view._head.html
    view._buttons.press("label:RRab")
    assert current(store) == dict.fromkeys(("sky:RRab000", "sky:EA001", "sky:LPV002"), "RRab")
    events = store.events()
    assert events["batch_id"].nunique() == 1
    assert set(events["annotator"]) == {"MK"}
    assert set(events["origin"]) == {"lasso"}
    assert set(events["run"]) == {"first"}


def test_without_a_selection_the_object_in_focus_is_labelled(view, session, store):
    session.find("sky:EA004")
    assert "Label 1 object<" in view._head.html
    view._buttons.press("label:EA")
    event = store.events().iloc[0]
    assert (event["object_id"], event["label"], event["origin"]) == ("sky:EA004", "EA", "single")
    assert event["prediction_shown"] == session.run.predicted.name_of(session.focus)


def test_the_object_in_focus_can_be_chosen_beside_a_selection(view, session, store):
    session.find("sky:EA004")
    select(session, "sky:RRab000", "sky:RRab001")
    assert "Label 2 objects" in view._head.html
    view._head.press("target:object")
    view.label("EA")
    assert current(store) == {"sky:EA004": "EA"}


def test_labels_are_stored_before_the_view_says_so(view, session, store, monkeypatch):
    seen = []
    monkeypatch.setattr(type(session), "labels_changed", lambda self: seen.append(current(store)))
    select(session, "sky:RRab000")
    view.label("RRc")
    assert seen == [{"sky:RRab000": "RRc"}]
    assert "astra-stored" in view._progress.html


def test_keys_label_with_the_class_on_the_button(view, session, store):
    select(session, "sky:RRab000")
    session.press("2")
    assert current(store) == {"sky:RRab000": view.classes[1]}
    session.screen = "train"
    session.press("1")
    assert len(store.events()) == 1


def test_undo_and_redo_take_the_gesture_as_a_whole(view, session, store):
    session.screen = "labels"
    select(session, "sky:RRab000", "sky:RRab001")
    view.label("EA")
    view.label("LPV")
    session.press("z")
    assert set(current(store).values()) == {"EA"}
    view._buttons.press("undo")
    assert current(store) == {}
    session.press("Shift+z")
    assert set(current(store).values()) == {"EA"}
    view._buttons.press("redo")
    assert set(current(store).values()) == {"LPV"}
    view.redo()
    assert "nothing to redo" in session.status


def test_only_the_annotators_own_labels_are_undone(view, session, store):
    session.find("sky:EA000")
    view.label("EA")
    session.annotator = "JL"
    view.undo()
    assert current(store) == {"sky:EA000": "EA"}
    assert "nothing to undo" in session.status


def test_a_label_can_be_taken_away(view, session, store):
    session.find("sky:EA000")
    view.label("EA")
    view._buttons.press("clear")
    assert current(store) == {}


def test_what_would_be_replaced_is_said_before(view, session):
    select(session, "sky:RRab000", "sky:RRab002", "sky:EA000")
    assert "replaces" not in view._head.html
    assert "snapshot: RRab 2, EA 1" in view._head.html
    view.label("LPV")
    assert "replaces LPV 3" in view._head.html


def test_very_many_objects_are_labelled_only_after_a_yes(view, session, store, monkeypatch):
    monkeypatch.setattr(labels, "ASK_BEYOND", 5)
    mask = np.zeros(len(session.run), bool)
    mask[:6] = True
    session.select(mask, "lasso")
    session.press("1")
    assert not len(store.events())
    assert session.screen == "labels"
    assert "astra-label-confirm" in view._buttons.html
    view._buttons.press("cancel")
    assert "astra-label-button" in view._buttons.html
    view.label("EA")
    view._buttons.press("confirm")
    assert len(current(store)) == 6
    assert view.pending is None


def test_a_yes_labels_what_was_asked_about(view, session, store, monkeypatch):
    monkeypatch.setattr(labels, "ASK_BEYOND", 1)
    select(session, "sky:RRab000", "sky:RRab001")
    view.label("RRab")
    select(session, "sky:EA000", "sky:EA001", "sky:EA002")
    view.confirm()
    assert set(current(store)) == {"sky:RRab000", "sky:RRab001"}


@pytest.mark.parametrize("annotator", ["", "   ", "x" * 65, "a\nb"])
def test_nobody_labels_without_a_name(view, session, store, annotator):
    session.find("sky:EA000")
    view._fields.change("annotator", annotator)
    view.label("EA")
    assert "annotator" in session.status
    assert session.is_warning
    assert not len(store.events())


def test_the_annotator_of_the_field_is_the_one_who_labels(view, session, store):
    session.find("sky:EA000")
    view._fields.change("annotator", " Zoë ")
    view.label("EA")
    assert session.annotator == "Zoë"
    assert set(store.events()["annotator"]) == {"Zoë"}


def test_a_new_class_gets_a_button_and_labels_nothing_yet(view, session, store):
    session.find("sky:EA000")
    view._fields.change("class", "Blazhko")
    assert "Blazhko" in view.classes
    assert not len(store.events())
    view._buttons.press("label:Blazhko")
    assert current(store) == {"sky:EA000": "Blazhko"}
    assert "Blazhko" in LabelsView(session).classes


def test_nothing_to_label_is_said(view, session, store):
    view.label("EA")
    assert "nothing to label" in session.status
    assert session.is_warning
    assert not len(store.events())


def test_a_failure_is_shown_and_tried_again_without_losing_or_doubling(
    view, session, store, monkeypatch
):
    append, calls = LabelStore.append, []

    def failing(self, labels, batch_id=None):
        calls.append(batch_id)
        if len(calls) == 1:
            raise StoreError("the disk is full; make room")
        append(self, labels, batch_id=batch_id)
        if len(calls) == 2:
            raise StoreError("the answer was lost")

    monkeypatch.setattr(LabelStore, "append", failing)
    select(session, "sky:RRab000", "sky:RRab001")
    view.label("EA")
    assert "the disk is full" in view._progress.html
    assert session.is_warning
    assert current(store) == {}
    view._progress.press("retry:0")
    assert "the answer was lost" in view._progress.html
    view._progress.press("retry:0")
    assert "astra-stored" in view._progress.html
    assert len(set(calls)) == 1
    assert len(store.events()) == 2


def test_a_failed_gesture_can_be_given_up(view, session, monkeypatch):
    def failing(self, labels, batch_id=None):
        raise OSError("gone")

    monkeypatch.setattr(LabelStore, "append", failing)
    session.find("sky:EA000")
    view.label("EA")
    assert "OSError: gone" in view._progress.html
    view._progress.press("forget:0")
    assert "Not stored" not in view._progress.html


def test_the_log_shows_who_did_what(view, session):
    select(session, "sky:RRab000", "sky:RRab001")
    view.label("EA")
    view.undo()
    assert "MK" in view._log.html
    assert "undo EA" in view._log.html
    assert 'class="undone"' in view._log.html
    assert "0 objects labelled, 0 classes" in view._log.html


def test_counts_stand_on_the_buttons(view, session):
    select(session, "sky:RRab000", "sky:RRab001")
    view.label("LPV")
    assert view.known.counts == {"LPV": 2}
    assert view.known.given.count()[0] == 2


def test_another_run_shows_the_same_labels(view, session):
    session.find("sky:EA000")
    view.label("LPV")
    session.open_run("second")
    assert view.known.given.name_of(session.run.find("sky:EA000")) == "LPV"


@pytest.mark.parametrize("hostile", ["<img src=x onerror=alert(1)>", '"><script>x</script>'])
def test_hostile_names_are_harmless(view, session, hostile):
    session.annotator = hostile
    session.find("sky:EA000")
    view.add_class(hostile)
    view.label(hostile)
    for part in (view._head, view._buttons, view._fields, view._progress, view._log):
        assert "<img" not in part.html
        assert "<script" not in part.html
    view._fields.change("annotator", hostile)
    assert "<img" not in view._fields.html


def test_a_log_that_is_read_late_is_not_shown_for_another_run(view, session):
    asked = []
    view.curation._reader.ask = lambda work, deliver, fail: asked.append((work, deliver))
    view.read()
    session.open_run("second")
    session.find("sky:EA000")
    assert view.known is None
    work, deliver = asked[0]
    deliver(work())
    assert view.known is None
    work, deliver = asked[-1]
    deliver(work())
    assert view.known is not None
    assert session.given is view.known.given
