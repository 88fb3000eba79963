import numpy as np
import pytest

from app.views.status import StatusView
from app.views.summary import SummaryView
from app.words import count


@pytest.fixture
def view(session):
    return SummaryView(session)


def select(session, share, seed=2):
    mask = np.random.default_rng(seed).random(len(session.run)) < share
    session.select(mask, "lasso")
    return mask


def test_all_objects_are_summed_up_where_none_is_selected(view, session):
    tally, run = view.tally, session.run
    assert tally.objects == len(run)
    assert tally.labelled == np.count_nonzero(run.classes.codes >= 0)
    np.testing.assert_array_equal(tally.mix, session.classes.counts)
    assert "All objects" in view.head.object


def test_a_selection_is_summed_up_as_a_table_would(view, session):
    mask = select(session, 0.3)
    catalogue = session.run.run.catalogue.to_pandas()[mask]
    tally = view.tally
    assert tally.objects == mask.sum()
    period = catalogue["period_days"].fillna(catalogue["found_period_days"])
    assert tally.period == pytest.approx(period.median(), rel=1e-6)
    score = session.run.run.anomalies.to_pandas()["score"][mask]
    assert tally.score == pytest.approx(score.median(), rel=1e-6)
    names = [session.classes.name_of(row) for row in np.flatnonzero(mask)]
    expected = [names.count(name) for name in (*session.classes.names, "unlabelled")]
    assert tally.mix.tolist() == expected


def test_what_is_hidden_is_not_counted(view, session):
    session.hidden = frozenset({"EA"})
    assert view.tally.objects == session.shown.sum()
    assert "All that is not hidden" in view.head.object


def test_the_classes_follow_the_category(view, session):
    session.colour_by = "predicted"
    np.testing.assert_array_equal(view.tally.mix, session.run.predicted.by_frequency(24).counts)


def test_what_no_object_has_is_said_to_be_unknown(view, session, monkeypatch):
    monkeypatch.setitem(vars(session.run), "period", np.full(len(session.run), np.nan))
    select(session, 0.5)
    assert np.isnan(view.tally.period)
    assert "<b>–</b>" in view.head.object


def test_a_description_is_text(view, session):
    mask = np.ones(len(session.run), bool)
    session.select(mask, "class <script>alert(1)</script>")
    assert "<script" not in view.head.object
    assert "&lt;script" in view.head.object


def test_the_status_bar_counts_and_says_the_last_action(session):
    view = StatusView(session)
    session.in_view = 12_345
    select(session, 0.5)
    session.say("lasso: <b>hm</b>", 41.4)
    text = view._bar.html
    assert count(12_345) in text
    assert f">{session.n_selected}</b> selected" in text
    assert "&lt;b&gt;hm" in text
    assert "41 ms" in text
    assert "warn" not in text
    session.say("that failed", warning=True)
    assert "warn" in view._bar.html
