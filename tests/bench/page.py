"""What a visitor waits for, measured in headless Chromium on a run that is there.

    python tests/bench/page.py --home observatory [--repeats 20] [--visitors 5]

First paint, wheel or drag to exact repaint, lasso release to count, pick to light curve; memory of
the server, and of each further visitor. Times are milliseconds on the page's own clock.
"""

import argparse
import math
import random
import statistics
import sys
import time
from pathlib import Path

import psutil
from browsing import (
    CHROMIUM,
    FLAGS,
    REST,
    free_port,
    lassos,
    open_page,
    serving,
    until,
    watch,
    zoom,
)
from playwright.sync_api import Page, sync_playwright
from rich.console import Console
from rich.table import Table

from astra.cli.serve import serve_command
from astra.data.observatory import Observatory
from astra.runs.run import list_runs

TEXTS = {"count": ".astra-selection-count >>> .sums", "light_curve": ".astra-light-curve-head"}


def drag(page: Page, i: int) -> float:
    """Drag the map by a hand's breadth; time from its last movement until the exact frame."""
    there = (640 + (-1) ** i * 120, 430 + (-1) ** (i // 2) * 60)
    page.mouse.move(640, 430)
    page.mouse.down()
    page.mouse.move(640, 430, steps=3)
    page.mouse.move(*there, steps=8)
    page.wait_for_timeout(400)
    took = until(page, "raster", lambda: page.mouse.move(there[0] + 25, there[1] + 15))
    page.mouse.up()
    page.wait_for_timeout(400)
    return took


def pick(page: Page, i: int) -> float:
    """Click a row of the table; time until its light curve is on the page."""
    row = page.locator(".astra-table .tabulator-row").nth(i % 10)
    took = until(page, "light_curve", row.click)
    page.wait_for_timeout(300)
    return took


def memory(process: psutil.Process) -> float:
    """Resident memory of the server [MB]."""
    return process.memory_info().rss / 1e6


def measure(home: Path, run: str, repeats: int, visitors: int) -> Table:
    """All figures of one run."""
    dice = random.Random(0)
    table = Table("", "n", "min", "median", "p95", "unit", title=f"run {run}", box=None)

    def row(name: str, values: list[float], unit: str = "ms") -> None:
        p95 = sorted(values)[min(len(values) - 1, math.ceil(0.95 * len(values)) - 1)]
        figures = [f"{v:,.0f}" for v in (min(values), statistics.median(values), p95)]
        table.add_row(name, str(len(values)), *figures, unit)

    port = free_port()
    address = f"http://127.0.0.1:{port}/app"
    variables = {"ASTRA_HOME": str(home)}
    with serving(serve_command(port), variables) as process, sync_playwright() as p:
        browser = p.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page, first = open_page(browser, address)
        row("first paint, first visitor", [first])
        page.wait_for_timeout(3000)
        watch(page, **TEXTS)
        page.wait_for_timeout(1000)
        row("wheel tick to exact repaint", [zoom(page, i) for i in range(repeats)])
        page.keyboard.press("v")
        row("drag to exact repaint", [drag(page, i) for i in range(repeats)])
        # Where the hand has come to there may be nothing to lasso.
        page.locator('[data-press="fit"]').first.click()
        page.keyboard.press("l")
        page.wait_for_timeout(1000)
        for words, rest_for in (("the hand at rest before", REST), ("in full swing", 0)):
            took = lassos(page, dice, repeats, rest_for)
            row(f"lasso release to counts, {words}", took)
        row("row picked to light curve", [pick(page, i) for i in range(repeats)])
        row("server memory, one visitor", [memory(process)], "MB")
        before, paints = memory(process), []
        for _ in range(visitors):
            paints.append(open_page(browser, address)[1])
        time.sleep(2)
        row("first paint, further visitors", paints)
        row("memory per further visitor", [(memory(process) - before) / visitors], "MB")
        browser.close()
    return table


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=None)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--visitors", type=int, default=5)
    options = parser.parse_args()
    console = Console()
    observatory = Observatory(options.home)
    runs = list_runs(observatory)
    if not runs:
        console.print(f"no run in {observatory.runs}: make demo first")
        sys.exit(1)
    # The page opens the newest run.
    run = runs[0]
    console.print(f"{len(run):,} objects, {run.manifest.observations:,} observations")
    console.print(measure(observatory.home, run.name, options.repeats, options.visitors))


if __name__ == "__main__":
    main()
