"""The objects of the selection, or all, as a table of one page at a time."""

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import panel as pn
import param
from numpy.typing import NDArray

from app.background import Latest, soon
from app.drawing.marks import mark
from app.markup.pressable import Pressable
from app.markup.table_rows import ordered, period_text, shown_pages, value_of
from app.opened_runs import OpenedRun
from app.session import Session
from app.theme import stylesheet
from app.words import NOTHING, UNLABELLED, count, fixed, number, safe

PAGE_SIZES = (12, 6)
LOW_MAP = 640
_HTML, _TEXT = {"type": "html"}, {"type": "plaintext"}
# column: (heading, width [px], what it sorts by)
_COLUMNS: dict[str, tuple[str, int, str]] = {
    "ring": ("", 24, ""),
    "object": ("Object", 158, "object_id"),
    "class": ("Class", 58, "class"),
    "p": ("p", 34, "probability"),
    "period": ("P / d", 57, "period"),
    "amplitude": ("Ampl.", 36, "amplitude"),
    "observations": ("Obs.", 38, "n_obs"),
    "score": ("Score", 50, "anomaly"),
}

_NUMBERS = ("p", "period", "amplitude", "observations", "score")


class CatalogueView(pn.viewable.Viewer):
    """Table whose pages are cut on the server, whatever the number of objects.

    A press on a heading sorts all of its objects, not the page; a press on a row focuses the
    object; the objects of the page are ringed on the map.
    """

    page = param.Integer(default=1, bounds=(1, None), doc="Page on screen, from 1.")
    sort_by = param.Selector(default="score", objects=[name for name in _COLUMNS if name != "ring"])
    descending = param.Boolean(default=True)
    page_size = param.Integer(default=PAGE_SIZES[0], doc="Lines of a page; fewer where low.")
    rows = param.Parameter(
        default=np.empty(0, np.int64), doc="Map rows of all its objects, in order."
    )

    def __init__(self, session: Session, **params: Any) -> None:
        super().__init__(**params)
        self.session = session
        self._order = Latest(patient=True)
        self._table = pn.widgets.Tabulator(
            _frame([]),
            pagination="remote",
            page_size=PAGE_SIZES[0],
            show_index=False,
            selectable=False,
            disabled=True,
            theme="simple",
            row_height=26,
            titles=self._titles(),
            widths={name: width for name, (_, width, _) in _COLUMNS.items()},
            formatters={name: _HTML if name in ("ring", "class") else _TEXT for name in _COLUMNS},
            text_align=dict.fromkeys(_NUMBERS, "right"),
            header_align=dict.fromkeys(_NUMBERS, "right"),
            layout="fit_columns",
            configuration={"columnDefaults": {"resizable": False, "minWidth": 24}},
            stylesheets=[stylesheet("table")],
            css_classes=["astra-table"],
            sizing_mode="stretch_width",
            margin=0,
        )
        self._pager = Pressable(
            self._turn, stylesheets=[stylesheet("pager")], css_classes=["astra-pager"]
        )
        self._table.on_click(lambda event: soon(partial(self._focus, event.row)))
        self._table.param.watch(lambda *_: soon(self._sort), "sorters")
        watch = session.param.watch
        watch(
            lambda *_: self._reorder(),
            ["run", "selection_revision", "shown_revision", "category", "hidden", "given"],
        )
        watch(lambda *_: self._draw(), "theme")
        watch(lambda *_: self._follow_focus(), ["focus", "screen"])
        watch(lambda *_: self._mark(), "screen")
        watch(lambda event: self._key(event.new.name), "key")
        session.look.param.watch(lambda *_: self._draw(), "blind")
        self.param.watch(lambda *_: self._reorder(), ["sort_by", "descending"])
        watch(lambda *_: self._resize(), "map_height")
        self.param.watch(lambda *_: self._turned(), ["page", "page_size", "rows"])
        self._reorder()

    @property
    def pages(self) -> int:
        """Number of pages, at least one."""
        return max(1, -(-len(self.rows) // self.page_size))

    @property
    def on_page(self) -> NDArray[np.integer]:
        """Map rows of the page on screen."""
        return self.rows[(self.page - 1) * self.page_size : self.page * self.page_size]

    # What is listed

    def _reorder(self) -> None:
        session, run = self.session, self.session.run
        if run is None:
            self.param.update(rows=np.empty(0, np.int64), page=1)
            return
        chosen, named = session.chosen, session.named
        key, descending = _COLUMNS[self.sort_by][2], self.descending

        def deliver(rows: object) -> None:
            self.param.update(rows=rows, page=1)

        self._order.ask(lambda: ordered(run, named, chosen, key, descending), deliver, self._fail)

    def _fail(self, error: Exception) -> None:
        self.session.say(f"the table could not be sorted: {error}", warning=True)

    def _sort(self) -> None:
        if not self._table.sorters:
            return
        name = self._table.sorters[0]["field"]
        self._table.sorters = []
        if name == self.sort_by:
            self.descending = not self.descending
        elif name in self.param.sort_by.objects:
            self.param.update(sort_by=name, descending=name not in ("object", "class"))

    def _turned(self) -> None:
        if self.page > self.pages:
            self.page = self.pages
            return
        self._mark()
        self._draw()

    def _resize(self) -> None:
        self.page_size = PAGE_SIZES[0 < self.session.map_height < LOW_MAP]

    def _mark(self) -> None:
        session = self.session
        if session.screen in ("explore", "labels"):
            self._told = self.rows
            session.param.update(marked=self.on_page, listed=self.rows)
        elif session.screen == "inspect" and (
            not len(session.listed) or session.listed is self._told
        ):
            # The list that is walked along is this one: it changes with the selection.
            session.listed = self._told = self.rows

    def _draw(self) -> None:
        run = self.session.run
        if run is None:
            return
        self._table.param.update(
            value=_frame([self._row(run, int(row)) for row in self.on_page]),
            titles=self._titles(),
        )
        self._pager.html = self._pages()

    def _follow_focus(self) -> None:
        """Move the ring to the line in focus: a page laid anew costs the browser far more."""
        rings, shown = [self._ring(int(row)) for row in self.on_page], self._table.value["ring"]
        if self.session.screen != "explore" or len(rings) != len(shown):
            return
        moved = [(i, ring) for i, ring in enumerate(rings) if ring != shown.iloc[i]]
        if moved:
            self._table.patch({"ring": moved}, as_index=False)

    def _ring(self, row: int) -> str:
        return f'<i class="ring{" on" if row == self.session.focus else ""}"></i>'

    def _titles(self) -> dict[str, str]:
        arrow = "\u2009▾" if self.descending else "\u2009▴"
        return {
            name: heading + (arrow if name == self.sort_by else "")
            for name, (heading, _, _) in _COLUMNS.items()
        }

    def _row(self, run: OpenedRun, row: int) -> dict[str, str]:
        name = self.session.named.name_of(row)
        style = run.styles[name]
        shape = mark(style.marker, style.colour(self.session.theme))
        name = NOTHING if name == UNLABELLED else name
        return {
            "ring": self._ring(row),
            "object": run.object_id(row),
            "class": f'<span class="class">{shape}<span>{safe(name)}</span></span>',
            "p": NOTHING if self.session.look.blind else fixed(value_of(run, "probability", row)),
            "period": period_text(float(run.period[row])),
            "amplitude": fixed(value_of(run, "amplitude", row)),
            "observations": number(value_of(run, "n_obs", row), 6),
            "score": fixed(value_of(run, "anomaly", row)),
        }

    def _pages(self) -> str:
        first = (self.page - 1) * self.page_size + 1
        last = min(self.page * self.page_size, len(self.rows))
        if not len(self.rows):
            return '<div class="row pager"><span class="quiet">No objects</span></div>'
        buttons = "".join(
            '<span class="quiet">…</span>'
            if page is None
            else _page_button(page, page == self.page)
            for page in shown_pages(self.page, self.pages)
        )
        back, on = max(1, self.page - 1), min(self.pages, self.page + 1)
        return (
            f'<div class="row pager"><span class="quiet">{count(first)}–{count(last)} of '
            f'{count(len(self.rows))}</span><span class="push"></span>'
            f'<button data-press="{back}" aria-label="Page before">‹</button>{buttons}'
            f'<button data-press="{on}" aria-label="Next page">›</button></div>'
        )

    # What is pressed

    def _turn(self, page: str) -> None:
        if page.isdigit():
            self.page = min(max(int(page), 1), self.pages)

    def _focus(self, line: int) -> None:
        if 0 <= line < len(self.on_page):
            self.session.focus = int(self.on_page[line])

    def _key(self, name: str) -> None:
        if self.session.screen == "explore" and name in ("ArrowLeft", "ArrowRight"):
            self.step(1 if name == "ArrowRight" else -1)

    def step(self, by: int) -> None:
        """Focus the object so many lines below the one in focus, turning the page with it."""
        if not len(self.rows):
            return
        found = np.flatnonzero(self.on_page == self.session.focus)
        start = (self.page - 1) * self.page_size
        line = start + int(found[0]) + by if len(found) else start
        line = min(max(line, 0), len(self.rows) - 1)
        self.page = line // self.page_size + 1
        self.session.focus = int(self.rows[line])

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Column(self._table, self._pager, sizing_mode="stretch_width", margin=0)


def _page_button(page: int, here: bool) -> str:
    current = "page" if here else "false"
    return f'<button data-press="{page}" aria-current="{current}">{count(page)}</button>'


def _frame(rows: list[dict[str, str]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(_COLUMNS), dtype=str)
