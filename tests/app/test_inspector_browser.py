"""The page of one object in a real browser, opened by a link, without a network."""

import os
import socket
import subprocess
import time

import pytest
from playwright.sync_api import expect, sync_playwright

from astra.cli.serve import serve_command

pytestmark = pytest.mark.browser
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
WAIT = 90_000
expect.set_options(timeout=WAIT)
# Draws a chart with a range that leaves points out, and reads what its edges say of them.
EDGES = """async () => {
  for (const doc of Bokeh.documents)
    for (const plot of doc._all_models.values()) {
      if (plot.name !== 'astra-light-curve' || !plot.renderers.length) continue;
      const tables = plot.renderers.map((r) => r.data_source);
      const points = tables.filter((t) => 'y' in t.data && !('text' in t.data));
      const ys = plot.renderers.filter((r) => r.glyph.type === 'Scatter'
        && r.glyph.marker.value !== 'dash').flatMap((r) => [...r.data_source.data.y]);
      if (!ys.length) continue;
      const sorted = [...ys].sort((a, b) => a - b);
      const low = sorted[5], high = sorted[sorted.length - 8];
      const inverted = plot.y_range.start > plot.y_range.end;
      plot.y_range.setv(inverted ? {start: high, end: low} : {start: low, end: high});
      await new Promise((done) => setTimeout(done, 300));
      const said = tables.filter((t) => 'text' in t.data).map((t) => [...t.data.text]);
      const beyond = [ys.filter((y) => y < low).length, ys.filter((y) => y > high).length];
      return {said, beyond: inverted ? beyond : beyond.reverse()};
    }
}"""


@pytest.fixture(scope="module")
def page(run_home):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "ASTRA_HOME": str(run_home), "BOKEH_RESOURCES": "server"}
    process = subprocess.Popen(serve_command(port), env=environment, cwd="/")
    for _ in range(900):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    try:
        with sync_playwright() as p:
            browser = p.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            context = browser.new_context(viewport={"width": 1440, "height": 900})
            context.grant_permissions(["clipboard-read", "clipboard-write"])
            page = context.new_page()
            page.set_default_timeout(WAIT)
            page.thrown = []
            page.on("pageerror", lambda error: page.thrown.append(str(error)))
            page.goto(f"http://127.0.0.1:{port}/app?object=sky:RRab000&run=first", timeout=WAIT)
            expect(page.locator(".astra-inspect canvas").first).to_be_visible(timeout=WAIT)
            yield page
            browser.close()
    finally:
        process.terminate()
        process.wait()


def test_a_link_opens_on_the_light_curve(page):
    head = page.locator(".astra-inspect-head")
    expect(head).to_contain_text("sky:RRab000", timeout=WAIT)
    expect(head).to_contain_text("of 240 on the list", timeout=WAIT)


def test_edges_say_how_many_points_lie_beyond(page):
    found = page.evaluate(EDGES)
    counts = [sum(int(text.split()[-1]) for text in edge) for edge in found["said"]]
    assert counts == found["beyond"]
    assert sum(counts) > 5


def test_a_double_click_on_a_band_leaves_it_alone(page):
    green, red = (page.locator(f'[data-press="band:ztf_{band}"]:visible') for band in "gr")
    green.dblclick()
    expect(red).to_have_attribute("aria-pressed", "false")
    expect(green).to_have_attribute("aria-pressed", "true")
    green.dblclick()
    expect(red).to_have_attribute("aria-pressed", "true")


def test_the_copied_address_is_that_of_the_object(page):
    page.get_by_text("Copy link").click()
    copied = page.evaluate("() => navigator.clipboard.readText()")
    assert copied.endswith("/app?object=sky%3ARRab000&run=first")


def test_next_object_by_key_takes_the_address_along(page):
    head = page.locator(".astra-inspect-head")
    before = head.inner_text()
    page.locator(".astra-inspect canvas").first.hover(force=True)
    page.keyboard.press("ArrowRight")
    expect(head).not_to_have_text(before)
    page.wait_for_function("() => !location.search.includes('RRab000')")
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("() => location.search.includes('RRab000')")


def test_without_a_network_the_sky_says_what_to_do(page):
    sky = page.locator(".astra-world .sky")
    expect(sky).to_contain_text("only when asked for")
    page.get_by_text("Show the sky").click()
    expect(sky).to_contain_text("No image", timeout=WAIT)
    expect(sky.get_by_role("button")).to_have_text("Try again")


def test_nothing_was_thrown(page):
    assert page.thrown == []
