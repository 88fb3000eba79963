"""How long a visitor waits for a contact sheet and for similar objects, in headless Chromium.

    python tests/bench/sheets.py --home observatory [--repeats 20]

From a key or a press until the browser has drawn: a page of 48 light curves that was not on screen
before, the same page against time and folded, and the neighbours of an object among all, listed
with their light curves. Then the comparison alone, without a page. Aims: 500 and 100 ms.
"""

import argparse
import math
import statistics
import time
from pathlib import Path

import numpy as np
from browsing import CHROMIUM, FLAGS, free_port, open_page, serving, until, watch
from newest import newest_run
from playwright.sync_api import Page, sync_playwright
from rich.console import Console
from rich.table import Table

from astra.cli.serve import serve_command
from astra.data.observatory import Observatory
from astra.runs.run import Run
from astra.selections.nearest import Space

TEXTS = {
    "sheet": ".sheet .drawn",
    "similar": ".astra-similar-head",
    "light_curve": ".astra-light-curve-head",
}


def turned(page: Page) -> float:
    """Turn to the next page of the sheet; time until it is drawn."""
    took = until(page, "sheet", lambda: page.keyboard.press("PageDown"))
    page.wait_for_timeout(400)
    return took


def refolded(page: Page) -> float:
    """Change between time and phase; time until the sheet is drawn."""
    took = until(page, "sheet", lambda: page.keyboard.press("f"))
    page.wait_for_timeout(400)
    return took


def neighbours(page: Page) -> float:
    """Go on to the next object, ask for what is like it; time until its neighbours are named."""
    until(page, "light_curve", lambda: page.keyboard.press("ArrowRight"))
    page.wait_for_timeout(500)
    took = until(page, "similar", lambda: page.keyboard.press("t"))
    page.wait_for_timeout(500)
    return took


def compared(run: Run, repeats: int) -> list[float]:
    """Milliseconds to compare one object with all others, in one process and thread."""
    space = Space(run.embeddings)
    rows = np.random.default_rng(0).integers(0, len(run), repeats + 1)
    times = []
    for row in rows:
        start = time.perf_counter()
        space.nearest(space.embeddings[row], 20, leave_out=np.array([row]))
        times.append(1e3 * (time.perf_counter() - start))
    return times[1:]


def streamed(run: Run, repeats: int) -> list[float]:
    """Milliseconds to read all embeddings once: a sum of them."""
    embeddings = np.asarray(run.embeddings)
    weights = np.ones(embeddings.shape[1], np.float32)
    times = []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        _ = embeddings @ weights
        times.append(1e3 * (time.perf_counter() - start))
    return times[1:]


def measure(home: Path, run: Run, repeats: int) -> Table:
    """All figures of one run."""
    table = Table("", "n", "min", "p50", "p95", "unit", title=f"run {run.name}", box=None)

    def row(name: str, values: list[float]) -> None:
        p95 = sorted(values)[min(len(values) - 1, math.ceil(0.95 * len(values)) - 1)]
        figures = [f"{v:,.0f}" for v in (min(values), statistics.median(values), p95)]
        table.add_row(name, str(len(values)), *figures, "ms")

    port = free_port()
    with serving(serve_command(port), {"ASTRA_HOME": str(home)}), sync_playwright() as p:
        browser = p.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page, _ = open_page(browser, f"http://127.0.0.1:{port}/app")
        page.wait_for_timeout(3000)
        watch(page, **TEXTS)
        page.wait_for_timeout(500)
        row(
            "first sheet of 48, the screen laid",
            [until(page, "sheet", lambda: page.keyboard.press("k"))],
        )
        page.wait_for_timeout(2000)
        row("next page of 48 light curves", [turned(page) for _ in range(repeats)])
        row("the same page, time or phase", [refolded(page) for _ in range(repeats)])
        page.keyboard.press("k")
        page.wait_for_timeout(1500)
        neighbours(page)  # opens the panel
        row("neighbours of an object", [neighbours(page) for _ in range(repeats)])
        browser.close()
    row(f"comparing with all {len(run):,}, exactly", compared(run, repeats))
    row("reading the embeddings once", streamed(run, repeats))
    return table


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=None)
    parser.add_argument("--repeats", type=int, default=20)
    options = parser.parse_args()
    console = Console()
    observatory = Observatory(options.home)
    run = newest_run(observatory, console)
    console.print(measure(observatory.home, run, options.repeats))


if __name__ == "__main__":
    main()
