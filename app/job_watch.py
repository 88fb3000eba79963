"""Which jobs there are, and one that is followed by its files while it runs."""

from typing import Any

import panel as pn
import param

from app.job_story import Story
from app.session import Session
from astra.runs.jobs import Job, State, list_jobs

PERIOD = 1500
MOST_JOBS = 30
ENDED = ("done", "failed", "cancelled")


class JobWatch(param.Parameterized):
    """Looks at the jobs' files while the Train screen is open or the followed job runs.

    Parameters
    ----------
    session : Session
    """

    followed = param.String(default="", doc="Name of the job that is followed.")
    state = param.Selector(default="queued", objects=["queued", "running", *ENDED])
    listed = param.String(default="", doc="States of all jobs: it changes when one of them does.")
    revision = param.Integer(default=0, doc="Grows when the followed job has told something.")

    def __init__(self, session: Session, **params: Any) -> None:
        super().__init__(**params)
        self.session = session
        self.story: Story | None = None
        self._ended: dict[str, State] = {}
        self._tick: Any = None
        session.param.watch(lambda *_: self.wake(), "screen")
        self.wake()

    @property
    def jobs(self) -> list[tuple[Job, State]]:
        """Newest jobs and their states."""
        found = list_jobs(self.session.observatory)[:MOST_JOBS]
        return [(job, self._state_of(job)) for job in found]

    @property
    def running(self) -> list[str]:
        """Runs that are being made, or wait to be."""
        return [job.run for job, state in self.jobs if state not in ENDED]

    @property
    def any_waits(self) -> bool:
        """Whether a job waits for its turn."""
        return any(state == "queued" for _, state in self.jobs)

    def _state_of(self, job: Job) -> State:
        if job.name not in self._ended:
            state = job.state()
            if state not in ENDED:
                return state
            self._ended[job.name] = state
        return self._ended[job.name]

    def follow(self, name: str) -> None:
        """Follow a job by its name from now on, if there is one of that name."""
        job = next((job for job, _ in self.jobs if job.name == name), None)
        if job is None:
            return
        self.story = Story(job)
        self.story.read_on()
        self.param.update(followed=name, state=self._state_of(job), revision=self.revision + 1)
        self.wake()

    def wake(self) -> None:
        """Begin to look regularly, where there is something to see."""
        if self.story is None and (jobs := self.jobs):
            self.follow(jobs[0][0].name)
            return
        needed = self.session.screen == "train" or self.state not in ENDED
        if needed and self._tick is None and pn.state.curdoc is not None:
            self._tick = pn.state.add_periodic_callback(self.poll, period=PERIOD)

    def poll(self) -> None:
        """Read what the followed job has told since, and whether it or another has ended."""
        story, before = self.story, self.state
        self.listed = " ".join(f"{job.name}:{state}" for job, state in self.jobs)
        if story is not None and (story.read_on() or before not in ENDED):
            state = self._state_of(story.job)
            self.param.update(state=state, revision=self.revision + 1)
            if state != before and state in ENDED:
                self._tell(story.job, state)
        if self.session.screen != "train" and self.state in ENDED and self._tick is not None:
            self._tick.stop()
            self._tick = None

    def _tell(self, job: Job, state: State) -> None:
        done = state == "done"
        text = f"run {job.run} is published" if done else f"the job for run {job.run} {state}"
        if done:
            self.session.refresh_runs()
        self.session.say(text, warning=not done)
        if pn.state.notifications is not None:
            (pn.state.notifications.success if done else pn.state.notifications.warning)(text)
