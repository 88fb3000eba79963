"""``astra``: bring data, simulate, precompute, evaluate, serve."""

import sys
from typing import NoReturn

import typer
from rich.console import Console
from rich.markup import escape

from astra.cli.add import add
from astra.cli.compare import compare
from astra.cli.demo import demo
from astra.cli.evaluate import evaluate
from astra.cli.export import export
from astra.cli.fetch import fetch
from astra.cli.fetch_encoder import fetch_encoder
from astra.cli.hats import hats
from astra.cli.import_survey import import_survey
from astra.cli.labels import app as labels
from astra.cli.lineage import show_lineage
from astra.cli.loop import loop
from astra.cli.periods import periods
from astra.cli.precompute import precompute
from astra.cli.promote import promote, rollback
from astra.cli.runs import runs
from astra.cli.serve import serve
from astra.cli.simulate import simulate
from astra.data.errors import AstraError

app = typer.Typer(
    help="An observatory for the latent space of light curves.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("import")(import_survey)
app.command()(add)
app.command()(simulate)
# What follows is for the other process, --help included.
app.command(
    context_settings={
        "allow_extra_args": True,
        "ignore_unknown_options": True,
        "help_option_names": [],
    }
)(precompute)
app.command()(evaluate)
app.command()(loop)
app.command()(periods)
app.command()(fetch)
app.command("fetch-encoder")(fetch_encoder)
app.command()(export)
app.add_typer(labels, name="labels")
app.add_typer(hats, name="hats")
app.add_typer(runs, name="runs")
app.command()(compare)
app.command()(promote)
app.command()(rollback)
app.command("lineage")(show_lineage)
app.command()(serve)
app.command()(demo)


def main() -> None:
    """Run the command line; errors meant for people are printed without a traceback."""
    try:
        app()
    except AstraError as error:
        _tell(str(error))
    except OSError as error:  # a folder that may not be written, a disk that is full
        where = f"{error.filename}: " if error.filename else ""
        _tell(f"{where}{error.strerror or error}")


def _tell(told: str) -> NoReturn:
    console = Console(stderr=True, soft_wrap=True)
    console.print(f"[bold red]Error:[/] {escape(told)}", highlight=False)
    sys.exit(1)


if __name__ == "__main__":
    main()
