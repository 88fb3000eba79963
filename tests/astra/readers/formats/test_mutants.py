"""Damaged files: no crash, no hang, bounded memory; what is refused names the file.

Twelve mutants of each format; ASTRA_MUTANTS=1000 makes as many, ASTRA_LONG=1 ten thousand.
"""

import gc
import logging
import multiprocessing
import os
import re
import resource
import signal
import traceback
from collections import Counter
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from astra.data.errors import RejectedFileError
from astra.readers import read
from astra.readers.options import Options
from astra.readers.quarantine import Quarantine

LONG = 10_000 if os.environ.get("ASTRA_LONG") else 12
COUNT = int(os.environ.get("ASTRA_MUTANTS", LONG))
SECONDS_EACH = 20
MEMORY = 1 << 30
PLACE = re.compile(r"\b(row|line|column|character) ")
NASTY = [
    b"", b"nan", b"inf", b"-99", b"1e999", b"-1e300", b"null", b"2458000.5", b"0", b"9" * 400,
    b"\x00", b"\xff\xfe", b'"', b",", b"<b>", b"'; --", b"=1+1", b"\xc3", b"{", b"]",
]  # fmt: skip


def mutant(content: bytes, rng: np.random.Generator) -> bytes:
    """Content with bytes flipped, lost, repeated, or a word replaced by a nasty one."""
    data = bytearray(content)
    kind = rng.integers(6)
    at = int(rng.integers(len(data)))
    span = int(rng.integers(1, 64))
    if kind == 0:
        for place in rng.integers(len(data), size=int(rng.integers(1, 9))):
            data[place] ^= int(rng.integers(1, 256))
    elif kind == 1:
        del data[at:]
    elif kind == 2:
        del data[at : at + span]
    elif kind == 3:
        data[at:at] = data[at : at + span]
    elif kind == 4:
        data[at : at + span] = rng.integers(0, 256, span, np.uint8).tobytes()
    else:
        end = at
        while end < len(data) and chr(data[end]).isalnum() and end - at < 32:
            end += 1
        data[at:end] = NASTY[int(rng.integers(len(NASTY)))]
    return bytes(data)


def try_mutants(path: Path, options: Options, name: str, count: int, answer: Connection) -> None:
    """Read mutants of a file in a process of its own; tell what came of them."""
    gc.freeze()  # what other tests left behind is not looked through again, nor copied
    bytes_now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (bytes_now + 4 * MEMORY,) * 2)
    begin = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    rng = np.random.default_rng(sum(map(ord, name)))
    whole, outcome = path.read_bytes(), Counter()
    for number in range(count):
        content = mutant(whole, rng)
        path.write_bytes(content)
        signal.alarm(SECONDS_EACH)
        try:
            outcome[try_one(path, options)] += 1
        except Exception:
            answer.send(f"{name}: mutant {number}:\n{traceback.format_exc()}")
            return
        finally:
            signal.alarm(0)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - begin
    answer.send((dict(outcome), grown * 1024))


def try_one(path: Path, options: Options) -> str:
    quarantine = Quarantine()
    try:
        light_curves = read(path, quarantine, memory=MEMORY // 4, options=options)
    except RejectedFileError as error:
        assert path.stem.rpartition("_")[0] in str(error), f"no file named: {error}"
        return "refused at a place" if PLACE.search(str(error)) else "refused"
    assert np.isfinite(light_curves.flux).all()
    assert (light_curves.flux_error > 0).all()
    for refusal in quarantine:
        assert refusal.file
        assert refusal.row >= 0
        assert refusal.column
    return "rows refused" if quarantine else "read"


@pytest.mark.timeout(max(600, COUNT))
def test_mutants(made, named: str, truth: pd.DataFrame, tmp_path: Path) -> None:
    wanted = truth[truth["object_id"] == "ZTF18aaaaaaa"].reset_index(drop=True)
    path = made.write(tmp_path, wanted)
    if path.is_dir():
        path = next(path.rglob("*.parquet"))
    if "_" not in path.stem:
        path = path.rename(path.with_name(f"{path.stem}_1{path.suffix}"))
    schema = made.options.get("schema")
    options = Options(schema=tmp_path / schema if schema else None)
    here, there = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(
        target=try_mutants, args=(path, options, named, COUNT, there)
    )
    process.start()
    there.close()
    try:
        said = here.recv()
    except EOFError:
        said = None
    process.join()
    assert said is not None, f"the reader died with {process.exitcode}"
    assert not isinstance(said, str), said
    outcome, grown = said
    assert sum(outcome.values()) == COUNT
    assert grown < MEMORY
    logging.getLogger(__name__).info("%s: %s, %d MiB more", named, outcome, grown >> 20)
