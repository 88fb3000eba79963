"""Says when the browser has what it stands in.

What changes in models that a browser has not been told of yet is lost there: a screen that is laid
late begins to change when its `Arrival` has been drawn.
"""

from collections.abc import Callable
from typing import Any

from panel.custom import JSComponent

from app.background import soon


class Arrival(JSComponent):
    """Nothing to see; calls back once.

    Parameters
    ----------
    on_arrival : callable
    """

    _esm = """
    export function render({ model }) {
      model.send_msg("drawn")
      return document.createElement("span")
    }
    """

    def __init__(self, on_arrival: Callable[[], None], **params: Any) -> None:
        super().__init__(**{"width": 0, "height": 0, "margin": 0, **params})
        self._on_arrival: Callable[[], None] | None = on_arrival

    def _handle_msg(self, data: Any) -> None:
        on_arrival, self._on_arrival = self._on_arrival, None
        if on_arrival is not None:
            soon(on_arrival)
