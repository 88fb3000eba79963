"""What lies over the two maps of Compare: the divider of Slide, the control of Morph."""

from collections.abc import Callable
from functools import partial
from math import isfinite
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

from app.background import soon

_STATIC = Path(__file__).parent.parent / "static"
MODES = ("side", "slide", "morph")


class Divider(JSComponent):
    """Moves the divider in the browser; tells how far a morph is.

    Parameters
    ----------
    on_share : callable
        Called with a number, 0 where objects lie on A's map to 1 on B's.
    """

    mode = param.Selector(default="side", objects=list(MODES))

    _esm = _STATIC / "divider.js"
    _stylesheets = [(_STATIC / "divider.css").read_text()]

    def __init__(self, on_share: Callable[[float], None], **params: Any) -> None:
        super().__init__(**{"margin": 0, **params})
        self._on_share = on_share

    def _handle_msg(self, data: Any) -> None:
        share = data.get("share") if isinstance(data, dict) else None
        if isinstance(share, int | float) and isfinite(share):
            soon(partial(self._on_share, min(max(float(share), 0.0), 1.0)))
