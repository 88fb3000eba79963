"""Explore in a real browser: the overview, what others save, and where map and dock lie."""

import shutil

import pytest
from playwright.sync_api import expect

from astra.data.observatory import Observatory
from astra.selections import SelectionBook

pytestmark = pytest.mark.browser
RANGES = """() => {
  const {x_range: x, y_range: y} = Bokeh.documents[0].get_model_by_name("astra-map")
  return [x.start, x.end, y.start, y.end]
}"""


@pytest.fixture(scope="module")
def home(run_home, tmp_path_factory):
    return shutil.copytree(run_home, tmp_path_factory.mktemp("explored") / "home")


@pytest.fixture(scope="module")
def address(serve, home):
    return serve(home).address


@pytest.fixture
def page(open_page, address):
    """The page at its usual size; the test fails where it throws."""
    page = open_page(address)
    expect(page.locator(".astra-in-view")).to_contain_text("240")
    expect(page.locator(".astra-table .tabulator-row").first).to_be_visible()
    yield page
    page.context.close()
    assert page.thrown == []


def ranges(page):
    return page.evaluate(RANGES)


def spans(seen):
    return seen[1] - seen[0], seen[3] - seen[2]


def middle_of(locator):
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def settled(page):
    """Ranges of the map when they have been the same for a second."""
    before, same = ranges(page), 0
    while same < 5:
        page.wait_for_timeout(200)
        now = ranges(page)
        before, same = now, same + 1 if now == before else 0
    return before


def expect_middle(page, locator, place):
    """Something comes to lie with its middle at a place of the page."""
    for _ in range(100):
        if middle_of(locator) == pytest.approx(place, abs=2):
            return
        page.wait_for_timeout(100)
    assert middle_of(locator) == pytest.approx(place, abs=2)


def zoom_in(page, steps):
    for _ in range(steps):
        before = settled(page)
        page.keyboard.press("+")
        page.wait_for_function(f"([start]) => ({RANGES})()[0] !== start", arg=[before[0]])
    return settled(page)


def test_the_overview_shows_where_the_view_lies_and_moves_it(page):
    overview, here = page.locator(".overview"), page.locator(".overview .here")
    expect(overview).to_be_hidden()
    before = zoom_in(page, 3)
    expect(overview).to_be_visible()
    expect(page.locator(".astra-in-view")).not_to_contain_text("240")
    box = overview.bounding_box()
    left, top, width, height = (box[name] for name in ("x", "y", "width", "height"))

    # A press moves the view's middle there; the size of the view stays.
    page.mouse.click(left + 0.75 * width, top + 0.25 * height)
    pressed = settled(page)
    assert spans(pressed) == pytest.approx(spans(before))
    assert pressed[0] > before[0] and pressed[2] > before[2]
    expect_middle(page, here, (left + 0.75 * width, top + 0.25 * height))

    # A drag takes the rectangle along, from wherever it is held.
    x, y = middle_of(here)
    page.mouse.move(x + 3, y + 3)
    page.mouse.down()
    page.mouse.move(x - 20, y + 13, steps=4)
    page.mouse.move(x - 37, y + 23, steps=4)
    page.mouse.up()
    expect_middle(page, here, (x - 40, y + 20))
    dragged = settled(page)
    assert spans(dragged) == pytest.approx(spans(before))
    assert dragged[0] < pressed[0] and dragged[2] < pressed[2]

    # Arrows move it by a quarter; the list's own arrows hear nothing of it.
    page.keyboard.press("ArrowRight")
    assert settled(page)[0] - dragged[0] == pytest.approx(spans(before)[0] / 4)

    page.keyboard.press("o")
    expect(overview).to_be_hidden()
    expect(page.locator('[data-press="overview"]')).to_have_attribute("aria-pressed", "false")
    page.locator('[data-press="overview"]').click()
    expect(overview).to_be_visible()
    page.locator('[data-press="fit"]').click()
    expect(overview).to_be_hidden()


