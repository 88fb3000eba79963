"""A run's encoder in a process of its own: started when first asked, kept warm, ended with us."""

import atexit
import logging
import os
import select
import subprocess
import sys
import threading
import time
from collections import OrderedDict
from pathlib import Path

import numpy as np
import psutil
from numpy.typing import NDArray

from astra.data.errors import AstraError
from astra.data.light_curves import LightCurve
from astra.runs.messages import Message, MessageError, light_curves_to_json, read_message, to_bytes

KEPT = 2
PATIENCE = 180.0  # s
NICENESS = 5
_THREADS = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
_log = logging.getLogger(__name__)


class EncoderError(AstraError):
    """The encoder cannot be asked, or cannot embed what it was given."""


class EncoderProcess:
    """The encoder of one run; one thread at a time asks it, the others wait.

    Parameters
    ----------
    run : Path
        Folder of the run.
    """

    def __init__(self, run: Path) -> None:
        self._run = run
        self._asking = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_warm(self) -> bool:
        """Whether it need not be started first."""
        return self._process is not None and self._process.poll() is None

    def embed(self, light_curve: LightCurve) -> NDArray[np.float32]:
        """Embed one light curve, float32 [embedding]; starts the process where there is none.

        Raises
        ------
        EncoderError
            It does not start, does not answer in three minutes, or refuses the light curve.
        """
        with self._asking:
            if not self.is_warm:
                self._start()
            answer = self._ask({"light_curves": light_curves_to_json([light_curve])})
        if "embeddings" not in answer:
            raise EncoderError(str(answer.get("error", "the encoder gave no embedding")))
        return np.array(answer["embeddings"][0], np.float32)

    def end(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for stream in (self._process.stdin, self._process.stdout):
                if stream is not None:
                    stream.close()
            self._process = None

    def _start(self) -> None:
        self.end()
        started = time.perf_counter()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "precompute.asking", str(self._run)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **_THREADS},
            bufsize=0,
        )
        psutil.Process(self._process.pid).nice(NICENESS)
        ready = self._answer()
        if not ready.get("ready"):
            self.end()
            raise EncoderError(str(ready.get("error", "the encoder did not start")))
        _log.info("encoder %s: ready in %.1f s", self._run.name, time.perf_counter() - started)

    def _ask(self, message: Message) -> Message:
        process = self._process
        assert process is not None and process.stdin is not None
        try:
            data = memoryview(to_bytes(message))
            while data:
                data = data[process.stdin.write(data) :]
        except OSError as error:
            self.end()
            raise EncoderError(f"the encoder has ended ({error}): ask again") from error
        return self._answer()

    def _answer(self) -> Message:
        deadline = time.monotonic() + PATIENCE
        try:
            answer = read_message(lambda length: self._read(length, deadline))
        except (MessageError, TimeoutError) as error:
            self.end()
            raise EncoderError(f"the encoder does not answer: {error}") from error
        if answer is None:
            self.end()
            raise EncoderError("the encoder ended before it answered: its memory may be too small")
        return answer

    def _read(self, length: int, deadline: float) -> bytes:
        process = self._process
        assert process is not None and process.stdout is not None
        left = max(0.0, deadline - time.monotonic())
        if not select.select([process.stdout], [], [], left)[0]:
            raise TimeoutError(f"nothing came for {PATIENCE:.0f} s")
        return process.stdout.read(length)


_kept: OrderedDict[Path, EncoderProcess] = OrderedDict()
_lock = threading.Lock()


def encoder_of(run: Path) -> EncoderProcess:
    """Encoder of a run; all visitors share it, and two are kept."""
    with _lock:
        if run not in _kept:
            _kept[run] = EncoderProcess(run)
            while len(_kept) > KEPT:
                _kept.popitem(last=False)[1].end()
        _kept.move_to_end(run)
        return _kept[run]


@atexit.register
def end_all() -> None:
    """End every encoder's process."""
    with _lock:
        for encoder in _kept.values():
            encoder.end()
        _kept.clear()
