"""Time filters that cross against the obvious ways with numpy and pandas: one thread, interleaved.

    python tests/bench/filters.py --objects 1000000 [--repeats 9]

Six columns have histograms, three of them a brush, and one expression is on. What is timed is a
brush that moves, and an expression that is typed: until the mask of what passes, its count and the
six histograms are there, each of its column under all filters but its own.
"""

import os
from collections.abc import Callable, Sequence
from itertools import cycle
from typing import Annotated, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import typer
from numpy.typing import NDArray
from rich.console import Console
from timing import Group, compare, comparison

from app.categories import Category
from app.crossing import Asked, Brush, Crossing
from app.opened_runs import Binned, OpenedRun
from astra.selections.columns import Numbers, TableColumns, Texts
from astra.selections.crossing import BINS, Axis, bins_of, warm
from astra.selections.expression import Expression

CLASSES = ("CEP", "EA", "EW", "LPV", "RRab", "RRc", "RS", "SN")
COLUMNS = ("period", "amplitude", "n_obs", "anomaly", "mean_magnitude", "probability")
BRUSHES = {"amplitude": (0.1, 0.9), "anomaly": (0.05, 0.6)}
# A brush that is dragged: no two of these in a row are the same.
DRAGGED = "period"
MOVES = ((0.3, 20.0), (0.4, 30.0), (0.5, 40.0))
TEXTS = (
    "probability > 0.5 and mean_magnitude < 19",
    "probability > 0.4 and mean_magnitude < 18.5",
)
WORDS = ("class in (RRab, EA) and n_obs >= 100", "class in (EW, EA) and n_obs >= 120")

Answer = tuple[int, dict[str, NDArray[np.int64]]]


class Objects(OpenedRun):
    """Made-up objects with the columns that the strip shows; no run on disk.

    Parameters
    ----------
    objects : int
    """

    def __init__(self, objects: int) -> None:
        rng = np.random.default_rng(7)
        made = {
            "period": 10 ** rng.normal(0.3, 0.8, objects),
            "amplitude": rng.gamma(2.0, 0.25, objects),
            "n_obs": rng.integers(20, 900, objects),
            "anomaly": rng.beta(2, 8, objects),
            "mean_magnitude": rng.normal(17.5, 1.2, objects),
            "probability": rng.beta(5, 2, objects),
        }
        self.table = pd.DataFrame({name: made[name].astype(np.float32) for name in COLUMNS})
        self.codes = rng.integers(0, len(CLASSES), objects).astype(np.int16)
        self.table["class"] = pd.Categorical.from_codes(self.codes.astype(np.int8), CLASSES)
        self.kept = {name: self.table[name].to_numpy() for name in COLUMNS}
        self.bins = {name: self._bin(values) for name, values in self.kept.items()}

    def __len__(self) -> int:
        return len(self.table)

    @staticmethod
    def _bin(values: NDArray[np.float32]) -> Binned:
        axis = Axis.of(values)
        return Binned(axis, bins_of(values, axis))

    def values(self, column: str) -> NDArray[np.float32]:
        """A column, float32 [objects]."""
        return self.kept[column]

    def binned(self, column: str) -> Binned:
        """Axis and bins of a column."""
        return self.bins[column]

    @property
    def columns(self) -> TableColumns:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Columns that an expression may name."""
        columns = {name: lambda name=name: Numbers(self.kept[name]) for name in COLUMNS}
        texts = Texts(pa.array(CLASSES, pa.large_string()), self.codes)
        return TableColumns({**columns, "class": lambda: texts}, len(self))

    @property
    def category(self) -> Category:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Class of each object."""
        return Category(CLASSES, self.codes)


class State(NamedTuple):
    """Filters that are on: a range of each brushed column, and a text."""

    brushes: dict[str, tuple[float, float]]
    text: str


def states(moves: Sequence[tuple[float, float]], texts: Sequence[str]) -> Callable[[], State]:
    """Filters as they are one after the other, again and again."""
    steps = cycle([({**BRUSHES, DRAGGED: move}, text) for move in moves for text in texts])
    return lambda: State(*next(steps))


def in_pandas(run: Objects, state: State) -> Answer:
    """As one writes it: a boolean column a filter, ``query`` and ``numpy.histogram``."""
    table = run.table
    passes = {name: table[name].between(*ends) for name, ends in state.brushes.items()}
    passes[""] = table.eval(_in_pandas(state.text), engine="python")
    counts = {}
    for name in COLUMNS:
        others = np.logical_and.reduce([mask for own, mask in passes.items() if own != name])
        low, high, log = run.bins[name].axis
        values = table.loc[others, name].to_numpy()
        if log:
            low, high, values = np.log(low), np.log(high), np.log(values)
        ends = np.float32(low), np.float32(high)
        counts[name] = np.histogram(np.clip(values, *ends), BINS, ends)[0]
    return int(np.logical_and.reduce(list(passes.values())).sum()), counts


def _in_pandas(text: str) -> str:
    """The same expression in the words of pandas."""
    for name in CLASSES:
        text = text.replace(f"({name}, ", f"('{name}', ").replace(f", {name})", f", '{name}')")
    return f"`class`{text.removeprefix('class')}" if text.startswith("class") else text


