"""What to label next: a probe on the labels of the moment, queues, and what the labels cover."""

from typing import Any

import numpy as np
import panel as pn
import param
from numpy.typing import NDArray

from app import advice as advising
from app.background import Latest
from app.markup import next_html as html
from app.markup.pressable import Pressable
from app.session import Session
from app.theme import stylesheet
from astra.labels.coverage import Coverage
from astra.runs.advice import Advice, newest_advice


class NextView(pn.viewable.Viewer):
    """Queue of objects to label; it goes on to the next one when one was labelled.

    Parameters
    ----------
    session : Session
    """

    queue = param.String(default="uncertainty", doc="Name of the chosen queue.")
    advice = param.Parameter(default=None, doc="Last Advice about the run, or None.")
    asking = param.String(default="", doc="What the process does now; empty where none runs.")
    rows = param.Parameter(default=np.empty(0, np.int64), doc="Map rows of the queue.")
    place = param.Integer(default=-1, doc="Where in `rows` the focus is; -1 outside.")
    found = param.Parameter(default=None, doc="What the labels cover, a Coverage, or None.")

    def __init__(self, session: Session, **params: Any) -> None:
        super().__init__(**params)
        self.session = session
        self._asker, self._reader, self._counter = Latest(patient=True), Latest(), Latest()
        self._before: NDArray[np.bool_] | None = None
        styles: dict[str, Any] = {"stylesheets": [stylesheet("next")]}
        self._probe = Pressable(self._pressed, **styles)
        self._choices = Pressable(self._pressed, **styles)
        self._place = Pressable(self._pressed, **styles)
        self._meter = Pressable(**styles)
        session.param.watch(lambda *_: self._change_run(), "run")
        session.param.watch(lambda *_: self._labelled(), "given")
        session.param.watch(lambda *_: self._fill(), "shown_revision")
        session.param.watch(lambda *_: self._follow_focus(), "focus")
        session.param.watch(lambda *_: self._draw(), "probed")
        self.param.watch(lambda *_: self._fill(), ["queue", "advice"])
        self.param.watch(lambda *_: self._draw(), ["asking", "rows", "place", "found"])
        self._change_run()

    # What is known

    def _change_run(self) -> None:
        run = self.session.run
        self._before = None
        if run is None:
            return
        home, name = self.session.observatory, run.name

        def deliver(advice: object) -> None:
            if self.session.run is run:
                self.advice = advice
                self._measure()
                self._fill()

        self._reader.ask(lambda: newest_advice(home, name), deliver, self._fail)

    def ask(self) -> None:
        """Have the probe fitted and the queues filled."""
        run = self.session.run
        if run is None or self.asking:
            return
        home, name = self.session.observatory, run.name
        self.asking = "fitting a line to the embeddings, and filling the queues"

        def deliver(advice: object) -> None:
            self.asking = ""
            if self.session.run is run and isinstance(advice, Advice):
                self.advice = advice
                if self.session.probed is not None:
                    self.session.probed = advising.probed(advice)
                self._measure()
                self.session.say(f"probe of {name}: {advice.facts['labels']} labels")

        def fail(error: Exception) -> None:
            self.asking = ""
            self._fail(error)

        self._asker.ask(lambda: advising.ask(home, name), deliver, fail)

    def _fail(self, error: Exception) -> None:
        self.session.say(f"no advice on what to label: {error}", warning=True)

    def _measure(self) -> None:
        """Count what the labels cover."""
        run = self.session.run
        if run is None or "neighbours" not in run.run.manifest.artefacts:
            return
        named, by = self.session.category_now("class"), self.session.category_now("predicted")

        def deliver(found: object) -> None:
            if self.session.run is run and isinstance(found, Coverage):
                self.found = found

        self._counter.ask(lambda: advising.covered(run, named, by), deliver, self._fail)

    # The queue

    @property
    def possible(self) -> list[str]:
        """Queues that have objects, or may have them."""
        known = [] if self.advice is None else self.advice.queues
        filtered = [advising.FILTER] if self.session.filters.passing is not None else []
        return [name for name in advising.TITLES if name in (*known, *filtered)]

    @property
    def done(self) -> NDArray[np.bool_]:
        """Which objects of the queue have a label of an annotator now."""
        given = self.session.given
        if given is None or self.session.run is None or len(given.codes) != len(self.session.run):
            return np.zeros(len(self.rows), bool)
        return given.codes[self.rows] >= 0

    def _fill(self) -> None:
        run = self.session.run
        if run is None:
            return
        if self.queue not in self.possible and self.possible:
            self.queue = self.possible[0]
            return
        passing = self.session.filters.passing
        rows = advising.rows_of(self.queue, self.advice, run, passing)
        self.param.update(rows=rows[rows < len(run)], place=-1)
        self._follow_focus()
        self._draw()

    def _follow_focus(self) -> None:
        here = np.flatnonzero(self.rows == self.session.focus)
        self.place = int(here[0]) if len(here) else -1

    def go(self, by: int) -> None:
        """Go on or back; going on passes over what has a label already."""
        if not len(self.rows):
            return
        place = self.place + by
        if by > 0:
            waiting = np.flatnonzero(~self.done)
            later = waiting[waiting >= place]
            if not len(later):
                self.session.say("the end of the queue: probe again for a new one")
                return
            place = int(later[0])
        self.session.focus = int(self.rows[max(0, place)])

    def _labelled(self) -> None:
        """After the focused object of the queue was labelled, go on to the next."""
        run, given = self.session.run, self.session.given
        if run is None or given is None:
            return
        now = given.codes >= 0
        before, self._before = self._before, now
        place, focus = self.place, self.session.focus
        fresh = now & ~before if before is not None and len(before) == len(now) else None
        if fresh is not None and place >= 0 and focus is not None and fresh[focus]:
            self.go(1)
        self._measure()
        self._draw()

    # What a person does

    def _pressed(self, value: str) -> None:
        action, _, argument = value.partition(":")
        match action:
            case "ask":
                self.ask()
            case "queue" if argument in advising.TITLES:
                self.queue = argument
            case "next" | "previous":
                self.go(1 if action == "next" else -1)
            case "show":
                self._show()

    def _show(self) -> None:
        """Colour the map by what the probe predicts, or by what the run does."""
        if self.session.probed is not None or self.advice is None:
            self.session.probed = None
            return
        self.session.probed = advising.probed(self.advice)
        self.session.colour_by = "predicted"

    # What is seen

    def _draw(self) -> None:
        run = self.session.run
        if run is None:
            return
        with pn.io.hold():
            shown = self.session.probed is not None
            self._probe.html = html.probe(self.advice, self.asking, shown)
            self._choices.html = html.choices(self.queue, self.possible)
            if self.possible:
                named = run.object_id(int(self.rows[self.place])) if self.place >= 0 else ""
                done = int(np.count_nonzero(self.done))
                self._place.html = html.place(self.place, len(self.rows), done, named)
            self._meter.html = html.meter(self.found)

    @property
    def meter(self) -> pn.viewable.Viewable:
        """What the labels cover, to be laid below what labels."""
        return pn.Column(self._meter, styles={"padding": "12px"}, **_WIDE)

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Column(
            self._probe,
            self._choices,
            self._place,
            css_classes=["astra-next"],
            styles={
                "gap": "8px",
                "padding": "12px",
                "border-bottom": "1px solid var(--astra-line)",
            },
            **_WIDE,
        )


_WIDE: dict[str, Any] = {"sizing_mode": "stretch_width", "margin": 0}
