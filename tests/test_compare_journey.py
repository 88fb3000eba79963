"""Label, fine-tune, compare, promote, roll back: in a real browser."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from astra.data.observatory import Observatory
from astra.labels.store import LabelStore
from astra.runs.comparisons import find_comparison
from astra.runs.pointers import pointers, promote

pytestmark = pytest.mark.browser

PICTURES = Path(__file__).parent.parent / "artefacts"


@pytest.fixture
def own(demo: Observatory, tmp_path: Path) -> Observatory:
    """The demo's survey and run in an observatory of this test's own, without labels."""
    home = tmp_path / "observatory"
    shutil.copytree(
        demo.home,
        home,
        copy_function=os.link,
        ignore=shutil.ignore_patterns("labels.sqlite*", "jobs"),
    )
    return Observatory(home)


@pytest.fixture
def page(
    serve: Callable[[Path], Any], open_page: Callable[..., Any], own: Observatory
) -> Iterator[Page]:
    """The page on the demo's run, which is current; the test fails where it throws."""
    promote(own, "sky-astra")
    page = open_page(serve(own.home).address, color_scheme="dark")
    expect(page.locator(".astra-in-view")).to_contain_text("2\u202f000")
    yield page
    assert not page.thrown


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_label_fine_tune_compare_promote_roll_back(page: Page, own: Observatory) -> None:
    page.locator(".astra-table .tabulator-row").first.click()
    page.locator(".astra-rail [data-press=labels]").click()
    page.locator('.astra-label-button[data-press^="label:"]').first.click()
    expect(page.locator(".astra-stored")).not_to_be_empty()
    assert len(LabelStore(own.labels).current())

    page.locator(".astra-rail [data-press=train]").click()
    page.locator(".astra-train-name").fill("compared")
    page.keyboard.press("Tab")
    page.locator(".astra-train-epochs").fill("1")
    page.keyboard.press("Tab")
    page.locator(".astra-train-start").click()
    expect(page.locator(".astra-job-state").first).to_contain_text("done", timeout=420_000)
    page.locator(".astra-open-run").first.click()
    expect(page.locator(".astra-runs")).to_contain_text("compared")

    page.locator(".astra-rail [data-press=compare]").click()
    page.locator(".astra-compare-start").click()
    expect(page.locator(".astra-compare-score")).to_contain_text("macro-F1", timeout=300_000)
    expect(page.locator(".astra-movers")).to_be_visible()
    assert find_comparison(own, "sky-astra", "compared") is not None
    PICTURES.mkdir(exist_ok=True)
    page.wait_for_timeout(1_500)
    page.screenshot(path=PICTURES / "6-compare.png")

    page.locator(".astra-promote").click()
    page.locator(".astra-promote-yes").click()
    expect(page.locator(".astra-is-current")).to_be_visible()
    assert pointers(own, "sky").current == "compared"
    page.locator(".astra-roll-back").click()
    expect(page.locator(".astra-notice")).to_contain_text("sky-astra")
    assert pointers(own, "sky").current == "sky-astra"
