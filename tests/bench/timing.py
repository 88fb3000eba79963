"""Times that can be compared: tasks take turns, so that a busy machine hits them all."""

from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.table import Table

Task = Callable[[], Any]
Group = dict[str, Task]


def interleaved(group: Group, repeats: int) -> dict[str, NDArray[np.float64]]:
    """Milliseconds of every repeat of every task, after one that is not timed."""
    times = {name: np.empty(repeats) for name in group}
    for task in group.values():
        task()
    for repeat in range(repeats):
        for name, task in group.items():
            start = perf_counter()
            task()
            times[name][repeat] = 1e3 * (perf_counter() - start)
    return times


def comparison(title: str) -> Table:
    """Table that `compare` fills."""
    table = Table("step", title=title, box=None)
    for column in ("min / ms", "median / ms", "of min", "of median"):
        table.add_column(column, justify="right")
    return table


def compare(table: Table, title: str, group: Group, repeats: int) -> None:
    """Time a group: how many times longer the others take than its last task, which is Astra's."""
    times = interleaved(group, repeats)
    ours = list(times.values())[-1]
    table.add_row(f"[bold]{title}")
    for name, taken in times.items():
        least, middle = taken.min(), np.median(taken)
        figures = least / ours.min(), middle / np.median(ours)
        ratios = ("", "") if taken is ours else (f"{figure:.1f} x" for figure in figures)
        table.add_row(f"  {name}", f"{least:.2f}", f"{middle:.2f}", *ratios)
