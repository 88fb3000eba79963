"""The job that compares two runs: asked for, followed, cancelled."""

from typing import Any

import panel as pn
import param

from app.job_story import Story
from app.jobs import serve_queue, stop
from app.session import Session
from astra.data.errors import AstraError
from astra.runs.comparisons import Comparison, find_comparison
from astra.runs.job_queue import refuse_full
from astra.runs.jobs import Job, list_jobs

PERIOD = 700
ENDED = ("done", "failed", "cancelled")


class Comparing(param.Parameterized):
    """Which two runs a visitor compares, what is known of them, and the job where it is made.

    Parameters
    ----------
    session : Session
    """

    before = param.String(default="", doc="Name of run A.")
    after = param.String(default="", doc="Name of run B.")
    found = param.Parameter(default=None, doc="The `Comparison`, or None.")
    state = param.Selector(default=None, objects=[None, "queued", "running", *ENDED])
    revision = param.Integer(default=0, doc="Grows when the job has told something.")

    def __init__(self, session: Session, **params: Any) -> None:
        super().__init__(**params)
        self.session = session
        self.story: Story | None = None
        self._tick: Any = None

    @property
    def told(self) -> str:
        """What the job says now."""
        story = self.story
        if story is None:
            return ""
        if self.state == "failed":
            return story.error or "it ended without a word; see the log of the job"
        far = f" · {story.done:.0f} of {story.total:.0f} {story.unit}" if story.total else ""
        return f"{story.stage or 'waiting'}{far}"

    def propose(self) -> None:
        """Take the run on screen and its parent, unless two runs are chosen that are there."""
        runs = {run.name: run for run in self.session.runs}
        if self.before in runs and self.after in runs and self.before != self.after:
            return
        run = self.session.run
        if run is None:
            return
        kin = [r for r in runs.values() if r.manifest.survey == run.run.manifest.survey]
        parent = run.run.manifest.parent
        others = [r.name for r in kin if r.name != run.name]
        children = [r.name for r in kin if r.manifest.parent == run.name]
        if parent in others:
            self.choose(str(parent), run.name)
        elif children:
            self.choose(run.name, children[0])
        else:
            self.choose(others[0] if others else "", run.name)

    def choose(self, before: str, after: str) -> None:
        """Compare these two from now on."""
        self.story = None
        found = self._find(before, after)
        self.param.update(before=before, after=after, found=found, state=None)
        if found is None:
            self._join()

    def _find(self, before: str, after: str) -> Comparison | None:
        if not before or before == after:
            return None
        try:
            return find_comparison(self.session.observatory, before, after)
        except AstraError as error:
            self.session.say(str(error), warning=True)
            return None

    def _join(self) -> None:
        """Follow a job that makes this comparison already."""
        name = f"{self.before}..{self.after}"
        for job in list_jobs(self.session.observatory)[:30]:
            if job.run == name and job.state() in ("queued", "running"):
                self._follow(job)
                return

    def start(self, own: bool = False) -> None:
        """Put the comparison in the queue; ``own`` lays B out by itself too."""
        observatory, name = self.session.observatory, f"{self.before}..{self.after}"
        try:
            refuse_full(observatory)
        except AstraError as error:
            self.session.say(str(error), warning=True)
            return
        command = ["comparing", self.before, self.after] + (["--own"] if own else [])
        facts = {"kind": "comparison", "parent": self.before}
        job = Job.create(observatory, command, name, self.session.annotator, **facts)
        serve_queue(observatory)
        self._follow(job)
        self.session.say(f"comparing {self.before} with {self.after}")

    def cancel(self) -> None:
        """Ask the job to stop."""
        if self.story is not None:
            stop(self.session.observatory, self.story.job)

    def _follow(self, job: Job) -> None:
        self.story = Story(job)
        self.param.update(state=job.state(), revision=self.revision + 1)
        if self._tick is None and pn.state.curdoc is not None:
            self._tick = pn.state.add_periodic_callback(self.poll, period=PERIOD)

    def poll(self) -> None:
        """Read what the job has told since, and take what it made."""
        story = self.story
        if story is None:
            return
        story.read_on()
        state = story.job.state()
        if state == "done":
            self.story = None
            self.param.update(found=self._find(self.before, self.after), state=state)
        else:
            self.param.update(state=state, revision=self.revision + 1)
        if state in ENDED and self._tick is not None:
            self._tick.stop()
            self._tick = None
