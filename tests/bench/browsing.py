"""A page in headless Chromium: opened, acted on, and timed on its own clock."""

import math
import os
import random
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import psutil
from playwright.sync_api import Browser, Page, ViewportSize

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
SIZE: ViewportSize = {"width": 1440, "height": 900}

LATEST = 1500
"""How long the numbers of a lasso are waited for [ms]."""
REST = 100
"""How long a hand rests at the end of a lasso before it lets go [ms]."""

# Marks when the raster's data changed and two frames were drawn, or when the frame was drawn in
# which the text of an element had changed. What lies in a shadow root is named after " >>> ".
WATCH = """(texts) => {
  const find = (css, root = document) => {
    const here = root.querySelector(css);
    if (here) return here;
    for (const e of root.querySelectorAll('*')) {
      const found = e.shadowRoot && find(css, e.shadowRoot);
      if (found) return found;
    }
    return null;
  };
  const bench = window.bench = {at: {}, seen: {}, find, last: 0, known: new Set()};
  // Searched for once: a search through all shadow roots in every frame would be measured too.
  const found = {};
  const reach = (css) => css.split(' >>> ').reduce(
    (root, inner) => root && find(inner, root.shadowRoot || root), document);
  const here = (name, css) => found[name]?.isConnected ? found[name] : (found[name] = reach(css));
  const mark = (name) => requestAnimationFrame(() => requestAnimationFrame(() => {
    bench.at[name] = performance.now();
    if (name === 'raster') bench.last = bench.at[name];
  }));
  const read = (e) => e ? [(e.shadowRoot || e).textContent, e.hidden].join() : '';
  const poll = () => {
    for (const document_ of Bokeh.documents)
      for (const model of document_._all_models.values())
        if (model.type === 'ColumnDataSource' && model.get_array && 'image' in model.data
            && !bench.known.has(model.id)) {
          if (bench.polled) mark('raster');
          bench.known.add(model.id);
          model.properties.data.change.connect(() => mark('raster'));
        }
    for (const [name, css] of Object.entries(texts)) {
      const now = read(here(name, css));
      if (now !== bench.seen[name]) {
        bench.seen[name] = now;
        requestAnimationFrame(() => { bench.at[name] = performance.now() });
      }
    }
    bench.polled = true;
    requestAnimationFrame(poll);
  };
  document.addEventListener('pointerup', (event) => {
    bench.released = event.timeStamp;
    requestAnimationFrame(() => { bench.at.frame = performance.now() });
  }, true);
  poll();
}"""
# Notes when a raster of the size of a map was drawn on a canvas of the page, and two frames.
DRAWN = """(() => {
  const draw = CanvasRenderingContext2D.prototype.drawImage;
  CanvasRenderingContext2D.prototype.drawImage = function (image, ...place) {
    if (window.benchDrawn === undefined && this.canvas.isConnected
        && image instanceof HTMLCanvasElement && image.width > 250 && image.height > 200) {
      window.benchDrawn = null;
      requestAnimationFrame(() => requestAnimationFrame(() => { window.benchDrawn = true }));
    }
    return draw.call(this, image, ...place);
  };
})()"""
PAINTED = "() => window.benchDrawn"


