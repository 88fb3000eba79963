"""``astra lineage``: where a run comes from."""

from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.tree import Tree

from astra.cli.options import Home
from astra.data.observatory import Observatory
from astra.runs.lineage import Generation, Step, lineage

_DIGITS = 10


def show_lineage(
    run: Annotated[str, typer.Argument(help="Name of a run.")], home: Home = None
) -> None:
    """Draw what a run comes from: survey, ancestors, and every artefact with its hash."""
    found = lineage(Observatory(home), run)
    counts = f"{found.objects:,} objects, {found.observations:,} observations"
    root = Tree(
        f"survey [bold]{escape(found.survey)}[/] {found.fingerprint[:_DIGITS]}  [dim]{counts}[/]"
    )
    if found.lost:
        root = root.add(f"[yellow]run {escape(found.lost)}, not here any more[/]")
    branch = root
    for generation in found.generations:
        branch = branch.add(_title(generation))
        for step in generation.steps:
            branch.add(_line(step, generation.run))
    Console(soft_wrap=True, highlight=False).print(root)


def _title(generation: Generation) -> str:
    point = ""
    if generation.is_current or generation.is_previous:
        point = f" [green]{'current' if generation.is_current else 'previous'}[/]"
    return (
        f"run [bold]{escape(generation.run)}[/]{point}  [dim]{escape(generation.recipe)}, "
        f"{generation.created}, astra {generation.code_version}[/]"
    )


def _line(step: Step, run: str) -> str:
    head = f"{step.artefact:<11} {step.hash[:_DIGITS]}"
    if step.made_in != run:
        return f"[dim]{head}  inherited from {escape(step.made_in)}[/]"
    needs = ", ".join(f"{name} {value[:6]}" for name, value in step.needs.items())
    told = f"  {escape(step.told)}" if step.told else ""
    return f"{head}{told}  [dim]from {escape(needs)}[/]"
