"""The jobs on screen: all of them in a list, and the followed one live."""

from collections.abc import Mapping
from typing import Any

import panel as pn
import param

from app.drawing.curves import CurveChart
from app.job_story import Story, last_lines
from app.job_watch import JobWatch
from app.jobs import resume, stop
from app.markup import job_html as html
from app.markup.pressable import Pressable
from app.session import Session
from app.theme import stylesheet
from app.words import fixed
from astra.runs.jobs import Job

_STRETCH = {"sizing_mode": "stretch_both", "margin": 0}
_WIDE = {"sizing_mode": "stretch_width", "margin": 0}
_TOLD = {"sizing_mode": "stretch_width", "height": 222, "margin": 0}
_AFTER = "fine_tuned_probe"
_GAP = {"gap": "8px"}
_CARD = {
    "background": "var(--astra-surface)",
    "border": "1px solid var(--astra-line)",
    "border-radius": "6px",
    "padding": "10px 12px",
    "gap": "6px",
}


class JobPanel(pn.viewable.Viewer):
    """State, stages, curves and log of the followed job, and the list of all.

    Parameters
    ----------
    session : Session
    """

    asks = param.Boolean(default=False, doc="Whether to cancel is being asked.")

    def __init__(self, session: Session, **params: Any) -> None:
        super().__init__(**params)
        self.session, self.watch = session, JobWatch(session)
        styles: dict[str, Any] = {"stylesheets": [stylesheet("train")]}
        self._head = Pressable(self._pressed, css_classes=["astra-job"], **styles)
        self._stages, self._log = Pressable(**styles), Pressable(**styles)
        self._by_class, self._confusion = Pressable(**styles), Pressable(**styles)
        self._pulse = Pressable(**styles)
        self._list = Pressable(self.watch.follow, **styles)
        size = {"sizing_mode": "stretch_both", "min_height": 180}
        self._loss = CurveChart(session.theme, "Loss", ("validation", "training"), **size)
        self._score = CurveChart(session.theme, "Macro-F1", ("validation", "held out"), **size)
        session.param.watch(lambda *_: self._restyle(), "theme")
        session.param.watch(lambda *_: self._draw_all(), ["run", "runs", "screen"])
        self.watch.param.watch(lambda *_: self._draw_all(), ["followed", "state", "listed"])
        self.watch.param.watch(lambda *_: self._draw_job(), "revision")
        self.param.watch(lambda *_: self._draw_job(), "asks")
        self._body = self._lay()
        self._draw_all()

    # What a person does

    def _pressed(self, action: str) -> None:
        state = self.watch.state
        match action:
            case "cancel" | "cancel-no":
                self.asks = action == "cancel" and state == "running"
            case "remove" if state == "queued":
                self.cancel()
            case "cancel-yes":
                self.cancel()
            case "resume" if state in ("failed", "cancelled"):
                self.resume()
            case "open" if state == "done":
                self.open_run()

    def cancel(self) -> None:
        """Ask the followed job to stop; after a while it is ended by force."""
        self.asks = False
        story = self.watch.story
        if story is None:
            return
        waits = self.watch.state == "queued"
        stop(self.session.observatory, story.job)
        done = "took the job out of the queue" if waits else "asked the job to stop"
        self.session.say(f"{done}: run {story.job.run}")
        self.watch.poll()

    def resume(self) -> None:
        """Start the followed job once more, from what it had finished."""
        story = self.watch.story
        if story is not None:
            again = resume(self.session.observatory, story.job, self.session.annotator)
            self.watch.follow(again.name)

    def open_run(self) -> None:
        """Show the run that the followed job published."""
        story = self.watch.story
        if story is not None:
            self.session.switch_run(story.job.run)
            self.session.screen = "explore"

    def refresh(self) -> None:
        """Draw what may have changed: a job was put in the queue."""
        self.watch.wake()
        self._draw_all()

    # What is seen

    def _draw_all(self) -> None:
        if self.session.screen != "train":
            return
        with pn.io.hold():
            self._draw_job()
            jobs = self.watch.jobs
            published = {job.run for job, state in jobs if state == "done"}
            made = {run: self._summary(run, "encoder") for run in published}
            self._list.html = html.jobs(jobs, self.watch.followed, made)

    def _draw_job(self) -> None:
        story, state = self.watch.story, self.watch.state
        opened = "" if self.session.run is None else self.session.run.name
        if self.session.screen != "train":
            return
        self._head.html = html.job_head(story, state, self.asks, opened)
        self._body.visible = story is not None
        if story is not None:
            self._stages.html = html.stages(story)
            self._log.html = html.log(last_lines(story.job))
            self._pulse.html = html.pulse(story, state)
            self._confusion.html = html.confusion(story, self.session.theme)
            self._draw_by_class(story)
            self._draw_curves(story)

    def _draw_by_class(self, story: Story) -> None:
        told = self._summary(story.job.run, "encoder") if self.watch.state == "done" else {}
        after = told.get(_AFTER, {}).get("by_class")
        if after:
            before = told.get("frozen_probe", {}).get("by_class", {})
            now, was = _f1_of(after), _f1_of(before)
            counts = {name: of["n"] for name, of in after.items()}
        else:
            now, was = story.f1, story.frozen_f1
            sums = [sum(row) for row in story.confusion]
            counts = dict(zip(story.classes, sums, strict=False))
        self._by_class.html = html.by_class(now, was, counts)

    def _draw_curves(self, story: Story) -> None:
        told = story.metrics
        losses = {"training": told.get("loss", []), "validation": told.get("validation_loss", [])}
        self._loss.show(losses, story.epochs)
        parent = story.job.facts.get("parent", "")
        beat, reached = self._scores_of(story.job)
        # Without labels to learn from, the score is of the loss; a probe tells what it is good for.
        probed = told.get("probe")
        curves = {"held out": probed} if probed else {"validation": told.get("score", [])}
        if reached is not None:
            curves["held out"] = [(story.epochs, reached)]
        if story.baselines and reached is None:
            beat, parent = story.baselines["frozen probe"], f"{parent}, {story.baselines_on}"
        name = f"probe of {parent} {fixed(beat, 3)}"
        floor = story.baselines.get("majority")
        self._score.show(
            curves,
            story.epochs,
            None if beat is None else (name, beat),
            None if floor is None else (f"majority {fixed(floor, 3)}", floor),
        )

    def _scores_of(self, job: Job) -> tuple[float | None, float | None]:
        """Macro-F1 of a probe on the parent, and on the run that was made, on held-out sky."""
        if self.watch.state == "done":
            told = self._summary(job.run, "encoder")
            scores = [told.get(name, {}).get("macro_f1") for name in ("frozen_probe", _AFTER)]
            return scores[0], scores[1]
        return self._summary(job.facts.get("parent", ""), "probes").get("macro_f1"), None

    def _summary(self, name: str, artefact: str) -> dict[str, Any]:
        for run in self.session.runs:
            if run.name == name and artefact in run.manifest.artefacts:
                return run.summary(artefact)
        return {}

    def _restyle(self) -> None:
        self._loss.restyle(self.session.theme)
        self._score.restyle(self.session.theme)
        self._draw_job()

    def _lay(self) -> pn.Column:
        loss = _titled("Loss", pn.pane.Bokeh(self._loss.figure, **_STRETCH))
        score = _titled(
            "Against what must be beaten", pn.pane.Bokeh(self._score.figure, **_STRETCH)
        )
        charts = pn.Row(loss, score, styles={**_CARD, "gap": "16px"}, min_height=236, **_STRETCH)
        log = _card("Log", pn.Column(self._log, scroll="y", **_STRETCH), _TOLD, self._pulse)
        by_class = pn.Column(self._by_class, scroll="y", **_STRETCH)
        told = [_card("By class, F1", by_class, _TOLD), log]
        left = pn.Column(charts, pn.Row(*told, styles=_GAP, **_WIDE), styles=_GAP, **_STRETCH)
        right = _card(
            "Confusion, validation",
            pn.Column(self._confusion, scroll="y", **_STRETCH),
            {"width": 352, "sizing_mode": "stretch_height", "margin": 0},
        )
        return pn.Column(
            self._stages,
            pn.Row(left, right, styles=_GAP, min_height=466, **_STRETCH),
            pn.Column(self._list, styles=_CARD, **_WIDE),
            styles=_GAP,
            scroll="y-auto",
            **_STRETCH,
        )

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Column(
            self._head,
            self._body,
            css_classes=["astra-job-panel"],
            styles={**_GAP, "padding": "12px 16px", "background": "var(--astra-page)"},
            **_STRETCH,
        )


def _f1_of(by_class: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    return {name: of["f1"] for name, of in by_class.items() if of["f1"] is not None}


def _titled(title: str, content: pn.viewable.Viewable) -> pn.Column:
    head = Pressable(html=f'<div class="head">{title}</div>')
    return pn.Column(head, content, styles={"gap": "6px", "min-width": "0"}, **_STRETCH)


def _card(
    title: str,
    content: pn.viewable.Viewable,
    size: Mapping[str, Any] = _STRETCH,
    beside: pn.viewable.Viewable | None = None,
) -> pn.Column:
    head: Any = Pressable(html=f'<div class="head">{title}</div>')
    if beside is not None:
        head = pn.Row(head, beside, **_WIDE)
    return pn.Column(head, content, styles=_CARD, **size)
