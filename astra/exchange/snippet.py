"""Python that opens a run, selects the same objects and opens their light curves."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from astra.runs.run import Run

MOST_IDS = 2_000


def by_name(run: Run, selection: str) -> str:
    """Snippet for a selection that is kept under a name."""
    return _snippet(
        run,
        "from astra.selections import SelectionBook",
        f"mask, missing = SelectionBook(home).replay({selection!r}, run)\n"
        "rows = np.flatnonzero(mask)\n",
        f"selection {selection!r}",
    )


def by_expressions(
    run: Run, expressions: Sequence[str], brushes: Mapping[str, tuple[float, float]] | None = None
) -> str:
    """Snippet for what expressions (and ranges of columns) are true of."""
    parts = [f"({expression})" for expression in expressions]
    for column, (low, high) in (brushes or {}).items():
        ends = ((">=", float(low)), ("<=", float(high)))
        parts += [f"({column} {sign} {end!r})" for sign, end in ends if abs(end) != float("inf")]
    if not parts:
        return _snippet(run, "", "rows = np.arange(len(run))\n", "all objects")
    text = " and ".join(parts)
    return _snippet(
        run,
        "from astra.selections import where",
        f"rows = np.flatnonzero(where(run, {text!r}))\n",
        "what passes the filters",
    )


def by_ids(run: Run, object_ids: Sequence[str], described: str = "") -> str:
    """Snippet for objects by their ids, at most 2 000 of them.

    Raises
    ------
    ValueError
        There are more: save the selection under a name.
    """
    if len(object_ids) > MOST_IDS:
        raise ValueError(f"{len(object_ids)} ids are too many for a snippet; save the selection")
    listed = "".join(f"    {object_id!r},\n" for object_id in object_ids)
    return _snippet(
        run,
        "",
        f"ids = [\n{listed}]\nrows = run.rows_of(ids)\nrows = rows[rows >= 0]\n",
        described or "objects by id",
    )


def _snippet(run: Run, imports: str, choose: str, title: str) -> str:
    home: Any = Path(run.path).parent.parent
    return "\n".join(
        [
            f"# Astra: {_one_line(title)}, run {run.name}",
            "from pathlib import Path",
            "",
            "import numpy as np",
            "import pyarrow as pa",
            "",
            "from astra.exchange.columns import SelectionTable",
            "from astra.runs.run import Run",
            *([imports] if imports else []),
            "",
            f"home = Path({str(home)!r})",
            f'run = Run.open(home / "runs" / {run.name!r})',
            choose.rstrip("\n"),
            "",
            "# The objects, in map order: ids, catalogue, predictions, scores.",
            "table = SelectionTable(run, rows)",
            "objects = pa.Table.from_batches(table.blocks()).to_pandas()",
            "",
            "# Their light curves: mjd [d], flux [uJy], flux_error [uJy], band, flagged.",
            "light_curves = run.survey.light_curves.take(run.rows[rows])",
            "first = light_curves[0]",
            "print(f'{len(objects)} objects; {objects.object_id[0]}: {len(first)} observations')",
            "",
        ]
    )


def _one_line(text: str) -> str:
    return " ".join(str(text).split())[:120]
