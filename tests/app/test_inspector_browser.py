"""The page of one object in a real browser, opened by a link, without a network."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from app.words import NARROW_SPACE
from astra.runs.run import Run

pytestmark = pytest.mark.browser


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


@pytest.fixture(scope="module")
def star(run_home):
    """The light curve that is on the page."""
    run = Run.open(run_home / "runs" / "first")
    return run.survey.light_curves[int(run.rows[run.row_of("sky:RRab000")])]


def seen(chart):
    """What a chart has drawn: its frame, the ranges of its axes, points beyond them."""
    return chart.evaluate("it => it.seen")


def pixel(chart, x, y):
    """Where on the page a place on a chart with an inverted axis is."""
    box, drawn = chart.bounding_box(), seen(chart)
    frame, shares = drawn["frame"], []
    for value, (low, high) in ((x, drawn["x"]), (y, drawn["y"])):
        shares.append(float((value - low) / (high - low)))
    left = box["x"] + frame["left"] + shares[0] * frame["width"]
    return left, box["y"] + frame["top"] + shares[1] * frame["height"]


def test_what_was_observed_stands_beside_the_point_under_the_pointer(page, star):
    chart = page.locator(".astra-inspect .chart").first
    expect(chart).to_be_visible()
    row = int(np.flatnonzero(~star.flagged)[7])
    page.mouse.move(*pixel(chart, star.mjd[row] - 58000, star.magnitude[row]))
    tip = chart.locator(".tip")
    expect(tip).to_be_visible()
    band = star.bands[star.band[row]]
    expect(tip).to_contain_text(f"{band.survey} {band.filter}")
    expect(tip).to_contain_text(f"MJD {star.mjd[row]:,.5f}".replace(",", NARROW_SPACE))
    error = star.flux_error[row]
    expect(tip).to_contain_text(f"Flux {star.flux[row]:.1f} ± {error:.1f} µJy")
    magnitude = 23.9 - 2.5 * np.log10(float(star.flux[row]))
    expect(tip).to_contain_text(f"{magnitude:.4f} ± {1.0857 * error / star.flux[row]:.4f} mag AB")
    expect(tip).to_contain_text("UTC")
    page.mouse.move(5, 5)
    expect(tip).to_be_hidden()


def test_the_fold_is_drawn_over_two_cycles(page, star):
    chart = page.locator(".astra-inspect .chart").nth(1)
    expect(chart).to_be_visible()
    assert seen(chart)["points"] == 2 * int((~star.flagged).sum())
    assert seen(chart)["x"] == [-0.5, 1.5]
    # The same observation stands in either cycle, with the phase of both.
    told = set()
    for cycle in (0, 1):
        row = int(np.flatnonzero(~star.flagged)[11])
        label = seen(chart)["label"].replace(NARROW_SPACE, "")
        zero = float(re.search(r"MJD (\d+\.\d+)", label)[1])
        phase = float(((star.mjd[row] - zero) / 0.6 + 0.5) % 1 - 0.5)
        page.mouse.move(*pixel(chart, phase + cycle, star.magnitude[row]))
        expect(chart.locator(".tip")).to_contain_text(f"{star.mjd[row] % 1000:.3f}"[:6])
        told.add(chart.locator(".tip").inner_text())
    assert len(told) == 1
    page.mouse.move(5, 5)


def test_edges_say_how_many_points_lie_beyond(page, star):
    chart = page.locator(".astra-inspect .chart").first
    whole = seen(chart)
    assert sum(whole["beyond"]["top"] + whole["beyond"]["bottom"]) == 0
    box = chart.bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0], middle[1] - 40, steps=4)
    page.mouse.up()
    page.wait_for_timeout(300)
    drawn = seen(chart)
    low, high = drawn["y"]
    beyond = {"top": star.magnitude < low, "bottom": star.magnitude > high}
    for edge, chosen in beyond.items():
        assert sum(drawn["beyond"][edge]) == int(chosen.sum())
    assert drawn["beyond"]["top"] != drawn["beyond"]["bottom"]
    page.mouse.move(*middle)
    page.mouse.wheel(0, -300)
    page.wait_for_timeout(300)
    assert np.ptp(seen(chart)["x"]) < 0.7 * np.ptp(whole["x"])
    page.mouse.dblclick(*middle)
    page.wait_for_timeout(300)
    assert (seen(chart)["x"], seen(chart)["y"]) == (whole["x"], whole["y"])


def test_the_periodogram_is_zoomed_and_a_peak_chosen_by_hand(page):
    chart = page.locator(".astra-inspect .chart").nth(2)
    expect(page.locator(".candidate").first).to_be_visible()
    field = page.locator("input.astra-period:visible")
    before, whole = field.input_value(), seen(chart)
    assert whole["points"] > 100
    box = chart.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 3, box["y"] + box["height"] / 2)
    page.mouse.wheel(0, -400)
    expect(page.locator('[data-press="zoom:out"]')).to_be_visible()
    assert np.ptp(seen(chart)["x"]) < 0.7 * np.ptp(whole["x"])
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(field).not_to_have_value(before)
    page.locator('[data-press="zoom:out"]').click()
    page.wait_for_timeout(300)
    assert seen(chart)["x"] == whole["x"]
    page.locator('[data-press="candidate:0"]').click()


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
