"""``astra runs``: what the observatory holds."""

from rich.console import Console
from rich.table import Table

from astra.cli.options import Home
from astra.data.observatory import Observatory
from astra.runs.run import list_runs


def runs(home: Home = None) -> None:
    """List the published runs, newest first."""
    observatory = Observatory(home)
    table = Table("run", "survey", "objects", "recipe", "parent", "macro-F1", "created", box=None)
    for run in list_runs(observatory):
        manifest = run.manifest
        score = run.summary("probes").get("macro_f1")
        table.add_row(
            run.name,
            manifest.survey,
            f"{manifest.objects:,}",
            manifest.recipe,
            manifest.parent or "",
            "" if score is None else f"{score:.3f}",
            manifest.created,
        )
    Console().print(table if table.row_count else f"no runs in {observatory.runs}")
