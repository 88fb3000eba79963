"""``astra add``: tonight's observations and objects into a survey that is there."""

import hashlib
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from astra.cli.options import Home
from astra.data.errors import RejectedFileError
from astra.data.growing import grow_survey
from astra.data.observatory import Observatory
from astra.data.surveys import Survey
from astra.readers import read
from astra.readers.options import Options
from astra.readers.quarantine import Quarantine


def add(
    paths: Annotated[
        list[Path], typer.Argument(help="Files of any known format, or folders of them.")
    ],
    survey: Annotated[str, typer.Option(help="Survey of the observatory that grows.")],
    home: Home = None,
    strict: Annotated[bool, typer.Option(help="Add nothing if any row is refused.")] = False,
) -> None:
    """Add observations and objects to a survey; a run made from it looks only at what is new.

    Then: astra precompute SURVEY --run NEW --parent RUN.
    """
    console = Console(soft_wrap=True, highlight=False)
    there = Survey.open(Observatory(home).survey(survey))
    quarantine = Quarantine()
    more = read(paths if len(paths) > 1 else paths[0], quarantine, options=Options())
    for refusal in list(quarantine)[:5]:
        console.print(f"[yellow]Refused:[/] {escape(str(refusal))}")
    if strict and quarantine:
        raise RejectedFileError(f"{paths[0]}: nothing was added, because --strict was given")
    origin = {"files": {str(file): _sha256(file) for file in quarantine.files}}
    growth = grow_survey(there, more, origin)
    if not growth:
        console.print(f"nothing new: survey {escape(survey)} stays as it is")
        return
    console.print(
        f"[green]added[/] {growth.observations:,} observations: {growth.objects:,} new objects, "
        f"{growth.changed:,} that were there; {growth.repeated:,} observations were there already"
    )


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
