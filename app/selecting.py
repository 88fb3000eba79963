"""What a session has chosen, how it came to it, and the way back."""

from collections.abc import Callable
from typing import Any

import numpy as np
import param
from numpy.typing import NDArray

from app.reading import Reading
from app.selection_history import History, Selection
from app.sketch import Sketch, combined
from app.tally import Mask, Tally
from app.words import counted

_JOINED = {"add": "and", "subtract": "without", "intersect": "in"}


class Selecting(Reading):
    """The part of a session that is about its selection.

    Attributes
    ----------
    tally : Tally or None
        The selection in numbers, where whoever chose it had counted it.
    """

    selected = param.Parameter(
        default=None, doc="Mask objects, bool [objects], or None. Set it with `select`."
    )
    selection_revision = param.Integer(
        default=0, doc="Grows with every change of `selected`: watch this one."
    )
    selection_description = param.String(default="", doc="How it came: 'lasso', 'class RRab'.")
    selection_outline = param.Parameter(
        default=None, doc="Polygon drawn for it, float64 [vertices, 2], or None."
    )
    sketch = param.ClassSelector(
        class_=Sketch, allow_None=True, doc="Lasso or box that is being drawn, or None."
    )
    can_undo = param.Boolean(default=False, doc="`undo_selection` would change something.")
    can_redo = param.Boolean(default=False, doc="`redo_selection` would change something.")

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self._known: dict[str, tuple[Any, Any]] = {}
        self._forget_selections()

    def _forget_selections(self) -> None:
        self.tally: Tally | None = None
        self._history = History()

    @property
    def shown(self) -> Mask:
        """Objects that may be chosen, bool [objects], or None: all."""
        raise NotImplementedError

    def select(
        self,
        mask: NDArray[np.bool_] | None,
        description: str,
        outline: NDArray[np.float64] | None = None,
        mode: str = "replace",
    ) -> None:
        """Choose objects; can be undone.

        Parameters
        ----------
        mask : bool [objects] or None
            None, or a mask without any object, clears the selection.
        description : str
            How the objects were chosen, for people to read.
        outline : float64 [vertices, 2], optional
            Polygon to draw on the map.
        mode : str
            ``replace``, ``add`` to, ``subtract`` from or ``intersect`` with what is selected.
        """
        if mask is not None:
            mask = combined(self.selected, mask, mode)
        self._choose(mask, description, outline, mode)

    def take(self, sketch: Sketch) -> None:
        """Choose what a finished lasso or box holds; can be undone."""
        self._choose(sketch.mask, sketch.tool, sketch.polygon, sketch.mode, sketch)

    def _choose(
        self,
        mask: Mask,
        description: str,
        outline: NDArray[np.float64] | None,
        mode: str,
        sketch: Sketch | None = None,
    ) -> None:
        if self.selected is None and mode == "subtract":
            self.sketch = None
            return
        if self.selected is not None and mask is not None and mode != "replace":
            description = f"{self.selection_description} {_JOINED[mode]} {description}"
            outline = None
        self._history.leave(self._selection)
        if mask is not None and not mask.any():
            mask = sketch = None
        self._put(mask, description, outline, sketch)

    def clear_selection(self) -> None:
        """Choose nothing; can be undone."""
        self.sketch = None
        if self.selected is not None or self.selection_outline is not None:
            self.select(None, "")
            self.say("selection cleared")

    def undo_selection(self) -> None:
        """Go back to the selection before."""
        self._go_to(self._history.back(self._selection))

    def redo_selection(self) -> None:
        """Go forward to the selection that was undone."""
        self._go_to(self._history.forward(self._selection))

    def _go_to(self, selection: Selection | None) -> None:
        if selection is not None and self.run is not None:
            mask = selection.mask(len(self.run))
            self._put(mask, selection.description, selection.outline)
            self.say(f"back to {self.selected_in_words()}")

    @property
    def _selection(self) -> Selection:
        return Selection.of(self.selected, self.selection_description, self.selection_outline)

    def _put(
        self,
        mask: Mask,
        description: str,
        outline: NDArray[np.float64] | None,
        sketch: Sketch | None = None,
    ) -> None:
        revision = self.selection_revision + 1
        self.tally = None if sketch is None else sketch.tally
        if sketch is not None:
            key = (revision, sketch.shown)
            self._known |= {
                "chosen": (key, sketch.tally.mask),
                "size": (key, sketch.tally.objects),
            }
        self.param.update(
            selected=mask,
            selection_description=description,
            selection_outline=outline,
            selection_revision=revision,
            sketch=None,
            can_undo=self._history.can_undo,
            can_redo=self._history.can_redo,
        )

    @property
    def n_selected(self) -> int:
        """Objects selected and shown."""
        chosen = None if self.selected is None else self.chosen
        if chosen is None:
            return 0
        key = (self.selection_revision, self.shown)
        return self._remember("size", key, lambda: int(np.count_nonzero(chosen)))

    @property
    def n_hidden_selected(self) -> int:
        """Objects selected that hidden classes or filters leave out."""
        if self.selected is None or self.shown is None:
            return 0
        return int(np.count_nonzero(self.selected)) - self.n_selected

    @property
    def selected_rows(self) -> NDArray[np.int64]:
        """Map rows of what is selected and shown, ascending, int64; empty without a selection."""
        return self._remember("rows", (self.selection_revision, self.shown), self._rows)

    def _rows(self) -> NDArray[np.int64]:
        chosen = None if self.selected is None else self.chosen
        return np.empty(0, np.int64) if chosen is None else np.flatnonzero(chosen)

    @property
    def chosen(self) -> Mask:
        """What views sum up and list, bool [objects]: the selection, or all; of what is shown."""
        if self.selected is None or self.shown is None:
            return self.shown if self.selected is None else self.selected
        key = (self.selection_revision, self.shown)
        return self._remember("chosen", key, lambda: self.selected & self.shown)

    def selected_in_words(self) -> str:
        """The selection in words, for a live region and for the label log."""
        if self.selected is None:
            return "no selection"
        return f"{counted(self.n_selected, 'object')}, {self.selection_description}"

    def _remember(self, what: str, key: Any, make: Callable[[], Any]) -> Any:
        known = self._known.get(what)
        if known is None or not _same(known[0], key):
            self._known[what] = known = (key, make())
        return known[1]


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other):
        return all(_same(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return one is other
    return one is other or one == other
