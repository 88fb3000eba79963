"""Every screen of the rail in a real browser, in the smallest window that is served."""

import pytest
from playwright.sync_api import expect

from app.page import TABS

pytestmark = pytest.mark.browser
TOO_WIDE = "() => document.documentElement.scrollWidth - window.innerWidth"


@pytest.fixture(scope="module")
def page(serve, open_page, run_home):
    page = open_page(serve(run_home).address, 1280, 720)
    expect(page.locator(".astra-in-view")).to_contain_text("240")
    return page


def test_the_table_shows_its_last_column_whole(page):
    row = page.locator(".astra-table .tabulator-row").first
    expect(row).to_be_visible()
    dock = page.locator(".astra-dock").bounding_box()
    score = row.locator('[tabulator-field="score"]')
    box, padding = score.bounding_box(), score.evaluate("it => getComputedStyle(it).paddingRight")
    assert padding == "10px"
    assert box["x"] + box["width"] <= dock["x"] + dock["width"]
    assert row.evaluate("it => it.scrollWidth") <= dock["width"]


def test_every_screen_opens_without_a_complaint_and_fits(page):
    expect(page.locator(".astra-table .tabulator-row").first).to_be_visible()
    page.locator(".astra-table .tabulator-row").first.click()
    for tab in TABS:
        button = page.locator(f'.astra-tabs [data-press="{tab}"]')
        button.click()
        expect(button).to_have_attribute("aria-selected", "true")
        assert page.evaluate(TOO_WIDE) <= 0, f"the tab {tab} scrolls sideways"
    for screen in page.locator(".astra-rail [data-press]").all():
        name = screen.get_attribute("data-press")
        screen.click()
        expect(page.locator(f'.astra-rail [data-press="{name}"]')).to_have_attribute(
            "aria-current", "page"
        )
        # Charts are laid and drawn after the screen is.
        page.wait_for_timeout(1_500)
        assert page.evaluate(TOO_WIDE) <= 0, f"the screen {name} scrolls sideways"
        assert page.thrown == page.complaints == [], name
