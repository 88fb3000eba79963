import numpy as np
import pytest

from app.markup.table_rows import ordered
from app.session import Session
from app.shared_arrays import rows_by_rank


@pytest.mark.parametrize("rank", [[3, 1, 2], [1], [], [2, 2, 1, 5], [0, 7, 1]])
def test_rows_follow_their_ranks(rank):
    rank = np.array(rank, np.int32)
    np.testing.assert_array_equal(rows_by_rank(rank), np.argsort(rank, kind="stable"))


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("column", ["anomaly", "period", "found_period_days", "ra"])
@pytest.mark.parametrize("share", [None, 0.01, 0.5])
def test_rows_are_in_the_order_of_a_sort_of_the_chosen(session, column, descending, share):
    run = session.run
    chosen = None if share is None else np.random.default_rng(3).random(len(run)) < share
    rows = ordered(run, session.named, chosen, column, descending)
    wanted = np.arange(len(run)) if chosen is None else np.flatnonzero(chosen)
    assert sorted(rows) == list(wanted)
    values = run.values(column)[rows]
    known = values[np.isfinite(values)]
    assert np.isfinite(values[: len(known)]).all()
    steps = np.diff(known)
    assert (steps <= 0).all() if descending else (steps >= 0).all()


def test_visitors_share_what_does_not_depend_on_them(session):
    other = Session(observatory=session.observatory)
    assert other.open_run("first")
    assert other.run is session.run
    assert other.classes is session.classes
    assert other.classes.layers is session.classes.layers
    for key in ("anomaly", "period", "ra"):
        orders = [ordered(session.run, s.named, None, key, True) for s in (session, other)]
        assert orders[0] is orders[1]
        assert not orders[0].flags.writeable


def test_a_median_over_all_is_that_of_the_known_values(session):
    values = session.run.values("period_days")
    assert np.isnan(values).any()
    assert session.run.median("period_days") == np.nanmedian(values)
