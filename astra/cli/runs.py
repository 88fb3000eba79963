"""``astra runs``: what the observatory holds, and what is put away."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from astra.cli.options import Home
from astra.data.errors import AstraError
from astra.data.observatory import Observatory
from astra.runs.keeping import Loss, Place, away, bring_back, empty_trash, loss_of, put_away
from astra.runs.pointers import pointers
from astra.runs.run import list_runs

runs = typer.Typer(help="List the published runs; delete, archive, restore them.")
Name = Annotated[str, typer.Argument(help="Name of a run.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@runs.callback(invoke_without_command=True)
def list_(context: typer.Context, home: Home = None) -> None:
    """List the published runs, newest first."""
    context.obj = Observatory(home)
    if context.invoked_subcommand is not None:
        return
    observatory = context.obj
    table = Table(
        *("run", "survey", "objects", "recipe", "parent", "macro-F1", "created", ""), box=None
    )
    for run in list_runs(observatory):
        manifest = run.manifest
        score = run.summary("probes").get("macro_f1") if "probes" in manifest.artefacts else None
        point = pointers(observatory, manifest.survey)
        table.add_row(
            run.name,
            manifest.survey,
            f"{manifest.objects:,}",
            manifest.recipe,
            manifest.parent or "",
            "" if score is None else f"{score:.3f}",
            manifest.created,
            {point.current: "current", point.previous: "previous"}.get(run.name, ""),
        )
    Console().print(table if table.row_count else f"no runs in {observatory.runs}")
    for place, folders in away(observatory).items():
        if folders:
            names = ", ".join(path.name.partition("_")[2] for path in folders)
            typer.echo(f"in the {place}: {names}")


@runs.command()
def delete(context: typer.Context, run: Name, home: Home = None, yes: Yes = False) -> None:
    """Move a run into the trash, unless others need it."""
    _put_away(_observatory(context, home), run, "trash", yes)


@runs.command()
def archive(context: typer.Context, run: Name, home: Home = None, yes: Yes = False) -> None:
    """Move a run out of sight, to be kept."""
    _put_away(_observatory(context, home), run, "archive", yes)


@runs.command()
def restore(context: typer.Context, run: Name, home: Home = None) -> None:
    """Bring a run back from the archive or the trash."""
    bring_back(_observatory(context, home), run)
    typer.echo(f"run {run} is back")


@runs.command("empty-trash")
def empty(context: typer.Context, home: Home = None, yes: Yes = False) -> None:
    """Delete for good what is in the trash."""
    observatory = _observatory(context, home)
    names = [path.name for path in away(observatory)["trash"]]
    if not names:
        typer.echo("the trash is empty")
    elif yes or typer.confirm(f"Delete for good: {', '.join(names)}?"):
        typer.echo(f"{empty_trash(observatory)} deleted")


def _observatory(context: typer.Context, home: Home) -> Observatory:
    return context.obj if home is None else Observatory(home)


def _put_away(observatory: Observatory, run: str, place: Place, yes: bool) -> None:
    loss = loss_of(observatory, run)
    if loss.against:
        raise AstraError(f"run {run} stays: {'; '.join(loss.against)}")
    for line in told(loss):
        typer.echo(line)
    if yes or typer.confirm(f"Move run {run} into the {place}?"):
        put_away(observatory, run, place)
        typer.echo(f"run {run} is in the {place}: astra runs restore {run} brings it back")


def told(loss: Loss) -> list[str]:
    """What goes with a run, a line each."""
    lines = [
        f"map of {loss.objects:,} objects; {loss.bytes / 1e6:,.1f} MB, "
        f"{loss.bytes_alone / 1e6:,.1f} MB of it shared with no other run"
    ]
    if loss.labels:
        lines.append(f"a snapshot of {loss.labels:,} labels of annotators; the log keeps them all")
    if loss.comparisons:
        lines.append(f"comparisons that will not open: {', '.join(loss.comparisons)}")
    return [*lines, *loss.beware]
