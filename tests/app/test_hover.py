import shutil

import numpy as np
import pytest

from app.markup.hover_card import HoverCard, Rest
from app.views.hover import REACH, HoverView


@pytest.fixture
def hover(session):
    return HoverView(session)


@pytest.fixture
def told(hover, monkeypatch):
    told = []
    monkeypatch.setattr(hover.card, "_send_msg", told.append)
    return told


def rest_at(run, row, per_pixel=0.001, number=3):
    return Rest(float(run.x[row]) + per_pixel, float(run.y[row]), per_pixel, number)


def test_the_card_tells_of_the_nearest_object(hover, told, session):
    run, row = session.run, 17
    hover.answer(rest_at(run, row))
    (answer,) = told
    assert answer["number"] == 3
    html = answer["html"]
    assert run.object_id(row) in html
    assert run.predicted.name_of(row) in html
    for column in ("probability", "anomaly"):
        assert f"{run.values(column)[row]:.2f}" in html
    assert "<svg" in html


def test_far_from_everything_the_card_is_empty(hover, told, session):
    run = session.run
    hover.answer(Rest(float(run.x[0]), 1e4, 0.01, 1))
    assert told == [{"number": 1, "html": ""}]


def test_reach_is_in_pixels(hover, told, session):
    run = session.run
    x, y = float(run.x.max()), float(run.y[np.argmax(run.x)])
    for away, found in ((0.5, True), (1.5, False)):
        hover.answer(Rest(x + away * REACH * 0.01, y, 0.01, 1))
        assert bool(told[-1]["html"]) == found


def test_hidden_objects_have_no_card(hover, told, session):
    session.hidden = frozenset({session.classes.name_of(17)})
    hover.answer(rest_at(session.run, 17, 1e-5))
    assert session.run.object_id(17) not in told[-1]["html"]


def test_without_its_survey_a_run_still_has_cards(hover, told, session):
    shutil.rmtree(session.run.run.survey.path)
    vars(session.run.run).pop("survey", None)
    hover.answer(rest_at(session.run, 5))
    html = told[-1]["html"]
    assert session.run.object_id(5) in html
    assert "light curve not to be had" in html


def test_text_of_the_survey_is_harmless_in_a_card(hover, told, session, monkeypatch):
    monkeypatch.setattr(session.run, "object_id", lambda _: "<script>")
    hover.answer(rest_at(session.run, 5))
    assert "<script>" not in told[-1]["html"]
    assert "&lt;script&gt;" in told[-1]["html"]


PLACE = {"x": 1.0, "y": 2, "per_pixel": 0.1, "number": 4}


def test_a_rest_that_the_browser_tells_of_reaches_whoever_listens():
    heard = []
    HoverCard(heard.append)._handle_msg(PLACE)
    assert heard == [Rest(1.0, 2, 0.1, 4)]


@pytest.mark.parametrize(
    "message",
    [
        None,
        [],
        {},
        "x",
        {**PLACE, "x": None},
        {**PLACE, "y": "2"},
        {**PLACE, "x": float("nan")},
        {**PLACE, "per_pixel": 0},
    ],
)
def test_any_other_message_is_ignored(message):
    heard = []
    HoverCard(heard.append)._handle_msg(message)
    assert heard == []
