"""One object of a queue: who calls it what, its fold as each sees it, the decision, its history."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import panel as pn

from app.background import Latest
from app.curation import curation_of
from app.drawing.charts import PointsChart
from app.drawing.drawings import Drawer
from app.drawing.photometry import phase_zero
from app.labelling import Commit, Desk
from app.markup import curation_html as html
from app.markup.facts import facts_of
from app.markup.pressable import Pressable
from app.session import Session
from app.theme import CARD, stylesheet
from app.words import UNLABELLED, counted, fixed
from astra.data.errors import AstraError

_STRETCH = {"sizing_mode": "stretch_width", "margin": 0}
_HIDDEN = "Hidden while you label blind."
_ASKED_AGAIN = "Hidden: say again what you see."


class ConflictView(pn.viewable.Viewer):
    """What was said of `Session.focus`, beside its light curve, and the buttons that decide.

    Parameters
    ----------
    session : Session
    labels : Viewable
        The class buttons.
    """

    def __init__(self, session: Session, labels: Any, **params: Any) -> None:
        super().__init__(**params)
        self.session = session
        self.curation = curation_of(session)
        self._events, self._read = pd.DataFrame(), Latest()
        self._desk = Desk(self.curation.store, self._committed)
        styles: dict[str, Any] = {"stylesheets": [stylesheet("curation")]}
        self._head = Pressable(self._pressed, **styles)
        self._decision = Pressable(self._pressed, self._changed, **styles)
        self._history = Pressable(styles=CARD, css_classes=["astra-history"], **styles)
        self._rule = Pressable(styles=CARD, **styles)
        self._captions = [Pressable(**styles) for _ in range(2)]
        self._charts = [PointsChart(session.theme, height=216, **_CHART) for _ in range(2)]
        self._cards = [
            pn.Column(
                caption,
                chart,
                styles=CARD,
                sizing_mode="stretch_width",
                margin=0,
            )
            for caption, chart in zip(self._captions, self._charts, strict=True)
        ]
        self._two = pn.Row(*self._cards, styles={"gap": "8px"}, **_STRETCH)
        self._labels = pn.Column(labels, styles={**CARD, "padding": "0"}, **_STRETCH)
        session.param.watch(lambda *_: self._ask(), ["focus", "run", "screen"])
        session.param.watch(lambda *_: self._restyle(), "theme")
        session.param.watch(lambda event: self._key(event.new.name), "key")
        session.look.param.watch(lambda *_: self._draw(), "blind")
        self.curation.param.watch(lambda *_: self._ask(), "opinions")
        self.curation.param.watch(lambda *_: self._draw(), ["version", "deciding", "rows"])
        self.curation.param.watch(lambda *_: self._draw(), "pending")
        self._ask()

    @property
    def object_id(self) -> str | None:
        """Id of the object on screen."""
        run, row = self.session.run, self.session.focus
        return None if run is None or row is None else run.object_id(row)

    @property
    def said(self) -> list[tuple[str, str | None]]:
        """Who calls it what."""
        opinions = self.curation.opinions
        if opinions is None or self.object_id is None:
            return []
        mine = opinions.table[opinions.table["object_id"] == self.object_id]
        pairs = mine[["annotator", "label"]].values
        return [(who, label if isinstance(label, str) else None) for who, label in pairs]

    @property
    def decided(self) -> str | None:
        """What was adjudicated."""
        opinions = self.curation.opinions
        if opinions is None:
            return None
        found = opinions.decided.loc[opinions.decided["object_id"] == self.object_id, "label"]
        return str(found.iloc[0]) if len(found) else None

    # What a person does

    def _pressed(self, value: str) -> None:
        action, _, argument = value.partition(":")
        object_id = self.object_id
        if action == "step" and argument in ("-1", "1"):
            self.step(int(argument))
        elif action == "blind":
            self.session.look.blind = not self.session.look.blind
        elif action == "inspect":
            self.session.screen = "inspect"
        elif action == "other":
            self.curation.deciding = not self.curation.deciding
        elif object_id is not None and action == "decide":
            self.curation.decide(self._desk, object_id, argument)
        elif object_id is not None and action == "reopen":
            self.curation.decide(self._desk, object_id, None)
        elif object_id is not None and action == "unsure":
            self.curation.unsure(self._desk, object_id)

    def _changed(self, field: str, text: str) -> None:
        if field == "comment" and self.object_id is not None:
            self.curation.comment(self._desk, self.object_id, text)
            self._decision.param.trigger("html")

    def step(self, by: int) -> None:
        """Go to the object before or after, in the queue."""
        listed = self.curation.rows
        if not len(listed):
            return
        here = np.flatnonzero(listed == self.session.focus)
        place = int(here[0]) + by if len(here) else 0
        self.session.focus = int(listed[int(np.clip(place, 0, len(listed) - 1))])

    def _key(self, name: str) -> None:
        if self.session.screen != "labels":
            return
        if name in ("ArrowLeft", "ArrowRight"):
            self.step(1 if name == "ArrowRight" else -1)
        elif name == "u":
            self._pressed("unsure")
        elif name in ("Enter", "i"):
            self.session.screen = "inspect"

    def _committed(self, commit: Commit) -> None:
        if commit.state == "stored":
            self.session.say(commit.what, latency=commit.milliseconds)
            self.session.labels_changed()
        elif commit.state == "failed" and commit in self._desk.open:
            self._desk.forget(commit)
            self.session.say(f"not stored: {commit.what}: {commit.error}", warning=True)

    # What is seen

    def _ask(self) -> None:
        """Read what was said of the object, then draw; the charts first."""
        object_id, store = self.object_id, self.curation.store
        self._events = self._events.iloc[:0]
        if self.session.screen != "labels":
            return
        self._draw()
        if object_id is None:
            return

        def deliver(events: Any) -> None:
            if object_id == self.object_id:
                self._events = events
                self._draw_words()

        def fail(error: Exception) -> None:
            self.session.say(f"the history cannot be read: {error}", warning=True)

        self._read.ask(lambda: store.history(object_id), deliver, fail)

    def _restyle(self) -> None:
        for chart in self._charts:
            chart.restyle(self.session.theme)
        self._draw()

    def _draw(self) -> None:
        shown = self.session.screen == "labels" and self.object_id is not None
        with pn.io.hold():
            asking = self.curation.pending is not None
            for part in (self._head, self._two, self._decision, self._history, self._rule):
                part.visible = shown and not asking
            if shown:
                self._draw_words()
                self._draw_charts()

    def _draw_words(self) -> None:
        run, row, object_id = self.session.run, self.session.focus, self.object_id
        opinions = self.curation.opinions
        if run is None or row is None or object_id is None:
            return
        style, blind = self._style(), self.session.look.blind
        again = self.curation.queue == "again" and row in self.curation.rows
        state = "" if opinions is None else str(opinions.states.get(object_id, ""))
        facts = facts_of(run, row)
        about = counted(len(run.light_curve(row)), "observation")
        about += f" · period {fixed(facts.period, 5)} d" if facts.period else ""
        here = np.flatnonzero(self.curation.rows == row)
        place = f"{here[0] + 1} of {len(self.curation.rows)}" if len(here) else ""
        hide = blind or again
        self._head.html = html.head(object_id, state, place, about, hide)
        classes = list(dict.fromkeys(label for _, label in self.said if label))
        self._decision.html = html.decision(
            [] if hide else classes, None if hide else self.decided, self.curation.deciding, style
        )
        hidden = _ASKED_AGAIN if again else _HIDDEN if blind else ""
        self._history.html = html.history(self._events, style, hidden)
        version = 0 if self.curation.version is None else self.curation.version.number
        named = classes or [name for name in [run.classes.name_of(row)] if name != UNLABELLED]
        self._rule.html = html.rule([] if hide else named, self.curation.taxonomy, version)

    def _style(self) -> html.Style:
        run = self.session.run
        assert run is not None
        colours = {e.name: e.colour for e in self.curation.taxonomy.classes if e.colour}
        return html.Style(run, self.session.theme, colours)

    def _draw_charts(self) -> None:
        run, row = self.session.run, self.session.focus
        if run is None or row is None:
            return
        try:
            light_curve = run.light_curve(row)
        except AstraError as error:
            self._two.visible = False
            self.session.say(str(error), warning=True)
            return
        hide = self.session.look.blind or self.curation.queue == "again"
        # One chart a class, with who was first to say so.
        named = {label: who for who, label in reversed(self.said) if label and not hide}
        voters = [(who, label) for label, who in reversed(named.items())]
        # Difference fluxes are read against time: a fold on the period found says nothing.
        changes = light_curve.is_difference
        period = None if changes else self.session.period
        drawer = Drawer(light_curve, self.session.theme, "flux" if changes else "magnitude")
        scale = run.run.survey.manifest.get("time_scale", "unknown")
        for place, times in enumerate((1, 2)):
            folded = None if period is None else times * period
            who, label = voters[place] if len(voters) > place else ("", None)
            self._captions[place].html = html.caption(who, label, folded, self._style())
            if folded is None:
                self._charts[place].draw(drawer.against_time(scale))
            else:
                drawing = drawer.against_phase(folded, phase_zero(light_curve, folded))
                self._charts[place].draw(replace(drawing, x_label="Phase"))
        self._cards[1].visible = period is not None or len(voters) > 1

    def __panel__(self) -> pn.viewable.Viewable:
        below = pn.Row(
            pn.Column(self._history, **_STRETCH),
            pn.Column(self._rule, width=240, sizing_mode=None, margin=0),
            styles={"gap": "8px"},
            **_STRETCH,
        )
        return pn.Column(
            self._head,
            self._two,
            self._decision,
            self._labels,
            below,
            css_classes=["astra-curation"],
            styles={"gap": "8px", "padding": "12px", "background": "var(--astra-page)"},
            scroll="y-auto",
            sizing_mode="stretch_both",
            margin=0,
        )


_CHART: dict[str, Any] = {"sizing_mode": "stretch_width"}