@contextmanager
def serving(command: Sequence[str], variables: Mapping[str, str]) -> Iterator[psutil.Process]:
    """Run a server until the block ends; it begins when its `--port` is open."""
    environment = {**os.environ, "BOKEH_RESOURCES": "server", **variables}
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    port = int(command[list(command).index("--port") + 1])
    try:
        for _ in range(1200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def open_page(browser: Browser, address: str) -> tuple[Page, float]:
    """Open the page; gives it, and the milliseconds until the map was painted."""
    page = browser.new_context(viewport=SIZE).new_page()
    page.add_init_script(DRAWN)
    start = time.monotonic()
    page.goto(address, timeout=120_000)
    page.wait_for_function(PAINTED, timeout=120_000, polling="raf")
    return page, 1000 * (time.monotonic() - start)


def watch(page: Page, **texts: str) -> None:
    """Watch the raster, and the texts of elements by CSS selector."""
    page.evaluate(WATCH, texts)


def until(page: Page, name: str, act: Callable[[], object]) -> float:
    """Milliseconds from the beginning of an action until a mark is set."""
    page.evaluate("name => { delete window.bench.at[name] }", name)
    start = page.evaluate("() => performance.now()")
    act()
    page.wait_for_function("name => window.bench.at[name]", arg=name, timeout=60_000, polling="raf")
    return page.evaluate("name => window.bench.at[name]", name) - start


def quiet(page: Page, milliseconds: int = 700) -> None:
    """Wait until no frame has come for a while: a late one belongs to the action before."""
    page.wait_for_function(
        "quiet => performance.now() - window.bench.last > quiet", arg=milliseconds, timeout=60_000
    )


def zoom(page: Page, i: int, at: tuple[float, float] = (560, 420)) -> float:
    """Wheel one tick in or out over the map; time until the exact frame."""
    page.mouse.move(at[0] + 40 * (i % 3), at[1])
    quiet(page)
    return until(page, "raster", lambda: page.mouse.wheel(0, -240 if i % 8 < 4 else 240))


def lassos(page: Page, dice: random.Random, repeats: int, rest_for: int = REST) -> list[float]:
    """Times of some lassos, without those that changed no number.

    Raises
    ------
    RuntimeError
        Where that were most of them.
    """
    times = [took for _ in range(repeats) if (took := lasso(page, dice, rest_for)) is not None]
    if 2 * len(times) < repeats:
        raise RuntimeError(f"of {repeats} lassos {repeats - len(times)} changed no number")
    return times


def lasso(
    page: Page, dice: random.Random, rest_for: int, at: tuple[float, float] = (560, 430)
) -> float | None:
    """Draw a lasso of about 60 vertices; time from its release until its numbers are painted.

    That is the first frame after the release, or the last in which a number has changed: where the
    numbers follow the hand they may be there already. None where the numbers are those of before,
    as where two lassos in turn hold nothing.

    Parameters
    ----------
    page : Page
        Watched, its numbers as ``count``.
    dice : Random
        Draws where, and how large.
    rest_for : int
        How long the hand rests before it lets go [ms].
    at : x, y
        Where, about [CSS px].
    """
    x, y, radius = at[0] + dice.uniform(-80, 80), at[1] + dice.uniform(-60, 60), 120
    radius += dice.uniform(-40, 50)
    points = [
        (x + radius * math.cos(a / 10), y + radius * math.sin(a / 10) * (1 + 0.2 * math.sin(a / 3)))
        for a in range(61)
    ]
    quiet(page)
    before = page.evaluate("() => bench.seen.count")
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point)
    if rest_for:
        page.wait_for_timeout(rest_for)
    page.evaluate("() => { bench.at = {} }")
    page.mouse.up()
    page.wait_for_timeout(LATEST)
    if page.evaluate("() => bench.seen.count") == before:
        return None
    return page.evaluate("() => Math.max(bench.at.frame, bench.at.count ?? 0) - bench.released")


def rest(page: Page, dice: random.Random, at: tuple[float, float] = (560, 430)) -> float | None:
    """Rest the pointer somewhere; time until the card of an object, None where there is none."""
    place = at[0] + dice.uniform(-60, 60), at[1] + dice.uniform(-60, 60)
    page.mouse.move(place[0] - 30, place[1] - 20)
    page.wait_for_timeout(300)
    page.evaluate("() => { delete window.bench.at.card }")
    page.mouse.move(*place)
    start = page.evaluate("() => performance.now()")
    page.wait_for_timeout(600)
    at_last = page.evaluate("() => window.bench.at.card")
    return at_last - start if at_last and at_last > start else None


def choose_colour(page: Page, css_class: str, value: str) -> float:
    """Choose a colouring in a select widget; time until the exact frame."""
    quiet(page)
    script = """([css, value]) => {
      for (const d of Bokeh.documents) for (const m of d._all_models.values())
        if ((m.css_classes || []).includes(css) || m.name === css || m.title === css) {
          if ('value' in m.attributes) m.value = value; else if (m.data) m.data.value = value;
        }
    }"""
    return until(page, "raster", lambda: page.evaluate(script, [css_class, value]))
