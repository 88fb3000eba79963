"""Options that several commands share.

What a command is about is its argument; a survey that it is not about is ``--survey``. What it
writes outside the observatory goes to ``--output``.
"""

from pathlib import Path
from typing import Annotated

import typer

from astra.data.errors import RejectedFileError

Home = Annotated[
    Path | None,
    typer.Option(help="The observatory's folder; default: $ASTRA_HOME, else ./observatory."),
]
Ids = Annotated[
    Path | None,
    typer.Option(help="Text file of object ids, one a line.", exists=True, dir_okay=False),
]
Port = Annotated[int, typer.Option(help="Port of the page.", min=1, max=65535)]


def read_ids(path: Path) -> list[str]:
    """Ids of a text file, one a line, without the empty ones.

    Raises
    ------
    RejectedFileError
        It is not text, or has no ids.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise RejectedFileError(f"{path}: not a text file (UTF-8); write one id a line") from error
    ids = [line.strip() for line in lines if line.strip()]
    if not ids:
        raise RejectedFileError(f"{path}: no ids in it; write one id a line")
    return ids
