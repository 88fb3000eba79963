"""``astra demo``: a simulated sky, its map, and the page, in one command."""

from typing import Annotated

import typer
from rich.console import Console

from astra.cli.options import Home, Port
from astra.cli.precompute import run_precompute
from astra.cli.serve import serve
from astra.cli.simulate import simulate
from astra.data.observatory import Observatory

SURVEY = "demo-sky"


def demo(
    home: Home = None,
    port: Port = 5006,
    objects: Annotated[int, typer.Option(help="Objects to simulate.", min=500)] = 20_000,
    seed: Annotated[int, typer.Option(help="Seed of the sky.", min=0)] = 1,
    page: Annotated[bool, typer.Option(help="Serve the page at the end.")] = True,
) -> None:
    """Simulate a ZTF-like sky, precompute its map with the shipped encoder, serve the page.

    What is already there is not made again.
    """
    observatory = Observatory(home)
    if SURVEY in observatory.survey_names():
        Console().print(f"{SURVEY} is in {observatory.surveys}")
    else:
        simulate(SURVEY, objects=objects, seed=seed, home=observatory.home)
    status = run_precompute([SURVEY, "--home", str(observatory.home)])
    if status != 0:
        raise typer.Exit(status)
    if page:
        serve(observatory.home, port)
