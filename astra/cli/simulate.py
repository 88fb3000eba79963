"""``astra simulate``: a sky with truth, into the observatory."""

import time
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from astra.cli.options import Home
from astra.data.observatory import Observatory
from astra.data.simulation.simulate import simulate_survey
from astra.data.surveys import Survey


def simulate(
    survey: Annotated[str, typer.Argument(help="Name of the new survey.")],
    objects: Annotated[int, typer.Option(help="Objects to simulate.", min=1)] = 20_000,
    seed: Annotated[int, typer.Option(help="Seed of the sky.", min=0)] = 1,
    labelled: Annotated[
        float, typer.Option(help="Fraction of objects whose class is known.", min=0.0, max=1.0)
    ] = 0.1,
    home: Home = None,
    replace: Annotated[bool, typer.Option(help="Replace a survey of this name.")] = False,
) -> None:
    """Simulate a ZTF-like survey of a sky with known truth."""
    begin = time.perf_counter()
    console = Console(soft_wrap=True, highlight=False)
    columns = (TextColumn("simulating"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("simulating", total=objects)
        folder = simulate_survey(
            Observatory(home),
            survey,
            objects,
            seed,
            labelled=labelled,
            replace=replace,
            progress=lambda done: bar.update(task, completed=done),
        )
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    observations = Survey.open(folder).manifest["observations"]
    seconds = time.perf_counter() - begin
    console.print(
        f"[green]simulated[/] {objects:,} objects, {observations:,} observations, "
        f"{size:,} bytes in {seconds:.1f} s into {escape(str(folder))}"
    )
