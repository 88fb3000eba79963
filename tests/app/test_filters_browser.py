"""Brushes, expressions and saved selections in a real browser, over a server that is killed."""

import re
import shutil
import signal

import pytest
from playwright.sync_api import expect

from astra.runs.run import Run
from astra.selections import where

pytestmark = pytest.mark.browser


def opened(open_page, address):
    page = open_page(address)
    expect(page.locator(".astra-histograms .plot").first).to_be_visible()
    expect(page.locator(".astra-in-view")).to_contain_text("240")
    return page


def brush(page, column, start, end):
    plot = page.locator(f'[data-brush="{column}"]')
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + start * box["width"], y)
    page.mouse.down()
    for step in range(1, 9):
        page.mouse.move(box["x"] + (start + (end - start) * step / 8) * box["width"], y)
    page.mouse.up()


def number_in(locator):
    return int(re.sub(r"\D", "", re.search(r"\d[\d\s]*", locator.inner_text())[0]))


@pytest.mark.slow
def test_filters_and_selections_in_a_browser(serve, open_page, run_home, tmp_path):
    home = shutil.copytree(run_home, tmp_path / "home")
    process, address = serve(home)
    page = opened(open_page, address)
    passing = filter_objects(page, Run.open(home / "runs" / "second"))
    save_selection(page, passing)
    assert not page.thrown
    page.close()
    process.send_signal(signal.SIGKILL)
    process.wait()
    page = opened(open_page, f"{serve(home).address}?selection=what+passes")
    expect(page.locator(".astra-chip")).to_contain_text("what passes")
    assert number_in(page.locator(".astra-selected")) == passing
    page.locator(".astra-tabs [data-press=selections]").click()
    expect(page.locator(".astra-saved")).to_contain_text("what passes")
    page.locator('.astra-saved [data-press^="eye:"]').click()
    expect(page.locator(".astra-legend")).to_contain_text("All others grey")
    assert not page.thrown


def filter_objects(page, run):
    """Brush a histogram and add an expression; return how many objects pass in the end."""
    brush(page, "anomaly", 0.4, 1.0)
    strip = page.locator(".astra-filters")
    chip = page.locator('[data-press="clear:anomaly"]').first
    expect(chip).to_contain_text("Anomaly score ≥")
    low = chip.inner_text().split()[-1]
    expect_all_to_follow(page, where(run, f"score >= {low}").sum())

    field = page.locator(".astra-expression input")
    field.click()
    field.type("perod < 1")
    expect(page.locator(".astra-expression-error")).to_contain_text("did you mean period")
    field.fill("predicted in (EA, RRab)")
    expect(page.locator(".astra-expression .hint")).to_contain_text("Enter filters")
    field.press("Enter")
    expect(strip).to_contain_text("predicted in (EA, RRab)")
    expect_all_to_follow(page, where(run, f"score >= {low} and predicted in (EA, RRab)").sum())

    page.locator('[data-brush="anomaly"]').dblclick()
    expect(strip).not_to_contain_text("Anomaly score ≥")
    passing = where(run, "predicted in (EA, RRab)").sum()
    expect_all_to_follow(page, passing)
    return passing


def expect_all_to_follow(page, objects):
    """Status bar, strip, summary, table and map are of so many objects."""
    assert 0 < objects < 240
    expect(page.locator(".astra-objects b")).to_have_text(str(objects))
    expect(page.locator(".astra-passing b")).to_have_text(str(objects))
    expect(page.locator(".astra-selection-count .astra-count")).to_have_text(str(objects))
    expect(page.locator(".astra-pager")).to_contain_text(f"of {objects}")
    expect(page.locator(".astra-in-view b")).to_have_text(str(objects))


def save_selection(page, passing):
    """Save what passes, under a name."""
    page.locator(".astra-tabs [data-press=selections]").click()
    name = page.locator(".astra-selection-name")
    name.fill("what passes")
    name.press("Enter")
    expect(page.locator(".astra-saved")).to_contain_text("what passes")
    expect(page.locator(".astra-saved .number")).to_have_text(str(passing))
