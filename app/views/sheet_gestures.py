"""What a hand does on a contact sheet: presses, keys, and what the grid tells."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from app.markup.contact_sheet import COLUMNS
from app.sheets import PERIODS, sorts_of

if TYPE_CHECKING:
    from app.views.sheet import SheetView


class SheetGestures:
    """Turns what the browser tells into calls of a sheet; what it cannot mean is ignored.

    Parameters
    ----------
    view : SheetView
    """

    def __init__(self, view: "SheetView") -> None:
        self._view = view

    def told(self, what: str, value: Any) -> None:
        """Follow the grid: what is picked, what has the focus, what is opened, which key."""
        view = self._view
        if not view.is_on:
            return
        here = {int(row) for row in view.on_page}
        match what:
            case "picked" if isinstance(value, list):
                view.picked = [row for row in value if isinstance(row, int) and row in here]
            case "focus" | "open" if isinstance(value, int) and value in here:
                view.focused = value
                if what == "open":
                    view.open()
            case "key" if isinstance(value, str):
                self.key(value)

    def key(self, name: str) -> None:
        """Do what a key means here."""
        keys = self._view.labels.keys
        if name in keys:
            self._view.label(keys[name])
        elif name in _KEYS:
            self.pressed(_KEYS[name])

    def changed(self, field: str, value: str) -> None:
        """Take what was chosen in a field."""
        view, run = self._view, self._view.session.run
        if field == "sort" and run is not None and value in sorts_of(run):
            view.param.update(sort_by=value, descending=value not in ("centre", "object_id"))
        elif field == "period" and value in PERIODS:
            view.period_of = value

    def pressed(self, value: str) -> None:
        """Do what a button says."""
        view = self._view
        action, _, argument = value.partition(":")
        match action:
            case "label":
                view.label(argument)
            case "size" if argument.isdigit() and int(argument) in COLUMNS:
                view.param.update(size=int(argument), page=1, picked=[])
            case "page" if argument in ("-1", "1"):
                view.turn(int(argument))
            case "band":
                view.toggle_band(argument)
            case "retry" if argument.isdigit():
                view.labels.retry(int(argument))
            case _ if action in _SETS:
                view.param.update(**_SETS[action])
            case _ if action in _DOES:
                _DOES[action](view)


_SETS: dict[str, dict[str, Any]] = {
    "time": {"folded": False},
    "folded": {"folded": True},
    "own": {"common": False},
    "common": {"common": True},
}
_DOES: dict[str, Callable[["SheetView"], object]] = {
    "fold": lambda view: view.param.update(folded=not view.folded),
    "aligned": lambda view: view.param.update(aligned=not view.aligned),
    "errors": lambda view: view.param.update(errors=not view.errors),
    "turn": lambda view: view.param.update(descending=not view.descending),
    "none": lambda view: view.pick_none(),
    "clear": lambda view: view.label(None),
    "undo": lambda view: view.labels.undo(),
    "redo": lambda view: view.labels.redo(),
    "open": lambda view: view.open(),
    "similar": lambda view: view.search(),
    "one": lambda view: view.open(),
}
_KEYS = {
    "f": "fold", "e": "errors", "0": "clear", "z": "undo", "Shift+z": "redo", "t": "similar",
    "PageUp": "page:-1", "PageDown": "page:1",
}  # fmt: skip
