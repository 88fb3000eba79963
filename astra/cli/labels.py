"""``astra labels``: bring labels in and out, merge logs, see who agrees and what was said."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from astra.cli.options import Home
from astra.data.observatory import Observatory
from astra.labels.agreement import Opinions
from astra.labels.exporting import What, export_labels
from astra.labels.importing import Imported, import_labels, merge
from astra.labels.kappa import Agreement
from astra.labels.store import LabelStore
from astra.labels.taxonomies import Taxonomies
from astra.labels.taxonomy_files import read_taxonomy, write_taxonomy

_TOLD = 5
_MOST_CLASHES = 10
app = typer.Typer(help="Labels: import, export, merge, agreement, history.", no_args_is_help=True)


@app.command("import")
def import_(
    path: Annotated[Path, typer.Argument(help="A .csv or .parquet file.", exists=True)],
    annotator: Annotated[
        str | None, typer.Option(help="Whose labels these are, where the file does not say.")
    ] = None,
    keep_valid: Annotated[
        bool, typer.Option(help="Leave out rows that break a rule, import the others.")
    ] = False,
    home: Home = None,
) -> None:
    """Append the labels of a file; the same file brought again changes nothing."""
    _tell_imported(import_labels(_store(home), path, annotator, keep_valid))


@app.command("export")
def export_(
    output: Annotated[Path, typer.Option(help="A .csv or .parquet file.", dir_okay=False)],
    what: Annotated[
        What,
        typer.Option(help="What objects are called now, by each annotator, or all that was said."),
    ] = "current",
    home: Home = None,
) -> None:
    """Write labels to a file; that of all events can be imported elsewhere."""
    rows = export_labels(_store(home), output, what)
    _console().print(f"[green]wrote[/] {rows:,} rows to {escape(str(output))}")


@app.command("merge")
def merge_(
    path: Annotated[Path, typer.Argument(help="Another label log: labels.sqlite.")],
    home: Home = None,
) -> None:
    """Append what another log holds; what is there already is not doubled."""
    _tell_imported(merge(_store(home), path))


@app.command()
def agreement(home: Home = None) -> None:
    """Tell how far annotators agree, with 95 % bootstrap intervals, and where they do not."""
    store = _store(home)
    opinions = Opinions.of(store, Taxonomies(store.path).now().taxonomy)
    console = _console()
    console.print(", ".join(f"{count:,} {state}" for state, count in opinions.counts.items()))
    table = Table("figure", "value", "95 % interval", "objects", box=None)
    _add(table, "Krippendorff alpha", opinions.overall)
    _add(table, "Fleiss kappa", opinions.fleiss)
    for pair in opinions.pairs:
        _add(table, f"Cohen kappa {pair.first} - {pair.second}", pair.agreement)
    for name, figure in opinions.consistency.items():
        _add(table, f"Cohen kappa {name}, asked again", figure)
    for name, figure in opinions.by_class.items():
        _add(table, f"alpha of {name}", figure)
    console.print(table)
    for clash in opinions.clashes[:_MOST_CLASHES]:
        console.print(
            f"{clash.objects:,} objects: {escape(clash.first)} against {escape(clash.second)}"
        )


@app.command()
def history(
    object_id: Annotated[str, typer.Argument(help="Id of the object.")], home: Home = None
) -> None:
    """Tell all that was said of an object, oldest first."""
    events = _store(home).history(object_id)
    table = Table(
        "time", "annotator", "label", "origin", "run", "prediction", "comment", "undone", box=None
    )
    for event in events.to_dict("records"):
        shown = "blind" if event["blind"] else event["prediction_shown"]
        said = event["label"] if isinstance(event["label"], str) else "-"
        cells = [event["annotator"], said, event["origin"], event["run"]]
        cells += [shown if isinstance(shown, str) else "", event["comment"]]
        texts = [escape(str(cell)) for cell in cells]
        time = event["time"].isoformat(timespec="seconds")
        table.add_row(time, *texts, "undone" if event["withdrawn"] else "")
    nothing = f"nothing was said of {escape(object_id)}"
    _console().print(table if table.row_count else nothing)


@app.command()
def suspicious(
    run: Annotated[str, typer.Argument(help="Name of a published run.")], home: Home = None
) -> None:
    """Find labels that a probe on held-out sky contradicts, for a second look in the page."""
    from astra.analysis.suspicious import suspicious_labels
    from astra.labels.second_look import write_second_look
    from astra.runs.run import Run

    observatory = Observatory(home)
    table = suspicious_labels(Run.open(observatory.run(run)), LabelStore(observatory.labels))
    path = write_second_look(observatory, run, table)
    console = _console()
    for row in table.head(_TOLD).to_dict("records"):
        console.print(
            f"{escape(row['object_id'])}: {escape(row['label'])} ({row['probability']:.2f}), "
            f"perhaps {escape(row['suggested'])} ({row['probability_suggested']:.2f})"
        )
    console.print(f"[green]{len(table):,} labels[/] to look at again: {escape(str(path))}")


@app.command()
def taxonomy(
    path: Annotated[
        Path | None,
        typer.Argument(help="To put in force: a .toml or .json file, or SkyPortal's .yaml."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="Write what is then in force to a .toml or .json file.")
    ] = None,
    annotator: Annotated[str, typer.Option(help="Who puts it in force.")] = "me",
    home: Home = None,
) -> None:
    """Show the taxonomy in force; put that of a file in force, or write it to one."""
    book = Taxonomies(Observatory(home).labels)
    now = book.now()
    if path is not None:
        now = book.save(read_taxonomy(path), annotator, instead_of=now.taxonomy.hash)
    if output is not None:
        write_taxonomy(now.taxonomy, output)
    console = _console()
    console.print(
        f"{escape(now.taxonomy.name)}, version {now.number}, {len(now.taxonomy)} classes, "
        f"{now.taxonomy.hash[:12]}"
    )
    if path is None and output is None:
        for depth, entry in now.taxonomy.walk():
            also = f" ({', '.join(entry.synonyms)})" if entry.synonyms else ""
            console.print(f"{'  ' * depth}{escape(entry.name)}{escape(also)}")


def _store(home: Path | None) -> LabelStore:
    return LabelStore(Observatory(home).labels)


def _console() -> Console:
    return Console(soft_wrap=True, highlight=False)


def _tell_imported(done: Imported) -> None:
    console = _console()
    for refusal in done.refused[:_TOLD]:
        console.print(f"[yellow]Refused:[/] {escape(str(refusal))}")
    if len(done.refused) > _TOLD:
        console.print(f"[yellow]... and {len(done.refused) - _TOLD:,} rows more[/]")
    console.print(
        f"[green]{done.labels:,} labels[/] in {done.batches:,} batches appended, "
        f"{done.known:,} batches were there already, {len(done.refused):,} rows refused"
    )


def _add(table: Table, name: str, figure: Agreement) -> None:
    if figure.value == figure.value:
        interval = f"{figure.low:.3f} to {figure.high:.3f}"
        table.add_row(escape(name), f"{figure.value:.3f}", interval, f"{figure.objects:,}")
    else:
        table.add_row(escape(name), "-", "not defined", f"{figure.objects:,}")
