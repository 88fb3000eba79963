import re

import numpy as np
import pytest

from app.categories import Category
from app.colouring import colouring_of
from app.views.legend import LegendView

HOSTILE = '<img src=x onerror="alert(1)">'


@pytest.fixture
def view(session):
    return LegendView(session)


def html(view):
    return view._card.html


def pressed(view):
    """Kind of scale whose button is down."""
    (kind,) = re.findall(r'data-press="kind:(\w+)"[^>]*aria-pressed="true"', html(view))
    return kind


def test_every_class_is_listed_with_its_count_and_colour(view, session):
    session.colour_by = "predicted"
    for name, count in zip(session.classes.names, session.classes.counts, strict=False):
        assert f">{name}</button>" in html(view)
        assert f">{count}</span>" in html(view)
        assert session.run.styles[name].dark in html(view)


def test_the_colours_are_those_of_the_theme(view, session):
    session.colour_by = "predicted"
    given = np.zeros(len(session.run), np.int16)
    session.param.update(colour_by="class", given=Category(("RRc",), given))
    assert "#F0E442" in html(view)
    session.theme = "light"
    assert "#513DCA" in html(view)
    assert "#F0E442" not in html(view)


def test_an_eye_hides_a_class_and_shows_it_again(view, session):
    first = session.classes.names[0]
    view._pressed("eye:0")
    assert session.hidden == {first}
    assert f'aria-label="Show {first}"' in html(view)
    assert f"{session.classes.counts[0]} hidden" in html(view)
    view._pressed("eye:0")
    assert session.hidden == frozenset()
    assert "hidden ·" not in html(view)


def test_all_that_is_hidden_comes_back_at_once(view, session):
    session.hidden = frozenset({"EA", "LPV"})
    view._pressed("all")
    assert session.hidden == frozenset()


def test_a_name_selects_its_class(view, session):
    name = session.classes.names[1]
    view._pressed("name:1")
    np.testing.assert_array_equal(session.selected, session.classes.codes == 1)
    assert session.selection_description == f"class {name}"


@pytest.mark.parametrize("what", ["eye:99", "eye:-1", "name:", "eye:x", "", "eye:1:2"])
def test_a_press_that_means_nothing_does_nothing(view, session, what):
    view._pressed(what)
    assert session.hidden == frozenset()
    assert session.selected is None


def test_a_hostile_class_name_is_text(view, session):
    codes = np.zeros(len(session.run), np.int16)
    session.given = Category((HOSTILE,), codes)
    assert "<img" not in html(view)
    assert "&lt;img" in html(view)


def test_a_scale_names_its_column_its_range_and_its_kind(view, session):
    session.colour_by = "period_days"
    session.scale = session.run.scale("period_days")
    assert "Period [d]" in html(view)
    assert pressed(view) == "log"
    assert "linear-gradient" in html(view)
    session.param.update(colour_by="anomaly", scale=session.run.scale("anomaly"))
    assert "Anomaly score" in html(view)
    assert pressed(view) == "linear"


def test_a_folded_legend_shows_its_head_only(view, session):
    view._pressed("fold")
    assert session.classes.names[0] not in html(view)
    assert "Class" in html(view)
    view._pressed("fold")
    assert session.classes.names[0] in html(view)


def test_beside_the_ranked_list_the_legend_is_folded(view, session):
    session.screen = "anomalies"
    assert view.folded
    session.screen = "explore"
    assert not view.folded


def test_without_a_run_there_is_no_legend(tmp_path):
    from app.session import Session
    from astra.data.observatory import Observatory

    assert html(LegendView(Session(Observatory(tmp_path)))) == ""


def test_counts_are_of_those_that_pass_the_filters(view, session):
    session.colour_by = "predicted"
    half = float(np.median(session.run.values("anomaly")))
    session.filters.brush("anomaly", half, 1.0)
    passing = session.filters.passing
    assert 0 < passing.sum() < len(passing)
    codes = session.classes.codes
    for index, name in enumerate(session.classes.names):
        objects = np.count_nonzero(passing & (codes == index))
        if objects:
            row = html(view).split(f">{name}</button>")[1].split("</div>")[0]
            assert f'"count">{objects}<' in row
    session.filters.clear("anomaly")
    assert f'"count">{session.classes.counts[0]}<' in html(view)


def test_a_kind_of_scale_is_chosen_for_a_colouring_and_kept_for_it(view, session):
    session.param.update(colour_by="period_days", scale=session.run.scale("period_days"))
    view._pressed("kind:equal")
    session.scale = session.run.scale("period_days", "equal")
    assert pressed(view) == "equal"
    ticks = re.search(r'class="ticks">(.*?)</div>', html(view)).group(1)
    middle = float(re.findall(r"<span>(.*?)</span>", ticks)[2])
    periods = session.run.values("period_days")
    assert middle == pytest.approx(np.nanmedian(periods), rel=0.05)
    session.colour_by = "density"
    assert colouring_of(session).kind is None
    session.colour_by = "period_days"
    assert colouring_of(session).kind == "equal"


def test_numbers_that_are_not_positive_have_no_logarithmic_scale(view, session):
    session.colour_by = "anomaly"
    view._pressed("kind:log")
    assert colouring_of(session).kind is None
    assert "kind:log" not in html(view)
