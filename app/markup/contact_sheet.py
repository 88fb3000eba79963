"""The grid of a contact sheet in the browser: draws a page, tells what is picked and pressed."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

from app.background import soon

_STATIC = Path(__file__).parent.parent / "static"
COLUMNS = {24: 6, 48: 8, 96: 12}


class ContactSheet(JSComponent):
    """Light curves in small, to be picked by drag, click and keys.

    Keys are the sheet's own while it is in sight: arrows, X, A, Enter and Escape act in the
    browser; digits and some letters are told.

    Parameters
    ----------
    told : callable
        Called with what was told, ``picked``, ``focus``, ``open`` or ``key``, and its value.
    """

    page = param.String(default="", doc="JSON of `app.drawing.cells.page_of`, rows and words.")
    captions = param.String(default="", doc="JSON: of each cell its caption, safe HTML, and words.")
    columns = param.Integer(default=COLUMNS[48], doc="Cells side by side.")
    picked = param.List(default=[], doc="Map rows that are picked; set it to change them.")
    keys = param.List(default=[], doc="Keys that are told, beside those that always are.")
    focused = param.Integer(default=-1, doc="Map row of the focus when a page is laid.")

    _esm = _STATIC / "sheet.js"
    _stylesheets = [(_STATIC / "views.css").read_text(), (_STATIC / "sheet.css").read_text()]

    def __init__(self, told: Callable[[str, Any], None], **params: Any) -> None:
        super().__init__(**{"sizing_mode": "stretch_both", "margin": 0, **params})
        self._told = told

    def _handle_msg(self, data: Any) -> None:
        if isinstance(data, dict):
            for what, value in data.items():
                soon(partial(self._told, str(what), value))
