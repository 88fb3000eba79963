"""Many visitors: what they cost each other, and what those who have gone leave behind."""

import time

import psutil
from browsing import open_page, quiet, until, watch
from playwright.sync_api import Browser, Page

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
    """Memory that a visit leaves behind [kB]: open, zoom, close, again and again."""
    grown = []
    for cycle in range(cycles):
        page, _ = open_page(browser, address)
        page.mouse.move(560, 420)
        page.mouse.wheel(0, -240)
        page.wait_for_timeout(300)
        page.context.close()
        if cycle in (cycles // 3, cycles - 1):
            time.sleep(FORGET)
            grown.append(process.memory_info().rss)
    visits = cycles - 1 - cycles // 3
    return {f"growth a visit, of {cycles} [kB]": [(grown[-1] - grown[0]) / 1e3 / visits]}
