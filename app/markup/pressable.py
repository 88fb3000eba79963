"""HTML made on the server whose elements tell when they are pressed or changed.

Buttons carry ``data-press="value"``, text fields ``data-change="name"``; Enter in a field with
``data-enter="value"`` also presses. A double press, or one with Alt, of a button with
``data-only="value"`` tells that value instead. Fields with ``data-live="name"`` tell that name
while they change. ``data-copy`` holds a text, and
``data-copy-query`` the query of an address, that a press copies. Everything that comes from
a user, a file or a survey has passed `app.words.safe` before it stands in the HTML.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

from app.background import soon

_STATIC = Path(__file__).parent.parent / "static"
_CSS = (_STATIC / "views.css").read_text()


class Pressable(JSComponent):
    """A piece of HTML with buttons and fields.

    Parameters
    ----------
    on_press : callable, optional
        Called with the ``data-press`` of what was pressed.
    on_change : callable, optional
        Called with the ``data-change`` of a field and its text.
    """

    html = param.String(default="", doc="Safe HTML.")

    _esm = _STATIC / "pressable.js"
    _stylesheets = [_CSS]

    def __init__(
        self,
        on_press: Callable[[str], None] | None = None,
        on_change: Callable[[str, str], None] | None = None,
        **params: Any,
    ) -> None:
        params = {"sizing_mode": "stretch_width", "margin": 0, **params}
        super().__init__(**params)
        self._on_press, self._on_change = on_press, on_change

    def press(self, value: str) -> None:
        """Do what a press of the element with this ``data-press`` does."""
        if self._on_press is not None:
            self._on_press(value)

    def change(self, name: str, value: str) -> None:
        """Do what a change of the field with this ``data-change`` does."""
        if self._on_change is not None:
            self._on_change(name, value)

    def focus(self, selector: str) -> None:
        """Put the keyboard into the element that a CSS selector names."""
        self._send_msg({"focus": selector})

    def download(self, name: str, text: str) -> None:
        """Have the browser save a text as a file."""
        self._send_msg({"download": {"name": name, "text": text}})

    def address(self, query: str) -> None:
        """Have the browser's address say a query, which begins with ``?``; empty: none."""
        self._send_msg({"query": query})

    def _handle_msg(self, data: Any) -> None:
        if isinstance(data, dict) and isinstance(data.get("press"), str):
            soon(partial(self.press, data["press"]))
        elif isinstance(data, dict) and isinstance(data.get("change"), str):
            soon(partial(self.change, data["change"], str(data.get("value", ""))))
