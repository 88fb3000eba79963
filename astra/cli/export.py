"""``astra export``: objects of a run into a file that other tools read."""

import time
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.markup import escape

from astra.cli.options import Home, Ids, read_ids
from astra.data.observatory import Observatory
from astra.exchange.columns import ExchangeError, SelectionTable, rows_of_ids
from astra.exchange.export import FORMATS
from astra.exchange.export import export as write
from astra.runs.run import Run
from astra.selections import SelectionBook, where


def export(
    run: Annotated[str, typer.Argument(help="Name of a published run.")],
    output: Annotated[
        Path,
        typer.Option(help="File to write; for light curves a new folder, or a file ending in .zip"),
    ],
    selection: Annotated[str | None, typer.Option(help="Name of a saved selection.")] = None,
    where_: Annotated[
        str | None,
        typer.Option("--filter", help='Expression, such as "period < 0.1 and n_obs > 50"'),
    ] = None,
    ids: Ids = None,
    form: Annotated[
        str, typer.Option("--format", help=f"One of {', '.join(FORMATS)}.")
    ] = "parquet",
    home: Home = None,
    replace: Annotated[bool, typer.Option(help="Replace a file of this name.")] = False,
) -> None:
    """Write ids, catalogue, labels, predictions and scores of objects, or their light curves."""
    begin = time.perf_counter()
    observatory = Observatory(home)
    opened = Run.open(observatory.run(run))
    console = Console(soft_wrap=True, highlight=False)
    rows, name, missing = _chosen(opened, observatory, selection, where_, ids)
    if missing:
        console.print(f"[yellow]Note:[/] {missing:,} of the ids are not in run {escape(run)}")
    path = write(SelectionTable(opened, rows, name), output, form, replace)
    size = sum(f.stat().st_size for f in ([path] if path.is_file() else path.rglob("*")))
    console.print(
        f"[green]exported[/] {len(rows):,} objects, {size:,} bytes in "
        f"{time.perf_counter() - begin:.1f} s into {escape(str(path))}"
    )


def _chosen(
    run: Run,
    observatory: Observatory,
    selection: str | None,
    expression: str | None,
    ids: Path | None,
) -> tuple[np.ndarray, str, int]:
    """Map rows, what they are called, and how many asked for are missing."""
    asked = [way for way in (selection, expression, ids) if way is not None]
    if len(asked) > 1:
        raise ExchangeError("say which objects in one way: --selection, --filter or --ids")
    if selection is not None:
        replay = SelectionBook(observatory).replay(selection, run)
        return np.flatnonzero(replay.mask), selection, replay.missing
    if expression is not None:
        return np.flatnonzero(where(run, expression)), expression, 0
    if ids is not None:
        rows, missing = rows_of_ids(run, read_ids(ids))
        return rows, ids.name, missing
    return np.arange(len(run)), "all objects", 0
