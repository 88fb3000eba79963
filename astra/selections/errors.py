"""What can be wrong with a selection, and with the expression that asks for one."""

import difflib
from collections.abc import Iterable

from astra.data.errors import AstraError

MOST_NAMED = 12


class SelectionError(AstraError):
    """A selection that cannot be made, kept or found."""


class ExpressionError(SelectionError):
    """An expression that cannot be understood.

    Parameters
    ----------
    reason : str
        What is wrong and what would be right.
    text : str
        The expression.
    at : int
        Character where it is wrong, from 0; the length of the text where something is missing.
    """

    def __init__(self, reason: str, text: str, at: int) -> None:
        self.reason, self.text, self.at = reason, text, min(at, len(text))
        super().__init__(f"{reason} (character {self.at + 1})")

    def pointed(self) -> str:
        """Give the expression with a mark below the character, and what is wrong there."""
        line = "".join(c if c.isprintable() else " " for c in self.text)
        return f"{line}\n{' ' * self.at}^ {self.reason}"


def near(name: str, known: Iterable[str], what: str) -> str:
    """In words: which names are like this one, else which there are."""
    names = list(known)
    by_lower = {one.lower(): one for one in reversed(names)}
    like = [by_lower[one] for one in difflib.get_close_matches(name.lower(), by_lower, n=3)]
    if like:
        return f"did you mean {' or '.join(like)}?"
    listed = ", ".join(names[:MOST_NAMED]) or "none"
    return f"{what}: {listed}{', …' if len(names) > MOST_NAMED else ''}"
