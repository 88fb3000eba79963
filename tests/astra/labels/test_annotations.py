import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import uuid4

import pytest

from astra.data.errors import AstraError
from astra.labels.annotations import PeriodNote, PeriodNotes
from astra.labels.label import Label
from astra.labels.store import LabelStore

NOTE = PeriodNote(
    "sky:1",
    0.57123456789012,
    "mk",
    "run-1",
    "candidate 1, 3 harmonics",
    error_days=3e-7,
    phase_zero_mjd=58000.25,
    power=0.91,
    false_alarm=1e-30,
)


def test_a_note_is_there_when_the_file_is_opened_again(tmp_path) -> None:
    path = tmp_path / "labels.sqlite"
    stored = PeriodNotes(path).append(NOTE, str(uuid4()))
    found = PeriodNotes(path).latest("sky:1")
    assert found == stored == replace(NOTE, time=stored.time)
    assert stored.time.endswith("+00:00")
    assert PeriodNotes(path).latest("sky:2") is None


def test_what_is_said_last_stands_and_nothing_said_is_lost(tmp_path) -> None:
    notes = PeriodNotes(tmp_path / "labels.sqlite")
    for days in (0.5, 1.0, None):
        notes.append(replace(NOTE, days=days), str(uuid4()))
    assert notes.latest("sky:1") is None
    assert [note.days for note in notes.history("sky:1")] == [None, 1.0, 0.5]
    notes.append(replace(NOTE, object_id="sky:2", days=3.0), str(uuid4()))
    notes.append(replace(NOTE, days=2.0), str(uuid4()))
    assert [(n.object_id, n.days) for n in notes.current()] == [("sky:2", 3.0), ("sky:1", 2.0)]


def test_a_note_tried_twice_is_stored_once(tmp_path) -> None:
    notes, uuid = PeriodNotes(tmp_path / "labels.sqlite"), str(uuid4())
    assert notes.append(NOTE, uuid) == notes.append(NOTE, uuid)
    assert len(notes.history("sky:1")) == 1


@pytest.mark.parametrize("days", [0.0, -1.0, float("nan"), float("inf")])
def test_a_period_is_a_positive_number(tmp_path, days) -> None:
    notes = PeriodNotes(tmp_path / "labels.sqlite")
    with pytest.raises(AstraError, match=r"sky:1.*above 0"):
        notes.append(replace(NOTE, days=days), str(uuid4()))
    assert notes.history("sky:1") == []


def test_rows_can_be_neither_changed_nor_deleted(tmp_path) -> None:
    path = tmp_path / "labels.sqlite"
    PeriodNotes(path).append(NOTE, str(uuid4()))
    with sqlite3.connect(path) as connection:
        for statement in ("UPDATE period SET days = 9", "DELETE FROM period"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                connection.execute(statement)
    connection.close()


def test_labels_and_notes_live_in_one_file(tmp_path) -> None:
    path = tmp_path / "labels.sqlite"
    labels = LabelStore(path)
    labels.append([Label("sky:1", "RRab", "mk", run="run-1", view="v", origin="single")])
    noted = PeriodNotes(path).append(NOTE, str(uuid4()))
    assert LabelStore(path).current()[["object_id", "label"]].to_numpy().tolist() == [
        ["sky:1", "RRab"]
    ]
    assert PeriodNotes(path).latest("sky:1") == noted


def test_many_may_write_at_once(tmp_path) -> None:
    path = tmp_path / "labels.sqlite"
    notes = PeriodNotes(path)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: notes.append(replace(NOTE, days=n + 1.0), str(uuid4())), range(16)))
    assert sorted(note.days or 0 for note in notes.history("sky:1")) == [n + 1.0 for n in range(16)]
