import json

import numpy as np
import pytest

from app.links import follow, query_of
from app.screens import inspect
from app.views.catalogue import CatalogueView
from app.views.facts import PredictionsView, columns_of, probabilities
from app.views.inspector import InspectView
from app.views.labels import LabelsView
from app.views.light_curve import LightCurveView
from app.views.world import WorldView


@pytest.fixture
def on_inspect(session):
    """The session on the page of one object, with the table's list behind it."""
    CatalogueView(session)
    session.find("sky:RRab000")
    session.screen = "inspect"
    return session


@pytest.fixture
def view(on_inspect):
    return InspectView(on_inspect, LightCurveView(on_inspect, compact=False))


def asked(**query):
    return {name: [value.encode()] for name, value in query.items()}


def test_a_link_opens_an_object_of_a_run_on_its_light_curve(session):
    follow(session, asked(object="sky:EA003", run="second"))
    assert session.run.name == "second"
    assert session.run.object_id(session.focus) == "sky:EA003"
    assert session.screen == "inspect"
    assert session.period == pytest.approx(2.703)


def test_the_copied_address_asks_for_the_object_that_is_on_screen(view, on_inspect):
    query = query_of("first", "sky:RRab000")
    assert query == "object=sky%3ARRab000&run=first"
    assert 'data-copy-query="object=sky%3ARRab000&amp;run=first"' in view._head.html


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"object": "sky:nobody"}, "Run first has no object sky:nobody"),
        ({"object": "sky:EA003", "run": "nowhere"}, "no such run here"),
        ({"object": "<img src=x>", "run": "first"}, "&lt;img src=x&gt;"),
    ],
)
def test_a_link_to_what_is_not_there_says_so_and_shows_nothing_else(session, query, said):
    follow(session, asked(**query))
    assert session.focus is None
    assert session.is_warning
    view = InspectView(session, LightCurveView(session, compact=False))
    assert said in view._head.html
    assert "<img" not in view._head.html
    session.find("sky:EA003")
    assert session.missing == ""
    assert "sky:EA003" in view._head.html


def test_arrows_walk_along_the_list(view, on_inspect):
    session = on_inspect
    assert "not</b>" not in view._head.html
    start = session.place
    session.press("ArrowRight")
    assert session.focus == session.listed[start + 1]
    assert f"<b>{start + 2}</b> of 240" in view._head.html
    session.press("ArrowLeft")
    session.press("ArrowLeft")
    assert session.focus == session.listed[max(start - 1, 0)]


def test_the_list_of_another_run_is_forgotten(on_inspect):
    before = on_inspect.listed
    on_inspect.open_run("second")
    assert on_inspect.run.name == "second"
    assert on_inspect.listed is not before
    assert len(on_inspect.listed) == 240


def test_the_neighbours_that_are_asked_for_become_the_list(on_inspect):
    mask = np.zeros(240, bool)
    mask[[3, 5, 8]] = True
    on_inspect.select(mask, "neighbours")
    assert sorted(on_inspect.listed) == [3, 5, 8]


def test_space_marks_as_reviewed_and_goes_on(view, on_inspect):
    start = on_inspect.place
    on_inspect.press(" ")
    assert on_inspect.place == start + 1
    assert on_inspect.reviewed == {"sky:RRab000"}
    on_inspect.press("ArrowLeft")
    assert 'data-press="review" aria-pressed="true"' in view._head.html


def test_escape_goes_back_to_the_map(view, on_inspect):
    on_inspect.press("Escape")
    assert on_inspect.screen == "explore"


def test_light_curves_are_drawn_where_they_are_seen(session):
    dock, page = LightCurveView(session), LightCurveView(session, compact=False)
    session.find("sky:RRab000")
    assert dock.facts is not None
    assert page.facts is None
    session.screen = "inspect"
    assert page.facts.object_id == "sky:RRab000"
    session.find("sky:EA000")
    assert dock.facts.object_id == "sky:RRab000"
    session.screen = "explore"
    assert dock.facts.object_id == "sky:EA000"


def test_difference_fluxes_are_folded_only_when_asked(on_inspect):
    view = LightCurveView(on_inspect, compact=False)
    assert view._phase_row.visible
    on_inspect.find("sky:SNIa000")
    assert not view._phase_row.visible
    on_inspect.press("f")
    assert view._phase_row.visible
    on_inspect.find("sky:RRab000")
    assert view._phase_row.visible


def test_a_double_press_leaves_one_band_and_another_brings_all_back(on_inspect):
    view = LightCurveView(on_inspect, compact=False)
    assert 'data-only="only:ztf_g"' in view._switches.html
    for left in ({"ztf_r"}, frozenset(), {"ztf_r"}):
        view._switches.press("band:ztf_g")
        view._switches.press("only:ztf_g")
        assert on_inspect.look.hidden == left


def test_phase_zero_can_be_typed_and_taken_back(on_inspect):
    view = LightCurveView(on_inspect, compact=False)
    view._fold.change("zero", "58500.25")
    label = json.loads(view._charts[1].drawing)["x_label"]
    assert "MJD 58\u202f500.2500, chosen" in label
    view._fold.change("zero", "2458500.75")
    assert on_inspect.is_warning
    assert on_inspect.phase_zero == 58500.25
    view._fold.change("event", "minimum")
    assert on_inspect.phase_zero is None
    assert "minimum in" in json.loads(view._charts[1].drawing)["x_label"]


def test_predictions_are_sorted_and_hidden_from_the_blind(on_inspect):
    view = PredictionsView(on_inspect)
    found = probabilities(on_inspect.run, on_inspect.focus)
    assert found[0][0] == on_inspect.run.predicted.name_of(on_inspect.focus)
    assert sum(share for _, share in found) == pytest.approx(1, abs=0.01)
    assert [share for _, share in found] == sorted((s for _, s in found), reverse=True)
    assert f"{found[0][1]:.3f}" in view.shown.html
    on_inspect.look.blind = True
    assert f"{found[0][1]:.3f}" not in view.shown.html
    assert "label blind" in view.shown.html


def test_columns_say_title_and_unit_once(on_inspect):
    pairs = dict(columns_of(on_inspect.run, on_inspect.focus))
    assert pairs["Period [d]"] == pytest.approx(0.6)
    assert pairs["Observations"] == 90
    assert "RA" not in " ".join(pairs)


def test_a_digit_labels_the_object_that_is_read_not_the_selection(on_inspect):
    labels = LabelsView(on_inspect)
    mask = np.zeros(240, bool)
    mask[:100] = True
    on_inspect.select(mask, "test")
    assert labels.rows.tolist() == [on_inspect.focus]
    on_inspect.screen = "explore"
    assert len(labels.rows) == 100


def test_the_sky_follows_the_object_and_loads_nothing_by_itself(on_inspect):
    view = WorldView(on_inspect)
    row = on_inspect.run.run.catalogue
    assert view._sky.ra == pytest.approx(row["ra"][on_inspect.focus].as_py())
    assert "3.8.2" in view._sky.address
    on_inspect.find("sky:EA000")
    assert view._sky.dec == pytest.approx(row["dec"][on_inspect.focus].as_py())


def test_the_screen_is_put_together(on_inspect):
    assert inspect(on_inspect).__panel__() is not None
