"""Once round the loop, in a real browser: open, lasso, read, label, fine-tune, open the new run."""

import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.theme import tokens
from astra.data.observatory import Observatory
from astra.labels.store import LabelStore
from astra.runs.run import Run

pytestmark = pytest.mark.browser

PICTURES = Path(__file__).parent.parent / "artefacts"
CLASS = "RR"


@pytest.fixture(scope="module")
def address(serve: Callable[[Path], Any], demo: Observatory) -> str:
    return serve(demo.home).address


@pytest.fixture
def page(open_page: Callable[..., Any], address: str) -> Iterator[Page]:
    """The page, opened; the test fails where it throws."""
    page = open_page(address, color_scheme="dark")
    expect(page.locator(".astra-in-view")).to_contain_text("2\u202f000")
    yield page
    page.context.close()
    assert not page.thrown


def picture(page: Page, name: str) -> None:
    """Keep a screenshot."""
    PICTURES.mkdir(exist_ok=True)
    page.wait_for_timeout(800)
    page.screenshot(path=PICTURES / f"{name}.png")


def lasso(page: Page, x: float, y: float, radius: float) -> None:
    """Draw a lasso round a place on the page."""
    page.keyboard.press("l")
    page.mouse.move(x + radius, y)
    page.mouse.down()
    for step in range(1, 41):
        angle = step / 20 * math.pi
        page.mouse.move(x + radius * math.cos(angle), y + radius * math.sin(angle))
    page.mouse.up()


def number_in(text: str) -> int:
    """First number in a text, its thousands separated by any space."""
    found = re.search(r"\d[\d\s]*", text)
    assert found, text
    return int(re.sub(r"\D", "", found.group()))


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_once_round_the_loop(page: Page, demo: Observatory) -> None:
    picture(page, "1-explore-dark")

    lasso(page, 520, 480, 190)
    expect(page.locator(".astra-selection-count")).to_contain_text("Lasso")
    selected = number_in(page.locator(".astra-selected").inner_text())
    assert 0 < selected < 2_000

    page.locator(".astra-table .tabulator-row").first.click()
    expect(page.locator(".astra-light-curve-head")).to_contain_text("sim1:")
    picture(page, "2-lasso-and-light-curve")

    label_selection(page, demo, selected)
    picture(page, "3-labelled")

    fine_tune(page, "taught")
    run = Run.open(demo.run("taught"))
    assert run.manifest.parent == "sky-astra"
    assert run.summary("labels")["by_annotators"] == selected
    expect(page.locator(".astra-runs")).to_contain_text("taught")
    page.wait_for_timeout(1_000)
    page.locator(".astra-zoom [data-press=fit]").click()
    expect(page.locator(".astra-in-view")).to_contain_text("2\u202f000")
    picture(page, "5-new-run")


def label_selection(page: Page, demo: Observatory, selected: int) -> None:
    """Label what is selected, undo, label again: the log says so each time."""
    store = LabelStore(demo.labels)
    page.locator(".astra-rail [data-press=labels]").click()
    button = page.locator(f'.astra-label-button[data-press="label:{CLASS}"]')
    button.click()
    expect(page.locator(".astra-stored")).to_contain_text(CLASS)
    assert set(store.current()["label"]) == {CLASS}
    assert len(store.current()) == selected
    page.locator(".astra-undo").click()
    expect(page.locator(".astra-stored")).to_contain_text(re.compile("und[io]", re.IGNORECASE))
    assert not len(store.current())
    button.click()
    expect(page.locator(".astra-stored")).not_to_contain_text(re.compile("und[io]", re.IGNORECASE))
    assert len(store.current()) == selected


def fine_tune(page: Page, name: str) -> None:
    """Start a fine-tune from the form, watch it end, open its run."""
    page.locator(".astra-rail [data-press=train]").click()
    page.locator(".astra-train-name").fill(name)
    page.keyboard.press("Tab")
    page.locator(".astra-train-epochs").fill("3")
    page.keyboard.press("Tab")
    picture(page, "4a-train-form")
    page.locator(".astra-train-start").click()
    expect(page.locator(".astra-job-state").first).to_contain_text("running")
    expect(page.locator(".astra-job-state").first).to_contain_text("done", timeout=420_000)
    picture(page, "4b-train-done")
    page.locator(".astra-open-run").first.click()


def test_light_theme_and_small_window(open_page: Callable[..., Any], address: str) -> None:
    for scheme, width, height in (("light", 1440, 900), ("dark", 1280, 720), ("light", 1280, 720)):
        page = open_page(address, width, height, color_scheme=scheme)
        expect(page.locator(".astra-objects")).to_contain_text("objects")
        page.wait_for_function(
            """surface => getComputedStyle(document.documentElement)
                .getPropertyValue("--astra-surface").trim() === surface""",
            arg=tokens(scheme).surface,
        )
        picture(page, f"explore-{scheme}-{width}")
        scroll = page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
        assert scroll <= 0, f"{width} wide, {scheme}: the page scrolls sideways by {scroll} px"
        page.context.close()