def test_what_another_saves_appears_while_a_name_is_typed(page, home):
    page.locator(".astra-tabs [data-press=selections]").click()
    name = page.locator(".astra-selection-name")
    name.click()
    name.type("half a na")
    book = SelectionBook(Observatory(home))
    book.save("A", ["sky:EA001", "sky:EA002"])
    expect(page.locator(".astra-saved")).to_contain_text("A", timeout=30_000)
    # The form is drawn anew, since A is taken now, and keeps what is typed.
    expect(name).to_have_attribute("placeholder", "Name, or B")
    expect(name).to_have_value("half a na")
    page.keyboard.type("me")
    expect(name).to_have_value("half a name")
    book.rename("A", "of another")
    expect(page.locator(".astra-saved")).to_contain_text("of another", timeout=30_000)
    book.delete("of another")
    expect(page.locator(".astra-saved")).to_be_hidden(timeout=30_000)
    expect(name).to_have_value("half a name")


def widths(page):
    """Of rail, map and dock together, the same with the map's figure; the dock's right end."""
    rail, the_map, dock = (
        page.locator(part).bounding_box() for part in (".astra-rail", ".astra-map", ".astra-dock")
    )
    plot = page.evaluate("() => Bokeh.documents[0].get_model_by_name('astra-map').inner_width")
    together = rail["width"] + the_map["width"] + dock["width"]
    beside = plot - the_map["width"] + together
    return together, beside, dock["x"] + dock["width"]


def expect_to_lie_well(page, order):
    """Rail, map and dock share the width of the window, and the map is as large as its figure."""
    whole = [page.evaluate("window.innerWidth")] * 3
    for _ in range(100):
        if widths(page) == pytest.approx(whole, abs=2):
            return
        page.wait_for_timeout(100)
    assert widths(page) == pytest.approx(whole, abs=2), order


ORDERS = [
    ("train", "run:0"),
    ("small", "labels", "data", "run:1", "compare", "large", "inspect", "explore"),
    ("train", "small", "run:0", "anomalies", "explore"),
]
SIZES = {"small": {"width": 1280, "height": 720}, "large": {"width": 1682, "height": 1000}}


@pytest.mark.slow
def test_in_whatever_order_screens_are_opened_the_dock_lies_within_the_window(page):
    for order in ORDERS:
        for step in order:
            if step in SIZES:
                page.set_viewport_size(SIZES[step])
            elif step.startswith("run:"):
                # As Train opens a run: the screen changes while the run is on its way.
                page.locator(".astra-runs button").click()
                page.locator('[role="menuitem"]').nth(int(step[-1])).click()
                page.locator('.astra-rail [data-press="explore"]').click()
            else:
                page.locator(f'.astra-rail [data-press="{step}"]').click()
                chosen = page.locator(f'.astra-rail [data-press="{step}"]')
                expect(chosen).to_have_attribute("aria-current", "page")
            page.wait_for_timeout(500)
        expect(page.locator(".astra-dock")).to_be_visible()
        expect_to_lie_well(page, order)
        page.set_viewport_size({"width": 1440, "height": 900})
        expect_to_lie_well(page, (*order, "usual"))


def test_the_numbers_of_a_lasso_follow_the_hand(page):
    page.keyboard.press("l")
    numbers = page.locator(".astra-selection-count")
    expect(numbers).to_contain_text("All objects")
    middle = middle_of(page.locator(".astra-map"))
    corners = [(-150, -180), (170, -160), (150, 190), (-160, 170)]
    places = [(middle[0] + x, middle[1] + y) for x, y in corners]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=8)
    expect(numbers).to_contain_text("In the lasso")
    expect(numbers.locator(".sums")).not_to_contain_text("240")
    page.wait_for_timeout(500)
    drawn = numbers.locator(".sums").inner_text()
    assert page.locator(".astra-selected").inner_text().startswith("0")
    page.mouse.up()
    expect(numbers.locator(".title")).to_have_text("Lasso")
    assert numbers.locator(".sums").inner_text() == drawn
    objects = numbers.locator(".astra-count").inner_text()
    expect(page.locator(".astra-selected")).to_have_text(f"{objects} selected")
    page.keyboard.press("Escape")
    expect(numbers).to_contain_text("All objects")
