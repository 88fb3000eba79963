"""Contact sheet: many light curves at once, of what is selected or shown; picked, and labelled."""

import json
import time
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import panel as pn
import param
from numpy.typing import NDArray

from app.background import Latest
from app.categories import Category
from app.drawing.cells import SheetLook
from app.markup import sheet_html as html
from app.markup.contact_sheet import COLUMNS, ContactSheet
from app.markup.facts import Facts, facts_of
from app.markup.pressable import Pressable
from app.opened_runs import OpenedRun
from app.session import Session
from app.sheet_labels import SheetLabels
from app.sheets import PERIODS, Page, choose, draw_page, fold_first, in_order, sorts_of, span_words
from app.theme import stylesheet
from app.words import UNLABELLED

SCREEN = "sheet"
_STRETCH = {"sizing_mode": "stretch_both", "margin": 0}
_PERIODS = ("period_days", "found_period_days")
_HEAD = {"padding": "8px 16px", "gap": "8px"}
_DRAWN = [
    "rows", "page", "size", "folded", "period_of", "common", "aligned", "errors", "hidden",
]  # fmt: skip
_SIDE = {
    "max-width": "236px",
    "overflow-y": "auto",
    "border-left": "1px solid var(--astra-line)",
    "background": "var(--astra-surface)",
    "padding": "12px",
    "gap": "16px",
}


