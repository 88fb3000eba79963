"""What a visitor waits for, measured in headless Chromium on a run that is there.

    python tests/bench/page.py --home observatory [--repeats 20] [--visitors 5]

First paint, wheel or drag to exact repaint, lasso release to count, pick to light curve; memory of
the server, and of each further visitor. Times are milliseconds on the page's own clock.
"""

import argparse
import math
import os
import random
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from playwright.sync_api import Browser, Page, sync_playwright
from rich.console import Console
from rich.table import Table

from astra.cli.serve import serve_command
from astra.data.observatory import Observatory
from astra.runs.run import list_runs

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
SIZE = {"width": 1440, "height": 900}

# Marks when the raster's data changed and the next two frames were drawn.
WATCH = """() => {
  const find = (css, root = document) => {
    const here = root.querySelector(css);
    if (here) return here;
    for (const e of root.querySelectorAll('*')) {
      const found = e.shadowRoot && find(css, e.shadowRoot);
      if (found) return found;
    }
    return null;
  };
  window.bench = {at: {}, seen: {}};
  const mark = (name) => requestAnimationFrame(() => requestAnimationFrame(() => {
    window.bench.at[name] = performance.now();
  }));
  for (const document_ of Bokeh.documents)
    for (const model of document_._all_models.values())
      if (model.type === 'ColumnDataSource' && model.get_array && 'image' in model.data)
        model.properties.data.change.connect(() => mark('raster'));
  const text = (css) => { const e = find(css); return e ? (e.shadowRoot || e).textContent : ''; };
  const poll = () => {
    for (const [name, css] of [['count', '.astra-selection-count'],
                               ['light_curve', '.astra-light-curve-head']]) {
      const now = text(css);
      if (now !== window.bench.seen[name]) { window.bench.seen[name] = now; mark(name); }
    }
    requestAnimationFrame(poll);
  };
  poll();
}"""


@contextmanager
def server(home: Path) -> Iterator[tuple[str, psutil.Process]]:
    """Serve the page on a free port; gives its address and its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "ASTRA_HOME": str(home), "BOKEH_RESOURCES": "server"}
    process = subprocess.Popen(
        serve_command(port), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/app", psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


def open_page(browser: Browser, address: str) -> tuple[Page, float]:
    """Open the page; gives it, and the time until the map was painted."""
    page = browser.new_context(viewport=SIZE).new_page()
    start = time.monotonic()
    page.goto(address)
    page.wait_for_function(
        """() => window.Bokeh && Bokeh.documents.some(d => [...d._all_models.values()].some(
            m => m.type === 'ColumnDataSource' && (m.data.image || []).length > 0))""",
        timeout=120_000,
        polling="raf",
    )
    return page, 1000 * (time.monotonic() - start)


def until(page: Page, name: str, act: Callable[[], None]) -> float:
    """Time from the end of an action until a mark is set."""
    page.evaluate("name => { delete window.bench.at[name] }", name)
    start = page.evaluate("() => performance.now()")
    act()
    acted = page.evaluate("() => performance.now()")
    page.wait_for_function("name => window.bench.at[name]", arg=name, timeout=60_000, polling="raf")
    return page.evaluate("name => window.bench.at[name]", name) - max(start, acted - 20)


def zoom(page: Page, i: int) -> float:
    """Wheel one tick in or out over the map; time until the exact frame."""
    page.mouse.move(560 + 40 * (i % 3), 420)
    took = until(page, "raster", lambda: page.mouse.wheel(0, -240 if i % 8 < 4 else 240))
    page.wait_for_timeout(400)
    return took


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


def lasso(page: Page, dice: random.Random) -> float:
    """Draw a lasso of about 60 vertices; time from its release until the count."""
    page.keyboard.press("l")
    x, y, radius = 560 + dice.uniform(-80, 80), 430 + dice.uniform(-60, 60), dice.uniform(80, 170)
    points = [
        (x + radius * math.cos(a / 10), y + radius * math.sin(a / 10) * (1 + 0.2 * math.sin(a / 3)))
        for a in range(61)
    ]
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point)
    took = until(page, "count", page.mouse.up)
    page.wait_for_timeout(500)
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

    with server(home) as (address, process), sync_playwright() as p:
        browser = p.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page, first = open_page(browser, address)
        row("first paint, first visitor", [first])
        page.wait_for_timeout(3000)
        page.evaluate(WATCH)
        row("wheel tick to exact repaint", [zoom(page, i) for i in range(repeats)])
        page.keyboard.press("v")
        row("drag to exact repaint", [drag(page, i) for i in range(repeats)])
        row("lasso release to count", [lasso(page, dice) for _ in range(repeats)])
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
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
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
