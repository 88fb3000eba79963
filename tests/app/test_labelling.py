import time

import numpy as np
import pytest

from app.known_labels import known_labels
from app.labelling import Desk, Gesture
from astra.labels.label import Label
from astra.labels.store import LabelStore


class Page:
    """Stands for a document: callbacks wait until its thread comes to them."""

    def __init__(self):
        self.waiting = []

    def add_next_tick_callback(self, callback):
        self.waiting.append(callback)

    def run_one(self, seconds=20):
        deadline = time.monotonic() + seconds
        while not self.waiting:
            assert time.monotonic() < deadline, "nothing came back"
            time.sleep(0.005)
        self.waiting.pop(0)()


@pytest.fixture
def store(observatory):
    return LabelStore(observatory.labels)


def gesture(session, rows, label="EA", annotator="MK"):
    return Gesture(session.run, np.asarray(rows), label, annotator, "explore")


def test_labels_are_written_beside_the_page_and_come_back_on_its_thread(session, store):
    told, page = [], Page()
    desk = Desk(store, lambda commit: told.append(commit.state))
    desk._document = page
    commit = desk.label(gesture(session, range(200)))
    assert commit.state == "saving"
    assert told == ["saving"]
    assert desk.open == [commit]
    page.run_one()
    assert commit.state == "stored"
    assert told == ["saving", "stored"]
    assert desk.open == []
    assert store.counts() == {"EA": 200}


def test_gestures_reach_the_log_in_the_order_in_which_they_were_made(session, store):
    page = Page()
    desk = Desk(store, lambda commit: None)
    desk._document = page
    for label in ("EA", "RRab", "LPV"):
        desk.label(gesture(session, range(50), label))
    desk.undo("MK")
    for _ in range(4):
        page.run_one()
    assert store.recent()["action"].tolist() == ["undo", "label", "label", "label"]
    assert store.counts() == {"RRab": 50}


def test_what_is_known_is_in_map_order_and_of_this_run_alone(session, store):
    ids = session.run.run.object_ids(np.array([3, 7]))
    store.append([Label(ids[0], "EA", "MK"), Label(ids[1], "LPV", "MK")])
    store.append([Label("elsewhere:1", "Nova", "JL")])
    known = known_labels(store, session.run)
    named = {row: known.given.name_of(row) for row in (3, 7, 8)}
    assert named == {3: "EA", 7: "LPV", 8: "unlabelled"}
    assert (known.given.codes >= 0).sum() == 2
    assert known.counts == {"EA": 1, "LPV": 1, "Nova": 1}


def test_the_last_gestures_are_told_newest_first(store):
    for i in range(4):
        store.append([Label(f"a:{j}", f"class {i}", "MK") for j in range(i + 1)])
    store.append([Label("a:0", None, "JL")])
    store.undo("MK")
    recent = store.recent(3)
    assert recent["action"].tolist() == ["undo", "label", "label"]
    assert recent["annotator"].tolist() == ["MK", "JL", "MK"]
    assert recent["size"].tolist() == [4, 1, 4]
    assert recent["label"].fillna("").tolist() == ["class 3", "", "class 3"]
    assert recent["withdrawn"].tolist() == [True, False, True]
    assert len(store.recent()) == 6


def test_an_empty_log_has_no_last_gestures(store):
    assert store.recent().empty
