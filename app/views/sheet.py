"""Contact sheet: many light curves at once, of what is selected or shown; picked, and labelled."""

import time
from typing import Any

import numpy as np
import panel as pn
import param
from numpy.typing import NDArray

from app.background import Latest
from app.drawing.cells import SheetLook
from app.markup.contact_sheet import COLUMNS, ContactSheet
from app.markup.sheet_captions import captions
from app.opened_runs import OpenedRun
from app.session import Session
from app.sheet_labels import SheetLabels
from app.sheet_pages import SheetPages, Wanted
from app.sheets import PERIODS, Page, choose, fold_first, in_order, sorts_of
from app.views.sheet_bars import SheetBars
from app.views.sheet_gestures import SheetGestures
from app.views.sheet_side import SheetSide

SCREEN = "sheet"
_STRETCH = {"sizing_mode": "stretch_both", "margin": 0}
_PERIODS = ("period_days", "found_period_days")
_DRAWN = [
    "rows", "page", "size", "folded", "period_of", "common", "aligned", "errors", "hidden",
]  # fmt: skip


class SheetView(pn.viewable.Viewer):
    """Light curves of the selection, or of all that is shown, a page at a time.

    The page is read and drawn off the document's thread, and goes to the browser in one message;
    the next one is drawn while it is read.

    Parameters
    ----------
    session : Session
    """

    size = param.Selector(default=48, objects=list(COLUMNS), doc="Light curves a page.")
    page = param.Integer(default=1, bounds=(1, None), doc="Page on screen, from 1.")
    sort_by = param.String(default="", doc="Key of `sorts_of`; empty: what the run has.")
    descending = param.Boolean(default=True)
    folded = param.Boolean(default=True, doc="Against phase.")
    period_of = param.Selector(default="known", objects=list(PERIODS), doc="Folded on it.")
    common = param.Boolean(default=False, doc="One scale for all.")
    aligned = param.Boolean(default=True, doc="Bands at one median.")
    errors = param.Boolean(default=False, doc="With error bars.")
    hidden = param.ClassSelector(class_=frozenset, default=frozenset(), doc="Filters off.")
    rows = param.Parameter(default=np.empty(0, np.int64), doc="Map rows of all, in order.")
    picked = param.List(default=[], doc="Map rows that are picked.")
    focused = param.Integer(default=None, allow_None=True, doc="Map row of the focus.")

    def __init__(self, session: Session, **params: Any) -> None:
        super().__init__(**params)
        self.session = session
        self.drawn: Page | None = None
        self._order, self._pages = Latest(), SheetPages(self._show, self._fail)
        self._ordered: object = None
        self._run: OpenedRun | None = None
        self._started = time.perf_counter()
        self.gestures = SheetGestures(self)
        self.labels = SheetLabels(session, SCREEN, lambda: self._side.draw_progress(self.labels))
        self._bars = SheetBars(self.gestures.pressed, self.gestures.changed)
        self._side = SheetSide(session, self.gestures.pressed)
        self._grid = ContactSheet(self.gestures.told, css_classes=["astra-sheet"])
        watch = session.param.watch
        watch(
            lambda *_: self._reorder(),
            ["run", "selection_revision", "shown_revision", "hidden", "screen"],
        )
        watch(lambda *_: self._relabel(), "given")
        session.look.param.watch(lambda *_: self._relabel(), "blind")
        watch(lambda *_: self._redraw(), "theme")
        self.param.watch(lambda *_: self._reorder(), ["sort_by", "descending"])
        self.param.watch(lambda *_: self._redraw(), _DRAWN)
        self.param.watch(lambda *_: self._draw_labels(), "picked")
        self.param.watch(lambda *_: self._draw_focus(), "focused")
        self._reorder()

    # What is on the sheet

    @property
    def pages(self) -> int:
        """Number of pages, at least one."""
        return max(1, -(-len(self.rows) // self.size))

    @property
    def on_page(self) -> NDArray[np.integer]:
        """Map rows of the page on screen."""
        return self._rows_of(self.page)

    def _rows_of(self, page: int) -> NDArray[np.integer]:
        return self.rows[(page - 1) * self.size : page * self.size]

    @property
    def is_on(self) -> bool:
        """Whether the sheet is in sight."""
        return self.session.screen == SCREEN and self.session.run is not None

    @property
    def key(self) -> str:
        """What the sheet is sorted by: the chosen key, or the first of some that the run has."""
        run = self.session.run
        if run is None:
            return "object_id"
        return choose(list(sorts_of(run)), self.sort_by, "entropy", "anomaly", "object_id")

    @property
    def number(self) -> str | None:
        """Numeric column whose value stands in the captions: the one sorted by, or probability."""
        run = self.session.run
        if run is None:
            return None
        if self.session.look.blind and self.key in ("probability", "entropy"):
            return None
        told = self.key in run.numeric_columns and self.key not in _PERIODS
        column = self.key if told or self.session.look.blind else "probability"
        return column if column in run.numeric_columns else None

    def _reorder(self) -> None:
        session, run = self.session, self.session.run
        if not self.is_on or run is None:
            return
        if run is not self._run:
            self._run, self._ordered = run, None
            with param.parameterized.discard_events(self):
                self.param.update(folded=fold_first(run), rows=self.rows[:0])
        key, descending = self.key, self.descending
        asked = (run, session.chosen, key, descending)
        if self._ordered is not None and _same(self._ordered, asked):
            self._redraw()  # theme or labels may have changed while it was out of sight
            return
        named, chosen = session.category_now("class"), session.chosen

        def deliver(rows: Any) -> None:
            if run is self.session.run:
                self._ordered = asked
                self.param.update(rows=rows, page=1, picked=[])

        self._order.ask(lambda: in_order(run, named, chosen, key, descending), deliver, self._fail)

    def _wanted(self, run: OpenedRun, page: int) -> Wanted:
        """What a page is drawn from, as it is to be drawn now."""
        rows = self._rows_of(page)
        look = SheetLook(self.session.theme, self.common, self.aligned, self.errors, self.hidden)
        against = "folded" if self.folded else "in time"
        words = f"Page {page} of {self.pages}: {len(rows)} light curves, {against}"
        return Wanted(run, rows, self.size, self.period_of if self.folded else None, look, words)

    def _redraw(self) -> None:
        run = self.session.run
        if not self.is_on or run is None:
            return
        if self.page > self.pages:
            self.page = self.pages
            return
        self._started = time.perf_counter()
        self._pages.ask(self._wanted(run, self.page))

    def _show(self, wanted: Wanted, page: Page) -> None:
        run = wanted.run
        if run is not self.session.run:
            return
        self.drawn = page
        here = {int(row) for row in page.rows}
        focus = self.focused if self.focused in here else self.session.focus
        focus = focus if focus in here else (int(page.rows[0]) if len(page.rows) else None)
        with pn.io.hold():
            self._grid.param.update(
                columns=COLUMNS[self.size],
                keys=list(self.labels.keys),
                captions=self._captions(run, page),
                focused=-1 if focus is None else focus,
                picked=self.picked,
                page=page.text,
            )
            self.focused = focus
            self._bars.draw(self, run, page)
            self._draw_labels()
            self._draw_focus()
        self.session.param.update(listed=self.rows, marked=page.rows)
        milliseconds = 1e3 * (time.perf_counter() - self._started)
        self.session.say(f"sheet of {len(page.rows)} light curves", latency=milliseconds)
        if self.page < self.pages:
            self._pages.prepare(self._wanted(run, self.page + 1))

    def _fail(self, error: Exception) -> None:
        self.session.say(f"the contact sheet could not be drawn: {error}", warning=True)

    # What is seen around it

    def _captions(self, run: OpenedRun, page: Page) -> str:
        labels = self.session.category_now("class"), self.session.given
        return captions(run, page, labels, self.number, self.session.theme, self.session.look.blind)

    def _relabel(self) -> None:
        run, page = self.session.run, self.drawn
        if self.is_on and run is not None and page is not None:
            self._grid.captions = self._captions(run, page)
            self._draw_labels()
            self._draw_focus()

    def _draw_labels(self) -> None:
        run, page = self.session.run, self.drawn
        if run is not None and page is not None:
            self._side.draw_labels(self.labels, run, page, len(self.picked))

    def _draw_focus(self) -> None:
        if self.session.run is not None:
            self._side.draw_focus(self.session.run, self.focused)

    # What a person does

    def open(self) -> None:
        """Read the object in focus closely."""
        if self.focused is not None:
            self.session.focus = self.focused
        self.session.screen = "inspect"

    def search(self) -> None:
        """Look for what is like the object in focus."""
        self.session.focus = self.focused
        self.session.find_similar()

    def turn(self, by: int) -> None:
        """Go so many pages on."""
        self.picked = []
        self.page = min(max(self.page + by, 1), self.pages)

    def toggle_band(self, name: str) -> None:
        """Show or hide the bands of one filter."""
        self.hidden = self.hidden ^ {name}

    def label(self, name: str | None) -> None:
        """Give what is picked, or else the object in focus, a class, or None to clear."""
        alone = [] if self.focused is None else [self.focused]
        self.labels.give(self.picked or alone, name)

    def pick_none(self) -> None:
        """Let go of what is picked."""
        self._grid.picked = self.picked = []

    def __panel__(self) -> pn.viewable.Viewable:
        sheet = pn.Column(
            self._bars.head, self._grid, self._bars.foot, styles={"min-width": "0"}, **_STRETCH
        )
        return pn.Row(sheet, self._side.panel, **_STRETCH)


def _same(one: Any, other: Any) -> bool:
    return all(
        a is b or (isinstance(a, str | bool) and a == b) for a, b in zip(one, other, strict=True)
    )
