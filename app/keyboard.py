"""The keys: one listener on the browser's document, silent inside text fields."""

from functools import partial
from pathlib import Path
from typing import Any

import panel as pn
import param

from app.background import soon
from app.session import Session

KEYS: tuple[tuple[str, str], ...] = (
    ("V L R", "Pan, lasso, box"),
    ("Shift Alt", "Add to or subtract from the selection while drawing"),
    ("+ −", "Zoom in, out"),
    ("O", "Show or hide the overview of the map"),
    ("Z", "Undo the selection; among Labels, the last labels; Shift Z redoes"),
    ("Escape", "Clear the selection"),
    ("S", "Save the selection"),
    ("N", "Select the neighbours of the object in focus"),
    ("← →", "Object before, after in the list"),
    ("Space", "In Inspect: mark as reviewed and go on"),
    ("Enter I", "Inspect the object in focus; Escape goes back to the map"),
    ("/ G", "Go to an object: id, its beginning, or RA Dec"),
    ("1–9", "Label the selection, or else the object in focus"),
    ("F P [ ]", "Fold the light curve, type the period, halve it, double it"),
    ("M E B", "Magnitude or flux, error bars, bands"),
    ("T", "Find what is like the object in focus"),
    ("K", "Contact sheet of the selection, or of all that is shown; K again: back"),
    ("D", "Dark or light"),
    ("?", "These keys"),
)


class Keyboard(pn.custom.JSComponent):
    """Tells the session of keys, and the page of Shift and Alt while a lasso is drawn.

    A key is named as the browser names it, letters in lower case, after ``Shift+`` where that
    was held with a letter. Keys with Ctrl, Alt or Meta are left to the browser.
    """

    cookie = param.String(default="", doc="``name=value`` that the browser keeps for a year.")

    system = param.String(default="", doc="Theme that the system asks for: dark or light.")

    _esm = Path(__file__).parent / "static" / "keyboard.js"

    def __init__(self, session: Session, **params: Any) -> None:
        super().__init__(**params)
        self._session = session

    def _handle_msg(self, data: Any) -> None:
        soon(partial(self._session.press, str(data["key"])))
