import base64
import json
from dataclasses import replace

import numpy as np
import pytest

from app.drawing.period_chart import PeriodChart
from app.markup import period_html as html
from app.period_search import PeriodSearches, Searched, of_band
from app.session import Session
from app.views.period import PeriodView
from astra.analysis.periods import find_period
from astra.labels.annotations import PeriodNote, PeriodNotes

STAR = "sky:RRab002"
PERIOD = 0.602


def marks(chart):
    """What the browser is told of a periodogram beside its curve."""
    return json.loads(chart.marks)


def curve(chart):
    """Places and powers that the browser draws, float32 [2, points]."""
    return np.frombuffer(base64.b64decode(chart.curve), "<f4").reshape(2, -1)


@pytest.fixture
def here(session):
    session.screen = "inspect"
    session.find(STAR)
    return session


@pytest.fixture
def view(here):
    return PeriodView(here)


def test_the_object_in_focus_is_searched_and_its_candidates_are_listed(view, here) -> None:
    assert view.found is not None
    assert view.found.days == pytest.approx(PERIOD, rel=1e-3)
    assert view.parts.list.html.count('class="candidate"') == len(view.found.candidates)
    assert len(marks(view.chart)["peaks"]) == len(view.found.candidates)
    assert here.period == pytest.approx(PERIOD)
    assert view.how == "catalogue"


def test_nothing_is_searched_on_another_screen(session) -> None:
    session.find(STAR)
    view = PeriodView(session)
    assert view.found is None
    session.screen = "inspect"
    assert view.found is not None


def test_another_object_has_its_own_periodogram(view, here) -> None:
    first = view.found
    here.find("sky:EA012")
    assert view.found is not first
    assert view.found.days == pytest.approx(2.712, rel=2e-3)


def test_a_candidate_is_folded_on_with_its_origin(view, here) -> None:
    view.parts.list.press("candidate:1")
    assert here.period == view.found.candidates[1].days
    assert view.how.startswith("candidate 2, ")
    assert 'aria-pressed="true"' in view.parts.list.html.split("candidate:1")[1][:60]


@pytest.mark.parametrize(
    ("unit", "typed", "days"),
    [("d", "0.75", 0.75), ("h", "18", 0.75), ("min", "1080", 0.75), ("d", "18 h", 0.75)],
)
def test_a_period_is_typed_in_days_hours_or_minutes(view, here, unit, typed, days) -> None:
    view.parts.field.change("unit", unit)
    view.parts.field.change("period", typed)
    assert here.period == pytest.approx(days)
    assert f"{days / html.UNITS[unit]:.7g}" in view.parts.field.html
    assert view.how == "typed"


@pytest.mark.parametrize("typed", ["", "0", "-1", "soon", "nan", "<b>"])
def test_what_is_no_period_is_refused_and_the_field_says_the_old_one(view, here, typed) -> None:
    before, shown = here.period, view.parts.field.html
    view.parts.field.change("period", typed)
    assert here.period == before
    assert here.is_warning
    assert view.parts.field.html != shown  # told anew, so that what was typed goes


@pytest.mark.parametrize(("factor", "times"), [("0.5", 0.5), ("2", 2.0), ("3", 3.0)])
def test_half_double_and_triple(view, here, factor, times) -> None:
    before = here.period
    view.parts.drag.press(f"times:{factor}")
    assert here.period == pytest.approx(times * before)


def test_a_fine_drag_moves_by_steps_that_shift_the_last_cycle_a_tenth(view, here) -> None:
    before, span = here.period, float(np.ptp(here.run.light_curve(here.focus).mjd))
    view.parts.drag.change("fine", "3")
    view.parts.drag.change("fine", "5")
    assert here.period == pytest.approx(before + 5 * before**2 / (10 * span))
    cycles = span / before - span / here.period
    assert cycles == pytest.approx(0.5, rel=0.01)
    turn = view.parts.turn
    view.parts.drag.change("fine-done", "5")
    assert view.parts.turn == turn + 1
    view.parts.drag.change("fine", "0")
    assert here.period == pytest.approx(before + 5 * before**2 / (10 * span))


def test_a_tap_on_the_periodogram_snaps_to_the_peak_and_a_drag_does_not(view, here) -> None:
    frequency = 1 / view.found.days
    view.chart._handle_msg({"gesture": "tap", "x": frequency + 0.01})
    assert here.period == pytest.approx(PERIOD, rel=1e-3)
    view.chart._handle_msg({"gesture": "drag", "x": 1.234})
    assert here.period == pytest.approx(1 / 1.234)
    assert view.chart.fold == pytest.approx(1.234)


@pytest.mark.parametrize(
    "told",
    [
        None,
        {"gesture": "tap", "x": None},
        {"gesture": "tap", "x": float("nan")},
        {"gesture": "<b>", "x": 1.0},
        {"seen": [1.0]},
        {"seen": [2.0, 1.0]},
        {"seen": ["a", "b"]},
        {"seen": [0.0, float("inf")]},
    ],
)
def test_what_a_browser_cannot_mean_is_ignored(view, here, told) -> None:
    before, curve = here.period, view.chart.curve
    view.chart._handle_msg(told)
    assert (here.period, view.chart.curve) == (before, curve)


def test_a_place_beyond_the_grid_is_brought_to_its_end(view, here) -> None:
    view.chart._handle_msg({"gesture": "drag", "x": 1e9})
    assert here.period == pytest.approx(1 / view.found.periodogram.frequency[-1])
    view.chart._handle_msg({"gesture": "drag", "x": -5})
    assert here.period == pytest.approx(1 / view.found.periodogram.frequency[0])


