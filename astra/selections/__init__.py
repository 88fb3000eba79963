"""Which objects: expressions, places, ids, and the named selections that are kept.

::

    from astra.runs.run import Run
    from astra.selections import SelectionBook, where

    run = Run.open("observatory/runs/sky-astra")
    book = SelectionBook("observatory")
    book.save_mask("short", run, where(run, "period < 0.1 and p_RR > 0.5"))
    book.replay("short", another_run).mask
"""

from astra.selections.book import COLOURS, Replay, SelectionBook
from astra.selections.columns import RunColumns
from astra.selections.errors import ExpressionError, SelectionError
from astra.selections.expression import Expression, where
from astra.selections.places import box, cone, inside, neighbours, of_ids

__all__ = [
    "COLOURS",
    "Expression",
    "ExpressionError",
    "Replay",
    "RunColumns",
    "SelectionBook",
    "SelectionError",
    "box",
    "cone",
    "inside",
    "neighbours",
    "of_ids",
    "where",
]
