import sqlite3
from pathlib import Path

import numpy as np
import pytest

from astra.data.errors import StoreError
from astra.labels.database import writing
from astra.labels.label import Label, LabelError
from astra.labels.selections import append_selection, selection_row
from astra.labels.store import LabelStore


@pytest.fixture
def store(tmp_path: Path) -> LabelStore:
    return LabelStore(tmp_path / "labels.sqlite")


def said(store: LabelStore) -> dict[str, str]:
    current = store.current()
    return dict(zip(current["object_id"], current["label"], strict=True))


def give(store: LabelStore, annotator: str, label: str | None, *object_ids: str) -> list[int]:
    return store.append([Label(object_id, label, annotator) for object_id in object_ids])


def test_the_latest_label_of_an_object_counts(store: LabelStore) -> None:
    assert give(store, "ann", "RRab", "a", "b") == [1, 2]
    assert give(store, "bob", "RRc", "b", "c") == [3, 4]
    assert said(store) == {"a": "RRab", "b": "RRc", "c": "RRc"}
    assert store.counts() == {"RRc": 2, "RRab": 1}
    assert list(store.current()["annotator"]) == ["ann", "bob", "bob"]


def test_clearing_takes_the_label_away(store: LabelStore) -> None:
    give(store, "ann", "RRab", "a", "b")
    give(store, "bob", None, "a")
    assert said(store) == {"b": "RRab"}
    give(store, "ann", "EA", "a")
    assert said(store) == {"a": "EA", "b": "RRab"}


def test_every_field_comes_back_verbatim(store: LabelStore) -> None:
    hostile = "'); DROP TABLE event;-- <img src=x onerror=alert(1)>"
    label = Label(
        object_id="../../etc/passwd",
        label=hostile,
        annotator="Ann O'Nymous",
        run="run-1",
        view="map",
        origin="lasso",
        comment="line\n=cmd()\0 δ",
        confidence=0.25,
        prediction_shown="DSCT|GDOR|SXPHE",
        blind=True,
        taxonomy="3f9c1a",
        seconds=6.5,
    )
    store.append([label])
    event = store.events().iloc[0]
    for name in Label.__dataclass_fields__:
        assert event[name] == getattr(label, name), name
    assert said(store) == {"../../etc/passwd": hostile}


def test_undo_shows_what_was_said_before_and_leaves_others_alone(store: LabelStore) -> None:
    give(store, "ann", "RRab", "a", "b")
    give(store, "ann", "EA", "a", "b", "c")
    give(store, "bob", "CEP", "b")
    batch = store.undo("ann")
    assert batch is not None
    assert (batch.annotator, batch.size) == ("ann", 3)
    assert said(store) == {"a": "RRab", "b": "CEP"}


def test_undo_of_a_clearing_restores(store: LabelStore) -> None:
    give(store, "ann", "RRab", "a")
    give(store, "ann", None, "a")
    assert said(store) == {}
    store.undo("ann")
    assert said(store) == {"a": "RRab"}


def test_undo_and_redo_walk_back_and_forth(store: LabelStore) -> None:
    states = [said(store)]
    for label in ("RRab", "RRc", "EA"):
        give(store, "ann", label, "a", label)
        states.append(said(store))
    for state in reversed(states[:-1]):
        assert store.undo("ann") is not None
        assert said(store) == state
    assert store.undo("ann") is None
    for state in states[1:]:
        assert store.redo("ann") is not None
        assert said(store) == state
    assert store.redo("ann") is None


def test_a_new_label_ends_redo(store: LabelStore) -> None:
    give(store, "ann", "RRab", "a")
    store.undo("ann")
    give(store, "ann", "EA", "b")
    assert store.redo("ann") is None
    assert said(store) == {"b": "EA"}
    store.undo("ann")
    store.redo("ann")
    assert said(store) == {"b": "EA"}


def test_annotators_undo_only_their_own(store: LabelStore) -> None:
    give(store, "ann", "RRab", "a")
    assert store.undo("bob") is None
    assert said(store) == {"a": "RRab"}


