"""The objects ranked by anomaly score, a page at a time, each with its light curve in small."""

from typing import Any

import numpy as np
import panel as pn
import param
from bokeh.palettes import Inferno256
from numpy.typing import NDArray

from app.background import Latest
from app.drawing.sparklines import sparkline
from app.markup.facts import Facts, class_mark, facts_of, short_id
from app.markup.pressable import Pressable
from app.opened_runs import OpenedRun
from app.session import Session
from app.theme import stylesheet
from app.words import count, fixed, safe
from astra.data.errors import StoreError

PAGE_SIZE = 14
ALL = ""
_NO_SCORES = "This run has no anomaly scores: precompute its stage anomalies."


class AnomaliesView(pn.viewable.Viewer):
    """Ranked list; a press on a row focuses the object, and the page is ringed on the map.

    Parameters
    ----------
    session : Session
    """

    page = param.Integer(default=1, bounds=(1, None), doc="Page on screen, from 1.")
    predicted = param.String(default=ALL, doc="Only objects predicted to be of this class.")
    rows = param.Parameter(
        default=np.empty(0, np.int64), doc="Map rows of the listed objects, most anomalous first."
    )

    def __init__(self, session: Session, **params: Any) -> None:
        super().__init__(**params)
        self.session = session
        self._order = Latest()
        self._listed: OpenedRun | None = None
        self._pictures: dict[int, str] = {}
        styles: dict[str, Any] = {"stylesheets": [stylesheet("anomalies")]}
        self._head = Pressable(None, self._filter, css_classes=["astra-anomalies-head"], **styles)
        self._list = Pressable(self._focus, css_classes=["astra-anomalies-list"], **styles)
        self._pager = Pressable(self._turn, css_classes=["astra-anomalies-pager"], **styles)
        session.param.watch(lambda *_: self._reset(), "run")
        session.param.watch(lambda *_: self._rank(), ["shown_revision", "hidden"])
        session.param.watch(lambda *_: self._draw_list(), "given")
        session.param.watch(lambda *_: self._follow_focus(), ["focus", "screen"])
        session.param.watch(lambda *_: self._draw(), "theme")
        session.look.param.watch(lambda *_: self._draw_list(), "blind")
        session.param.watch(lambda *_: self._mark(), "screen")
        session.param.watch(lambda event: self._key(event.new.name), "key")
        self.param.watch(lambda *_: self._rank(), "predicted")
        self.param.watch(lambda *_: self._draw(), ["page", "rows"])
        self._reset()

    @property
    def pages(self) -> int:
        """Number of pages, at least one."""
        return max(1, -(-len(self.rows) // PAGE_SIZE))

    @property
    def on_page(self) -> NDArray[np.integer]:
        """Map rows of the page on screen."""
        return self.rows[(self.page - 1) * PAGE_SIZE : self.page * PAGE_SIZE]

    # What is listed

    def _reset(self) -> None:
        if self.predicted != ALL:
            self.predicted = ALL
        else:
            self._rank()

    def _rank(self) -> None:
        run, predicted, shown = self.session.run, self.predicted, self.session.shown

        def deliver(rows: object) -> None:
            if run is self.session.run:
                self._listed = run
                self.param.update(rows=rows, page=1)

        self._order.ask(lambda: ranked(run, predicted, shown), deliver, self._fail)

    def _fail(self, error: Exception) -> None:
        self.session.say(f"the objects could not be ranked: {error}", warning=True)

    def _draw(self) -> None:
        if self.page > self.pages:
            self.page = self.pages
            return
        run, theme = self._listed, self.session.theme
        if run is not None:
            self._pictures = {int(row): _picture(run, int(row), theme) for row in self.on_page}
        with pn.io.hold():
            self._head.html = self._heading()
            self._draw_list()
            self._pager.html = self._pages()
            self._mark()

    def _draw_list(self) -> None:
        run, theme, focus = self._listed, self.session.theme, self.session.focus
        if run is not self.session.run:
            return  # the list of the run that was opened meanwhile is on its way
        if run is None or not len(self.rows):
            self._list.html = f'<p class="small pad">{_NO_SCORES}</p>'
            return
        classes = self.session.category_now("class")
        blind = self.session.look.blind
        facts = [facts_of(run, int(row), classes, blind) for row in self.on_page]
        lines = (
            _line(run, each, theme, self._pictures[each.row], each.row == focus) for each in facts
        )
        self._list.html = f'<div class="ranked">{"".join(lines)}</div>'

    def _follow_focus(self) -> None:
        """Mark the line in focus, unless the list is behind another screen."""
        if self.session.screen == "anomalies":
            self._draw_list()

    def _heading(self) -> str:
        names = () if self.session.run is None else _predicted_names(self.session.run)
        options = "".join(
            f'<option value="{safe(name)}"{" selected" if name == self.predicted else ""}>'
            f"{safe(name)}</option>"
            for name in names
        )
        return (
            '<div class="row pad"><span class="title">Ranked</span>'
            '<span class="quiet">by anomaly score</span>'
            '<select class="push astra-anomalies-class" data-change="predicted" '
            f'aria-label="Predicted class"><option value="">all classes</option>{options}</select>'
            '</div><div class="ranked-head small"><span>#</span><span></span><span>Object</span>'
            "<span>Score</span></div>"
        )

    def _pages(self) -> str:
        if not len(self.rows):
            return ""
        first = (self.page - 1) * PAGE_SIZE + 1
        last = first + len(self.on_page) - 1
        kind = f" predicted {safe(self.predicted)}" if self.predicted else " ranked"
        ends = (
            " disabled" if self.page == 1 else "",
            " disabled" if self.page == self.pages else "",
        )
        return (
            f'<div class="row pad"><span class="quiet">{count(first)}–{count(last)} of '
            f"{count(len(self.rows))}{kind}</span>"
            f'<span class="segments push"><button class="control" data-press="-1"{ends[0]} '
            'aria-label="Page before">‹</button>'
            f'<button class="control" data-press="1"{ends[1]} aria-label="Next page">›</button>'
            "</span></div>"
        )

    def _mark(self) -> None:
        if self.session.screen == "anomalies" and self._listed is self.session.run:
            self.session.param.update(marked=self.on_page, listed=self.rows)

    # What a person does

    def _filter(self, _: str, name: str) -> None:
        if self.session.run is not None and name in (ALL, *_predicted_names(self.session.run)):
            self.predicted = name

    def _focus(self, row: str) -> None:
        if row.isdigit() and int(row) in self.on_page:
            self.session.focus = int(row)

    def _turn(self, by: str) -> None:
        if by in ("-1", "1"):
            self.page = min(max(self.page + int(by), 1), self.pages)

    def _key(self, name: str) -> None:
        if self.session.screen == "anomalies" and name in ("ArrowLeft", "ArrowRight"):
            self.step(1 if name == "ArrowRight" else -1)

    def step(self, by: int) -> None:
        """Focus the object so many ranks below the one in focus, turning the page with it."""
        if not len(self.rows):
            return
        here = np.flatnonzero(self.on_page == self.session.focus)
        start = (self.page - 1) * PAGE_SIZE
        line = start + int(here[0]) + by if len(here) else start
        line = min(max(line, 0), len(self.rows) - 1)
        self.page = line // PAGE_SIZE + 1
        self.session.focus = int(self.rows[line])

    def __panel__(self) -> pn.viewable.Viewable:
        listed = pn.Column(self._list, scroll="y-auto", sizing_mode="stretch_both", margin=0)
        return pn.Column(
            self._head,
            listed,
            self._pager,
            css_classes=["astra-anomalies"],
            sizing_mode="stretch_both",
            margin=0,
        )


def ranked(
    run: OpenedRun | None, predicted: str = ALL, shown: NDArray[np.bool_] | None = None
) -> NDArray[np.int32]:
    """Map rows, most anomalous first, of all objects or of those predicted to be of one class.

    With ``shown``, bool [objects], only of those that are true there.
    """
    if run is None:
        return np.empty(0, np.int32)
    rows = run.by_rank
    if shown is not None:
        rows = rows[shown[rows]]
    if predicted == ALL:
        return rows
    return rows[run.predicted.codes[rows] == run.predicted.names.index(predicted)]


def _predicted_names(run: OpenedRun) -> tuple[str, ...]:
    return run.predicted.names if "probes" in run.run.manifest.artefacts else ()


def _picture(run: OpenedRun, row: int, theme: str) -> str:
    period = facts_of(run, row).catalogue_period
    try:
        return sparkline(run.light_curve(row), theme, 72, 36, period)
    except StoreError:  # the survey is gone; the run is whole without it
        return ""


def _line(run: OpenedRun, facts: Facts, theme: str, picture: str, chosen: bool) -> str:
    score = facts.score or 0.0
    colour = Inferno256[round(255 * (0.22 + 0.71 * score))]
    label = f" · label {safe(facts.label)}" if facts.label not in (None, facts.predicted) else ""
    return (
        f'<button class="line" data-press="{facts.row}" aria-current="{str(chosen).lower()}" '
        f'title="{safe(facts.object_id)}"><span class="quiet">{count(facts.rank or 0)}</span>'
        f'<span class="thumbnail">{picture}</span><span class="object">'
        f'<b>{safe(short_id(facts.object_id))}</b><span class="quiet">'
        f'{class_mark(run, facts.predicted, theme)}<span class="said">'
        f"{safe(facts.predicted or 'no prediction')}{label}</span></span></span>"
        f'<span class="bar"><i style="width:{100 * score:.0f}%;background:{colour}"></i></span>'
        f"<span>{fixed(facts.score)}</span></button>"
    )
