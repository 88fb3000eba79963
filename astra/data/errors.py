"""What can be wrong with light curves and the folders that hold them.

AstraError
├── UnknownBandError
├── StoreError          a folder of light curves, a survey or a run is damaged or missing
└── RejectedFileError   nothing in a file could be kept
"""

import difflib
from collections.abc import Iterable


class AstraError(Exception):
    """Any error whose message is meant for the person who caused it."""


class UnknownBandError(AstraError):
    """A band name that no known survey uses."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        near = difflib.get_close_matches(name, list(known), n=3)
        hint = f"; did you mean {', '.join(near)}?" if near else ""
        super().__init__(f"unknown band {name!r}{hint}")
        self.name = name


class StoreError(AstraError):
    """A folder that should hold light curves, a survey or a run does not."""


class RejectedFileError(AstraError):
    """A file of which nothing could be kept."""
