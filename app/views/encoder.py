"""Train: teach a run's encoder what annotators named, in a process of its own, and watch it."""

from dataclasses import replace
from typing import Any

import panel as pn
import param

from app.background import Latest
from app.estimate import Estimate, Rate, estimate, recorded_rate, rehearsed_rate
from app.finetune import DEVICES, Finetune, free_name
from app.finetune_checks import Check, checks, refusals
from app.jobs import serve_queue, start_finetune
from app.label_snapshot import snapshot
from app.markup import encoder_html as html
from app.markup.job_panel import JobPanel
from app.markup.pressable import Pressable
from app.session import Session
from app.theme import stylesheet
from astra.data.errors import AstraError
from astra.labels.store import LabelStore
from astra.runs.run import Run

_CHOICES = {"layers": ("probe", "top", "all"), "source": ("all", "annotator")}
_SELECTS = {"weights": ("balanced", "capped", "none"), "device": DEVICES}


class EncoderView(pn.viewable.Viewer):
    """Form of a fine-tune, the checks before it, and its jobs.

    Parameters
    ----------
    session : Session
    """

    asked = param.Parameter(default=Finetune("", ""), doc="What the form says, a Finetune.")
    known = param.Parameter(default=None, doc="Labels there are now, a Snapshot, or None.")
    rates = param.Dict(default={}, doc="Rate of steps by parent, layers and device, or why not.")

    def __init__(self, session: Session, **params: Any) -> None:
        super().__init__(**params)
        self.session = session
        self.panel = JobPanel(session)
        self._reader, self._timer = Latest(), Latest(patient=True)
        self._store = LabelStore(session.observatory.labels)
        styles: dict[str, Any] = {"stylesheets": [stylesheet("train")]}
        self._form = Pressable(None, self._changed, **styles)
        self._choices = Pressable(self._pressed, **styles)
        self._numbers = Pressable(None, self._changed, **styles)
        self._snapshot = Pressable(**styles)
        self._checks, self._start = Pressable(**styles), Pressable(self._pressed, **styles)
        self._estimate = Pressable(self._pressed, **styles)
        self._propose()
        session.param.watch(lambda *_: self._propose(), ["run", "runs"])
        session.param.watch(lambda *_: self._read(), ["labels_revision", "screen"])
        self.panel.watch.param.watch(lambda *_: self._check(), "state")
        self.param.watch(lambda *_: self._check(), ["asked", "known", "rates"])
        session.param.watch(lambda *_: self._go_on(), "screen")
        self._go_on()

    # What the form says

    @property
    def parent(self) -> Run | None:
        """Run whose encoder would be taught."""
        return next((run for run in self.session.runs if run.name == self.asked.parent), None)

    @property
    def found(self) -> list[Check]:
        """What speaks for and against a start now."""
        parent = self.parent
        if parent is None or self.known is None:
            return []
        running, home = self.panel.watch.running, self.session.observatory
        return checks(self.asked, parent, self.known, home, running)

    def _propose(self) -> None:
        run, names = self.session.run, [run.name for run in self.session.runs]
        if run is None:
            return
        parent = run.name
        if self.asked.parent != parent or self.asked.name in names:
            self.asked = replace(self.asked, parent=parent, name=free_name(parent, names))
        self._draw_form()
        self._read()

    def _read(self) -> None:
        parent = self.parent
        if parent is not None and self.session.screen == "train":
            self._reader.ask(
                lambda: (parent.name, snapshot(parent, self._store)), self._take, self._fail
            )

    def _take(self, counted: Any) -> None:
        name, known = counted
        if name == self.asked.parent:
            self.known = known

    def _fail(self, error: Exception) -> None:
        self.session.say(f"the labels cannot be counted: {error}", warning=True)

    def _changed(self, field: str, text: str) -> None:
        text = text.strip()
        try:
            if field == "parent" and text in [run.name for run in self.session.runs]:
                taken = [run.name for run in self.session.runs]
                self.asked = replace(self.asked, parent=text, name=free_name(text, taken))
                self._draw_form()
                self._read()
            elif field == "name":
                self.asked = replace(self.asked, name=text)
            elif text in _SELECTS.get(field, ()):
                self.asked = replace(self.asked, **{field: text})
            elif field in ("epochs", "seed", "repeats"):
                self.asked = replace(self.asked, **{field: int(text)})
            elif field == "learning_rate":
                self.asked = replace(self.asked, learning_rate=float(text))
        except ValueError:
            self.session.say(f"{field.replace('_', ' ')}: {text!r} is not a number", warning=True)
            self._numbers.param.trigger("html")

    def _pressed(self, value: str) -> None:
        action, _, argument = value.partition(":")
        if argument in _CHOICES.get(action, ()):
            self.asked = replace(self.asked, **{action: argument})
        elif action == "start":
            self.start()

    def start(self) -> None:
        """Start the process, unless a check refuses."""
        parent, refused = self.parent, refusals(self.found)
        if parent is None or self.known is None or refused:
            why = refused[0].text if refused else "the labels are still being counted"
            self.session.say(f"not started: {why}", warning=True)
            return
        first = None
        try:
            for each in self.asked.each():
                job = start_finetune(
                    self.session.observatory,
                    parent.manifest.survey,
                    each.name,
                    parent.name,
                    each.settings(),
                    self.session.annotator,
                )
                first = first or job
        except AstraError as error:
            self.session.say(f"not started: {error}", warning=True)
        if first is None:
            return
        if self.panel.watch.state != "running":
            self.panel.watch.follow(first.name)
        self.panel.refresh()
        self.session.say(f"in the queue: fine-tune of {parent.name}, run {self.asked.name}")
        taken = [*(run.name for run in self.session.runs), *self.panel.watch.running]
        self.asked = replace(self.asked, name=free_name(parent.name, taken))
        self._draw_form()

    def _go_on(self) -> None:
        """See to it that jobs which wait, perhaps since the server was last up, take their turn."""
        if self.session.screen == "train" and self.panel.watch.any_waits:
            serve_queue(self.session.observatory)

    # What it will take

    def _rate(self) -> Rate | str:
        """Rate of the steps that are asked for; where it is not known, what is done about it."""
        parent, asked = self.parent, self.asked
        if parent is None or self.session.screen != "train" or self.known is None:
            return ""
        if refusals(self.found):
            return ""
        recorded = recorded_rate(self.session.runs, parent, asked)
        key = (asked.parent, asked.layers, asked.device)
        if recorded is not None or key in self.rates:
            return recorded or self.rates[key]
        self.rates = {**self.rates, key: "timing a few steps …"}
        self._timer.ask(
            lambda: (key, rehearsed_rate(self.session.observatory, parent, asked)),
            self._timed,
            lambda error: self._timed((key, f"cannot be timed: {error}")),
        )
        return self.rates[key]

    def _timed(self, found: Any) -> None:
        key, rate = found
        self.rates = {**self.rates, key: rate}

    def _estimated(self) -> Estimate | str:
        rate, parent = self._rate(), self.parent
        if isinstance(rate, str):
            return rate
        if parent is None or self.known is None:
            return ""
        return estimate(self.asked, parent, self.known.of(self.asked.source).learnt, rate)

    # What is seen

    def _draw_form(self) -> None:
        names = [run.name for run in self.session.runs]
        self._form.html = html.form(names, self.asked)
        self._numbers.html = html.numbers(self.asked)
        self._check()

    def _check(self) -> None:
        with pn.io.hold():
            self._choices.html = html.choices(self.asked)
            known = self.known
            self._snapshot.html = html.snapshot(known and known.of(self.asked.source))
            self._estimate.html = html.estimate(self._estimated())
            found = self.found
            self._checks.html, self._start.html = html.checks(found), html.start(found)

    def __panel__(self) -> pn.viewable.Viewable:
        title = Pressable(html='<span class="title">New fine-tune</span>')
        asked = (self._form, self._choices, self._numbers)
        fields = (title, *asked, self._checks, self._estimate, self._snapshot)
        form = pn.Column(
            pn.Column(*fields, styles=_FIELDS, scroll="y-auto", **_STRETCH),
            pn.Column(self._start, styles=_FOOT, sizing_mode="stretch_width", margin=0),
            css_classes=["astra-train-form"],
            styles=_FORM,
            width=336,
            sizing_mode="stretch_height",
            margin=0,
        )
        return pn.Row(form, self.panel, css_classes=["astra-train"], **_STRETCH)


_STRETCH = {"sizing_mode": "stretch_both", "margin": 0}
_FIELDS = {"gap": "12px", "padding": "12px 16px"}
_FOOT = {"padding": "12px 16px", "border-top": "1px solid var(--astra-line)"}
_FORM = {"flex": "none", "border-right": "1px solid var(--astra-line)"}
