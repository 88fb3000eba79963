import importlib
import os

import numpy as np
import pytest

from astra.data.errors import AstraError
from precompute.workers import Chunks, over_objects

TASKS = """
import os, signal, time
import numpy as np

def squares(start, stop, log=None):
    if log is not None:
        with log.open("a") as file:
            file.write(f"{start} {os.getpid()} {os.environ.get('OMP_NUM_THREADS')}\\n")
    return np.arange(start, stop, dtype=np.int64)[:, None] ** 2

def die(start, stop):
    os.kill(os.getpid(), signal.SIGKILL)

def complain(start, stop):
    if start:
        raise ValueError(f"cannot do {start}")
    time.sleep(0.2)
    return np.zeros(stop - start)
"""


@pytest.fixture(scope="module")
def tasks(tmp_path_factory):
    """A module that a spawned process can import."""
    folder = tmp_path_factory.mktemp("tasks")
    (folder / "tasks_of_workers.py").write_text(TASKS)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield importlib.import_module("tasks_of_workers")


class Told(list):
    def __call__(self, event, **facts):
        self.append(facts["done"])


@pytest.mark.parametrize("workers", [1, 2])
def test_rows_come_back_in_order(tmp_path, tasks, workers):
    told, log = Told(), tmp_path / "log"
    path = over_objects(tasks.squares, (log,), Chunks(tmp_path, 95, 10), workers, told)
    np.testing.assert_array_equal(np.load(path)[:, 0], np.arange(95) ** 2)
    assert sorted(told) == told
    assert told[-1] == 95
    lines = [line.split() for line in log.read_text().splitlines()]
    assert sorted(int(start) for start, _, _ in lines) == list(range(0, 95, 10))
    here = {int(pid) == os.getpid() for _, pid, _ in lines}
    assert here == {workers == 1}
    assert workers == 1 or {threads for *_, threads in lines} == {"1"}


def test_finished_chunks_are_not_done_again(tmp_path, tasks):
    chunks, log, told = Chunks(tmp_path, 50, 10), tmp_path / "log", Told()
    over_objects(tasks.squares, (), chunks, 1, Told())
    (tmp_path / "000000000020.npy").unlink()
    (tmp_path / "000000000040.npy").unlink()
    path = over_objects(tasks.squares, (log,), chunks, 1, told)
    assert [line.split()[0] for line in log.read_text().splitlines()] == ["20", "40"]
    assert told == [40, 50]
    np.testing.assert_array_equal(np.load(path)[:, 0], np.arange(50) ** 2)


def test_a_worker_that_dies_is_told_and_not_waited_for(tmp_path, tasks):
    with pytest.raises(AstraError, match="fewer --workers"):
        over_objects(tasks.die, (), Chunks(tmp_path, 40, 10), 2, Told())


def test_an_error_in_a_worker_ends_the_others(tmp_path, tasks):
    with pytest.raises(ValueError, match="cannot do"):
        over_objects(tasks.complain, (), Chunks(tmp_path, 400, 10), 2, Told())
    assert not [path for path in tmp_path.glob("0*.npy") if path.stem == "000000000390"]
