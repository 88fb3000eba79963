import numpy as np
import pandas as pd
import pytest

from app.markup.table_rows import ordered, period_text, shown_pages
from app.views.catalogue import CatalogueView


@pytest.fixture
def view(session):
    return CatalogueView(session)


def column(session, name):
    run = session.run.run
    catalogue = run.catalogue.to_pandas()
    return {
        "score": run.anomalies.to_pandas()["score"],
        "p": run.probes.to_pandas()["probability"],
        "period": catalogue["period_days"].fillna(catalogue["found_period_days"]),
        "object": catalogue["object_id"],
    }[name]


def test_the_most_anomalous_object_is_first(view, session):
    rank = session.run.run.anomalies.to_pandas()["rank"].to_numpy()
    assert rank[view.rows].tolist() == list(range(1, len(session.run) + 1))
    assert view._table.value["object"].iloc[0] == session.run.object_id(view.rows[0])


@pytest.mark.parametrize("name", ["score", "p", "period", "object"])
@pytest.mark.parametrize("descending", [True, False])
def test_the_order_is_that_of_pandas(view, session, name, descending):
    view.param.update(sort_by=name, descending=descending)
    values = column(session, name)
    found = values.to_numpy()[view.rows]
    expected = values.sort_values(ascending=not descending).to_numpy()
    pd.testing.assert_series_equal(pd.Series(found), pd.Series(expected))
    assert sorted(view.rows) == list(range(len(values)))


def test_classes_sort_by_name_and_the_unlabelled_come_last(session):
    rows = ordered(session.run, session.named, None, "class", descending=False)
    names = [session.named.name_of(row) for row in rows]
    labelled = [name for name in names if name != "unlabelled"]
    assert labelled == sorted(labelled)
    assert names[len(labelled) :] == ["unlabelled"] * (len(names) - len(labelled))


@pytest.mark.parametrize("descending", [True, False])
def test_objects_without_a_value_come_last_whichever_way_it_is_sorted(session, descending):
    rows = ordered(session.run, session.named, None, "period_days", descending)
    unknown = np.isnan(session.run.values("period_days"))[rows]
    assert 0 < unknown.sum() < len(rows)
    np.testing.assert_array_equal(unknown, np.sort(unknown))


def test_a_column_that_the_run_does_not_have_leaves_the_order_of_the_map(session):
    rows = ordered(session.run, session.named, None, "nothing", descending=True)
    np.testing.assert_array_equal(rows, np.arange(len(session.run)))


def test_only_the_selected_are_listed_and_the_page_is_the_first_again(view, session):
    view.page = 5
    mask = np.zeros(len(session.run), bool)
    mask[[3, 14, 15, 92, 65]] = True
    session.select(mask, "lasso")
    assert sorted(view.rows) == [3, 14, 15, 65, 92]
    assert view.page == 1
    assert len(view._table.value) == 5


def test_hidden_objects_are_not_listed(view, session):
    session.hidden = frozenset({"unlabelled"})
    assert len(view.rows) == session.shown.sum()


def test_pages_cut_the_rows_without_gap_or_overlap(view, session):
    seen = []
    for page in range(1, view.pages + 1):
        view.page = page
        seen.extend(view._table.value["object"])
    assert seen == session.run.run.object_ids(view.rows)


def test_the_objects_of_the_page_are_ringed_on_its_own_screens(view, session):
    np.testing.assert_array_equal(session.marked, view.on_page)
    view.page = 2
    np.testing.assert_array_equal(session.marked, view.on_page)
    session.screen = "anomalies"
    session.marked = np.array([1])
    view.page = 3
    assert session.marked.tolist() == [1]
    session.screen = "explore"
    np.testing.assert_array_equal(session.marked, view.on_page)


def test_a_press_on_a_row_focuses_its_object(view, session):
    view.page = 2
    view._focus(4)
    assert session.focus == view.rows[view.page_size + 4]
    assert 'class="ring on"' in view._table.value["ring"].iloc[4]


def test_a_press_on_a_row_that_is_gone_does_nothing(view, session):
    view._focus(99)
    assert session.focus is None


def test_a_press_on_a_heading_sorts_and_another_turns_the_order(view):
    view._table.sorters = [{"field": "period", "dir": "asc"}]
    assert (view.sort_by, view.descending) == ("period", True)
    view._table.sorters = [{"field": "period", "dir": "asc"}]
    assert (view.sort_by, view.descending) == ("period", False)
    assert "▴" in view._table.titles["period"]
    view._table.sorters = [{"field": "object", "dir": "asc"}]
    assert (view.sort_by, view.descending) == ("object", False)
    view._table.sorters = [{"field": "ring", "dir": "asc"}]
    assert view.sort_by == "object"


def test_arrows_walk_through_the_list_and_turn_the_page(view, session):
    for expected in range(view.page_size + 2):
        session.press("ArrowRight")
        assert session.focus == view.rows[expected]
    assert view.page == 2
    session.press("ArrowLeft")
    session.press("ArrowLeft")
    assert view.page == 1
    session.screen = "train"
    focused = session.focus
    session.press("ArrowRight")
    assert session.focus == focused


def test_a_low_window_has_shorter_pages(view, session):
    session.map_height = 600
    assert len(view._table.value) == view.page_size == 6
    session.map_height = 788
    assert len(view._table.value) == view.page_size == 12


def test_ids_and_class_names_are_text(view, session, monkeypatch):
    hostile = '"><img src=x onerror=alert(1)>'
    monkeypatch.setattr(session.run, "object_id", lambda row: hostile)
    monkeypatch.setattr(type(session.named), "name_of", lambda self, row: hostile)
    view._draw()
    row = view._table.value.iloc[0]
    assert "<img" not in row["class"]
    assert row["object"] == hostile
    assert view._table.formatters["object"] == {"type": "plaintext"}
    assert [n for n, f in view._table.formatters.items() if f["type"] == "html"] == [
        "ring",
        "class",
    ]


@pytest.mark.parametrize(
    ("page", "pages", "expected"),
    [
        (1, 1, [1]),
        (1, 9, [1, 2, None, 9]),
        (5, 9, [1, None, 4, 5, 6, None, 9]),
        (9, 9, [1, None, 8, 9]),
        (2, 3, [1, 2, 3]),
    ],
)
def test_a_pager_shows_the_ends_and_what_is_near(page, pages, expected):
    assert shown_pages(page, pages) == expected


@pytest.mark.parametrize(
    ("days", "text"),
    [(0.0382, "0.03820"), (0.59092, "0.59092"), (1.2345678, "1.2346"), (421.591, "421.59"),
     (12345.6, "12346"), (None, "–"), (0.0, "–"), (float("nan"), "–")],
)  # fmt: skip
def test_a_period_takes_seven_characters_at_most(days, text):
    assert period_text(days) == text
    assert len(text) <= 7