class SheetView(pn.viewable.Viewer):
    """Light curves of the selection, or of all that is shown, a page at a time.

    The page is read and drawn off the document's thread, and goes to the browser in one message.

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
        self._order, self._drawing = Latest(), Latest()
        self._ordered: object = None
        self._run: OpenedRun | None = None
        self.labels = SheetLabels(session, SCREEN, self._draw_progress)
        styles: dict[str, Any] = {"stylesheets": [stylesheet("sheet_parts")]}
        self._title = Pressable(self._pressed, self._changed, **styles)
        self._controls = Pressable(self._pressed, self._changed, **styles)
        self._grid = ContactSheet(self._told, css_classes=["astra-sheet"])
        self._foot = Pressable(self._pressed, css_classes=["astra-sheet-foot"], **styles)
        self._label_panel, self._progress, self._done, self._focus = (
            Pressable(self._pressed, **styles) for _ in range(4)
        )
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
        return self.rows[(self.page - 1) * self.size : self.page * self.size]

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
        sorts = sorts_of(run)
        return choose(list(sorts), self.sort_by, "entropy", "anomaly", "object_id")

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

    def _redraw(self) -> None:
        run = self.session.run
        if not self.is_on or run is None:
            return
        if self.page > self.pages:
            self.page = self.pages
            return
        started = time.perf_counter()
        rows, size = self.on_page, self.size
        look = SheetLook(self.session.theme, self.common, self.aligned, self.errors, self.hidden)
        fold = self.period_of if self.folded else None
        against = "folded" if self.folded else "in time"
        words = f"Page {self.page} of {self.pages}: {len(rows)} light curves, {against}"
        self._drawing.ask(
            lambda: draw_page(run, rows, size, fold, look, words),
            partial(self._show, run, started),
            self._fail,
        )

    def _show(self, run: OpenedRun, started: float, page: Any) -> None:
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
            self._draw_bars(run, page)
            self._draw_labels()
            self._draw_focus()
        self.session.param.update(listed=self.rows, marked=page.rows)
        milliseconds = 1e3 * (time.perf_counter() - started)
        self.session.say(f"sheet of {len(page.rows)} light curves", latency=milliseconds)

    def _fail(self, error: Exception) -> None:
        self.session.say(f"the contact sheet could not be drawn: {error}", warning=True)

    # What is seen around it

    def _captions(self, run: OpenedRun, page: Page) -> str:
        classes, given = self.session.category_now("class"), self.session.given
        values = None if self.number is None else run.values(self.number)
        said = []
        for row, period, length in zip(page.rows, page.periods, page.lengths, strict=True):
            by_hand = None if given is None else given.name_of(int(row))
            said.append(
                html.caption(
                    run,
                    self._facts(run, int(row), classes),
                    None if by_hand == UNLABELLED else by_hand,
                    period,
                    None if values is None else float(values[row]),
                    length,
                    self.session.theme,
                )
            )
        return json.dumps(said)

    def _facts(self, run: OpenedRun, row: int, classes: Category) -> Facts:
        """What may be said of an object: a blind look shows no predictions."""
        facts = facts_of(run, row, classes, self.session.look.blind)
        if self.session.look.blind:
            facts = replace(facts, predicted=None, probability=None)
        return facts

    def _draw_bars(self, run: OpenedRun, page: Page) -> None:
        session = self.session
        first = (self.page - 1) * self.size
        described = session.selection_description if session.selected is not None else ""
        everything = "All objects" if session.shown is None else "All that is shown"
        span = span_words(first, len(page.rows), len(self.rows))
        sorting = html.sorting(self.size, sorts_of(run), self.key, self.descending)
        self._title.html = html.title(described or everything, span, sorting)
        against = html.against(self.folded, self.period_of)
        drawing = html.drawing(self.common, self.aligned, self.errors, page.filters, self.hidden)
        self._controls.html = f'<div class="row">{against}{drawing}</div>'
        unfolded = sum(period is None for period in page.periods)
        numbers = "" if self.number is None else run.numeric_columns[self.number]
        axes = html.axes_words(self.folded, self.common, self.aligned, unfolded, numbers)
        self._foot.html = html.foot(axes, self.page, self.pages)

    def _relabel(self) -> None:
        run, page = self.session.run, self.drawn
        if self.is_on and run is not None and page is not None:
            self._grid.captions = self._captions(run, page)
            self._draw_labels()
            self._draw_focus()

    def _draw_labels(self) -> None:
        run, page = self.session.run, self.drawn
        if run is None or page is None:
            return
        labels, given = self.session.category_now("class"), self.session.given
        self._label_panel.html = html.label_panel(
            run,
            self.labels.classes,
            self.labels.keys,
            (labels, page.rows),
            len(self.picked),
            self.session.theme,
        )
        labelled = 0 if given is None else int((given.codes[page.rows] >= 0).sum())
        self._done.html = html.done(labelled, len(page.rows))
        self._draw_progress()

    def _draw_progress(self) -> None:
        self._progress.html = html.progress(self.labels.open, self.labels.last, self.labels.message)

    def _draw_focus(self) -> None:
        run, row = self.session.run, self.focused
        facts = None
        if run is not None and row is not None and row < len(run):
            facts = self._facts(run, row, self.session.category_now("class"))
        if run is not None:
            self._focus.html = html.focused(run, facts, self.session.theme)

    # What a person does

    def _told(self, what: str, value: Any) -> None:
        run = self.session.run
        if run is None or not self.is_on:
            return
        here = {int(row) for row in self.on_page}
        match what:
            case "picked" if isinstance(value, list):
                self.picked = [row for row in value if isinstance(row, int) and row in here]
            case "focus" | "open" if isinstance(value, int) and value in here:
                self.focused = value
                if what == "open":
                    self.open()
            case "key" if isinstance(value, str):
                self._key(value)

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

    def _key(self, name: str) -> None:
        if name in self.labels.keys:
            self.label(self.labels.keys[name])
        elif name in _KEYS:
            self._pressed(_KEYS[name])

    def _changed(self, field: str, value: str) -> None:
        run = self.session.run
        if field == "sort" and run is not None and value in sorts_of(run):
            self.param.update(sort_by=value, descending=value not in ("centre", "object_id"))
        elif field == "period" and value in PERIODS:
            self.period_of = value

    def _pressed(self, value: str) -> None:
        action, _, argument = value.partition(":")
        match action:
            case "label":
                self.label(argument)
            case "size" if argument.isdigit() and int(argument) in COLUMNS:
                self.param.update(size=int(argument), page=1, picked=[])
            case "page" if argument in ("-1", "1"):
                self.turn(int(argument))
            case "band":
                self.toggle_band(argument)
            case "retry" if argument.isdigit():
                self.labels.retry(int(argument))
            case _ if action in _SETS:
                self.param.update(**_SETS[action])
            case _ if action in _DOES:
                _DOES[action](self)

    def label(self, name: str | None) -> None:
        """Give what is picked, or else the object in focus, a class, or None to clear."""
        alone = [] if self.focused is None else [self.focused]
        self.labels.give(self.picked or alone, name)

    def pick_none(self) -> None:
        """Let go of what is picked."""
        self._grid.picked = self.picked = []

    def __panel__(self) -> pn.viewable.Viewable:
        head = pn.Column(
            self._title, self._controls, styles=_HEAD, sizing_mode="stretch_width", margin=0
        )
        side = pn.Column(
            self._label_panel, self._progress, self._done, self._focus, styles=_SIDE, **_STRETCH
        )
        sheet = pn.Column(head, self._grid, self._foot, styles={"min-width": "0"}, **_STRETCH)
        return pn.Row(sheet, side, **_STRETCH)


def _same(one: Any, other: Any) -> bool:
    return all(
        a is b or (isinstance(a, str | bool) and a == b) for a, b in zip(one, other, strict=True)
    )


_SETS: dict[str, dict[str, Any]] = {
    "time": {"folded": False},
    "folded": {"folded": True},
    "own": {"common": False},
    "common": {"common": True},
}
_DOES = {
    "fold": lambda view: view.param.update(folded=not view.folded),
    "aligned": lambda view: view.param.update(aligned=not view.aligned),
    "errors": lambda view: view.param.update(errors=not view.errors),
    "turn": lambda view: view.param.update(descending=not view.descending),
    "none": SheetView.pick_none,
    "clear": lambda view: view.label(None),
    "undo": lambda view: view.labels.undo(),
    "redo": lambda view: view.labels.redo(),
    "open": SheetView.open,
    "similar": SheetView.search,
    "one": SheetView.open,
}
_KEYS = {
    "f": "fold", "e": "errors", "0": "clear", "z": "undo", "Shift+z": "redo", "t": "similar",
    "PageUp": "page:-1", "PageDown": "page:1",
}  # fmt: skip