def test_any_history_equals_a_replay_in_memory(store: LabelStore) -> None:
    """Oracle: lists of batches in memory, with an undo and a redo stack for each annotator."""
    rng = np.random.default_rng(4)
    batches: list[tuple[dict[str, str | None], list[bool]]] = []
    done: dict[str, list[int]] = {"ann": [], "bob": []}
    undone: dict[str, list[int]] = {"ann": [], "bob": []}
    for _ in range(120):
        who = str(rng.choice(["ann", "bob"]))
        match rng.choice(["label", "undo", "redo"], p=[0.5, 0.3, 0.2]):
            case "label":
                word = [None, "RRab", "EA", "CEP"][rng.integers(4)]
                objects = [str(o) for o in rng.choice(list("abcdef"), 3, replace=False)]
                give(store, who, word, *objects)
                batches.append((dict.fromkeys(objects, word), [True]))
                done[who].append(len(batches) - 1)
                undone[who].clear()
            case "undo":
                assert (store.undo(who) is not None) == bool(done[who])
                if done[who]:
                    undone[who].append(done[who].pop())
                    batches[undone[who][-1]][1][0] = False
            case "redo":
                assert (store.redo(who) is not None) == bool(undone[who])
                if undone[who]:
                    done[who].append(undone[who].pop())
                    batches[done[who][-1]][1][0] = True
        expected: dict[str, str | None] = {}
        for words, (valid,) in batches:
            expected.update(words if valid else {})
        assert said(store) == {o: word for o, word in expected.items() if word is not None}


def test_events_tell_everything_in_order(store: LabelStore) -> None:
    give(store, "ann", "RRab", "a", "b")
    store.undo("ann")
    store.redo("ann")
    store.undo("ann")
    events = store.events()
    assert list(events["action"]) == ["label", "label", "undo", "redo", "undo"]
    assert list(events["event"].dropna()) == [1, 2]
    assert events["withdrawn"].tolist() == [True, True, False, False, False]
    assert set(events["target"].dropna()) == {events["batch_id"][0]}
    assert events["time"].is_monotonic_increasing


def test_a_repeated_call_stores_once(store: LabelStore) -> None:
    labels = [Label("a", "RRab", "ann"), Label("b", "RRab", "ann", confidence=0.5)]
    first = store.append(labels, batch_id="request-1")
    assert store.append(labels, batch_id="request-1") == first
    assert len(store.events()) == 2
    undone = store.undo("ann", batch_id="request-2")
    assert store.undo("ann", batch_id="request-2") == undone
    assert said(store) == {}
    assert store.redo("ann", batch_id="request-3") == undone
    assert store.redo("ann", batch_id="request-3") == undone
    assert len(store.events()) == 4


@pytest.mark.parametrize(
    "other",
    [
        [Label("a", "EA", "ann")],
        [Label("a", "RRab", "bob")],
        [Label("a", "RRab", "ann"), Label("b", "RRab", "ann")],
    ],
)
def test_a_batch_name_is_not_used_for_other_labels(store: LabelStore, other: list[Label]) -> None:
    store.append([Label("a", "RRab", "ann")], batch_id="request-1")
    with pytest.raises(LabelError, match="request-1"):
        store.append(other, batch_id="request-1")
    with pytest.raises(LabelError, match="request-1"):
        store.undo("ann", batch_id="request-1")
    assert said(store) == {"a": "RRab"}


def test_one_batch_has_one_annotator(store: LabelStore) -> None:
    with pytest.raises(LabelError, match="one annotator"):
        store.append([Label("a", "RRab", "ann"), Label("b", "RRab", "bob")])
    assert store.append([]) == []
    assert len(store.events()) == 0


def test_nothing_can_be_changed_or_removed(store: LabelStore) -> None:
    give(store, "ann", "RRab", "a")
    with writing(store.path) as connection:
        append_selection(connection, selection_row("first", "#ff0000", {}, ["a"]))
    with sqlite3.connect(store.path) as connection:
        for table in ("batch", "event", "selection"):
            for statement in (f"UPDATE {table} SET id = 9", f"DELETE FROM {table}"):
                with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                    connection.execute(statement)
    connection.close()
    assert said(store) == {"a": "RRab"}


def test_a_failed_batch_leaves_nothing(store: LabelStore) -> None:
    give(store, "ann", "RRab", "a")
    with sqlite3.connect(store.path) as connection:
        connection.execute(
            "CREATE TRIGGER broken BEFORE INSERT ON event WHEN new.object_id = 'c'"
            " BEGIN SELECT RAISE(ABORT, 'the disk says no'); END"
        )
    connection.close()
    with pytest.raises(StoreError, match="the disk says no"):
        give(store, "ann", "EA", "a", "b", "c")
    assert said(store) == {"a": "RRab"}
    assert give(store, "ann", "EA", "b") == [2]
