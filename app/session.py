"""Session: what one visitor looks at; the only state that views share."""

import logging
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import numpy as np
import param
from numpy.typing import NDArray

from app.background import Latest
from app.categories import Category
from app.exchange import Exchange
from app.filters import Filters
from app.opened_runs import CATEGORIES, OpenedRun, opened
from app.saved_selections import SavedSelections
from app.selecting import Selecting
from app.similar import Similar
from astra.data.errors import AstraError
from astra.data.light_curves import LightCurve
from astra.data.observatory import Observatory
from astra.runs.run import list_runs

Companion = TypeVar("Companion")
MOST_LISTED = 24
SCREENS = ("explore", "inspect", "sheet", "anomalies", "labels", "train", "compare", "data")
_log = logging.getLogger(__name__)


class KeyPress(NamedTuple):
    """One key: ``name`` as the browser calls it (``l``, ``1``, ``Escape``, ``Shift+z``)."""

    name: str
    number: int


class Session(Selecting):
    """Run, selection, focus and colours of one visitor.

    Views take the session, watch its parameters and call its methods; they never hold each other.
    All rows are map rows. Set parameters on the document's thread only.
    """

    runs = param.List(default=[], doc="Published runs, newest first.")

    shown_revision = param.Integer(
        default=0, doc="Grows when other objects pass the `filters`: watch it with `hidden`."
    )
    marked = param.Parameter(
        default=np.empty(0, np.int64), doc="Map rows ringed on the map: the page of a list."
    )

    colour_by = param.String(
        default="density", doc="'density', 'class', 'predicted', or a numeric column."
    )
    category = param.Selector(
        default="class", objects=list(CATEGORIES), doc="Whose classes are listed and hidden."
    )
    hidden = param.ClassSelector(
        class_=frozenset, default=frozenset(), doc="Class names of `category` that are off the map."
    )
    view = param.Parameter(
        default=None,
        doc="What the map shows: x low, x high, y low, y high; None before it is laid.",
    )
    map_height = param.Integer(default=0, doc="Height of the map [CSS px]; 0 before it is laid.")
    scale = param.Parameter(
        default=None, doc="Range of the colours on the map; None where they are classes."
    )
    in_view = param.Integer(default=0, doc="Objects inside `view` and not hidden.")

    theme = param.Selector(default="dark", objects=["dark", "light"])
    screen = param.Selector(default="explore", objects=list(SCREENS))
    annotator = param.String(default="me", doc="Who labels.")
    labels_revision = param.Integer(
        default=0, doc="Grows when labels were stored or undone; bump it with `labels_changed`."
    )
    given = param.Parameter(
        default=None, doc="What annotators call the objects now; None before the log was read."
    )
    probed = param.Parameter(
        default=None, doc="What a probe on the labels of the moment predicts, or None."
    )
    key = param.Parameter(
        default=None, doc="Last key pressed outside a text field; each press is a new value."
    )

    def __init__(self, observatory: Observatory | None = None, **params: Any) -> None:
        super().__init__(**params)
        self.observatory = observatory or Observatory()
        self._opening = Latest()
        self._companions: dict[Callable, Any] = {}
        self.filters = Filters(self)
        self.saved = SavedSelections(self)
        self.similar = Similar(self)
        self.exchange = Exchange(self)
        self.refresh_runs()

    # Runs

    def refresh_runs(self) -> None:
        """Look again which runs are published."""
        self.runs = list_runs(self.observatory)

    def open_run(self, name: str) -> bool:
        """Show a run; selection and focus follow their objects into it.

        Returns
        -------
        bool
            False where the run cannot be opened; `status` then says why.
        """
        try:
            run = opened(self.observatory.run(name))
            run.prepare()
        except AstraError as error:
            self.say(str(error), warning=True)
            return False
        _log.info("run %s: %d objects, %d classes", name, len(run), len(run.class_names))
        self.refresh_runs()
        mask, focus = self._carried_to(run)
        self._forget_selections()
        self.param.update(
            run=run,
            selected=mask,
            selection_outline=None,
            selection_description=self.selection_description if mask is not None else "",
            selection_revision=self.selection_revision + 1,
            sketch=None,
            focus=focus,
            marked=np.empty(0, np.int64),
            hidden=frozenset(),
            view=None,
            given=None,
            probed=None,
            can_undo=False,
            can_redo=False,
            **self._colouring_for(run),
        )
        self.say(f"opened run {name}{self.filters.left_behind}")
        return True

    def open_newest(self) -> bool:
        """Show the newest run; False, and say so, where there is none that opens."""
        self.refresh_runs()
        if not self.runs:
            self.say(f"no run in {self.observatory.runs}", warning=True)
        return any(self.open_run(run.name) for run in self.runs)

    def switch_run(self, name: str) -> None:
        """Open a run off the document's thread, then show it."""
        try:
            path = self.observatory.run(name)
        except AstraError as error:
            self.say(str(error), warning=True)
            return
        self.say(f"opening run {name}")
        self._opening.ask(
            lambda: opened(path).prepare(),
            lambda _: self._show_run(name),
            lambda error: self.say(f"run {name} cannot be opened: {error}", warning=True),
        )

    def _show_run(self, name: str) -> None:
        self.open_run(name)

    def _carried_to(self, run: OpenedRun) -> tuple[NDArray[np.bool_] | None, int | None]:
        if self.run is None:
            return None, None
        focus = None if self.focus is None else run.find(self.run.object_id(self.focus))
        if self.selected is None:
            return None, focus
        rows = run.run.rows_of(self.run.run.object_ids(np.flatnonzero(self.selected)))
        mask = np.zeros(len(run), bool)
        mask[rows[rows >= 0]] = True
        return (mask if mask.any() else None), focus

    def _colouring_for(self, run: OpenedRun) -> dict[str, str]:
        possible = {"density", *CATEGORIES, *run.numeric_columns}
        if self.run is not None and self.colour_by in possible:
            return {}
        labelled = np.count_nonzero(run.classes.codes >= 0)
        few = len(run.classes.names) < 2 or 2 * labelled < len(run)
        category = "predicted" if few and run.predicted.names else "class"
        return {"colour_by": category, "category": category}

    # Classes

    def category_now(self, name: str) -> Category:
        """Class of every object by ``class`` or ``predicted``.

        What annotators say now stands above the run's snapshot of the labels.
        """
        if self.run is None:
            return Category.nothing(0)
        run, given = self.run, self.given
        if name == "predicted" and self.probed is not None and len(self.probed.codes) == len(run):
            return self.probed
        if name == "predicted" or given is None or len(given.codes) != len(run):
            return run.category(name)
        return self._remember("labels", (run, given), lambda: run.classes.below(given))

    @property
    def named(self) -> Category:
        """Class of every object in the present `category`."""
        return self.category_now(self.category)

    @property
    def classes(self) -> Category:
        """`named` as map and legend show it: frequent classes first, at most 24 of them."""
        named = self.named
        return self._remember("classes", named, lambda: named.by_frequency(MOST_LISTED))

    @property
    def seen(self) -> NDArray[np.bool_] | None:
        """Objects whose class is not hidden, bool [objects]; None where none is."""
        if self.run is None or not self.hidden:
            return None
        classes = self.classes
        return self._remember("seen", (classes, self.hidden), lambda: ~classes.members(self.hidden))

    @property
    def shown(self) -> NDArray[np.bool_] | None:
        """Objects that pass the filters and whose class is not hidden, bool [objects], or None."""
        seen, passing = self.seen, self.filters.passing
        if seen is None or passing is None:
            return passing if seen is None else seen
        return self._remember("shown", (seen, passing), lambda: seen & passing)

    @param.depends("colour_by", watch=True)
    def _follow_category(self) -> None:
        if self.colour_by in CATEGORIES and self.category != self.colour_by:
            self.param.update(category=self.colour_by, hidden=frozenset())

    # Keys and words

    def press(self, name: str) -> None:
        """Tell the views of a key."""
        self.key = KeyPress(name, 1 if self.key is None else self.key.number + 1)

    def find_similar(self, light_curve: LightCurve | None = None) -> None:
        """Look for what is like a light curve, or without one like the object in focus."""
        if light_curve is None:
            self.similar.of_object(self.focus)
        else:
            self.similar.of_light_curve(light_curve, light_curve.object_id or "a light curve")

    def companion(self, make: "Callable[[Session], Companion]") -> Companion:
        """The one object of its kind that lives beside this session, made when it is asked for.

        In a table of its module it would never die: it holds on to the session that is its key.
        """
        if make not in self._companions:
            self._companions[make] = make(self)
        return self._companions[make]

    def labels_changed(self) -> None:
        """Tell the views that labels were stored or undone."""
        self.labels_revision += 1
