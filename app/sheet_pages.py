"""Pages of a contact sheet: drawn off the document's thread, the next before it is asked for."""

from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.background import Latest
from app.drawing.cells import SheetLook
from app.opened_runs import OpenedRun
from app.sheets import Page, draw_page

KEPT = 4


class Wanted(NamedTuple):
    """Everything that a page is drawn from; the arguments of `app.sheets.draw_page`."""

    run: OpenedRun
    rows: NDArray[np.integer]
    size: int
    period_of: str | None
    look: SheetLook
    words: str

    @property
    def key(self) -> tuple[Any, ...]:
        """What tells it from others."""
        return (self.run, self.rows.tobytes(), *self[2:])


class SheetPages:
    """Draws the pages that one visitor asks for, and keeps a few of them.

    A page ahead is drawn when nobody waits for anything. At most `KEPT` pages are kept, a third of
    a megabyte each where they are largest, so that turning back and forth draws nothing again.

    Parameters
    ----------
    deliver : callable
        Called on the document's thread with what was asked for last, and its page.
    fail : callable
        Called with the error of one that could not be drawn.
    """

    def __init__(
        self, deliver: Callable[[Wanted, Page], None], fail: Callable[[Exception], None]
    ) -> None:
        self._deliver, self._fail = deliver, fail
        self._now, self._ahead = Latest(), Latest(patient=True)
        self._kept: OrderedDict[tuple[Any, ...], Page] = OrderedDict()
        self._asked: tuple[Any, ...] = ()

    def ask(self, wanted: Wanted) -> None:
        """Deliver a page in place of any that is on its way: at once where it is kept."""
        self._asked = wanted.key
        if wanted.key in self._kept:
            self._finish(wanted, self._kept[wanted.key])
        else:
            self._now.ask(partial(draw_page, *wanted), partial(self._finish, wanted), self._fail)

    def prepare(self, wanted: Wanted) -> None:
        """Draw a page that is likely to be asked for."""
        if wanted.key not in self._kept:
            self._ahead.ask(partial(draw_page, *wanted), partial(self._keep, wanted), _ignore)

    def is_kept(self, wanted: Wanted) -> bool:
        """Whether a page would be delivered at once."""
        return wanted.key in self._kept

    def _finish(self, wanted: Wanted, page: Any) -> None:
        self._keep(wanted, page)
        if wanted.key == self._asked:
            self._deliver(wanted, page)

    def _keep(self, wanted: Wanted, page: Any) -> None:
        self._kept[wanted.key] = page
        self._kept.move_to_end(wanted.key)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)


def _ignore(_: Exception) -> None:
    """Nobody has asked for the page yet: who does is told, when it fails again."""
