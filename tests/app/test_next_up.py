import numpy as np
import pytest

from app import advice as advising
from app.views.labels import LabelsView
from app.views.next_up import NextView
from astra.labels.label import Label
from astra.labels.store import LabelStore
from astra.runs.advice import save_advice

FACTS = {
    "run": "first",
    "labels": 120,
    "classes": ["EA", "LPV"],
    "left_out": {"<b>Nova": 2},
    "split": "sky cells of 2 deg",
    "scores": {
        "objects": 40,
        "macro_f1": 0.731,
        "intervals": {"macro_f1": [0.686, 0.78]},
        "majority": {"macro_f1": 0.2},
    },
    "seconds": 2.5,
}
ROWS = np.array([7, 3, 11, 5])


def answer(session, **more):
    """Advice as the process would write it."""
    objects = len(session.run)
    queues = {"uncertainty": ROWS, "random": ROWS[::-1]}
    arrays = {f"queue-{name}": rows for name, rows in queues.items()}
    arrays["predicted"] = (np.arange(objects) % 2).astype(np.int16)
    arrays["probability"] = np.full(objects, 0.9, np.float32)
    facts = {**FACTS, "queues": {name: len(rows) for name, rows in queues.items()}, **more}
    return save_advice(session.observatory, session.run.name, facts, arrays)


@pytest.fixture
def labels(session):
    return LabelsView(session)


@pytest.fixture
def view(session, labels, monkeypatch):
    monkeypatch.setattr(advising, "ask", lambda observatory, run: answer(session))
    return NextView(session)


def test_before_any_probe_there_is_a_button_and_no_queue(view):
    assert "Probe now" in view._probe.html
    assert view.possible == []
    assert len(view.rows) == 0


def test_the_probe_tells_its_score_with_interval_and_fills_the_queues(view):
    view._probe.press("ask")
    assert "0.731" in view._probe.html
    assert "[0.686, 0.780]" in view._probe.html
    assert "majority 0.200" in view._probe.html
    assert "<b>Nova" not in view._probe.html
    assert view.possible == ["uncertainty", "random"]
    np.testing.assert_array_equal(view.rows, ROWS)


def test_an_answer_that_is_there_is_found_again(session, labels):
    answer(session)
    np.testing.assert_array_equal(NextView(session).rows, ROWS)


def test_the_queue_is_walked_and_stands_where_the_focus_is(view, session):
    view.ask()
    view._place.press("next")
    assert session.focus == 7
    view._place.press("next")
    assert (session.focus, view.place) == (3, 1)
    assert session.run.object_id(3) in view._place.html
    view._place.press("previous")
    assert session.focus == 7
    session.focus = 5
    assert view.place == 3
    view._place.press("next")
    assert session.focus == 5
    assert "end of the queue" in session.status
    session.focus = 100
    assert view.place == -1


def test_after_a_label_it_goes_on_to_the_next_without_one(view, session, labels):
    view.ask()
    store = LabelStore(session.observatory.labels)
    store.append([Label(session.run.object_id(3), "EA", "MK")])
    session.labels_changed()
    view.go(1)
    assert session.focus == 7
    labels.target = "object"
    labels.label("LPV")
    assert session.focus == 11
    labels.undo()
    assert session.focus == 11
    assert "1 labelled" in view._place.html


def test_a_label_elsewhere_leaves_the_focus(view, session, labels):
    view.ask()
    session.focus = 100
    labels.target = "object"
    labels.label("LPV")
    assert session.focus == 100


def test_what_passes_the_filters_is_a_queue_the_least_certain_first(view, session):
    view.ask()
    session.filters.add("period < 1")
    assert "filter" in view.possible
    view._choices.press("queue:filter")
    passing = np.flatnonzero(session.filters.passing)
    assert sorted(view.rows) == passing.tolist()
    doubt = session.run.values("entropy")[view.rows]
    assert (np.diff(doubt) <= 0).all()


def test_the_map_shows_what_the_probe_predicts_and_goes_back(view, session):
    view.ask()
    before = session.category_now("predicted")
    view._probe.press("show")
    assert session.colour_by == "predicted"
    assert session.category_now("predicted").names == ("EA", "LPV")
    assert session.category_now("predicted").name_of(3) == "LPV"
    view._probe.press("show")
    assert session.category_now("predicted") is before


def test_a_label_covers_its_neighbours(view, session, labels):
    before = view.found
    store = LabelStore(session.observatory.labels)
    ids = session.run.run.object_ids(np.arange(len(session.run)))
    store.append([Label(ids[row], "EA", "MK") for row in range(0, len(ids), 2)])
    session.labels_changed()
    assert view.found.whole.covered >= before.whole.covered
    assert view.found.whole.covered == len(ids)
    assert "100.0 %" in view._meter.html


def test_what_cannot_be_done_is_said(view, session, monkeypatch):
    def fail(observatory, run):
        raise RuntimeError("no embeddings here")

    monkeypatch.setattr(advising, "ask", fail)
    view.ask()
    assert "no embeddings here" in session.status
    assert session.is_warning
    assert "Probe now" in view._probe.html