class InNumpy:
    """The same by one who takes care: masks of filters that did not change are kept, and bins too.

    Parameters
    ----------
    run : Objects
    """

    def __init__(self, run: Objects) -> None:
        self._run = run
        self._kept: dict[str, tuple[object, NDArray[np.bool_]]] = {}

    def ask(self, state: State) -> Answer:
        """Count what passes, and fill the histograms."""
        wanted: dict[str, object] = {**state.brushes, "": state.text}
        for name, what in wanted.items():
            if name not in self._kept or self._kept[name][0] != what:
                self._kept[name] = (what, self._mask(name, what))
        passes = {name: self._kept[name][1] for name in wanted}
        counts = {}
        for name in COLUMNS:
            others = np.logical_and.reduce([mask for own, mask in passes.items() if own != name])
            counts[name] = np.bincount(self._run.bins[name].codes[others], minlength=BINS)[:BINS]
        return int(np.logical_and.reduce(list(passes.values())).sum()), counts

    def _mask(self, name: str, what: object) -> NDArray[np.bool_]:
        run = self._run
        if isinstance(what, tuple):
            low, high = (np.float32(end) for end in what)
            return (run.kept[name] >= low) & (run.kept[name] <= high)
        text, columns = str(what), run.kept
        if text in TEXTS:
            first, second = ((0.5, 19.0), (0.4, 18.5))[TEXTS.index(text)]
            likely = columns["probability"] > np.float32(first)
            return likely & (columns["mean_magnitude"] < np.float32(second))
        names, least = ((("RRab", "EA"), 100), (("EW", "EA"), 120))[WORDS.index(text)]
        wanted = np.isin(run.codes, [CLASSES.index(one) for one in names])
        return wanted & (columns["n_obs"] >= least)


class Astra:
    """What the page does.

    Parameters
    ----------
    run : Objects
    """

    def __init__(self, run: Objects) -> None:
        self._crossing, self._classes = Crossing(run), run.category

    def ask(self, state: State) -> Answer:
        """Count what passes, and fill the histograms."""
        brushes = {name: Brush(*ends) for name, ends in state.brushes.items()}
        asked = Asked(brushes, [state.text], self._classes, None, None, COLUMNS)
        answer = self._crossing.ask(asked)
        return answer.objects, {name: rows[1] for name, rows in answer.histograms.items()}


def crossing(run: Objects, moves: Sequence, texts: Sequence[str]) -> Group:
    """All three ways, each with its own filters that change in the same manner."""
    theirs, careful, ours = (states(moves, texts) for _ in range(3))
    numpy, astra = InNumpy(run), Astra(run)
    return {
        "pandas": lambda: in_pandas(run, theirs()),
        "numpy, what is the same kept": lambda: numpy.ask(careful()),
        "astra": lambda: astra.ask(ours()),
    }


def expressions(run: Objects, text: str) -> Group:
    """The mask of an expression alone, of columns that are at hand.

    That of Astra includes what the expression means; its tree is kept from one time to the next, as
    by the page, which asks a text after it has checked it.
    """
    numpy, columns = InNumpy(run), run.columns
    return {
        "pandas": lambda: run.table.eval(_in_pandas(text), engine="python").to_numpy(),
        "numpy": lambda: numpy._mask("", text),
        "astra": lambda: Expression(text, columns).mask(),
    }


def that_differ(run: Objects) -> tuple[int, int]:
    """Counts and bins that are not those of numpy: of all, and of the bins but of pandas."""
    numpy, astra = InNumpy(run), Astra(run)
    unlike, beside = 0, 0
    for texts in (TEXTS, WORDS):
        step = states(MOVES, texts)
        for _ in range(len(MOVES) * len(texts)):
            state = step()
            (mine, bins), (theirs, there) = astra.ask(state), numpy.ask(state)
            of_pandas, in_bins = in_pandas(run, state)
            unlike += (mine != theirs) + (mine != of_pandas)
            unlike += sum(int((bins[name] != there[name]).sum()) for name in COLUMNS)
            beside += sum(int(abs(bins[n] - in_bins[n]).sum()) for n in COLUMNS) // 2
    return unlike, beside


def main(
    objects: Annotated[int, typer.Option(help="Objects in the table.")] = 1_000_000,
    repeats: Annotated[int, typer.Option(help="Repeats of every task.")] = 9,
) -> None:
    """Print how long each task takes, and how many times longer the others do."""
    warm()
    run = Objects(objects)
    load = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    table = comparison(f"{objects:,} objects, {repeats} repeats, load {load}")
    tasks = {
        "a brush moves: mask, count, six histograms": (MOVES, TEXTS[:1]),
        "an expression of numbers changes: the same": (MOVES[:1], TEXTS),
        "an expression of classes changes: the same": (MOVES[:1], WORDS),
    }
    for title, (moves, texts) in tasks.items():
        compare(table, title, crossing(run, moves, texts), repeats)
    for text in (TEXTS[0], WORDS[0]):
        compare(table, f"mask of {text}", expressions(run, text), repeats)
    console = Console(width=100)
    console.print(table)
    unlike, beside = that_differ(run)
    console.print(f"counts and bins unlike numpy's: {unlike}")
    console.print(f"objects in another bin than numpy.histogram puts them: {beside}")


if __name__ == "__main__":
    typer.run(main)
