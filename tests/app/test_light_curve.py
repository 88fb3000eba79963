import json

import numpy as np
import pytest

from app.categories import Category
from app.views.light_curve import LightCurveView


@pytest.fixture
def view(session):
    return LightCurveView(session)


def drawing(view, which=0):
    """What one of a view's charts is told."""
    return json.loads(view._charts[which].drawing)


def shown(view, which=0):
    """Points in sight on one of a view's charts."""
    return sum(band["points"] for band in drawing(view, which)["bands"])


def test_nothing_is_drawn_until_an_object_is_in_focus(view, session):
    assert "No object chosen" in view._head.html
    assert not view._charts[0].visible
    session.find("sky:RRab000")
    assert "sky:RRab000" in view._head.html
    assert view._charts[0].visible
    assert shown(view) == 90


def test_the_header_tells_class_score_rank_and_position(view, session):
    session.find("sky:EA003")
    facts = view.facts
    assert facts.predicted in view._head.html
    assert f"{facts.probability:.2f}" in view._head.html
    assert f"rank {facts.rank} of 240" in view._head.html
    assert f"{facts.ra:.5f}" in view._head.html


def test_folding_uses_the_catalogue_period_else_the_one_found(view, session):
    session.find("sky:RRab002")
    assert view.session.period == pytest.approx(0.602)
    session.find("sky:SNIa002")
    assert view.facts.catalogue_period is None
    assert view.session.period == pytest.approx(1.5)


def test_a_compact_view_switches_between_time_and_phase(view, session):
    session.find("sky:RRab000")
    assert view._periods.html == ""
    session.press("f")
    assert view.folded
    assert "astra-period" in view._periods.html
    assert drawing(view)["x_range"] == [-0.5, 1.5]
    view._switches.press("time")
    assert not view.folded
    assert drawing(view)["x_range"][1] > 1.5


def test_a_full_view_shows_time_phase_and_neighbours(session):
    session.screen = "inspect"
    view = LightCurveView(session, compact=False)
    session.find("sky:RRab000")
    assert shown(view, 0) == 90
    assert shown(view, 1) > 90
    assert view._strip.html.count("data-press") == 8


def test_a_neighbour_can_be_gone_to(session):
    session.screen = "inspect"
    view = LightCurveView(session, compact=False)
    session.find("sky:RRab000")
    run, row = session.run.run, session.focus
    nearest = int(run.map_row[run.neighbours[run.rows[row], 0]])
    view._strip.press(f"focus:{nearest}")
    assert session.focus == nearest


@pytest.mark.parametrize(("key", "factor"), [("[", 0.5), ("]", 2.0)])
def test_the_period_is_halved_and_doubled(view, session, key, factor):
    session.find("sky:RRab000")
    before = view.session.period
    session.press(key)
    assert view.session.period == pytest.approx(factor * before)


def test_a_period_can_be_typed(view, session):
    session.find("sky:RRab000")
    session.press("f")
    view._periods.change("period", " 0,31 ")
    assert view.session.period == pytest.approx(0.31)
    assert 'value="0.31"' in view._periods.html
    assert "P = 0.31 d" in drawing(view)["x_label"]


@pytest.mark.parametrize("text", ["", "abc", "-1", "0", "nan", "inf", "<script>"])
def test_a_period_that_is_not_a_positive_number_is_refused(view, session, text):
    session.find("sky:RRab000")
    before = view.session.period
    view._periods.change("period", text)
    assert view.session.period == before
    assert session.is_warning


def test_the_next_object_brings_its_own_period(view, session):
    session.find("sky:RRab000")
    view._periods.change("period", "0.31")
    session.find("sky:EA000")
    assert view.session.period == pytest.approx(2.7)


