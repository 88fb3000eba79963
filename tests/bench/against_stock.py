"""What a visitor waits for, beside a stock HoloViews app on the same run, in headless Chromium.

    python tests/bench/against_stock.py --objects 10000000 [--repeats 10] [--cycles 500]

Publishes a made-up run in a scratch folder unless `--home` has one. The apps are served one after
the other, so that neither's memory or idle work weighs on the other.
"""

import argparse
import logging
import math
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import psutil
from browsing import (
    CHROMIUM,
    FLAGS,
    REST,
    choose_colour,
    free_port,
    lassos,
    open_page,
    rest,
    serving,
    watch,
    zoom,
)
from playwright.sync_api import Page, Playwright, sync_playwright
from rich.console import Console
from rich.table import Table
from synthetic_run import publish
from visits import crowded, cycles_of

from astra.cli.serve import serve_command
from astra.data.observatory import Observatory
from astra.runs.run import list_runs

Figures = dict[str, list[float]]
FURTHER = 5
LASSOS = {
    "lasso release to counts, the hand at rest before [ms]": REST,
    "lasso release to counts, in full swing [ms]": 0,
}
STOCK = Path(__file__).parent / "stock_app.py"


class App(NamedTuple):
    """One of the two: how it is served, and where its parts are."""

    name: str
    command: list[str]
    variables: dict[str, str]
    path: str
    texts: dict[str, str]
    arm_lasso: Callable[[Page], None]
    colour: tuple[str, str, str]
    """CSS class of the select widget, and two of its values."""


def astra(home: Path) -> App:
    """Astra on its newest run."""
    texts = {"count": ".astra-selection-count >>> .sums", "card": ".astra-hover-card"}
    return App(
        "astra",
        serve_command(free_port()),
        {"ASTRA_HOME": str(home)},
        "/app",
        texts,
        lambda page: page.keyboard.press("l"),
        ("astra-colour", "predicted", "density"),
    )


def stock(run: Path) -> App:
    """The stock app on the same run."""
    port = str(free_port())
    command = [sys.executable, "-m", "panel", "serve", str(STOCK), "--port", port]
    texts = {"count": ".stock-count", "card": ".stock-card"}
    switch = ("colour", "density", "class")
    return App("stock", command, {"STOCK_RUN": str(run)}, "/stock_app", texts, _arm, switch)


def _arm(page: Page) -> None:
    page.evaluate(
        """() => { for (const d of Bokeh.documents) for (const m of d._all_models.values())
            if (m.type === 'LassoSelectTool') m.active = true }"""
    )


def memory(process: psutil.Process) -> float:
    """Resident memory of a server [MB]; what is mapped from files is in it."""
    return process.memory_info().rss / 1e6


def measure(
    app: App, playwright: Playwright, repeats: int, visitors: int = 0, cycles: int = 0
) -> Figures:
    """All figures of one app, in a browser of its own."""
    dice, figures, start = random.Random(0), {}, time.monotonic()
    with serving(app.command, app.variables) as process:
        figures["server start until its port is open [ms]"] = [1000 * (time.monotonic() - start)]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        port = app.command[app.command.index("--port") + 1]
        address = f"http://localhost:{port}{app.path}"
        page, first = open_page(browser, address)
        figures["first paint, first visitor [ms]"] = [first]
        page.wait_for_timeout(3000)
        further = [open_page(browser, address) for _ in range(FURTHER)]
        figures["first paint, a further visitor [ms]"] = [took for _, took in further]
        for other, _ in further:
            other.context.close()
        page.bring_to_front()
        watch(page, **app.texts)
        page.wait_for_timeout(1500)
        figures["wheel tick to exact repaint [ms]"] = [zoom(page, i) for i in range(repeats)]
        widget, *values = app.colour
        figures["colour switch [ms]"] = [
            choose_colour(page, widget, values[(i + 1) % 2]) for i in range(min(repeats, 6))
        ]
        rests = [rest(page, dice) for _ in range(repeats)]
        figures["pointer at rest to card [ms]"] = [took for took in rests if took is not None]
        app.arm_lasso(page)
        for words, rest_for in LASSOS.items():
            figures[words] = lassos(page, dice, repeats, rest_for)
        figures["server, one visitor [MB]"] = [memory(process)]
        page.context.close()
        logging.getLogger(__name__).info("%s: %s", app.name, figures)
        if visitors:
            figures |= crowded(browser, address, process, visitors, repeats)
        if cycles:
            figures |= cycles_of(browser, address, process, cycles)
        browser.close()
    return figures


def row(table: Table, name: str, mine: list[float], theirs: list[float]) -> None:
    """One line: medians and 95th percentiles of both, and the ratio of the medians."""
    cells = []
    for values in (mine, theirs):
        if not values:
            cells += ["", "", ""]
            continue
        p95 = sorted(values)[math.ceil(0.95 * len(values)) - 1]
        cells += [f"{figure:,.0f}" for figure in (len(values), statistics.median(values), p95)]
    ratio = ""
    if mine and theirs:
        ratio = f"{statistics.median(theirs) / statistics.median(mine):.1f} x"
    table.add_row(name, *cells, ratio)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--objects", type=int, default=10_000_000)
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--visitors", type=int, default=20)
    parser.add_argument("--cycles", type=int, default=60)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    console = Console(width=120)
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as p:
        home = options.home or Path(scratch)
        if not list_runs(Observatory(home)):
            publish(home, options.objects)
        run = list_runs(Observatory(home))[0]
        load = ", ".join(f"{load:.1f}" for load in os.getloadavg())
        title = f"{len(run):,} objects, 1440 x 900, load {load} at the start"
        head = ("", "n", "astra p50", "p95", "n", "stock p50", "p95", "stock / astra")
        table = Table(*head, title=title, box=None)
        theirs = measure(stock(run.path), p, options.repeats)
        mine = measure(astra(home), p, options.repeats, options.visitors, options.cycles)
        for name, values in mine.items():
            row(table, name, values, theirs.get(name, []))
    console.print(table)


if __name__ == "__main__":
    main()
