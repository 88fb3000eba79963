"""What waits for a decision: conflicts, single labels, doubts; the log's way in and out."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

import numpy as np
import panel as pn
import param

from app.curation import QUEUES, Curation, curation_of
from app.markup import curation_html as html
from app.markup.pressable import Pressable
from app.second_look import look_again
from app.session import Session
from app.theme import stylesheet
from app.words import number
from astra.labels.exporting import as_csv, label_table

_BLIND_QUEUES = ("again",)
_STRETCH = {"sizing_mode": "stretch_width", "margin": 0}


class QueueView(pn.viewable.Viewer):
    """A page of a queue; a press focuses the object.

    Parameters
    ----------
    session : Session
    taxonomy : Viewable
        What the other tab shows.
    """

    page = param.Integer(default=1, bounds=(1, None), doc="Page on screen, from 1.")
    tab = param.Selector(default="queue", objects=["queue", "taxonomy"])

    def __init__(self, session: Session, taxonomy: Any, **params: Any) -> None:
        super().__init__(**params)
        self.session: Session = session
        self.curation: Curation = curation_of(session)
        self.ids: list[str] = []
        styles: dict[str, Any] = {"stylesheets": [stylesheet("curation")]}
        self._tabs = Pressable(
            self._pressed, stylesheets=[stylesheet("tabs")], css_classes=["astra-tabs"], height=40
        )
        self._queues = Pressable(self._pressed, **styles)
        self._list = Pressable(self._pressed, css_classes=["astra-queue"], **styles)
        self._pager = Pressable(self._pressed, **styles)
        self._footer = Pressable(self._pressed, **styles)
        self._upload = pn.widgets.FileInput(
            accept=".csv,.parquet",
            multiple=False,
            css_classes=["astra-import"],
            stylesheets=[stylesheet("file_input")],
            width=280,
            margin=0,
        )
        self._upload.param.watch(lambda event: self._import(event.new), "value")
        queue = [self._queues, self._list, self._pager]
        self._queue = pn.Column(*queue, styles={"gap": "8px", "padding": "12px"}, **_STRETCH)
        self._taxonomy = pn.Column(taxonomy, visible=False, **_STRETCH)
        self.curation.param.watch(lambda *_: self._list_again(), ["opinions", "doubts", "queue"])
        self.curation.param.watch(lambda *_: self._draw(), ["busy", "version", "known"])
        session.param.watch(lambda *_: self._draw(), ["focus", "theme"])
        session.look.param.watch(lambda *_: self._draw(), "blind")
        self.param.watch(lambda *_: self._draw(), ["page", "tab"])
        self.curation.read_all()
        self._list_again()

    @property
    def pages(self) -> int:
        """Number of pages, at least one."""
        return max(1, -(-len(self.ids) // html.PAGE_SIZE))

    @property
    def on_page(self) -> list[str]:
        """Ids on the page on screen."""
        return self.ids[(self.page - 1) * html.PAGE_SIZE : self.page * html.PAGE_SIZE]

    def _list_again(self) -> None:
        self.ids = self.curation.ids_of(self.curation.queue)
        run = self.session.run
        rows = [] if run is None else run.run.rows_of(self.ids)
        self.curation.rows = np.asarray(rows, np.int64)
        self.page = min(self.page, self.pages)
        self._draw()

    # What a person does

    def _pressed(self, value: str) -> None:
        action, _, argument = value.partition(":")
        if action == "queue" and argument in QUEUES:
            self.page = 1
            self.curation.queue = argument
        elif action == "tab" and argument in self.param.tab.objects:
            self.tab = argument
        elif action == "open" and argument.isdecimal():
            self._open(int(argument))
        elif action == "page" and argument in ("-1", "1"):
            self.page = int(np.clip(self.page + int(argument), 1, self.pages))
        elif action == "suspect":
            self._suspect()
        elif action == "export" and argument in ("current", "events"):
            self._export(argument)

    def _open(self, row: int) -> None:
        run = self.session.run
        if run is not None and row < len(run):
            self.session.focus = row
            self.session.clear_selection()

    def _suspect(self) -> None:
        run, observatory = self.session.run, self.session.observatory
        if run is not None:
            self.curation.in_background(
                "looking for doubtful labels …",
                partial(look_again, observatory, run.name),
                self._told,
            )

    def _told(self, said: object) -> None:
        self.session.say(str(said))
        self.curation.read()

    def _export(self, what: Any) -> None:
        store, day = self.curation.store, datetime.now(UTC).strftime("%Y-%m-%d")

        def deliver(text: object) -> None:
            self._footer.download(f"astra-{what}-{day}.csv", str(text))

        self.curation.in_background(
            "writing labels …", lambda: as_csv(label_table(store, what)), deliver
        )

    def _import(self, content: bytes | None) -> None:
        if content:
            self.curation.import_file(str(self._upload.filename or "labels.csv"), content)

    # What is seen

    def _draw(self) -> None:
        run, curation = self.session.run, self.curation
        if run is None:
            return
        colours = {e.name: e.colour for e in curation.taxonomy.classes if e.colour}
        style = html.Style(run, self.session.theme, colours)
        hidden = self.session.look.blind or curation.queue in _BLIND_QUEUES
        counts = {} if curation.opinions is None else dict(curation.opinions.counts)
        counts["unsure"] = len(curation.ids_of("unsure"))
        if curation.doubts is not None:
            counts["doubt"] = len(curation.doubts)
        tabs = "".join(
            f'<button role="tab" data-press="tab:{tab}" aria-selected='
            f'"{str(tab == self.tab).lower()}">{tab.capitalize()}</button>'
            for tab in self.param.tab.objects
        )
        labelled = 0 if curation.known is None else sum(curation.known.counts.values())
        with pn.io.hold():
            self._tabs.html = f'<div role="tablist">{tabs}</div>'
            self._queue.visible = self.tab == "queue"
            self._taxonomy.visible = self.tab == "taxonomy"
            self._queues.html = html.queue_tabs(curation.queue, counts)
            self._list.html = html.queue_list(
                self._entries(), self.session.focus, style, curation.queue, hidden
            )
            self._pager.html = html.pager(self.page, len(self.ids), curation.queue, curation.busy)
            self._footer.html = html.footer(curation.opinions, labelled, curation.store.size())

    def _entries(self) -> list[html.Entry]:
        run, opinions = self.session.run, self.curation.opinions
        if run is None or opinions is None or not self.on_page:
            return []
        table = opinions.table[opinions.table["object_id"].isin(self.on_page)]
        said: dict[str, list[tuple[str, str | None]]] = {}
        for object_id, who, label in table[["object_id", "annotator", "label"]].values:
            said.setdefault(object_id, []).append((who, label if isinstance(label, str) else None))
        rows = run.run.rows_of(self.on_page)
        return [
            html.Entry(object_id, int(row), said.get(object_id, []), self._remark(object_id, row))
            for object_id, row in zip(self.on_page, rows, strict=True)
        ]

    def _remark(self, object_id: str, row: int) -> str:
        run, doubts = self.session.run, self.curation.doubts
        if self.curation.queue == "doubt" and doubts is not None and not self.session.look.blind:
            doubt = doubts[doubts["object_id"] == object_id].iloc[0]
            return html.safe(f"{doubt['label']}, perhaps {doubt['suggested']}")
        period = float("nan") if run is None else float(run.period[row])
        return f"{number(period, 3)} d" if period > 0 else ""

    def __panel__(self) -> pn.viewable.Viewable:
        told = Pressable(html='<span class="small">Import labels: a CSV or Parquet file</span>')
        foot = pn.Column(self._footer, told, self._upload, styles=_FOOT, **_STRETCH)
        body = pn.Column(
            self._queue,
            self._taxonomy,
            scroll="y-auto",
            sizing_mode="stretch_both",
            margin=0,
        )
        return pn.Column(
            self._tabs,
            body,
            foot,
            css_classes=["astra-curation-left"],
            styles=_LEFT,
            width=304,
            sizing_mode="stretch_height",
            margin=0,
        )


_FOOT = {"padding": "12px", "border-top": "1px solid var(--astra-line)", "gap": "8px"}
_LEFT = {"flex": "none", "border-right": "1px solid var(--astra-line)"}
