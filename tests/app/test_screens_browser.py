"""Every screen of the rail in a real browser, in the smallest window that is served."""

import os
import socket
import subprocess
import time

import pytest
from playwright.sync_api import expect, sync_playwright

from app.page import TABS
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
TOO_WIDE = "() => document.documentElement.scrollWidth - window.innerWidth"
expect.set_options(timeout=WAIT)


@pytest.fixture(scope="module")
def address(run_home):
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
    yield f"http://127.0.0.1:{port}/app"
    process.terminate()
    process.wait()


@pytest.fixture(scope="module")
def page(address):
    """The page in a small window, with what it has complained of as ``complaints``."""
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.set_default_timeout(WAIT)
        page.complaints = []
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on(
            "console",
            lambda said: page.complaints.append(said.text) if said.type == "error" else None,
        )
        page.goto(address, timeout=WAIT)
        expect(page.locator(".astra-in-view")).to_contain_text("240")
        yield page
        browser.close()


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
        assert page.complaints == [], name
