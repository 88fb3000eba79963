"""HTML whose histograms tell when they are brushed, and a field that tells what is typed."""

from collections.abc import Callable
from functools import partial
from math import isfinite
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

from app.background import soon
from app.markup.pressable import Pressable

_STATIC = Path(__file__).parent.parent / "static"


class Brushes(Pressable):
    """A piece of HTML with buttons, and with plots that carry ``data-brush="column"``.

    Parameters
    ----------
    on_press : callable
        As that of `Pressable`; a double click on a plot presses ``clear:<column>``.
    on_brush : callable
        Called with the column and the ends of the brush, as shares of the plot's width.
    """

    _esm = _STATIC / "brushes.js"

    def __init__(
        self,
        on_press: Callable[[str], None],
        on_brush: Callable[[str, float, float], None],
        **params: Any,
    ) -> None:
        super().__init__(on_press, **params)
        self._on_brush = on_brush

    def brush(self, column: str, start: float, end: float) -> None:
        """Do what a drag over the plot of a column does."""
        self._on_brush(column, start, end)

    def _handle_msg(self, data: Any) -> None:
        match data:
            case {
                "brush": str(column),
                "from": int() | float() as start,
                "to": int() | float() as end,
            }:
                if isfinite(start) and isfinite(end):
                    soon(partial(self.brush, column, float(start), float(end)))
            case _:
                super()._handle_msg(data)


class ExpressionBox(JSComponent):
    """A text field with a hint above it.

    Parameters
    ----------
    on_typed : callable
        Called with the text, a moment after it changed.
    on_enter : callable
        Called with the text when Enter is pressed.
    """

    html = param.String(default="", doc="Safe HTML of the hint.")
    wrong = param.Boolean(default=False, doc="The text is not accepted.")
    placeholder = param.String(default="")

    _esm = _STATIC / "expression_box.js"
    _stylesheets = [(_STATIC / f"{name}.css").read_text() for name in ("views", "expression_box")]

    def __init__(
        self, on_typed: Callable[[str], None], on_enter: Callable[[str], None], **params: Any
    ) -> None:
        super().__init__(**{"sizing_mode": "stretch_width", "margin": 0, **params})
        self._on_typed, self._on_enter = on_typed, on_enter

    def put(self, text: str, focus: bool = False) -> None:
        """Put a text into the field, and the keyboard too."""
        self._send_msg({"text": text, "focus": focus})

    def _handle_msg(self, data: Any) -> None:
        if isinstance(data, dict):
            for name, heard in (("live", self._on_typed), ("enter", self._on_enter)):
                if isinstance(data.get(name), str):
                    soon(partial(heard, data[name]))
