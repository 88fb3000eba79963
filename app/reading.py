"""What a session reads closely: one object of the run, its fold, the list that it stands in."""

from typing import Any

import numpy as np
import param

from app.goto import Found, look_up
from app.look import Look
from app.markup.facts import facts_of
from app.opened_runs import OpenedRun


class Reading(param.Parameterized):
    """The part of a session that is about one object, and what the status bar says.

    A change of run or object brings the object's own period, before any view hears of it.

    Attributes
    ----------
    look : Look
        How light curves are drawn.
    """

    run = param.ClassSelector(
        class_=OpenedRun, allow_None=True, doc="What is on screen; None where there is no run."
    )
    focus = param.Integer(
        default=None, allow_None=True, doc="Map row of the object read closely, or None."
    )
    listed = param.Parameter(
        default=np.empty(0, np.int64), doc="Map rows of the whole list on screen, in its order."
    )
    period = param.Number(
        default=None, allow_None=True, doc="Period [d] to fold the focused object on, or None."
    )
    phase_zero = param.Number(
        default=None, allow_None=True, doc="Chosen time of phase zero [MJD]; None: by its shape."
    )
    reviewed = param.ClassSelector(
        class_=frozenset, default=frozenset(), doc="Ids of objects marked as reviewed."
    )
    missing = param.String(
        default="", doc="Why the object that a link asks for is not on screen; empty: it is."
    )

    status = param.String(default="", doc="Last action in words; set it with `say`.")
    latency = param.Number(default=None, allow_None=True, doc="Its duration [ms].")
    is_warning = param.Boolean(default=False, doc="The last action went wrong.")

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self.look = Look()

    @param.depends("run", watch=True)
    def _forget_list(self) -> None:
        self.listed = np.empty(0, np.int64)

    @param.depends("run", "focus", watch=True)
    def _follow_focus(self) -> None:
        run, row = self.run, self.focus
        period = None if run is None or row is None else facts_of(run, row).period
        self.param.update(period=period, phase_zero=None)
        if row is not None:
            self.missing = ""

    def find(self, text: str) -> bool:
        """Focus the object that an id, its beginning, or a position asks for; say how.

        Returns
        -------
        bool
            False where there is none.
        """
        return self.run is not None and self.go_to(look_up(self.run, text))

    def go_to(self, found: Found) -> bool:
        """Focus what was looked up, and say how it was found."""
        if found.row is not None:
            self.focus = found.row
        self.say(found.said, warning=found.row is None)
        return found.row is not None

    @property
    def place(self) -> int | None:
        """Where on the list the object in focus stands, from 0; None where it is not on it."""
        here = np.flatnonzero(self.listed == self.focus)
        return int(here[0]) if len(here) else None

    def step(self, by: int) -> None:
        """Focus the object so many places further on the list, or its first where on none."""
        if len(self.listed):
            place = 0 if self.place is None else self.place + by
            self.focus = int(self.listed[min(max(place, 0), len(self.listed) - 1)])

    def review(self) -> None:
        """Mark the object in focus as reviewed in this visit, and go on along the list."""
        if self.run is not None and self.focus is not None:
            self.reviewed = self.reviewed | {self.run.object_id(self.focus)}
            self.step(1)

    def say(self, text: str, latency: float | None = None, warning: bool = False) -> None:
        """Tell the status bar what was done and how long it took [ms]."""
        self.param.update(status=text, latency=latency, is_warning=warning)
