"""Work off the document's thread, and its results back on it: the one way models are changed."""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

import panel as pn
from bokeh.document import Document

_log = logging.getLogger(__name__)
_pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="astra")

Work = Callable[[], object]


class Request(NamedTuple):
    """Work, and who gets its result or its error on the document's thread."""

    work: Work
    deliver: Callable[[object], None]
    fail: Callable[[Exception], None]


class Latest:
    """Does one request at a time; of those that wait meanwhile only the latest is done.

    Requests are made, and results delivered, on the thread of the document that was current when
    this was made. Without a document, as in tests, work is done at once.
    """

    def __init__(self) -> None:
        self._document: Document | None = pn.state.curdoc
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
        _pool.submit(_outcome, request.work).add_done_callback(partial(self._hand_over, request))

    def _hand_over(self, request: Request, future: Future) -> None:
        finish = partial(self._finish, request, *future.result())
        if self._document is not None:
            self._document.add_next_tick_callback(finish)

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


def _outcome(work: Work) -> tuple[object, Exception | None]:
    try:
        return work(), None
    except Exception as error:  # whatever it is, it belongs on the page, not in a lost thread
        return None, error


def soon(callback: Callable[[], None]) -> None:
    """Call on the document's thread and under its lock, after what is being handled now.

    Panel may run the handlers of its own events without the lock, and Bokeh's models must not be
    changed so: whatever a widget or a component tells goes through here.
    """
    document = pn.state.curdoc
    if document is None or document.session_context is None:
        callback()
    else:
        document.add_next_tick_callback(callback)
