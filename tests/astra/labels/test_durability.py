"""Writers are killed at random moments; the log must hold what was acknowledged, once, whole."""

import multiprocessing
import os
import sqlite3
import threading
import time
from collections import Counter
from multiprocessing.connection import Connection, wait
from pathlib import Path

import numpy as np
import pytest

from astra.labels.label import Label
from astra.labels.store import LabelStore

KILLS = 15  # of each log
LOGS = 67 if os.environ.get("ASTRA_LONG") else 1
WRITERS = 2
_FORK = multiprocessing.get_context("fork")


def batch_of(writer: int, number: int) -> list[Label]:
    """What a writer says in its n-th batch: sizes from single labels to lassos."""
    size = int(np.random.default_rng([writer, number]).choice([1, 3, 40, 2000]))
    return [Label(f"o{i}", f"class {number}", f"writer {writer}") for i in range(size)]


def write_until_killed(path: Path, writer: int, first: int, acknowledge: Connection) -> None:
    store = LabelStore(path)
    number = first
    while True:
        store.append(batch_of(writer, number), batch_id=f"{writer}-{number}")
        acknowledge.send(number)
        number += 1


def kill_at_random(path: Path, next_batch: list[int], rng: np.random.Generator) -> None:
    """Run the writers, kill them, and note what each was told to be safe."""
    pipes = [_FORK.Pipe(duplex=False) for _ in range(WRITERS)]
    writers = [
        _FORK.Process(target=write_until_killed, args=(path, writer, next_batch[writer], pipe[1]))
        for writer, pipe in enumerate(pipes)
    ]
    for process in writers:
        process.start()
    wait([receive for receive, _ in pipes], timeout=60)
    time.sleep(float(rng.uniform(0, 0.2)))
    for process, (receive, send) in zip(writers, pipes, strict=True):
        process.kill()
        process.join()
        send.close()
        while receive.poll():
            try:
                next_batch[writers.index(process)] = receive.recv() + 1
            except EOFError:
                break
        receive.close()


@pytest.mark.parametrize("log", range(LOGS))
def test_no_acknowledged_label_is_lost_doubled_or_partial(tmp_path: Path, log: int) -> None:
    path = tmp_path / "labels.sqlite"
    LabelStore(path)
    rng = np.random.default_rng(log)
    next_batch = [0] * WRITERS
    for _ in range(KILLS):
        kill_at_random(path, next_batch, rng)
        connection = sqlite3.connect(path)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        stored = dict(
            connection.execute(
                "SELECT uuid, events FROM batch"
                " LEFT JOIN (SELECT batch, count(*) AS events FROM event GROUP BY batch)"
                " ON batch = id"
            ).fetchall()
        )
        connection.close()
        for writer, following in enumerate(next_batch):
            mine = {name for name in stored if name.startswith(f"{writer}-")}
            acknowledged = {f"{writer}-{number}" for number in range(following)}
            assert acknowledged <= mine <= acknowledged | {f"{writer}-{following}"}
        for name, size in stored.items():
            writer, number = map(int, name.split("-"))
            assert size == len(batch_of(writer, number)), f"batch {name} is partial or doubled"
    assert sum(next_batch) >= KILLS, "the writers hardly came to write"


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
