import numpy as np
import pytest

from app.views.anomalies import ALL, PAGE_SIZE, AnomaliesView, ranked


@pytest.fixture
def view(session):
    return AnomaliesView(session)


def test_objects_are_listed_by_rank(view, session):
    ranks = session.run.run.values("anomalies", "rank")
    assert ranks[view.rows].tolist() == list(range(1, 241))
    scores = session.run.run.values("anomalies", "score")[view.rows]
    assert (np.diff(scores) <= 0).all()


def test_a_page_shows_rank_score_class_and_light_curve(view, session):
    html = view._list.html
    assert html.count('class="line"') == PAGE_SIZE
    assert html.count("astra-sparkline") == PAGE_SIZE
    first = int(view.rows[0])
    assert session.run.object_id(first).partition(":")[2] in html
    assert f"{session.run.run.values('anomalies', 'score')[first]:.2f}" in html
    assert session.run.predicted.name_of(first) in html
    assert "1–14 of 240 ranked" in view._pager.html


def test_pages_cover_every_object_once(view):
    seen = []
    for page in range(1, view.pages + 1):
        view.page = page
        seen += view.on_page.tolist()
    assert sorted(seen) == list(range(240))
    assert "disabled" in view._pager.html


def test_the_pager_stays_within_the_pages(view):
    view._pager.press("-1")
    assert view.page == 1
    for _ in range(50):
        view._pager.press("1")
    assert view.page == view.pages
    view._pager.press("9")
    assert view.page == view.pages


def test_only_objects_predicted_to_be_of_a_class(view, session):
    view.page = 3
    view._head.change("predicted", "EA")
    code = session.run.predicted.names.index("EA")
    assert (session.run.predicted.codes[view.rows] == code).all()
    assert len(view.rows) == int((session.run.predicted.codes == code).sum())
    assert view.page == 1
    assert "predicted EA" in view._pager.html
    view._head.change("predicted", ALL)
    assert len(view.rows) == 240


def test_an_unknown_class_is_not_taken(view):
    view._head.change("predicted", "<script>")
    assert view.predicted == ALL


def test_a_press_focuses_the_object(view, session):
    session.screen = "anomalies"
    row = int(view.on_page[4])
    view._list.press(str(row))
    assert session.focus == row
    assert f'data-press="{row}" aria-current="true"' in view._list.html


@pytest.mark.parametrize("value", ["", "x", "-1", "100000"])
def test_what_is_not_on_the_page_is_not_focused(view, session, value):
    view._list.press(value)
    assert session.focus is None


def test_arrows_walk_down_the_list_and_turn_the_page(view, session):
    session.screen = "anomalies"
    for _ in range(PAGE_SIZE + 1):
        session.press("ArrowRight")
    assert session.focus == int(view.rows[PAGE_SIZE])
    assert view.page == 2
    session.press("ArrowLeft")
    assert session.focus == int(view.rows[PAGE_SIZE - 1])
    assert view.page == 1


def test_the_page_is_ringed_on_the_map_while_the_screen_is_open(view, session):
    assert not len(session.marked)
    session.screen = "anomalies"
    assert session.marked.tolist() == view.on_page.tolist()
    view.page = 2
    assert session.marked.tolist() == view.on_page.tolist()


def test_a_run_without_scores_says_so(view, session):
    session.run.run.manifest.artefacts.pop("anomalies")
    vars(session.run).pop("by_rank")
    assert not len(ranked(session.run))
    view._rank()
    assert "no anomaly scores" in view._list.html


def test_hostile_ids_and_classes_are_harmless(session, monkeypatch):
    monkeypatch.setattr(type(session.run), "object_id", lambda self, row: "a:<script>alert(1)")
    monkeypatch.setattr(type(session.run.predicted), "name_of", lambda self, row: '"><b onclick=')
    view = AnomaliesView(session)
    assert "<script>" not in view._list.html
    assert "<b onclick" not in view._list.html


def test_a_list_that_is_late_is_not_shown_for_another_run(view, session):
    asked = []
    view._order.ask = lambda work, deliver, fail: asked.append((work, deliver))
    view._rank()
    session.open_run("second")
    session.focus = 3
    before = view._list.html
    work, deliver = asked[0]
    deliver(work())
    assert view._list.html == before
    work, deliver = asked[-1]
    deliver(work())
    assert view._listed is session.run
    assert 'class="line"' in view._list.html
