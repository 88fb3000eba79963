import numpy as np
import pandas as pd
import pytest

from app.categories import Category
from app.crossing import Brush
from app.session import Session
from app.views.anomalies import AnomaliesView
from app.views.catalogue import CatalogueView
from app.views.summary import SummaryView


@pytest.fixture
def table(session):
    """What the run says of its objects, in map order."""
    run = session.run.run
    table = pd.concat([run.catalogue.to_pandas(), run.probes.to_pandas()], axis=1)
    table["score"] = run.anomalies.to_pandas()["score"]
    table["period"] = table["period_days"].fillna(table["found_period_days"]).astype(np.float32)
    return table


def test_nothing_is_left_out_at_first(session):
    assert session.filters.passing is None
    assert session.shown is None
    assert session.filters.objects() == len(session.run)
    assert list(session.filters.answer.histograms) == session.filters.columns


def test_brushes_and_expressions_all_must_hold(session, table):
    session.filters.brush("period", 0.5, 10)
    session.filters.brush("anomaly", 0.25, np.inf)
    assert session.filters.add("predicted != 'EA' and p_EA < 0.2") is None
    expected = (
        table["period"].between(0.5, 10) & (table["score"] >= 0.25) & (table["predicted"] != "EA")
    )
    run = session.run.run
    expected &= run.probabilities[:, run.summary("probes")["classes"].index("EA")] < 0.2
    np.testing.assert_array_equal(session.shown, expected)
    assert session.filters.objects() == expected.sum()


def test_each_histogram_is_of_what_passes_the_others(session, table):
    session.filters.brush("period", 0.5, 10)
    session.filters.brush("anomaly", -np.inf, 0.5)
    session.select(table["score"].to_numpy() < 0.3, "test")
    everything, passing, chosen = session.filters.answer.histograms["period"]
    assert everything.sum() == len(session.run)
    assert passing.sum() == (table["score"] <= 0.5).sum()
    assert chosen.sum() == (table["score"] < 0.3).sum()
    _, passing, _ = session.filters.answer.histograms["anomaly"]
    assert passing.sum() == table["period"].between(0.5, 10).sum()


def test_hidden_classes_count_in_histograms_as_a_filter_does(session):
    session.hidden = frozenset({"unlabelled"})
    _, passing, _ = session.filters.answer.histograms["n_obs"]
    assert passing.sum() == session.seen.sum()
    assert session.filters.passing is None


def test_filters_and_hidden_classes_meet(session, table):
    session.filters.brush("period", -np.inf, 10)
    session.hidden = frozenset({"EA"})
    np.testing.assert_array_equal(session.shown, (table["period"] <= 10) & session.seen)


def test_views_follow(session, table):
    listed, summary, ranked = CatalogueView(session), SummaryView(session), AnomaliesView(session)
    session.filters.brush("period", -np.inf, 1)
    expected = set(np.flatnonzero(table["period"] <= 1))
    assert set(listed.rows) == set(ranked.rows) == expected
    assert summary.tally.objects == len(expected)
    session.select(table["score"].to_numpy() < 0.5, "test")
    both = expected & set(np.flatnonzero(table["score"] < 0.5))
    assert set(listed.rows) == set(session.selected_rows) == both
    assert session.n_hidden_selected == (table["score"] < 0.5).sum() - len(both) > 0
    session.filters.clear_all()
    assert session.n_hidden_selected == 0
    assert session.n_selected == (table["score"] < 0.5).sum()


def test_views_are_told_only_when_other_objects_pass(session):
    told = []
    session.param.watch(lambda event: told.append(event.new), "shown_revision")
    session.filters.brush("period", -np.inf, 1)
    session.select(np.ones(len(session.run), bool), "all")
    session.filters.columns = ["n_obs"]
    session.filters.brush("period", -np.inf, 1)
    assert len(told) == 1
    session.filters.clear("period")
    assert len(told) == 2


@pytest.mark.parametrize(
    ("column", "low", "high"),
    [("nothing", 0, 1), ("period", np.nan, 1), ("object_id", 0, 1), ("period", -np.inf, np.inf)],
)
def test_brushes_that_mean_nothing_do_nothing(session, column, low, high):
    session.filters.brush(column, low, high)
    assert session.filters.brushes == {}


def test_an_expression_that_is_wrong_says_why_and_is_not_added(session):
    error = session.filters.add("perod < 1")
    assert "did you mean period" in str(error)
    assert session.filters.expressions == []


def test_only_so_many_filters_are_taken(session):
    for i in range(9):
        session.filters.add(f"period > {i}")
    assert len(session.filters.expressions) == 6
    assert session.is_warning


def test_expressions_ask_for_the_class_as_it_is_now(session):
    session.filters.add("class = novel")
    assert session.filters.objects() == 0
    codes = np.full(len(session.run), -1, np.int16)
    codes[:7] = 0
    session.given = Category(("novel",), codes)
    assert session.filters.objects() == 7


def test_filters_that_fit_follow_into_another_run(session, table):
    session.filters.brush("period", -np.inf, 1)
    session.filters.add("score < 0.5")
    before = session.filters.objects()
    session.filters.brushes["gone"] = Brush(0, 1)  # of a column that the other run lacks
    assert session.open_run("second")
    assert set(session.filters.brushes) == {"period"}
    assert "left behind" in session.status
    assert session.filters.objects() == before
    assert session.shown.sum() == before


def test_visitors_filter_apart(observatory):
    one, other = Session(observatory), Session(observatory)
    one.open_run("first")
    other.open_run("first")
    one.filters.brush("period", -np.inf, 1)
    assert other.shown is None
    assert one.run.binned("period").codes is other.run.binned("period").codes
