"""``astra periods``: how often the period search finds the periods of a catalogue."""

from pathlib import Path
from typing import Annotated

import typer

from astra.cli.options import Home
from astra.cli.reporting import measuring_bar, typed_command
from astra.data.durable import write_whole
from astra.data.observatory import Observatory


def periods(
    survey: Annotated[str, typer.Argument(help="Survey, needless where there is only one.")] = "",
    group: Annotated[
        list[str] | None,
        typer.Option(
            help="A survey named in the catalogue; repeatable. Default: all that have periods."
        ),
    ] = None,
    home: Home = None,
    objects: Annotated[
        int | None, typer.Option(help="Draw at most so many objects of a group.", min=1)
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of that draw.")] = 0,
    output: Annotated[
        Path | None, typer.Option(help="Also write the table to this file, as Markdown.")
    ] = None,
) -> None:
    """Compare found periods with those of the catalogue, beside plain Lomb-Scargle."""
    # SciPy, astropy and nifty-ls: not before the options are known to be good.
    from astra.evaluation.recovery import groups_with_periods, recover
    from astra.evaluation.recovery_report import report

    observatory = Observatory(home)
    name = survey or observatory.only_survey()
    groups = groups_with_periods(observatory, name, tuple(group or ()), objects, seed)
    recoveries = []
    with measuring_bar() as bar:
        for one in groups:
            task = bar.add_task(one.name, total=len(one.rows))
            recoveries.append(
                recover(one, lambda done, total, task=task: bar.update(task, completed=done))
            )
    text = report(recoveries, typed_command(), seed)
    if output is not None:
        output.parent.mkdir(parents=True, exist_ok=True)
        write_whole(output, text.encode())
    typer.echo(text)
