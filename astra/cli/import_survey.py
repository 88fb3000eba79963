"""``astra import``: light curves from files of any known format into the observatory."""

import hashlib
import re
import sys
import time
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from astra.cli.options import Home
from astra.data.errors import AstraError, RejectedFileError
from astra.data.light_curves import LightCurves
from astra.data.observatory import Observatory
from astra.data.surveys import new_survey, write_manifest
from astra.readers import read
from astra.readers.mapping import MEANINGS, describe
from astra.readers.options import DUPLICATES, Ask, Options
from astra.readers.page import NAME, write_page
from astra.readers.quarantine import Quarantine

_SENTENCES = 5
_UNSAFE = re.compile(r"[^A-Za-z0-9_.+-]+")


def import_survey(
    paths: Annotated[
        list[Path],
        typer.Argument(
            help="Files of any known format, folders of them, or <name> of a pair "
            "<name>_objects.parquet and <name>_observations.parquet."
        ),
    ],
    survey: Annotated[
        str | None, typer.Option(help="Name in the observatory; the first path's by default.")
    ] = None,
    home: Home = None,
    strict: Annotated[
        bool, typer.Option(help="Import nothing if any row or file is refused, or a unit doubted.")
    ] = False,
    replace: Annotated[bool, typer.Option(help="Replace a survey of this name.")] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Take guesses about plain tables without asking.")
    ] = False,
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", help=f"MEANING=COLUMN for plain tables: {', '.join(MEANINGS)}."),
    ] = None,
    bridge: Annotated[
        str,
        typer.Option(
            help="Join objects on the sky: auto (formats with one row per filter), none, or a "
            "radius in arcsec for all objects of all surveys."
        ),
    ] = "auto",
    duplicates: Annotated[
        str, typer.Option(help=f"Same object, band and time, other flux: {', '.join(DUPLICATES)}.")
    ] = "keep",
    schema: Annotated[
        Path | None,
        typer.Option(help="Avro schema of packets that come without one.", exists=True),
    ] = None,
    assume_error: Annotated[
        float | None, typer.Option(help="Error (mag) of magnitudes that come without one.")
    ] = None,
) -> None:
    """Check light curves row by row, keep the valid ones, quarantine the others."""
    begin = time.perf_counter()
    ask = None if yes else _asking(Console(soft_wrap=True, highlight=False))
    options = _options(mapping or [], bridge, duplicates, schema, assume_error, ask)
    name = survey or _UNSAFE.sub("_", paths[0].absolute().name.partition(".")[0]).strip("_.+-")
    folder = Observatory(home).survey(name)
    quarantine = Quarantine()
    with new_survey(folder, replace) as building:
        light_curves = read(paths if len(paths) > 1 else paths[0], quarantine, options=options)
        _tell_refusals(quarantine)
        if strict and (quarantine or quarantine.doubts):
            raise RejectedFileError(f"{paths[0]}: nothing was imported, because --strict was given")
        _write(building, name, light_curves, quarantine)
    _tell_counts(folder, light_curves, quarantine, time.perf_counter() - begin)


def _options(
    mapping: list[str],
    bridge: str,
    duplicates: str,
    schema: Path | None,
    assume_error: float | None,
    ask: Ask | None,
) -> Options:
    """Choices of the command line, checked."""
    pairs = [pair.partition("=") for pair in mapping]
    wrong = next((pair for pair in pairs if not (pair[0] and pair[2])), None)
    if wrong:
        raise AstraError(f"--map {''.join(wrong)}: write MEANING=COLUMN, such as time=mjd")
    strange = [pair[0] for pair in pairs if pair[0] not in MEANINGS]
    if strange:
        raise AstraError(f"--map {strange[0]}=...: no such meaning; use {', '.join(MEANINGS)}")
    if duplicates not in DUPLICATES:
        raise AstraError(f"--duplicates {duplicates}: one of {', '.join(DUPLICATES)}")
    return Options(
        mapping={meaning: column for meaning, _, column in pairs} or None,
        ask=ask,
        bridge=_radius(bridge),
        bridging=bridge != "none",
        duplicates=duplicates,
        schema=schema,
        assumed_error=assume_error,
    )


