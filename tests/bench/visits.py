"""Many visitors: what they cost each other, and what those who have gone leave behind.

python tests/bench/visits.py --home observatory --cycles 500

prints the memory that so many visits leave in the server, each an opening, a zoom, a closing.
"""

import argparse
import time
from pathlib import Path

import psutil
from browsing import CHROMIUM, FLAGS, free_port, open_page, quiet, serving, until, watch
from playwright.sync_api import Browser, Page, sync_playwright

from astra.cli.serve import serve_command

SETTLE = 6
FORGET = 80  # seconds until the server has let go of a session that was left
BEAT = 1000


# Tells the server of a view a hand's breadth beside, as a drag does, every second.
PAN = """beat => {
  for (const d of Bokeh.documents) {
    const plot = d.get_model_by_name('astra-map');
    if (!plot) continue;
    let step = 0;
    setInterval(() => {
      const {start, end} = plot.x_range, by = (end - start) * (step++ % 2 ? 0.1 : -0.1);
      plot.x_range.setv({start: start + by, end: end + by});
    }, beat);
  }
}"""


def crowded(
    browser: Browser, address: str, process: psutil.Process, visitors: int, repeats: int
) -> dict[str, list[float]]:
    """First paint and memory of each further visitor; repaint while all pan once a second."""
    pages: list[Page] = []
    paints, before = [], process.memory_info().rss
    for _ in range(visitors):
        page, painted = open_page(browser, address)
        pages.append(page)
        paints.append(painted)
    time.sleep(SETTLE)
    each = (process.memory_info().rss - before) / 1e6 / visitors
    watched = pages[0]
    watch(watched)
    for page in pages[1:]:
        page.evaluate(PAN, BEAT)
    time.sleep(3)
    repaints = []
    for i in range(repeats):
        quiet(watched, 500)
        by = 0.1 if i % 2 else -0.1
        repaints.append(until(watched, "raster", lambda by=by: _pan(watched, by)))
        time.sleep(0.5)
    for page in pages:
        page.context.close()
    return {
        "first paint, further visitors [ms]": paints,
        f"view moved to exact repaint, {visitors} visitors [ms]": repaints,
        "server, each further visitor [MB]": [each],
    }


def _pan(page: Page, by: float) -> None:
    page.evaluate(
        """by => { const plot = Bokeh.documents[0].get_model_by_name('astra-map');
          const {start, end} = plot.x_range, step = by * (end - start);
          plot.x_range.setv({start: start + step, end: end + step}) }""",
        by,
    )


def cycles_of(
    browser: Browser, address: str, process: psutil.Process, cycles: int
) -> dict[str, list[float]]:
    """Memory that a visit leaves behind [kB]: open, zoom, close, again and again.

    The first third of the visits fills what is kept once for all of them.
    """
    kept = {}
    for cycle in range(1, cycles + 1):
        page, _ = open_page(browser, address)
        page.mouse.move(560, 420)
        page.mouse.wheel(0, -240)
        page.wait_for_timeout(300)
        page.context.close()
        if cycle in (cycles // 3, cycles):
            time.sleep(FORGET)
            kept[cycle] = process.memory_info().rss
    visits = cycles - cycles // 3
    grown = (kept[cycles] - kept[cycles // 3]) / 1e3
    return {
        f"growth a visit, of {cycles} [kB]": [grown / visits],
        f"server after {cycles // 3} visits [MB]": [kept[cycles // 3] / 1e6],
        f"server after {cycles} visits [MB]": [kept[cycles] / 1e6],
    }


def main() -> None:
    """Serve an observatory, visit it, print what was kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--cycles", type=int, default=500)
    options = parser.parse_args()
    port = free_port()
    variables = {"ASTRA_HOME": str(options.home)}
    with serving(serve_command(port), variables) as process, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        address = f"http://127.0.0.1:{port}/app"
        for name, (value,) in cycles_of(browser, address, process, options.cycles).items():
            print(f"{name}: {value:,.1f}", flush=True)
        browser.close()


if __name__ == "__main__":
    main()
