from dataclasses import replace

import numpy as np
import pytest
from bokeh.models import Scatter, Segment

from app.drawing.charts import PointsChart
from app.drawing.drawings import Drawer
from app.drawing.glyphs import CROWD, MARKER, SMALL_MARKER
from app.drawing.photometry import phase_zero
from app.theme import tokens


def light_curve(session, object_id):
    return session.run.light_curve(session.run.find(object_id))


def drawn(chart):
    """x and y of all points of a chart, hollow ones apart."""
    solid, hollow = [], []
    for renderer in chart.figure.renderers:
        if isinstance(renderer.glyph, Scatter):
            x, y = (np.asarray(renderer.data_source.data[name]) for name in "xy")
            (hollow if renderer.glyph.fill_alpha == 0 else solid).append(np.column_stack([x, y]))
    return np.concatenate(solid), np.concatenate(hollow)


def test_every_observation_is_drawn_once_flagged_ones_hollow(session):
    curve = light_curve(session, "sky:RRab000")
    chart = PointsChart("dark")
    drawing = Drawer(curve, "dark").against_time("UTC")
    chart.show(drawing)
    solid, hollow = drawn(chart)
    for points, chosen in ((solid, ~curve.flagged), (hollow, curve.flagged)):
        expected = np.column_stack([curve.mjd - 58000, curve.magnitude])[chosen]
        order = np.lexsort(points.T), np.lexsort(expected.T)
        np.testing.assert_allclose(points[order[0]], expected[order[1]])
    assert drawing.x_label == "MJD \u2212 58000 (UTC)"
    assert chart.figure.below[0].axis_label == drawing.x_label


def test_magnitudes_are_inverted_and_fluxes_are_not(session):
    chart, curve = PointsChart("dark"), light_curve(session, "sky:RRab000")
    chart.show(Drawer(curve, "dark").against_time("UTC"))
    assert chart.figure.y_range.start > chart.figure.y_range.end
    chart.show(Drawer(curve, "dark", quantity="flux").against_time("UTC"))
    assert chart.figure.y_range.start < chart.figure.y_range.end


def test_difference_fluxes_are_drawn_as_flux_with_a_line_at_zero(session):
    chart, curve = PointsChart("dark"), light_curve(session, "sky:SNIa000")
    drawing = Drawer(curve, "dark", "flux").against_time("UTC")
    chart.show(drawing)
    solid, hollow = drawn(chart)
    assert len(solid) + len(hollow) == len(curve)
    assert solid[:, 1].min() < 0
    assert drawing.y_label.startswith("Difference flux")
    assert chart._zero.visible


def test_a_fold_shows_two_cycles_without_flagged_points(session):
    chart, curve = PointsChart("dark"), light_curve(session, "sky:RRab000")
    chart.show(Drawer(curve, "dark").against_phase(0.6, phase_zero(curve, 0.6)))
    solid, hollow = drawn(chart)
    assert not len(hollow)
    assert len(solid) == 2 * int((~curve.flagged).sum())
    assert (solid[:, 0] >= -0.5).all()
    assert (solid[:, 0] < 1.5).all()
    assert (chart.figure.x_range.start, chart.figure.x_range.end) == (-0.5, 1.5)
    first = solid[solid[:, 0] < 0.5]
    later = solid[solid[:, 0] >= 0.5] - [1, 0]
    np.testing.assert_allclose(first[np.lexsort(first.T)], later[np.lexsort(later.T)], atol=1e-9)


def test_the_fold_says_its_period_and_phase_zero(session):
    curve = light_curve(session, "sky:RRab000")
    label = Drawer(curve, "dark").against_phase(0.6, phase_zero(curve, 0.6)).x_label
    assert label.startswith("Phase (P = 0.6 d, t\u2080 = MJD 58")
    assert label.endswith(("maximum in g)", "maximum in r)"))


def test_figures_and_renderers_are_used_again(session):
    chart = PointsChart("dark")
    for object_id in ("sky:RRab000", "sky:EA000", "sky:SNIa000", "sky:LPV000"):
        chart.show(Drawer(light_curve(session, object_id), "dark").against_time("UTC"))
    renderers = list(chart.figure.renderers)
    curve = light_curve(session, "sky:RRab001")
    chart.show(Drawer(curve, "dark").against_phase(0.6, phase_zero(curve, 0.6)))
    assert chart.figure.renderers == renderers


def test_a_hidden_band_leaves_nothing_behind(session):
    chart, curve = PointsChart("dark"), light_curve(session, "sky:RRab000")
    chart.show(Drawer(curve, "dark").against_time("UTC"))
    chart.show(Drawer(curve, "dark", hidden=frozenset({"ztf_g"})).against_time("UTC"))
    solid, hollow = drawn(chart)
    names = np.array([band.name for band in curve.bands])[curve.band]
    assert len(solid) + len(hollow) == int((names == "ztf_r").sum())


def test_error_bars_shorter_than_the_marker_are_left_out(session):
    curve = light_curve(session, "sky:SNIa000")
    curve = replace(curve, flux_error=np.linspace(0.1, 20, 90).astype(np.float32))
    chart = PointsChart("dark")
    drawing = Drawer(curve, "dark", "flux").against_time("UTC")
    chart.show(drawing)
    bottom, top = drawing.y_range
    bars = [r for r in chart.figure.renderers if isinstance(r.glyph, Segment)]
    ends = [(r.data_source.data["low"], r.data_source.data["high"]) for r in bars]
    lengths = np.concatenate([np.subtract(high, low) for low, high in ends])
    all_lengths = np.concatenate([band.high - band.low for band in drawing.bands])
    shortest = MARKER / 180 * (top - bottom)
    assert 0 < len(lengths) == int((all_lengths > shortest).sum()) < len(all_lengths)
    assert all(r.level == "underlay" for r in bars)


@pytest.mark.parametrize(("points", "size"), [(90, MARKER), (2 * CROWD, SMALL_MARKER)])
def test_crowds_get_smaller_markers_without_outlines(session, points, size):
    one = light_curve(session, "sky:RRab000")
    times = points // len(one)
    columns = ("mjd", "flux", "flux_error", "band", "flagged")
    many = replace(one, **{name: np.tile(getattr(one, name), times) for name in columns})
    chart = PointsChart("light")
    chart.show(Drawer(many, "light").against_time("UTC"))
    solid = [
        r.glyph
        for r in chart.figure.renderers
        if isinstance(r.glyph, Scatter) and len(r.data_source.data["x"])
    ]
    assert {glyph.size for glyph in solid} == {size}
    green = next(g for g in solid if g.marker == "triangle" and g.fill_alpha != 0)
    assert green.fill_color == ("#31DE1F" if size == MARKER else "#21a713")


def test_both_themes_colour_axes_and_background():
    chart = PointsChart("dark")
    for theme in ("light", "dark"):
        chart.restyle(theme)
        assert chart.figure.background_fill_color == tokens(theme).surface
        assert {axis.major_label_text_color for axis in chart.figure.axis} == {tokens(theme).text_3}