def _radius(bridge: str) -> float | None:
    if bridge in ("auto", "none"):
        return None
    try:
        radius = float(bridge)
    except ValueError:
        radius = -1.0
    if not 0 < radius <= 60:
        raise AstraError(f"--bridge {bridge}: auto, none, or a radius up to 60 arcsec")
    return radius


def _asking(console: Console) -> Ask:
    """Ask once for each guess; where nobody can answer, a guess is refused."""
    answers: dict[tuple[tuple[str, str], ...], bool] = {}

    def ask(file: Path, mapping: Mapping[str, str]) -> bool:
        key = tuple(mapping.items())
        if key not in answers:
            console.print(f"[cyan]{escape(str(file))}[/]: the columns are taken as")
            for meaning, column in mapping.items():
                console.print(f"    {meaning:<12}{escape(column)}")
            if not sys.stdin.isatty():
                raise RejectedFileError(
                    f"{file}: the guess {describe(mapping)} needs a yes: give --yes, "
                    "or --map MEANING=COLUMN for what is wrong"
                )
            answers[key] = typer.confirm("Is that right?", default=True)
        return answers[key]

    return ask


def _write(folder: Path, survey: str, light_curves: LightCurves, quarantine: Quarantine) -> None:
    light_curves.save(folder / "light_curves")
    assert light_curves.catalogue is not None
    light_curves.catalogue.save(folder / "catalogue.parquet")
    origin = {
        "imported": {str(file): _sha256(file) for file in quarantine.files},
        "formats": quarantine.formats,
    }
    scale = _time_scale(light_curves)
    write_manifest(folder, survey, origin, quarantine=quarantine.summary(), time_scale=scale)
    write_page(folder, survey, light_curves, quarantine)
    if quarantine:
        quarantine.save(folder)


def _time_scale(light_curves: LightCurves) -> str:
    """Time scale that all objects share, ``mixed`` where they differ."""
    assert light_curves.catalogue is not None
    if "time_scale" not in light_curves.catalogue:
        return "unknown"
    scales = set(light_curves.catalogue["time_scale"].fillna("unknown"))
    return str(scales.pop()) if len(scales) == 1 else "mixed"


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _tell_refusals(quarantine: Quarantine) -> None:
    console = Console(soft_wrap=True, highlight=False)
    for note in quarantine.notes[: 4 * _SENTENCES]:
        console.print(f"[cyan]Note:[/] {escape(note)}")
    if len(quarantine.notes) > 4 * _SENTENCES:
        console.print(f"[cyan]... and {len(quarantine.notes) - 4 * _SENTENCES:,} more notes[/]")
    for reason in quarantine.refused_files.values():
        console.print(f"[yellow]File refused:[/] {escape(reason)}")
    for refusal in islice(quarantine, _SENTENCES):
        console.print(f"[yellow]Refused:[/] {escape(str(refusal))}")
    if len(quarantine) > _SENTENCES:
        console.print(f"[yellow]... and {sum(quarantine.counts.values()) - _SENTENCES:,} more[/]")
    for doubt in quarantine.doubts:
        console.print(f"[bold red]Units?[/] {escape(doubt)}")


def _tell_counts(
    folder: Path, light_curves: LightCurves, quarantine: Quarantine, seconds: float
) -> None:
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    table = Table(box=None, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_row("files", f"{len(quarantine.files):,}")
    table.add_row("objects", f"{len(light_curves):,}")
    table.add_row("observations", f"{light_curves.n_observations:,}")
    table.add_row("bands", f"{len(light_curves.bands)}")
    table.add_row("bytes on disk", f"{size:,}")
    table.add_row("refused files", f"{len(quarantine.refused_files):,}")
    table.add_row("refused objects", f"{quarantine.objects:,}")
    table.add_row("refused observations", f"{quarantine.observations:,}")
    for rule, count in quarantine.counts.most_common():
        table.add_row(f"  {rule}", f"{count:,}")
    table.add_row("seconds", f"{seconds:.1f}")
    console = Console(soft_wrap=True, highlight=False)
    console.print(table)
    console.print(f"[green]imported[/] into {escape(str(folder))}")
    console.print(f"summary: {escape(str(folder / NAME))}")
    if quarantine:
        console.print(f"what was refused: {escape(str(folder / 'quarantine.parquet'))}")
