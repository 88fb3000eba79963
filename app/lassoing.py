"""What a lasso or a box on the map holds: told while it is drawn, chosen when it is let go."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.background import Latest, soon
from app.opened_runs import OpenedRun
from app.session import Session
from app.sketch import Sketch, combined
from app.tally import Tally
from app.words import count, counted


class Lassoing:
    """Looks into the polygons of one map, off the document's thread.

    While one is drawn the session's `sketch` follows it. A hand that rests before it lets go finds
    its numbers there already, and they are those of the selection.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._sketches, self._finished = Latest(), Latest()
        self._gestures = 0
        session.param.watch(lambda event: self._give_up(event.new.name), "key")

    def _give_up(self, key: str) -> None:
        """What is still being looked into is not told when the drawing was given up."""
        if key == "Escape":
            self._gestures += 1

    def draw(
        self, tool: str, polygon: NDArray[np.float64], mode: str, answer: Callable[[], None]
    ) -> None:
        """Tell what a polygon holds that is still being drawn; ``answer`` is called in any case.

        Parameters
        ----------
        tool : str
            ``lasso`` or ``box``.
        polygon : float64 [vertices, 2]
        mode : str
            ``replace``, ``add`` or ``subtract``.
        """
        session, run, gesture = self._session, self._session.run, self._gestures

        def deliver(sketch: Any) -> None:
            answer()
            # Else it was let go or given up meanwhile, or another run was opened.
            if gesture == self._gestures and run is session.run:
                session.sketch = sketch

        def fail(error: Exception) -> None:
            answer()
            self._fail(error)

        if run is None:
            answer()
        else:
            self._sketches.ask(self._looking(run, tool, polygon, mode), deliver, fail)

    def finish(self, tool: str, polygon: NDArray[np.float64], mode: str) -> None:
        """Choose what a polygon holds that has been let go."""
        session, run, started = self._session, self._session.run, time.perf_counter()
        self._gestures += 1
        if run is None:
            return

        def deliver(sketch: Any) -> None:
            if run is session.run:
                session.take(sketch)
                self._say(sketch, 1000 * (time.perf_counter() - started))

        sketch = session.sketch
        if sketch is not None and sketch.is_of(polygon, mode, session.selected, session.shown):
            soon(lambda: deliver(sketch))
        else:
            self._finished.ask(self._looking(run, tool, polygon, mode), deliver, self._fail)

    def _looking(
        self, run: OpenedRun, tool: str, polygon: NDArray[np.float64], mode: str
    ) -> Callable[[], Sketch]:
        """How to find it, off this thread, with what is open, selected and shown now."""
        session = self._session
        selected, shown = session.selected, session.shown
        classes, labels = session.classes, session.category_now("class")

        def look() -> Sketch:
            inside, hidden = run.grid.inside(polygon), 0
            if shown is not None:
                hidden = int(np.count_nonzero(inside & ~shown))
                inside &= shown
            mask = combined(selected, inside, mode)
            chosen = mask if shown is None or mode == "replace" else mask & shown
            tally = Tally.of(run, chosen, classes, labels)
            return Sketch(tool, mode, polygon, selected, shown, mask, hidden, tally)

        return look

    def _say(self, sketch: Sketch, milliseconds: float) -> None:
        said = f"{sketch.tool}: {counted(self._session.n_selected, 'object')}"
        if sketch.hidden:
            said += f", {count(sketch.hidden)} hidden left out"
        self._session.say(said, milliseconds)

    def _fail(self, error: Exception) -> None:
        self._session.say(f"the lasso could not be looked into: {error}", warning=True)
