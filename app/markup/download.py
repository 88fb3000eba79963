"""Hands a file of any size to the browser, piece by piece as it asks for them."""

import base64
from functools import partial
from pathlib import Path
from typing import Any

from panel.custom import JSComponent

from app.background import soon

# Below a megabyte when encoded: a message of that size passes every proxy, and others in between.
PIECE = 1 << 19


class Download(JSComponent):
    """Invisible; saves the file that it is given."""

    _esm = Path(__file__).parent.parent / "static" / "download.js"

    def __init__(self, **params: Any) -> None:
        super().__init__(**{"width": 0, "height": 0, "margin": 0, **params})
        self._path: Path | None = None

    def give(self, path: Path, name: str) -> None:
        """Have the browser fetch a file and save it under a name."""
        self._path = path
        self._send_msg({"name": name, "size": path.stat().st_size})

    def piece(self, place: int) -> bytes:
        """Piece of the file that begins at a place; empty at its end, or where there is none."""
        if self._path is None or place < 0 or not self._path.is_file():
            return b""
        with self._path.open("rb") as file:
            file.seek(place)
            return file.read(PIECE)

    def _handle_msg(self, data: Any) -> None:
        if isinstance(data, dict) and isinstance(data.get("at"), int):
            soon(partial(self._answer, data["at"]))

    def _answer(self, place: int) -> None:
        self._send_msg({"at": place, "piece": base64.b64encode(self.piece(place)).decode()})
