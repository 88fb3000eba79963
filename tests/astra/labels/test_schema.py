"""A log that an older version made is brought up to date in place, whole or not at all."""

import sqlite3
from pathlib import Path

import pytest

from astra.data.errors import StoreError
from astra.labels import schema
from astra.labels.batches import COMPACT_FROM
from astra.labels.database import reading
from astra.labels.label import Label
from astra.labels.selections import latest_heads
from astra.labels.store import LabelStore

VERSION_1 = """
    CREATE TABLE batch (
        id INTEGER PRIMARY KEY,
        uuid TEXT NOT NULL UNIQUE,
        time TEXT NOT NULL,
        annotator TEXT NOT NULL,
        action TEXT NOT NULL CHECK (action IN ('label', 'undo', 'redo')),
        target INTEGER REFERENCES batch (id),
        first_event INTEGER NOT NULL,
        size INTEGER NOT NULL,
        CHECK ((action = 'label') = (target IS NULL))
    );
    CREATE INDEX batch_of_annotator ON batch (annotator, action);
    CREATE INDEX batch_by_target ON batch (target) WHERE target IS NOT NULL;
    CREATE TABLE event (
        id INTEGER PRIMARY KEY,
        batch INTEGER NOT NULL REFERENCES batch (id),
        object_id TEXT NOT NULL,
        label TEXT,
        run TEXT NOT NULL,
        view TEXT NOT NULL,
        origin TEXT NOT NULL,
        comment TEXT NOT NULL,
        confidence REAL,
        prediction_shown TEXT
    );
    CREATE INDEX event_of_object ON event (object_id, batch);
    CREATE TABLE selection (
        id INTEGER PRIMARY KEY,
        time TEXT NOT NULL,
        name TEXT NOT NULL,
        colour TEXT NOT NULL,
        recipe TEXT NOT NULL,
        object_ids TEXT NOT NULL
    );
    CREATE INDEX selection_by_name ON selection (name);
    CREATE VIEW withdrawn AS
        SELECT target AS batch, max(id) AS since FROM batch WHERE target IS NOT NULL
        GROUP BY target HAVING sum(CASE action WHEN 'undo' THEN 1 ELSE -1 END) > 0;
    CREATE VIEW latest AS
        SELECT max(id) AS event FROM event
        WHERE batch NOT IN (SELECT batch FROM withdrawn) GROUP BY object_id;
    CREATE TRIGGER no_UPDATE_of_batch BEFORE UPDATE ON batch
        BEGIN SELECT RAISE(ABORT, 'the label log is append-only'); END;
    CREATE TRIGGER no_DELETE_of_batch BEFORE DELETE ON batch
        BEGIN SELECT RAISE(ABORT, 'the label log is append-only'); END;
    CREATE TRIGGER no_UPDATE_of_event BEFORE UPDATE ON event
        BEGIN SELECT RAISE(ABORT, 'the label log is append-only'); END;
    CREATE TRIGGER no_DELETE_of_event BEFORE DELETE ON event
        BEGIN SELECT RAISE(ABORT, 'the label log is append-only'); END;
    PRAGMA application_id = 0x41535452;
    PRAGMA user_version = 1;
    INSERT INTO batch VALUES
        (1, 'first', '2026-01-01T00:00:00.000+00:00', 'ann', 'label', NULL, 1, 2),
        (2, 'second', '2026-01-01T00:00:01.000+00:00', 'ann', 'label', NULL, 3, 1),
        (3, 'third', '2026-01-01T00:00:02.000+00:00', 'ann', 'undo', 2, 4, 0),
        (4, 'fourth', '2026-01-01T00:00:03.000+00:00', 'bob', 'label', NULL, 4, 1);
    INSERT INTO event VALUES
        (1, 1, 'a', 'RRab', 'r1', 'explore', 'lasso', '', NULL, NULL),
        (2, 1, 'b', 'RRab', 'r1', 'explore', 'lasso', '', NULL, NULL),
        (3, 2, 'a', 'EA', 'r1', 'explore', 'single', 'sure', 0.5, 'EB'),
        (4, 4, 'b', 'EW', 'r1', 'explore', 'single', '', NULL, NULL);
    INSERT INTO selection VALUES (1, '2026-01-01T00:00:00.000+00:00', 'A', '#ff0000', '{}', '[]');
"""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "labels.sqlite"
    with sqlite3.connect(path) as connection:
        connection.executescript(VERSION_1)
    connection.close()
    return path


def version_of(path: Path) -> int:
    with sqlite3.connect(path) as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
    connection.close()
    return version


def test_what_was_said_stays_as_it_was_said(old: Path) -> None:
    store = LabelStore(old)
    assert version_of(old) == schema.VERSION
    assert dict(store.current()[["object_id", "label"]].values) == {"a": "RRab", "b": "EW"}
    events = store.events()
    assert events["event"].dropna().tolist() == [1, 2, 3, 4]
    assert events["withdrawn"].tolist() == [False, False, True, False, False]
    assert not events["blind"].any()
    assert events["taxonomy"].isna().all()
    told = events.iloc[2]
    assert (told["comment"], told["confidence"], told["prediction_shown"]) == ("sure", 0.5, "EB")
    with reading(old) as connection:
        assert [head.name for head in latest_heads(connection)] == ["A"]


def test_the_log_goes_on_where_it_stopped(old: Path) -> None:
    store = LabelStore(old)
    ids = [f"o{i}" for i in range(COMPACT_FROM)]
    assert store.append([Label("a", "LPV", "bob", blind=True, taxonomy="abc")]) == [5]
    assert store.append_gesture(ids, Label("any", "EA", "ann"))[0] == 6
    assert store.undo("bob") is not None
    assert store.counts() == {"EA": COMPACT_FROM, "EW": 1, "RRab": 1}
    assert LabelStore(old).counts() == store.counts()


def test_nothing_in_an_upgraded_log_can_be_changed(old: Path) -> None:
    LabelStore(old).append_gesture([f"o{i}" for i in range(COMPACT_FROM)], Label("any", "EA", "a"))
    with sqlite3.connect(old) as connection:
        for table in ("batch", "event", "gesture"):
            for statement in (f"UPDATE {table} SET rowid = 9", f"DELETE FROM {table}"):
                with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                    connection.execute(statement)
    connection.close()


def test_an_upgrade_that_fails_leaves_the_old_log(old: Path, monkeypatch) -> None:
    with sqlite3.connect(old) as connection:
        before = list(connection.iterdump())
    connection.close()
    broken = (*schema._SECOND_TABLES, "CREATE TABLE event (id)")
    monkeypatch.setattr(schema, "_SECOND_TABLES", broken)
    with pytest.raises(StoreError, match="nothing was changed"):
        LabelStore(old)
    with sqlite3.connect(old) as connection:
        assert list(connection.iterdump()) == before
    connection.close()
    monkeypatch.undo()
    assert LabelStore(old).counts() == {"EW": 1, "RRab": 1}
