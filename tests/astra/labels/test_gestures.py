"""Large batches are kept as one compact gesture, and read as if they were rows."""

import sqlite3
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from astra.labels.batches import COMPACT_FROM
from astra.labels.label import Label, LabelError
from astra.labels.store import LabelStore

MANY = [f"sky:{i:05d}" for i in range(COMPACT_FROM)]


@pytest.fixture
def store(tmp_path: Path) -> LabelStore:
    return LabelStore(tmp_path / "labels.sqlite")


def rows_of(store: LabelStore, table: str) -> int:
    with sqlite3.connect(store.path) as connection:
        (count,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    connection.close()
    return count


def test_what_is_said_of_many_is_written_once_and_read_for_each(store: LabelStore) -> None:
    lasso = Label(MANY[0], "RRab", "ann", run="r1", view="explore", origin="lasso", blind=True)
    ids = store.append_gesture(MANY, lasso)
    assert (rows_of(store, "gesture"), rows_of(store, "event")) == (1, 0)
    events = store.events()
    assert events["event"].tolist() == ids == list(range(1, COMPACT_FROM + 1))
    assert events["object_id"].tolist() == MANY
    for name, value in (("label", "RRab"), ("run", "r1"), ("origin", "lasso"), ("blind", True)):
        assert (events[name] == value).all()
    assert store.current()["object_id"].tolist() == MANY
    assert store.counts() == {"RRab": COMPACT_FROM}


def test_rows_and_gestures_mean_the_same(tmp_path: Path) -> None:
    """Oracle: the same log with every batch below the size at which it is compacted."""
    compact, rows = LabelStore(tmp_path / "compact.sqlite"), LabelStore(tmp_path / "rows.sqlite")
    rng = np.random.default_rng(3)
    for step in range(8):
        chosen = sorted(str(o) for o in rng.choice(MANY + [f"x:{i}" for i in range(900)], 4500))
        chosen = list(dict.fromkeys(chosen)) + [f"y:{step}:{i}" for i in range(2000)]
        word = [None, "RRab", "EA"][step % 3]
        compact.append([Label(o, word, "ann", origin="lasso") for o in chosen])
        for part in np.array_split(np.array(chosen, object), 3):
            rows.append([Label(o, word, "ann", origin="lasso") for o in part])
    assert rows_of(compact, "event") == 0
    assert rows_of(rows, "gesture") == 0
    columns = ["object_id", "label"]
    assert compact.current()[columns].equals(rows.current()[columns])
    assert compact.counts() == rows.counts()
    said = ["event", "object_id", "label", "origin"]
    assert compact.events()[said].equals(rows.events()[said])
    some = MANY[7]
    assert compact.history(some)["event"].tolist() == rows.history(some)["event"].tolist() != []


def test_a_gesture_is_undone_and_redone_as_a_whole(store: LabelStore) -> None:
    store.append([Label(MANY[3], "EA", "ann")])
    store.append_gesture(MANY, Label("any", "RRab", "ann"))
    store.append([Label(MANY[5], "LPV", "bob")])
    undone = store.undo("ann")
    assert undone is not None
    assert undone.size == COMPACT_FROM
    assert store.counts() == {"EA": 1, "LPV": 1}
    store.redo("ann")
    assert store.counts() == {"RRab": COMPACT_FROM - 1, "LPV": 1}
    recent = store.recent(2)
    assert recent["action"].tolist() == ["redo", "undo"]
    assert recent["label"].tolist() == ["RRab", "RRab"]


def test_event_ids_follow_one_another_whatever_the_size(store: LabelStore) -> None:
    spans = [
        store.append_gesture(MANY, Label("any", "RRab", "ann")),
        store.append([Label("a", "EA", "ann"), Label("b", "EB", "ann")]),
        store.append_gesture(MANY, Label("any", "RRc", "bob")),
        store.append([Label("a", "EA", "bob")]),
    ]
    assert all(second[0] == first[-1] + 1 for first, second in pairwise(spans))
    events = store.events()
    assert events["event"].tolist() == [event for span in spans for event in span]


def test_a_repeated_gesture_is_stored_once(store: LabelStore) -> None:
    label = Label("any", "RRab", "ann", confidence=0.5)
    first = store.append_gesture(MANY, label, batch_id="request-1")
    assert store.append_gesture(MANY, label, batch_id="request-1") == first
    assert rows_of(store, "gesture") == 1
    with pytest.raises(LabelError, match="request-1"):
        store.append_gesture(MANY[1:], label, batch_id="request-1")


def test_an_id_in_a_gesture_is_checked(store: LabelStore) -> None:
    with pytest.raises(LabelError, match="not printable"):
        store.append_gesture([*MANY, "a\nb"], Label("any", "RRab", "ann"))
    assert len(store.events()) == 0


def test_history_tells_all_that_was_said_of_one_object(store: LabelStore) -> None:
    store.append_gesture(MANY, Label("any", "RRab", "ann", origin="lasso"))
    store.append([Label(MANY[9], "RRc", "bob"), Label(MANY[8], "EA", "bob")])
    store.append([Label(MANY[9], None, "bob", origin="comment", comment="unequal minima?")])
    store.undo("ann")
    history = store.history(MANY[9])
    assert history["annotator"].tolist() == ["ann", "bob", "bob"]
    assert history["withdrawn"].tolist() == [True, False, False]
    assert history["comment"].tolist() == ["", "", "unequal minima?"]
    assert store.history("nobody:1").empty


def test_an_adjudication_stands_until_the_next_and_repeats_change_nothing(
    store: LabelStore,
) -> None:
    store.append([Label("a", "RRc", "ann")])
    store.append([Label("a", "EW", "bob")])
    store.append([Label("a", "RRc", "ann", origin="adjudication")])
    store.append([Label("a", "EA", "bob")])
    store.append([Label("a", "EB", "ann", origin="repeat")])
    assert store.current()["label"].tolist() == ["RRc"]
    assert store.opinions()["label"].tolist() == ["RRc", "EA"]
    assert store.repeats()[["label", "again"]].values.tolist() == [["RRc", "EB"]]
    store.append([Label("a", None, "ann", origin="adjudication")])
    assert store.decisions().empty
    assert store.current()["label"].tolist() == ["EA"]


def test_who_cannot_tell_has_an_opinion_and_who_clears_has_none(store: LabelStore) -> None:
    store.append([Label("a", "RRc", "ann"), Label("b", "RRc", "ann")])
    store.append([Label("a", None, "bob", confidence=0), Label("b", None, "bob")])
    opinions = store.opinions()
    assert opinions["annotator"].tolist() == ["ann", "bob", "ann"]
    assert opinions["label"].isna().tolist() == [False, True, False]


def test_who_cannot_tell_takes_only_their_own_label_away(store: LabelStore) -> None:
    store.append([Label("a", "EA", "ann"), Label("b", "EA", "ann")])
    store.append([Label("a", "EW", "bob")])
    store.append([Label("a", None, "ann", confidence=0), Label("b", None, "ann", confidence=0)])
    assert dict(store.current()[["object_id", "label"]].values) == {"a": "EW"}
    store.append([Label("a", None, "bob", confidence=0)])
    assert store.current().empty
    store.append([Label("a", "EB", "ann")])
    assert dict(store.current()[["object_id", "label"]].values) == {"a": "EB"}
