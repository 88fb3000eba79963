"""``python -m precompute``: make a run, or find that there is nothing to do."""

import logging
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from astra.data.observatory import Observatory
from astra.data.surveys import Survey
from astra.runs.run import Run
from precompute.guarding import guarded
from precompute.pipeline import STAGES, Asked, bring_up_to_date
from precompute.progress import Reporter, reporting
from precompute.recipe import read_recipe
from precompute.stopping import STOP
from precompute.together import are_several, share


def make(
    survey: Annotated[str, typer.Argument(help="Survey, needless where there is only one.")] = "",
    run: Annotated[str, typer.Option(help="Name of the run; default: SURVEY-RECIPE.")] = "",
    recipe: Annotated[
        str,
        typer.Option(help="Name of a recipe or a .toml file; default: the parent's, or 'astra'."),
    ] = "",
    parent: Annotated[str, typer.Option(help="Run to inherit from, or to teach.")] = "",
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="stage.setting=value; may be repeated.")
    ] = None,
    home: Annotated[
        Path | None, typer.Option(help="The observatory; default: $ASTRA_HOME or ./observatory.")
    ] = None,
    progress: Annotated[Path | None, typer.Option(help="Append events here, as JSON.")] = None,
    workers: Annotated[int, typer.Option(help="Processes; 0: one a core.", min=0)] = 0,
) -> None:
    """Make a run of a survey: what is missing is made, what is there is kept.

    A published run never changes. Killed at any moment, the next call goes on from there.
    """
    STOP.listen()

    def work() -> int:
        with reporting(progress) as tell:
            asked = (survey, run, recipe, parent, set_ or [], home, workers)
            return guarded(tell, lambda: bring_up_to_date(_asked(tell, *asked)))

    sys.exit(share(work) if are_several() else work())


def _asked(
    tell: Reporter,
    survey: str,
    run: str,
    recipe: str,
    parent: str,
    overrides: list[str],
    home: Path | None,
    workers: int,
) -> Asked:
    observatory = Observatory(home)
    name = survey or observatory.only_survey()
    parent_run = Run.open(observatory.run(parent)) if parent else None
    chosen = read_recipe(
        recipe or None,
        overrides,
        {stage.makes: stage.settings for stage in STAGES},
        None if parent_run is None else parent_run.manifest,
    )
    return Asked(
        observatory=observatory,
        survey=Survey.open(observatory.survey(name)),
        run=run or f"{name}-{chosen.name}",
        recipe=chosen,
        parent=parent_run,
        workers=workers or os.cpu_count() or 1,
        progress=tell,
    )


def main() -> None:
    """Entry point."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if sys.argv[1:2] == ["comparing"]:  # a job of the queue
        from precompute import comparing

        del sys.argv[1]
        typer.run(comparing.make)
    app = typer.Typer(add_completion=False)
    app.command()(make)
    app(prog_name="astra precompute")


if __name__ == "__main__":
    main()
