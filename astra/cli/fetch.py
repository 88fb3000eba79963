"""``astra fetch``: light curves from brokers and archives, into files."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from astra.cli.options import Ids, read_ids
from astra.data.errors import AstraError
from astra.services.fetching import ARCHIVES, Fetched, ids_by_tap
from astra.services.fetching import fetch as fetch_files
from astra.services.web import Pace, session

_TOLD = 5


def fetch(
    archive: Annotated[str, typer.Argument(help=f"One of {', '.join(ARCHIVES)}.")],
    output: Annotated[Path, typer.Option(help="Folder of the files; made if it is not there.")],
    ids: Ids = None,
    cone: Annotated[
        tuple[float, float, float] | None,
        typer.Option(help="RA and Dec (deg) and radius (arcsec) of a circle."),
    ] = None,
    tap: Annotated[
        str | None, typer.Option(help="ADQL whose first column is ids (IRSA only).")
    ] = None,
    most: Annotated[int, typer.Option(help="Objects of a cone at most.", min=1)] = 1000,
    pace: Annotated[float, typer.Option(help="Seconds between requests at least.", min=0.2)] = 1.0,
) -> None:
    """Fetch light curves; say it again to go on where it stopped, and to retry what failed."""
    if archive not in ARCHIVES:
        raise AstraError(f"archive {archive!r}: use {', '.join(ARCHIVES)}")
    opened = session(pace=Pace(pace), timeout=120.0)
    wanted = _wanted(archive, ids, cone, tap, most, opened)
    console = Console(soft_wrap=True, highlight=False)
    columns = (TextColumn("fetching"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("fetching", total=len(wanted))

        def tell(event: str, **facts: Any) -> None:
            bar.update(task, completed=facts.get("done", 0), total=facts.get("total"))

        fetched = fetch_files(archive, wanted, output, opened, tell)
    _say(console, fetched)
    if fetched.failed and not fetched.files:
        raise typer.Exit(1)


def _wanted(
    archive: str,
    ids: Path | None,
    cone: tuple[float, float, float] | None,
    tap: str | None,
    most: int,
    opened: Any,
) -> list[str]:
    if sum(way is not None for way in (ids, cone, tap)) != 1:
        raise AstraError("say which objects in one way: --ids, --cone or --tap")
    if ids is not None:
        return read_ids(ids)
    if cone is not None:
        ra, dec, radius = cone
        if not (0 <= ra <= 360 and -90 <= dec <= 90 and 0 < radius <= 3600):
            raise AstraError("a cone is RA 0 to 360, Dec -90 to 90 [deg], radius to 3600 [arcsec]")
        return ARCHIVES[archive].cone(opened, ra, dec, radius, most)
    return ids_by_tap(archive, str(tap), opened)


def _say(console: Console, fetched: Fetched) -> None:
    objects = sum(map(len, fetched.files.values()))
    console.print(
        f"[green]fetched[/] {objects:,} objects in {len(fetched.files):,} files into "
        f"{escape(str(fetched.folder))}; no observations of {len(fetched.empty):,}"
    )
    for object_id, why in list(fetched.failed.items())[:_TOLD]:
        console.print(f"[yellow]not fetched:[/] {object_id}: {escape(why)}")
    if fetched.failed:
        console.print(f"{len(fetched.failed):,} failed; the same command asks for them again")
    if fetched.files:
        console.print(f"next: astra import {escape(str(fetched.folder))} --survey NAME")
