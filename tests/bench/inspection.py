"""What a person waits for who reads light curves, in headless Chromium on a run that is there.

    python tests/bench/inspection.py --home observatory [--repeats 30]

Pick to light curve drawn and fold, in the dock beside the map and on the page of one object. Times
are milliseconds on the page's own clock, from before the event until two frames after the last
points have reached their chart: the one that draws them, and the next.
"""

import argparse
import math
import statistics
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
from browsing import CHROMIUM, FLAGS, free_port, open_page, serving
from newest import newest_run
from playwright.sync_api import Page, sync_playwright
from rich.console import Console
from rich.table import Table

from astra.cli.serve import serve_command
from astra.data.observatory import Observatory
from astra.runs.run import Run

# Notes when the frame after that in which a chart of a light curve was drawn has begun.
WATCH = """() => {
  const bench = window.charts = {last: 0};
  window.addEventListener('astra-drawn', ({detail}) => {
    if (detail === 'periodogram') return;
    requestAnimationFrame(() => { bench.last = performance.now(); });
  });
}"""
QUIET = "([start, quiet]) => charts.last > start && performance.now() - charts.last > quiet"


def drawn(page: Page, act: Callable[[], object], quiet: int = 350) -> float:
    """Milliseconds from the beginning of an action until its light curve is drawn."""
    start = page.evaluate("() => performance.now()")
    act()
    page.wait_for_function(QUIET, arg=[start, quiet], timeout=60_000)
    return page.evaluate("() => charts.last") - start


def pick(page: Page, i: int) -> float:
    """Click a row of the table beside the map."""
    return drawn(page, page.locator(".astra-table .tabulator-row").nth(i % 10).click)


def press(page: Page, key: str) -> float:
    """Press a key."""
    return drawn(page, lambda: page.keyboard.press(key))


def periodic(run: Run) -> str:
    """Id of an object of total fluxes that has a period."""
    names = {"period_days", "found_period_days"} & set(run.catalogue.column_names)
    known = np.zeros(len(run), bool)
    for name in names:
        known |= np.nan_to_num(run.values("catalogue", name)) > 0
    rows = np.flatnonzero(known & ~run.survey.light_curves.is_difference[run.rows])
    return run.object_ids(rows[len(rows) // 2 :][:1])[0]


def measure(home: Path, run: Run, repeats: int) -> Table:
    """All figures of one run."""
    table = Table("", "n", "min", "p50", "p95", "unit", title=f"run {run.name}", box=None)

    def row(name: str, values: list[float]) -> None:
        p95 = sorted(values)[min(len(values) - 1, math.ceil(0.95 * len(values)) - 1)]
        figures = [f"{v:,.0f}" for v in (min(values), statistics.median(values), p95)]
        table.add_row(name, str(len(values)), *figures, "ms")

    port = free_port()
    with (
        serving(serve_command(port), {"ASTRA_HOME": str(home)}),
        sync_playwright() as p,
    ):
        browser = p.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        address = f"http://127.0.0.1:{port}/app"
        page, _ = open_page(browser, address)
        page.wait_for_timeout(3000)
        page.evaluate(WATCH)
        page.wait_for_timeout(1000)
        pick(page, 3)
        row("pick to light curve, beside the map", [pick(page, i) for i in range(repeats)])
        press(page, "f")
        row("fold, beside the map", [press(page, "f") for _ in range(repeats)])
        page.keyboard.press("i")
        page.locator(".astra-inspect canvas").first.wait_for(timeout=60_000)
        page.wait_for_timeout(4000)
        press(page, "ArrowRight")
        steps = [press(page, "ArrowRight") for _ in range(repeats)]
        row("next object to both charts, Inspect", steps)
        page.goto(f"{address}?{urlencode({'object': periodic(run), 'run': run.name})}")
        page.locator(".astra-inspect canvas").first.wait_for(timeout=60_000)
        page.wait_for_timeout(6000)
        page.evaluate(WATCH)
        page.wait_for_timeout(1000)
        row("fold on another period, Inspect", [press(page, "]["[i % 2]) for i in range(repeats)])
        browser.close()
    return table


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=None)
    parser.add_argument("--repeats", type=int, default=30)
    options = parser.parse_args()
    console = Console()
    observatory = Observatory(options.home)
    run = newest_run(observatory, console)
    console.print(f"{len(run):,} objects, {run.manifest.observations:,} observations")
    console.print(measure(observatory.home, run, options.repeats))


if __name__ == "__main__":
    main()
