"""``astra compare``: what is different between two runs, in a process of its own."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from astra.cli.options import Home
from astra.cli.precompute import run_precompute
from astra.data.observatory import Observatory
from astra.runs.comparisons import Comparison, find_comparison


def compare(
    before: Annotated[str, typer.Argument(help="Run before.")],
    after: Annotated[str, typer.Argument(help="Run after.")],
    home: Home = None,
) -> None:
    """Compare two runs of a survey against the noise of seeds, and say what it means."""
    arguments = [before, after] + ([] if home is None else ["--home", str(Path(home).absolute())])
    status = run_precompute(arguments, "precompute.comparing")
    found = None if status else find_comparison(Observatory(home), before, after)
    if found is None:
        raise typer.Exit(status or 1)
    _show(found)


def _show(found: Comparison) -> None:
    console = Console(soft_wrap=True, highlight=False)
    objects, floor = found.summary("objects"), found.summary("noise")
    verdict, scores = found.summary("verdict"), found.summary("scores")
    table = Table("", "median", "noise, 95 %", "beyond noise", box=None)
    for name, words in (("change", "neighbours, 1 - Jaccard"), ("moved", "place on the map")):
        part = verdict[name]
        table.add_row(
            words,
            f"{objects[f'median_{name}']:.3f}",
            f"{floor[name]['threshold']:.3f}",
            f"{part['beyond']:,} ({100 * part['share']:.1f} %)",
        )
    console.print(table)
    if "by_class" in scores:
        classes = Table("class", "F1 before", "after", "difference, 95 %", "objects", box=None)
        for name, row in scores["by_class"].items():
            interval = f"{row['value']:+.3f} [{row['low']:+.3f}, {row['high']:+.3f}]"
            classes.add_row(name, f"{row['a']:.3f}", f"{row['b']:.3f}", interval, f"{row['n']:,}")
        console.print(classes)
    flipped, number = objects["flipped"], objects["objects"]
    console.print(f"other predictions: {flipped:,} of {number:,} ({100 * flipped / number:.1f} %)")
    console.print(f"noise: {floor['told']} (of {', '.join(floor['of'])})")
    console.print(verdict["score"])
    console.print(f"[bold]{verdict['told']}[/]")
