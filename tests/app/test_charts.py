import base64
import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from app.drawing.bands import band_styles
from app.drawing.charts import (
    CROWD,
    FLAGGED,
    MARKER,
    NEGATIVE,
    SMALL_MARKER,
    PointsChart,
    told,
)
from app.drawing.drawings import Drawer
from app.drawing.photometry import phase_zero
from app.theme import tokens

TYPES = {"f8": "<f8", "f4": "<f4", "u1": "u1"}


def light_curve(session, object_id):
    return session.run.light_curve(session.run.find(object_id))


def table(told_of):
    """The columns of what is told, as the browser cuts them from the bytes."""
    data, at, columns = base64.b64decode(told_of["numbers"]), 0, {}
    for name, kind, length in told_of["columns"]:
        assert at % int(kind[1]) == 0  # a typed array of the browser begins at its own multiple
        columns[name] = np.frombuffer(data, TYPES[kind], length, at)
        at += columns[name].nbytes
    assert at == len(data)
    if told_of["folded"]:
        ends = np.cumsum([0, *(band["points"] // 2 for band in told_of["bands"])])
        for name in ("x", "mjd", "y", "low", "high", "flux", "error", "kind"):
            cycles = [np.tile(columns[name][a:b], 2) for a, b in pairwise(ends)]
            for cycle in cycles if name == "x" else ():
                cycle[len(cycle) // 2 :] += 1
            columns[name] = np.concatenate(cycles)
    return columns


def drawn(drawing, theme="dark"):
    """x and y of all points that the browser is told of, hollow ones apart."""
    columns = table(told(drawing, theme))
    points = np.column_stack([columns["x"], columns["y"]])
    hollow = columns["kind"] & FLAGGED > 0
    return points[~hollow], points[hollow]


def test_every_observation_is_drawn_once_flagged_ones_hollow(session):
    curve = light_curve(session, "sky:RRab000")
    drawing = Drawer(curve, "dark").against_time("UTC")
    solid, hollow = drawn(drawing)
    for points, chosen in ((solid, ~curve.flagged), (hollow, curve.flagged)):
        expected = np.column_stack([curve.mjd - 58000, curve.magnitude])[chosen]
        order = np.lexsort(points.T), np.lexsort(expected.T)
        np.testing.assert_allclose(points[order[0]], expected[order[1]], rtol=1e-6)
    assert drawing.x_label == "MJD \u2212 58000 (UTC)"


def test_what_is_told_of_a_point_is_what_was_observed(session):
    curve = light_curve(session, "sky:SNIa000")
    for drawing in (
        Drawer(curve, "dark").against_time("UTC"),
        Drawer(curve, "dark", "asinh").against_time("UTC"),
        Drawer(curve, "dark", "flux", aligned=True).against_phase(3.0, phase_zero(curve, 3.0)),
    ):
        columns = table(told(drawing, "light"))
        mjd = np.concatenate([columns["mjd"], columns["limit_mjd"]])
        row = np.searchsorted(curve.mjd, mjd)
        np.testing.assert_array_equal(curve.mjd[row], mjd)
        for name, expected in (("flux", curve.flux), ("error", curve.flux_error)):
            both = np.concatenate([columns[name], columns[f"limit_{name}"]])
            np.testing.assert_array_equal(both, expected[row])
        bands = np.repeat(
            [b["name"] for b in told(drawing, "light")["bands"]],
            [b["points"] for b in told(drawing, "light")["bands"]],
        )
        codes = curve.band[np.searchsorted(curve.mjd, columns["mjd"])]
        assert [f"{curve.bands[c].survey} {curve.bands[c].filter}" for c in codes] == list(bands)


def test_magnitudes_are_inverted_and_fluxes_are_not(session):
    curve = light_curve(session, "sky:RRab000")
    assert told(Drawer(curve, "dark").against_time("UTC"), "dark")["inverted"]
    assert not told(Drawer(curve, "dark", "flux").against_time("UTC"), "dark")["inverted"]


def test_difference_fluxes_are_drawn_as_flux_negative_ones_marked(session):
    curve = light_curve(session, "sky:SNIa000")
    drawing = Drawer(curve, "dark", "flux").against_time("UTC")
    solid, hollow = drawn(drawing)
    assert len(solid) + len(hollow) == len(curve)
    assert solid[:, 1].min() < 0
    assert drawing.y_label.startswith("Difference flux")
    assert told(drawing, "dark")["flux"] == {"name": "Difference flux", "unit": "µJy", "scale": 1.0}
    below = replace(curve, flux=-abs(curve.flux) - 100)
    kinds = table(told(Drawer(below, "dark", "flux").against_time("UTC"), "dark"))["kind"]
    assert (kinds & NEGATIVE > 0).all()


def test_a_fold_shows_two_cycles_without_flagged_points(session):
    curve = light_curve(session, "sky:RRab000")
    drawing = Drawer(curve, "dark").against_phase(0.6, phase_zero(curve, 0.6))
    solid, hollow = drawn(drawing)
    assert not len(hollow)
    assert len(solid) == 2 * int((~curve.flagged).sum())
    assert (solid[:, 0] >= -0.5).all()
    assert (solid[:, 0] < 1.5).all()
    assert drawing.x_range == (-0.5, 1.5)
    first = solid[solid[:, 0] < 0.5]
    later = solid[solid[:, 0] >= 0.5] - [1, 0]
    np.testing.assert_allclose(first[np.lexsort(first.T)], later[np.lexsort(later.T)], atol=1e-9)


def test_the_fold_says_its_period_and_phase_zero(session):
    curve = light_curve(session, "sky:RRab000")
    label = Drawer(curve, "dark").against_phase(0.6, phase_zero(curve, 0.6)).x_label
    assert label.startswith("Phase (P = 0.6 d, t\u2080 = MJD 58")
    assert label.endswith(("maximum in g)", "maximum in r)"))


def test_days_are_counted_from_the_peak_or_the_first_detection(session):
    curve = light_curve(session, "sky:SNIa000")
    sure = ~curve.flagged & (curve.flux > 3 * curve.flux_error)
    peak = curve.mjd[sure][(curve.flux - curve.flux_error)[sure].argmax()]
    first = curve.mjd[~curve.flagged & (curve.flux > 5 * curve.flux_error)][0]
    for event, mjd in (("peak", peak), ("first detection", first)):
        drawing = Drawer(curve, "dark").against_time("UTC", event)
        assert drawing.zero_mjd == mjd
        assert drawing.x_label.startswith(f"Days since {event} (")
        assert drawing.event == event
        solid, _ = drawn(drawing)
        assert set(np.round(solid[:, 0] + mjd, 6)) <= set(np.round(curve.mjd, 6))
    total = light_curve(session, "sky:RRab000")
    drawing = Drawer(total, "dark").against_time("UTC", "first detection")
    assert drawing.x_label == "MJD \u2212 58000 (UTC)"


def test_a_peak_is_no_uncertain_or_hidden_or_flagged_point(session):
    curve = light_curve(session, "sky:SNIa000")
    flux, error = curve.flux.copy(), curve.flux_error.copy()
    before = Drawer(curve, "dark").against_time("UTC", "peak").zero_mjd
    wild = int(np.flatnonzero((curve.mjd != before) & ~curve.flagged)[0])
    flux[wild], error[wild] = 4 * flux.max(), 4 * flux.max()
    drawing = Drawer(replace(curve, flux=flux, flux_error=error), "dark")
    assert drawing.against_time("UTC", "peak").zero_mjd == before
    flagged = replace(curve, flagged=curve.flagged | (curve.mjd == before))
    assert Drawer(flagged, "dark").against_time("UTC", "peak").zero_mjd != before
    band = curve.bands[curve.band[np.searchsorted(curve.mjd, before)]].name
    hidden = Drawer(curve, "dark", hidden=frozenset({band})).against_time("UTC", "peak")
    assert curve.bands[curve.band[np.searchsorted(curve.mjd, hidden.zero_mjd)]].name != band


def test_a_hidden_band_leaves_nothing_behind(session):
    curve = light_curve(session, "sky:RRab000")
    solid, hollow = drawn(Drawer(curve, "dark", hidden=frozenset({"ztf_g"})).against_time("UTC"))
    names = np.array([band.name for band in curve.bands])[curve.band]
    assert len(solid) + len(hollow) == int((names == "ztf_r").sum())


@pytest.mark.parametrize("quantity", ["magnitude", "flux", "asinh"])
def test_error_bars_reach_one_sigma_to_both_sides(session, quantity):
    curve = light_curve(session, "sky:RRab000")
    columns = table(told(Drawer(curve, "dark", quantity).against_time("UTC"), "dark"))
    sigma = {
        "magnitude": 2.5 / np.log(10) * columns["error"] / columns["flux"],
        "flux": columns["error"],
        "asinh": None,
    }[quantity]
    if sigma is None:
        softening = float(np.median(curve.flux_error))
        low, high = (softening * np.sinh(columns[name].astype(float)) for name in ("low", "high"))
        np.testing.assert_allclose((high - low) / 2, columns["error"], rtol=1e-3)
    else:
        np.testing.assert_allclose(columns["high"] - columns["y"], sigma, rtol=2e-3, atol=3e-6)
        np.testing.assert_allclose(columns["y"] - columns["low"], sigma, rtol=2e-3, atol=3e-6)


def test_error_bars_are_drawn_when_asked_for(session):
    curve = light_curve(session, "sky:RRab000")
    for errors in (True, False):
        drawing = Drawer(curve, "dark", errors=errors).against_time("UTC")
        assert told(drawing, "dark")["errors"] is errors


@pytest.mark.parametrize(("points", "size"), [(90, MARKER), (2 * CROWD, SMALL_MARKER)])
def test_crowds_get_smaller_markers_without_outlines(session, points, size):
    one = light_curve(session, "sky:RRab000")
    times = points // len(one)
    columns = ("mjd", "flux", "flux_error", "band", "flagged")
    many = replace(one, **{name: np.tile(getattr(one, name), times) for name in columns})
    shown = told(Drawer(many, "light").against_time("UTC"), "light")
    assert shown["size"] == size
    assert shown["crowd"] is (size != MARKER)
    green = next(band for band in shown["bands"] if band["marker"] == "triangle")
    assert green["colour"] == ("#31DE1F" if size == MARKER else "#21a713")


def test_blue_bands_lie_over_red_ones_in_their_own_colours(session):
    curve = light_curve(session, "sky:RRab000")
    shown = told(Drawer(curve, "light").against_time("UTC"), "light")["bands"]
    styles = {style.label: style for style in band_styles(curve.bands, "light")}
    assert [band["name"] for band in shown] == ["ztf r", "ztf g"]
    for band in shown:
        style = styles[band["name"].removeprefix("ztf ")]
        assert (band["marker"], band["colour"]) == (style.marker, style.colour)


def test_ticks_of_an_asinh_axis_say_fluxes(session):
    curve = light_curve(session, "sky:SNIa000")
    drawing = Drawer(curve, "dark", "asinh").against_time("UTC")
    shown = told(drawing, "dark")
    for place, text in shown["ticks"]:
        flux = float(text.replace("\u2212", "-"))
        assert np.arcsinh(flux / drawing.softening) == pytest.approx(place)


def test_both_themes_colour_axes_and_points(session):
    curve = light_curve(session, "sky:RRab000")
    chart = PointsChart("dark")
    for theme in ("light", "dark"):
        chart.restyle(theme)
        chart.draw(Drawer(curve, theme).against_time("UTC"))
        assert chart.colours["quiet"] == tokens(theme).text_3
        used = {band["colour"] for band in json.loads(chart.drawing)["bands"]}
        assert used == {style.colour for style in band_styles(curve.bands, theme)}


def test_an_object_without_observations_is_an_empty_chart(session):
    curve = light_curve(session, "sky:RRab000")
    columns = ("mjd", "flux", "flux_error", "band", "flagged")
    nothing = replace(curve, **{name: getattr(curve, name)[:0] for name in columns})
    shown = told(Drawer(nothing, "dark").against_time("UTC"), "dark")
    assert shown["bands"] == [] and table(shown)["x"].size == 0