def test_a_saved_period_is_there_when_the_object_is_opened_again(view, here, run_home) -> None:
    view.parts.list.press("candidate:2")
    chosen = here.period
    view.parts.field.press("save")
    note = PeriodNotes(here.observatory.labels).latest(STAR)
    assert (note.days, note.annotator, note.run) == (chosen, here.annotator, here.run.name)
    assert note.how.startswith("candidate 3") and note.power > 0
    again = Session(here.observatory)
    again.open_newest()
    again.screen = "inspect"
    other = PeriodView(again)
    again.find(STAR)
    assert again.period == chosen
    assert other.how.startswith(f"saved by {here.annotator}, ")
    other.parts.field.press("take-back")
    assert PeriodNotes(here.observatory.labels).latest(STAR) is None
    assert len(PeriodNotes(here.observatory.labels).history(STAR)) == 2
    assert ">Save<" in other.parts.field.html


def test_one_band_can_be_searched_alone(view, here) -> None:
    joint = view.found
    view.parts.head.change("band", "ztf_g")
    assert view.found.observations < joint.observations
    assert view.found.days == pytest.approx(PERIOD, rel=1e-2)
    light_curve = here.run.light_curve(here.focus)
    assert {light_curve.bands[c].name for c in of_band(light_curve, "ztf_g").band} == {"ztf_g"}


def test_hostile_words_are_harmless(view) -> None:
    note = PeriodNote(STAR, 1.5, "<script>x", "run", '"><img src=x>', time="2026-01-01T00:00")
    for text in (
        html.field(0.5, "d", None, note),
        html.head("<b>", "<i>", ["<u>"], "", "d", False),
    ):
        assert "<script" not in text and "<img" not in text
        assert "<b>" not in text and "<i>" not in text and "<u>" not in text


def test_words_say_as_many_digits_as_the_error_bears() -> None:
    assert html.period_text(0.61892234, "d", 4e-6) == "0.6189223"
    assert html.period_text(0.5, "h", 0.01) == "12.00"
    assert html.period_text(310.24, "d", 1.3) == "310.2"
    assert html.chance(0.02) == "FAP 0.02"
    assert html.chance(3e-31) == "FAP 10⁻³¹"
    assert html.chance(0.0).startswith("FAP < 10")


class Held:
    """Work that is asked for and done later."""

    def __init__(self) -> None:
        self.asked = []

    def ask(self, work, deliver, fail) -> None:
        self.asked.append((work, deliver))

    def run(self) -> list:
        done = [(work(), deliver) for work, deliver in self.asked]
        for outcome, deliver in done:
            deliver(outcome)
        return [outcome for outcome, _ in done]


def test_a_search_is_cancelled_when_another_object_is_asked_for(here) -> None:
    got: list[Searched] = []
    searches, held = PeriodSearches(got.append), Held()
    searches._latest = held
    light_curve = here.run.light_curve(here.focus)
    searches.ask(("first",), light_curve)
    searches.ask(("second",), light_curve)
    first, second = held.run()
    assert first is None
    assert got == [second]
    searches.ask(("second",), light_curve)
    assert got == [second, second] and len(held.asked) == 2
    searches.cancel()
    held.run()
    assert len(got) == 2


def test_a_light_curve_without_a_period_says_why(here) -> None:
    got: list[Searched] = []
    light_curve = here.run.light_curve(here.focus)
    few = replace(light_curve, flagged=np.arange(len(light_curve)) > 3)
    PeriodSearches(got.append).ask(("few",), few)
    assert got[0].period is None
    assert "4 of 90 observations are usable" in got[0].problem


@pytest.mark.parametrize("scale", ["frequency", "period"])
def test_the_curve_that_is_drawn_keeps_every_peak(here, scale) -> None:
    found = find_period(here.run.light_curve(here.focus))
    chart = PeriodChart("dark", lambda *_: None)
    chart.draw(found, scale)
    low, high = chart.seen
    x = chart._place(found.periodogram.frequency)
    seen = (x >= low) & (x <= high)
    drawn = curve(chart)
    assert len(drawn[0]) <= 2000
    assert drawn[1].max() == np.float32(found.periodogram.power[seen].max())
    assert marks(chart)["level"] == found.periodogram.level
    chart.zoom_to(found.days)
    assert chart.is_zoomed
    assert np.ptp(curve(chart)[0]) < 0.1 * (high - low)
    chart.zoom_out()
    assert not chart.is_zoomed
    chart._handle_msg({"seen": [low, low + (high - low) / 3]})
    assert chart.is_zoomed
    assert curve(chart)[0].max() <= low + (high - low) / 3 + 1e-6


def test_aliases_are_marked_in_another_way_than_peaks(here) -> None:
    found = find_period(here.run.light_curve(here.focus))
    chart = PeriodChart("light", lambda *_: None)
    first, *others = found.candidates
    suspect = replace(others[0], rhythms=("1 d",))
    chart.draw(replace(found, candidates=(first, suspect)), "frequency")
    assert [peak["suspect"] for peak in marks(chart)["peaks"]] == [False, True]
    assert {1.0, 2.0} <= set(marks(chart)["rhythms"])
    row = html.candidates(replace(found, candidates=(first, suspect)), None, "d")
    assert "alias 1 d" in row
