"""The filters of one visitor: brushes and expressions, and what they leave of the run."""

import time
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import param

from app.background import Latest
from app.crossing import Asked, Brush, Crossing, columns_of
from app.opened_runs import OpenedRun
from app.words import count, counted
from astra.data.errors import AstraError
from astra.selections.errors import ExpressionError
from astra.selections.expression import Expression

if TYPE_CHECKING:
    from app.session import Session

DEFAULT = ("period", "amplitude", "n_obs", "anomaly", "mean_magnitude", "probability")
MOST_BRUSHES, MOST_EXPRESSIONS = 8, 6


class Filters(param.Parameterized):
    """Brushes on columns and expressions over them; an object is shown when it passes all.

    Filters are counted off the document's thread; of those asked for meanwhile only the latest are.
    The session tells views by its ``shown_revision`` when other objects pass.

    Parameters
    ----------
    session : Session
    """

    brushes = param.Dict(default={}, doc="Column -> `Brush`; change it by `brush`.")
    expressions = param.List(default=[], doc="Texts that all must hold; change it by `add`.")
    columns = param.List(default=[], doc="Columns whose histograms are on screen.")
    answer = param.Parameter(default=None, doc="The `Answer` to what was asked last, or None.")

    def __init__(self, session: "Session", **params: Any) -> None:
        super().__init__(**params)
        self._session = session
        self.left_behind = ""  # what of them the run that was opened last cannot follow, in words
        self._counting, self._checking = Latest(patient=True), Latest()
        self._crossing: Crossing | None = None
        self._run: OpenedRun | None = None
        watch = session.param.watch
        watch(lambda *_: self._open(), "run")
        watch(lambda *_: self._ask(), ["category", "hidden", "given", "selection_revision"])
        self.param.watch(lambda *_: self._ask(), ["brushes", "expressions", "columns"])

    # What is asked

    @property
    def are_on(self) -> bool:
        """Whether any object may be left out."""
        return bool(self.brushes or self.expressions)

    def brush(self, column: str, low: float, high: float) -> None:
        """Let pass what lies within a closed range of a column; an end may be infinite."""
        run = self._session.run
        if run is None or column not in run.filter_columns or np.isnan(low) or np.isnan(high):
            return
        if low == -np.inf and high == np.inf:
            self.clear(column)
        elif column in self.brushes or len(self.brushes) < MOST_BRUSHES:
            self.brushes = {**self.brushes, column: Brush(min(low, high), max(low, high))}
        else:
            self._session.say(f"at most {MOST_BRUSHES} brushes: clear one first", warning=True)

    def clear(self, column: str) -> None:
        """Take a brush away."""
        self.brushes = {name: brush for name, brush in self.brushes.items() if name != column}

    def add(self, text: str) -> ExpressionError | None:
        """Let pass only objects of which an expression is true; give back what is wrong with it."""
        text = text.strip()
        wrong = self.wrong_with(text)
        if wrong is not None:
            return wrong
        if len(self.expressions) >= MOST_EXPRESSIONS and text not in self.expressions:
            self._session.say(f"at most {MOST_EXPRESSIONS} expressions: remove one", warning=True)
        else:
            self.expressions = list(dict.fromkeys([*self.expressions, text]))
        return None

    def remove(self, text: str) -> None:
        """Take an expression away."""
        self.expressions = [other for other in self.expressions if other != text]

    def clear_all(self) -> None:
        """Let every object pass."""
        self.param.update(brushes={}, expressions=[])

    def wrong_with(self, text: str) -> ExpressionError | None:
        """What is wrong with an expression over the columns of the run; None where nothing is."""
        run = self._session.run
        if run is None:
            return ExpressionError("there is no run to filter", text, 0)
        try:
            Expression(text, columns_of(run, self._session.category_now("class")))
        except ExpressionError as error:
            return error
        return None

    # What passes

    @property
    def passing(self) -> np.ndarray | None:
        """Objects of the session's run that pass, bool [objects]; None where all do."""
        if self.answer is None or self._run is not self._session.run:
            return None
        return self.answer.passing

    def _open(self) -> None:
        run = self._session.run
        self._run, self._crossing = run, None if run is None else Crossing(run)
        if run is None:
            self.answer = None
            return
        columns = [name for name in self.columns or DEFAULT if name in run.filter_columns]
        kept = {name: brush for name, brush in self.brushes.items() if name in run.filter_columns}
        texts = [text for text in self.expressions if self.wrong_with(text) is None]
        lost = len(self.brushes) + len(self.expressions) - len(kept) - len(texts)
        with param.parameterized.discard_events(self):
            self.param.update(answer=None, columns=columns, brushes=kept, expressions=texts)
        self.param.trigger("answer", "columns")
        self.left_behind = f"; {counted(lost, 'filter')} left behind, it lacks the column"
        self.left_behind *= lost > 0

    def _ask(self) -> None:
        session, run, crossing = self._session, self._session.run, self._crossing
        if run is None or crossing is None or run is not self._run:
            return
        asked = Asked(
            self.brushes,
            self.expressions,
            session.category_now("class"),
            session.seen,
            session.selected,
            self.columns,
        )
        started = time.perf_counter()
        self._counting.ask(
            lambda: crossing.ask(asked), partial(self._take, run, started), self._fail
        )

    def _take(self, run: OpenedRun, started: float, answer: Any) -> None:
        if run is not self._session.run:
            return
        before = self.passing
        self.answer = answer
        if answer.passing is not before:
            self._session.shown_revision += 1
            said = f"filter: {count(answer.objects)} of {count(len(run))}"
            self._session.say(said, 1e3 * (time.perf_counter() - started))

    def _fail(self, error: Exception) -> None:
        reason = str(error) if isinstance(error, AstraError) else f"{type(error).__name__}: {error}"
        self._session.say(f"the filters could not be applied: {reason}", warning=True)

    def objects(self) -> int:
        """How many objects pass."""
        run = self._session.run
        if run is None:
            return 0
        return len(run) if self.passing is None or self.answer is None else self.answer.objects
