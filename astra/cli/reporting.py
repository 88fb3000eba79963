"""What commands that measure share: the bar while they do, and the words that asked for it."""

import shlex
import sys

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

NEVER_IN_A_DOCUMENT = ("--home", "--output")


def measuring_bar() -> Progress:
    """A bar beside the text that is written; none where nobody watches a terminal."""
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
    )


def typed_command() -> str:
    """What was typed, without the folders, which are another's on another machine."""
    words, kept = sys.argv[1:], ["astra"]
    while words:
        word = words.pop(0)
        if word in NEVER_IN_A_DOCUMENT:
            words = words[1:]
        elif not word.startswith(tuple(f"{name}=" for name in NEVER_IN_A_DOCUMENT)):
            kept.append(word)
    return shlex.join(kept)
