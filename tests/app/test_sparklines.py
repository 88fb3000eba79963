import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import numpy as np
import pytest

from app.drawing.sparklines import MOST_POINTS, sparkline


def points(svg):
    """Coordinates of all points of a sparkline."""
    paths = ElementTree.fromstring(svg).findall("path")
    found = [re.findall(r"M([\d.]+) ([\d.]+)", path.attrib["d"]) for path in paths]
    return [np.array(part, float) for part in found]


def curve(session, object_id):
    run = session.run
    return run.light_curve(run.find(object_id))


@pytest.mark.parametrize("period", [None, 0.6])
@pytest.mark.parametrize("object_id", ["sky:RRab000", "sky:EA003", "sky:SNIa001"])
def test_a_sparkline_is_well_formed_small_and_inside_its_box(session, object_id, period):
    svg = sparkline(curve(session, object_id), "dark", 72, 36, period)
    drawn = np.concatenate(points(svg))
    assert 30 < len(drawn) <= MOST_POINTS + 4
    assert (drawn >= 0).all()
    assert (drawn <= [72, 36]).all()
    assert len(svg) < 5000


@pytest.mark.parametrize("object_id", ["sky:RRab000", "sky:SNIa000"])
def test_bright_is_up_for_magnitudes_and_for_difference_fluxes(session, object_id):
    light_curve = curve(session, object_id)
    n = len(light_curve)
    light_curve = replace(light_curve, band=np.zeros(n, np.uint8), flagged=np.zeros(n, bool))
    across, down = np.concatenate(points(sparkline(light_curve, "light"))).T
    at = np.interp(across, [3, 69], light_curve.mjd[[0, -1]])
    order = np.argsort(down)
    flux = np.interp(at, light_curve.mjd, light_curve.flux)
    assert np.median(flux[order[:10]]) > 1.2 * np.median(flux[order[-10:]])


def test_a_folded_sparkline_shows_the_minimum_of_an_eclipse_at_phase_zero(session):
    light_curve = curve(session, "sky:EA000")
    across, down = np.concatenate(points(sparkline(light_curve, "light", 150, 40, 2.7))).T
    phases = -0.25 + 1.5 * (across - 3) / 144
    deep = np.sort(phases[down > 25])
    assert len(deep) > 1
    assert (np.minimum(np.abs(deep), np.abs(deep - 1)) < 0.11).all()


def test_each_band_has_its_colour_and_only_bands_that_were_observed_are_drawn(session):
    svg = sparkline(curve(session, "sky:RRab000"), "dark")
    assert set(re.findall(r'fill="(#\w+)"', svg)) == {"#30c39f", "#ff7e00"}
    assert svg.index("#ff7e00") < svg.index("#30c39f")


def test_a_light_curve_without_magnitudes_gives_an_empty_box(session):
    light_curve = curve(session, "sky:RRab000")
    light_curve = replace(light_curve, flux=-light_curve.flux)
    assert points(sparkline(light_curve, "dark")) == []
