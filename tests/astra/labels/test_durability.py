"""Writers are killed at random moments; the log must hold what was acknowledged, once, whole."""

import multiprocessing
import os
import sqlite3
import sys
import threading
import time
from collections import Counter
from multiprocessing.connection import Connection, wait
from pathlib import Path

import numpy as np
import pytest

from astra.labels.batches import COMPACT_FROM, unpacked
from astra.labels.label import Label
from astra.labels.store import LabelStore

LONG = bool(os.environ.get("ASTRA_LONG"))
KILLS = 20 if LONG else 12  # of each log
LOGS = 50 if LONG else 1
WRITERS = 8
PEOPLE, EACH = (50, 200) if LONG else (10, 20)
_FORK = multiprocessing.get_context("fork")


def batch_of(writer: int, number: int) -> list[Label]:
    """What a writer says in its n-th batch: from single labels to lassos kept as one gesture."""
    sizes = [1, 1, 3, 40, 2000, COMPACT_FROM + writer]
    size = int(np.random.default_rng([writer, number]).choice(sizes))
    return [Label(f"o{i}", f"class {number}", f"writer {writer}") for i in range(size)]


def write_until_killed(path: Path, writer: int, first: int, acknowledge: Connection) -> None:
    store = LabelStore(path)
    number = first
    while True:
        store.append(batch_of(writer, number), batch_id=f"{writer}-{number}")
        acknowledge.send(number)
        number += 1


def kill_at_random(path: Path, next_batch: list[int], rng: np.random.Generator) -> int:
    """Run some writers, kill them, note what each was told to be safe; say how many they were."""
    chosen = rng.permutation(WRITERS)[: rng.integers(1, WRITERS + 1)].tolist()
    pipes = [_FORK.Pipe(duplex=False) for _ in chosen]
    writers = [
        _FORK.Process(target=write_until_killed, args=(path, writer, next_batch[writer], pipe[1]))
        for writer, pipe in zip(chosen, pipes, strict=True)
    ]
    for process in writers:
        process.start()
    wait([receive for receive, _ in pipes], timeout=60)
    time.sleep(float(rng.uniform(0, 0.2)))
    for process in writers:
        process.kill()
    for writer, process, (receive, send) in zip(chosen, writers, pipes, strict=True):
        process.join()
        send.close()
        while receive.poll():
            try:
                next_batch[writer] = receive.recv() + 1
            except EOFError:
                break
        receive.close()
    return len(chosen)


def stored_batches(path: Path) -> dict[str, int]:
    """Labels that the file really holds of each batch, after SQLite has found it whole."""
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        rows = connection.execute(
            "SELECT uuid, events, object_ids FROM batch"
            " LEFT JOIN (SELECT batch, count(*) AS events FROM event GROUP BY batch) AS counted"
            " ON counted.batch = id LEFT JOIN gesture ON gesture.batch = id"
        ).fetchall()
    connection.close()
    assert not any(events and ids for _, events, ids in rows)
    return {name: len(unpacked(ids)) if ids else events for name, events, ids in rows}


@pytest.mark.parametrize("log", range(LOGS))
def test_no_acknowledged_label_is_lost_doubled_or_partial(tmp_path: Path, log: int) -> None:
    path = tmp_path / "labels.sqlite"
    LabelStore(path)
    rng = np.random.default_rng(log)
    next_batch, killed = [0] * WRITERS, 0
    for _ in range(KILLS):
        killed += kill_at_random(path, next_batch, rng)
        stored = stored_batches(path)
        for writer, following in enumerate(next_batch):
            mine = {name for name in stored if name.startswith(f"{writer}-")}
            acknowledged = {f"{writer}-{number}" for number in range(following)}
            assert acknowledged <= mine <= acknowledged | {f"{writer}-{following}"}
        for name, size in stored.items():
            writer, number = map(int, name.split("-"))
            assert size == len(batch_of(writer, number)), f"batch {name} is partial or doubled"
    assert sum(next_batch) >= KILLS, "the writers hardly came to write"
    labels = sum(len(batch_of(w, n)) for w in range(WRITERS) for n in range(next_batch[w]))
    sys.stdout.write(
        f"log {log}: {KILLS} moments, {killed} writers killed, {sum(next_batch)} batches"
        f" and {labels} labels acknowledged, all there\n"
    )


def label_overlapping(path: Path, person: int) -> None:
    """One of many people: single labels, on objects that others label at the same time."""
    store, rng = LabelStore(path), np.random.default_rng(person)
    for number in range(EACH):
        label = Label(f"o{rng.integers(300)}", f"by {person}", f"person {person}")
        store.append([label], batch_id=f"{person}-{number}")


def test_many_people_on_the_same_objects_lose_nothing(tmp_path: Path) -> None:
    store = LabelStore(tmp_path / "labels.sqlite")
    people = [_FORK.Process(target=label_overlapping, args=(store.path, i)) for i in range(PEOPLE)]
    for process in people:
        process.start()
    for process in people:
        process.join(600)
    assert [process.exitcode for process in people] == [0] * PEOPLE
    events = store.events()
    assert len(events) == PEOPLE * EACH
    assert Counter(events["annotator"]) == {f"person {i}": EACH for i in range(PEOPLE)}
    for person in range(PEOPLE):
        rng = np.random.default_rng(person)
        said = events.loc[events["annotator"] == f"person {person}", "object_id"]
        assert said.tolist() == [f"o{rng.integers(300)}" for _ in range(EACH)]
    last = events.groupby("object_id").last()["label"]
    assert dict(last) == dict(store.current()[["object_id", "label"]].values)


def label_all(store: LabelStore, writer: int) -> None:
    for i in range(10):
        store.append([Label(f"o{i}", f"by {writer}", f"writer {writer}")])


def test_many_processes_lose_nothing(tmp_path: Path) -> None:
    store = LabelStore(tmp_path / "labels.sqlite")
    writers = [_FORK.Process(target=label_all, args=(store, writer)) for writer in range(6)]
    for process in writers:
        process.start()
    for process in writers:
        process.join(120)
    assert [process.exitcode for process in writers] == [0] * 6
    check_everything_is_there(store, writers=6)


def test_many_threads_lose_nothing(tmp_path: Path) -> None:
    store = LabelStore(tmp_path / "labels.sqlite")
    writers = [threading.Thread(target=label_all, args=(store, writer)) for writer in range(10)]
    for thread in writers:
        thread.start()
    for thread in writers:
        thread.join(120)
    check_everything_is_there(store, writers=10)


def check_everything_is_there(store: LabelStore, writers: int) -> None:
    events = store.events()
    assert Counter(events["annotator"]) == {f"writer {w}": 10 for w in range(writers)}
    last = events.groupby("object_id").last()["label"]
    assert dict(last) == dict(zip(*store.current()[["object_id", "label"]].T.values, strict=True))


def test_processes_may_make_the_log_at_the_same_time(tmp_path: Path) -> None:
    path = tmp_path / "labels.sqlite"
    makers = [_FORK.Process(target=LabelStore, args=(path,)) for _ in range(6)]
    for process in makers:
        process.start()
    for process in makers:
        process.join(60)
    assert [process.exitcode for process in makers] == [0] * 6
    assert LabelStore(path).append([Label("a", "EA", "ann")]) == [1]
