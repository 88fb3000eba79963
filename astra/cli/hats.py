"""``astra hats``: catalogues of any size, by LSDB and Dask."""

import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress as Bar

from astra.cli.options import Home
from astra.data.observatory import Observatory
from astra.data.surveys import Survey

hats = typer.Typer(help="Catalogues of any size, in the HATS format.", no_args_is_help=True)
_Output = Annotated[Path, typer.Option(help="Folder of the catalogue to write.")]
_Catalogue = Annotated[str, typer.Argument(help="Folder or address of a HATS catalogue.")]


@hats.command("write")
def write(
    survey: Annotated[str, typer.Argument(help="Survey of the observatory.")],
    output: _Output,
    rows: Annotated[int, typer.Option(min=1, help="Objects in a partition at most.")] = 50_000,
    home: Home = None,
) -> None:
    """Write a survey as a HATS catalogue with nested light curves."""
    from astra.hats.writing import write_survey

    begin = time.perf_counter()
    opened = Survey.open(Observatory(home).survey(survey))
    with _Shown("objects") as shown:
        write_survey(opened, output, rows, shown)
    _told(f"wrote {escape(str(output))}", begin)


@hats.command("import")
def import_(
    catalogue: _Catalogue,
    survey: Annotated[str, typer.Option(help="Name of the survey in the observatory.")],
    replace: Annotated[bool, typer.Option(help="Replace a survey of this name.")] = False,
    home: Home = None,
) -> None:
    """Import a HATS catalogue as a survey, partition by partition."""
    from astra.hats.streaming import import_catalogue

    begin = time.perf_counter()
    with _Shown("partitions") as shown:
        made = import_catalogue(catalogue, survey, Observatory(home), replace, shown)
    words = f"{made.manifest['objects']:,} objects, {made.manifest['observations']:,} observations"
    _told(f"imported {words} into {escape(str(made.path))}", begin)


@hats.command("embed")
def embed(
    catalogue: _Catalogue,
    output: _Output,
    encoder: Annotated[str, typer.Option(help="Name of shipped weights, or a path.")] = "astra",
    workers: Annotated[int, typer.Option(min=1, help="Processes, or jobs of SLURM.")] = 2,
    scheduler: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler that runs already.")
    ] = None,
    slurm: Annotated[
        Path | None, typer.Option(help="JSON of the arguments of dask_jobqueue.SLURMCluster.")
    ] = None,
) -> None:
    """Embed every object of a HATS catalogue; the vectors are a HATS catalogue of their own.

    Begun again after it was cut off, it goes on with the partitions that are missing.
    """
    from astra.hats.embedding import embed_catalogue
    from astra.hats.schedulers import dask_client

    begin = time.perf_counter()
    with dask_client(workers, scheduler, slurm) as client:
        Console().print(f"{len(client.scheduler_info()['workers'])} workers", highlight=False)
        embed_catalogue(catalogue, output, encoder)
    _told(f"wrote {escape(str(output))}", begin)


class _Shown:
    """A bar on the console that takes a stage's progress."""

    def __init__(self, unit: str) -> None:
        self._bar = Bar(transient=True)
        self._task = self._bar.add_task(unit, total=None)

    def __enter__(self) -> "_Shown":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def __call__(self, event: str, **facts: Any) -> None:
        self._bar.update(self._task, completed=facts["done"], total=facts["total"])


def _told(words: str, begin: float) -> None:
    seconds = time.perf_counter() - begin
    Console(soft_wrap=True).print(f"[green]{words}[/] in {seconds:.1f} s", highlight=False)
