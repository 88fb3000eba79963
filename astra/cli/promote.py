"""``astra promote`` and ``astra rollback``: which run everybody sees."""

import getpass
from typing import Annotated

import typer

from astra.cli.options import Home
from astra.data.observatory import Observatory
from astra.runs.pointers import Pointers, roll_back
from astra.runs.pointers import promote as promote_run


def promote(
    run: Annotated[str, typer.Argument(help="Run that everybody is to see.")], home: Home = None
) -> None:
    """Check a run, then make it the current one of its survey."""
    _tell(promote_run(Observatory(home), run, _who()))


def rollback(
    survey: Annotated[str, typer.Argument(help="Survey, needless where there is one.")] = "",
    home: Home = None,
) -> None:
    """Make the run that was current before the current one again."""
    observatory = Observatory(home)
    _tell(roll_back(observatory, survey or observatory.only_survey(), _who()))


def _tell(point: Pointers) -> None:
    before = f", before: {point.previous}" if point.previous else ""
    typer.echo(f"current: {point.current}{before}")


def _who() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container without a user of this number
        return ""