def test_magnitude_and_flux(view, session):
    session.find("sky:RRab000")
    assert drawing(view)["y_label"] == "AB magnitude"
    session.press("m")
    assert drawing(view)["y_label"] == "Flux [µJy]"
    session.press("m")
    session.find("sky:SNIa000")
    assert drawing(view)["y_label"] == "Difference flux [µJy]"
    session.press("m")
    label = drawing(view)["y_label"]
    assert label == "AB magnitude of the difference"
    assert session.look.quantity == "magnitude"


def test_bands_are_switched_and_cycled(view, session):
    session.find("sky:RRab000")
    view._switches.press("band:ztf_g")
    only_red = shown(view)
    assert 0 < only_red < 90
    session.press("b")
    assert view.look.hidden == frozenset()
    session.press("b")
    assert view.look.hidden == {"ztf_r"}
    assert shown(view) == 90 - only_red
    session.press("b")
    assert view.look.hidden == {"ztf_g"}


def test_error_bars_can_be_left_out(view, session):
    session.find("sky:SNIa000")
    session.press("m")
    assert drawing(view)["errors"]
    session.press("e")
    assert not drawing(view)["errors"]


@pytest.mark.parametrize(
    ("object_id", "days", "label"),
    [
        ("sky:SNIa000", "peak", "Days since peak ("),
        ("sky:SNIa000", "first detection", "Days since first detection ("),
        ("sky:RRab000", "peak", "Days since peak ("),
    ],
)
def test_days_are_counted_from_what_is_chosen_for_this_kind(session, object_id, days, label):
    session.screen = "inspect"
    view = LightCurveView(session, compact=False)
    session.find(object_id)
    assert f'value="{days}"' in view._switches.html
    view._switches.change("days", days)
    assert drawing(view)["x_label"].startswith(label)
    session.find("sky:EA000" if object_id.startswith("sky:SN") else "sky:SNIa001")
    assert drawing(view)["x_label"].startswith("MJD")
    session.find(object_id)
    assert drawing(view)["x_label"].startswith(label)


def test_what_has_no_first_detection_does_not_offer_it(session):
    session.screen = "inspect"
    view = LightCurveView(session, compact=False)
    session.find("sky:RRab000")
    assert 'value="first detection"' not in view._switches.html
    view._switches.change("days", "<script>")
    assert session.look.days == "MJD"


def test_flagged_observations_can_be_left_out(view, session):
    row = next(r for r in range(len(session.run)) if session.run.light_curve(r).flagged.sum() > 1)
    session.focus = row
    flagged = int(session.run.light_curve(row).flagged.sum())
    assert 'data-press="flags"' in view._switches.html
    with_flagged = shown(view)
    view._switches.press("flags")
    assert shown(view) == with_flagged - flagged


def test_a_change_of_theme_recolours_points(view, session):
    session.find("sky:RRab000")
    session.theme = "light"
    colours = {band["colour"] for band in drawing(view)["bands"]}
    assert colours == {"#31DE1F", "#B52626"}


def test_a_survey_that_is_gone_is_said_where_the_curve_would_be(view, session, observatory):
    (observatory.survey("sky") / "light_curves" / "time.i4").unlink()
    session.find("sky:RRab000")
    assert "time.i4" in view._head.html
    assert not view._charts[0].visible


def test_hostile_names_are_harmless(session, monkeypatch):
    view = LightCurveView(session)
    hostile = "<img src=x onerror=alert(1)>"
    monkeypatch.setattr(type(session.run), "object_id", lambda self, row: hostile)
    session.focus = 3
    assert "<img" not in view._head.html
    assert "&lt;img" in view._head.html


def test_an_opened_run_keeps_the_object_on_screen(view, session):
    session.find("sky:EA001")
    session.open_run("second")
    assert view.facts.object_id == "sky:EA001"
    assert np.isfinite(view.facts.score)


def test_a_label_that_was_just_given_stands_in_the_header(view, session):
    session.find("sky:EA000")
    assert "Blazhko" not in view._head.html
    session.given = Category(("Blazhko",), np.where(np.arange(240) == session.focus, 0, -1))
    assert "label Blazhko" in view._head.html
