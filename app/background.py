"""Work off the document's thread, and its results back on it: the one way models are changed."""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

import panel as pn
from bokeh.document import Document

_log = logging.getLogger(__name__)
_pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="astra")
_patient_pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="astra-patient")
_waiting_pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="astra-waiting")
_LONGEST_WAIT = 0.5  # s
_REST = 0.06  # s

Work = Callable[[], object]


class Urgent:
    """How many requests are under way that a person waits for; patient ones let them go first.

    Their results are on their way for a while after they are done, and a patient one that holds
    the interpreter's lock would hold them up.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._under_way = 0
        self._quiet_since = -_REST

    def add(self, by: int) -> None:
        """Count requests that begin, or with -1 end."""
        with self._changed:
            self._under_way += by
            self._quiet_since = time.monotonic()
            self._changed.notify_all()

    def wait(self) -> None:
        """Come back when there has been none for a while, or when one would wait too long."""
        longest = time.monotonic() + _LONGEST_WAIT
        with self._changed:
            while (now := time.monotonic()) < longest:
                rest = longest if self._under_way else self._quiet_since + _REST
                if rest <= now:
                    return
                self._changed.wait(min(rest, longest) - now)


_urgent = Urgent()


class Request(NamedTuple):
    """Work, and who gets its result or its error on the document's thread."""

    work: Work
    deliver: Callable[[object], None]
    fail: Callable[[Exception], None]


class Latest:
    """Does one request at a time; of those that wait meanwhile only the latest is done.

    Requests are made, and results delivered, on the thread of the document that was current when
    this was made. Without a document, as in tests, work is done at once.

    Parameters
    ----------
    patient : bool
        Let what others asked for go first: nobody looks here first.
    """

    def __init__(self, patient: bool = False) -> None:
        self._document: Document | None = pn.state.curdoc
        self._patient = patient
        self._busy = False
        self._next: Request | None = None

    def ask(
        self,
        work: Work,
        deliver: Callable[[object], None],
        fail: Callable[[Exception], None],
    ) -> None:
        """Have some work done, instead of any that has been waiting."""
        request = Request(work, deliver, fail)
        if self._document is None:
            self._finish(request, *_outcome(work))
        elif self._busy:
            self._next = request
        else:
            self._start(request)

    def _start(self, request: Request) -> None:
        self._busy = True
        if self._patient:
            future = _patient_pool.submit(_patiently, request.work)
        else:
            _urgent.add(1)
            future = _pool.submit(_outcome, request.work)
        future.add_done_callback(partial(self._hand_over, request))

    def _hand_over(self, request: Request, future: Future) -> None:
        if not self._patient:
            _urgent.add(-1)
        finish = partial(self._finish, request, *future.result())
        if self._document is not None:
            self._document.add_next_tick_callback(partial(_at_once, finish))

    def _finish(self, request: Request, result: object, error: Exception | None) -> None:
        self._busy = False
        if error is not None:
            _log.error("work for the page failed", exc_info=error)
            request.fail(error)
        else:
            request.deliver(result)
        if self._next is not None:
            waiting, self._next = self._next, None
            self._start(waiting)


class Each(Latest):
    """Does every request, one after the other, in the order in which they were made."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: list[Request] = []

    def ask(
        self,
        work: Work,
        deliver: Callable[[object], None],
        fail: Callable[[Exception], None],
    ) -> None:
        """Have some work done after all that was asked for before."""
        if self._busy:
            self._waiting.append(Request(work, deliver, fail))
        else:
            super().ask(work, deliver, fail)

    def _finish(self, request: Request, result: object, error: Exception | None) -> None:
        if self._waiting:
            self._next = self._waiting.pop(0)
        super()._finish(request, result, error)


class Waiting(Latest):
    """Like `Latest`, for work that waits for another process: it takes no thread of the others."""

    def __init__(self) -> None:
        super().__init__(patient=True)

    def _start(self, request: Request) -> None:
        self._busy = True
        future = _waiting_pool.submit(_outcome, request.work)
        future.add_done_callback(partial(self._hand_over, request))


def _outcome(work: Work) -> tuple[object, Exception | None]:
    try:
        return work(), None
    except Exception as error:  # whatever it is, it belongs on the page, not in a lost thread
        return None, error


def _patiently(work: Work) -> tuple[object, Exception | None]:
    _urgent.wait()
    return _outcome(work)


def soon(callback: Callable[[], None]) -> None:
    """Call on the document's thread and under its lock, after what is being handled now.

    Panel may run the handlers of its own events without the lock, and Bokeh's models must not be
    changed so: whatever a widget or a component tells goes through here.
    """
    document = pn.state.curdoc
    if document is None or document.session_context is None:
        callback()
    else:
        document.add_next_tick_callback(partial(_at_once, callback))


def _at_once(callback: Callable[[], None]) -> None:
    """Send all changes that a handler makes in one message: the browser lays the page once."""
    with pn.io.hold():
        callback()
