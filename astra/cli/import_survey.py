"""``astra import``: light curves from files into the observatory."""

import hashlib
import time
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from astra.cli.options import Home
from astra.data.errors import RejectedFileError
from astra.data.light_curves import LightCurves
from astra.data.observatory import Observatory
from astra.data.surveys import new_survey, write_manifest
from astra.readers import read
from astra.readers.quarantine import Quarantine

_SENTENCES = 5


def import_survey(
    path: Annotated[
        Path,
        typer.Argument(
            help="Either file of a pair <name>_objects.parquet and <name>_observations.parquet, "
            "the folder of the pair, or <name> with its folder."
        ),
    ],
    survey: Annotated[str, typer.Option(help="Name of the survey in the observatory.")],
    home: Home = None,
    strict: Annotated[bool, typer.Option(help="Import nothing if any row is refused.")] = False,
    replace: Annotated[bool, typer.Option(help="Replace a survey of this name.")] = False,
) -> None:
    """Check light curves row by row, keep the valid ones, quarantine the others."""
    begin = time.perf_counter()
    folder = Observatory(home).survey(survey)
    quarantine = Quarantine()
    with new_survey(folder, replace) as building:
        light_curves = read(path, quarantine)
        _tell_refusals(quarantine)
        if strict and quarantine:
            raise RejectedFileError(f"{path}: nothing was imported, because --strict was given")
        _write(building, survey, light_curves, quarantine)
    _tell_counts(folder, light_curves, quarantine, time.perf_counter() - begin)


def _write(folder: Path, survey: str, light_curves: LightCurves, quarantine: Quarantine) -> None:
    light_curves.save(folder / "light_curves")
    assert light_curves.catalogue is not None
    light_curves.catalogue.save(folder / "catalogue.parquet")
    origin = {"imported": {str(file): _sha256(file) for file in quarantine.files}}
    write_manifest(folder, survey, origin, quarantine=quarantine.summary())
    if quarantine:
        quarantine.save(folder)


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _tell_refusals(quarantine: Quarantine) -> None:
    console = Console(soft_wrap=True, highlight=False)
    for note in quarantine.notes:
        console.print(f"[cyan]Note:[/] {escape(note)}")
    for refusal in islice(quarantine, _SENTENCES):
        console.print(f"[yellow]Refused:[/] {escape(str(refusal))}")
    if len(quarantine) > _SENTENCES:
        console.print(f"[yellow]... and {sum(quarantine.counts.values()) - _SENTENCES:,} more[/]")


def _tell_counts(
    folder: Path, light_curves: LightCurves, quarantine: Quarantine, seconds: float
) -> None:
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    table = Table(box=None, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_row("objects", f"{len(light_curves):,}")
    table.add_row("observations", f"{light_curves.n_observations:,}")
    table.add_row("bands", f"{len(light_curves.bands)}")
    table.add_row("bytes on disk", f"{size:,}")
    table.add_row("refused objects", f"{quarantine.objects:,}")
    table.add_row("refused observations", f"{quarantine.observations:,}")
    for rule, count in quarantine.counts.most_common():
        table.add_row(f"  {rule}", f"{count:,}")
    table.add_row("seconds", f"{seconds:.1f}")
    console = Console(soft_wrap=True, highlight=False)
    console.print(table)
    console.print(f"[green]imported[/] into {escape(str(folder))}")
    if quarantine:
        console.print(f"what was refused: {escape(str(folder / 'quarantine.parquet'))}")
