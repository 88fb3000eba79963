"""The page of one object in a real browser, opened by a link, without a network."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
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
def page(serve, open_page, run_home):
    address = f"{serve(run_home).address}?object=sky:RRab000&run=first"
    page = open_page(address, permissions=["clipboard-read", "clipboard-write"])
    expect(page.locator(".astra-inspect canvas").first).to_be_visible()
    return page


def test_a_link_opens_on_the_light_curve(page):
    head = page.locator(".astra-inspect-head")
    expect(head).to_contain_text("sky:RRab000")
    expect(head).to_contain_text("of 240 on the list")


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
    expect(sky).to_contain_text("No image")
    expect(sky.get_by_role("button")).to_have_text("Try again")


def test_nothing_was_thrown(page):
    assert page.thrown == []
