"""Time what very many labels take: ``python tests/bench/labels.py [--objects 200000]``.

A lasso is labelled durably, read back, undone and redone; then as a list of labels, as a script
would give it, and with a comment of its own each.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from astra.labels.label import Label
from astra.labels.store import LabelStore


@contextmanager
def folder() -> Iterator[Path]:
    """A folder on the disk of the working directory, which is what labels are written to."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as made:
        yield Path(made)


def timed(what: str, work: Callable[[], object]) -> None:
    """Do something and print how long it took."""
    begin = time.perf_counter()
    work()
    print(f"{what:<58} {time.perf_counter() - begin:7.3f} s")


def measure(objects: int) -> None:
    """Measure one size."""
    ids = [f"survey:{i:012d}" for i in range(objects)]
    label = Label(ids[0], "RRab", "ann", run="run", view="explore", origin="lasso")
    with folder() as home:
        store = LabelStore(home / "labels.sqlite")
        timed(
            f"{objects:,} objects labelled as one gesture", lambda: store.append_gesture(ids, label)
        )
        timed("  what everything is called, read for the first time", store.current)
        timed("  undone", lambda: store.undo("ann"))
        timed("  what everything is called, after it", store.current)
        timed("  redone", lambda: store.redo("ann"))
        print(f"  bytes in the log: {store.path.stat().st_size:,}")
        labels = [Label(one, "EA", "ann", origin="lasso") for one in ids]
        timed(f"{objects:,} labels appended as a list", lambda: store.append(labels))
        timed("  what was said of one object", lambda: store.history(ids[objects // 2]))
    with folder() as home:
        store = LabelStore(home / "labels.sqlite")
        single = [Label(one, "EA", "ann", comment=one) for one in ids]
        timed(f"{objects:,} labels that all differ, appended", lambda: store.append(single))
        timed("  undone", lambda: store.undo("ann"))


def main() -> None:
    """Read the options, and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, default=200_000)
    measure(parser.parse_args().objects)


if __name__ == "__main__":
    main()
