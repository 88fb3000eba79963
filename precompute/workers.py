"""The same work on chunks of objects, in one single-threaded process a core, resumable."""

import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from astra.data.durable import make_durable
from astra.data.errors import AstraError
from astra.runs.progress import Progress

Task = Callable[..., NDArray]
Chunk = tuple[int, int, Path]

_THREAD_LIMITS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Chunks:
    """Objects in chunks, each with the file of its result.

    Attributes
    ----------
    folder : Path
    objects, size : int
        Objects in all, and in a chunk.
    """

    folder: Path
    objects: int
    size: int

    def __iter__(self) -> Iterator[Chunk]:
        """First object, last and one, file."""
        for start in range(0, self.objects, self.size):
            yield start, min(start + self.size, self.objects), self.folder / f"{start:012d}.npy"


def over_objects(
    task: Task, arguments: tuple[Any, ...], chunks: Chunks, workers: int, progress: Progress
) -> Path:
    """Compute an array with a row for every object, and write it to a file.

    Parameters
    ----------
    task : callable
        Function of a module: (start, stop, *arguments) -> array [stop - start, ...].
    arguments : tuple
        Small and picklable: paths rather than arrays.
    chunks : Chunks
        A chunk whose file is there is not computed again.
    workers : int
        Processes; with one, the work is done in this process.
    progress : Progress
        Told of objects done.

    Returns
    -------
    Path
        A ``.npy`` file in the folder of the chunks: array [objects, ...].

    Raises
    ------
    AstraError
        A process died.
    """
    waiting = [chunk for chunk in chunks if not chunk[2].exists()]
    done = chunks.objects - sum(stop - start for start, stop, _ in waiting)
    if done:
        _log.info("%d of %d objects were done before", done, chunks.objects)
    for finished in _results(partial(_one_chunk, task, arguments), waiting, workers):
        done += finished
        progress("progress", done=done, total=chunks.objects, unit="objects")
    return _join(chunks)


def _join(chunks: Chunks) -> Path:
    path = chunks.folder / "whole.npy"
    whole = None
    for start, stop, part in chunks:
        rows = np.load(part, allow_pickle=False)
        if whole is None:
            shape = (chunks.objects, *rows.shape[1:])
            whole = np.lib.format.open_memmap(path, "w+", rows.dtype, shape)
        whole[start:stop] = rows
    return path


def _results(work: Callable[[Chunk], int], waiting: list[Chunk], workers: int) -> Iterator[int]:
    workers = min(workers, len(waiting))
    if workers <= 1:
        yield from map(work, waiting)
        return
    with _processes(workers) as pool:
        try:
            for future in as_completed([pool.submit(work, chunk) for chunk in waiting]):
                yield future.result()
        except BrokenProcessPool:
            raise AstraError(
                "a worker process died, perhaps for want of memory; what is done is kept: "
                "run again, with fewer --workers"
            ) from None


@contextmanager
def _processes(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Pool of single-threaded processes, which are gone when the block ends in whatever way."""
    # A spawned process reads these when it starts; this one has its threads already.
    before = {name: os.environ.get(name) for name in _THREAD_LIMITS}
    os.environ.update(dict.fromkeys(_THREAD_LIMITS, "1"))
    pool = ProcessPoolExecutor(
        workers, multiprocessing.get_context("spawn"), initializer=_become_worker
    )
    try:
        yield pool
    except BaseException:
        for process in multiprocessing.active_children():
            process.kill()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _one_chunk(task: Task, arguments: tuple[Any, ...], chunk: Chunk) -> int:
    start, stop, path = chunk
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.npy")
    np.save(temporary, task(start, stop, *arguments), allow_pickle=False)
    make_durable(temporary)
    temporary.rename(path)
    return stop - start


def _become_worker() -> None:
    """Leave signals to the parent, and die when it does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    threading.Thread(target=_follow_parent, daemon=True).start()


def _follow_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
