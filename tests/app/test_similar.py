import numpy as np
import pytest

from app.asking import EncoderProcess
from app.pasted import EXAMPLE
from app.views.similar import SimilarView


@pytest.fixture
def view(session):
    return SimilarView(session)


def by_sorting(run, vector, left_out):
    """Map rows by distance in the standardised embedding, the slow way."""
    vectors = np.asarray(run.run.embeddings, np.float64)
    apart = np.linalg.norm((vectors - vector) / vectors.std(axis=0), axis=1)
    apart[left_out] = np.inf
    order = np.argsort(apart, kind="stable")
    return run.run.map_row[order], apart[order]


def test_what_is_like_an_object(view, session):
    session.focus = 33
    session.find_similar()
    found = session.similar.found
    survey_row = int(session.run.run.rows[33])
    rows, distances = by_sorting(
        session.run, session.run.run.embeddings[survey_row].astype(float), [survey_row]
    )
    np.testing.assert_allclose(found.distances, distances[:20], rtol=1e-6)
    assert set(found.rows) == set(rows[:20])
    assert 33 not in found.rows
    assert f"Nearest to {session.run.object_id(33)}" in view._head.html
    assert view._list.html.count("astra-similar-line") == 20


def test_what_is_like_a_selection_without_its_own_objects(view, session):
    mask = np.zeros(len(session.run), bool)
    mask[5:40] = True
    session.select(mask, "lasso")
    view._pressed("selection")
    members = session.run.run.rows[np.flatnonzero(mask)]
    mean = np.asarray(session.run.run.embeddings, np.float64)[members].mean(axis=0)
    _, distances = by_sorting(session.run, mean, members)
    found = session.similar.found
    np.testing.assert_allclose(found.distances, distances[:20], rtol=1e-6)
    assert not set(found.rows) & set(range(5, 40))


def test_a_given_light_curve_is_found_by_its_embedding(view, session, monkeypatch):
    vector = np.asarray(session.run.run.embeddings[17])
    monkeypatch.setattr(EncoderProcess, "embed", lambda self, light_curve: vector)
    view._pressed("paste")
    view._changed("text", EXAMPLE)
    view._pressed("find")
    found = session.similar.found
    assert found.query.light_curve is not None
    assert found.distances[0] == 0
    assert found.rows[0] == session.run.run.map_row[17]
    assert "astra-sparkline" in view._head.html


def test_what_is_no_light_curve_is_refused_in_words(view, session):
    view._changed("text", "<b>mjd</b>")
    view._pressed("find")
    assert session.similar.found is None
    assert "missing" in view._state.html
    assert "<b>mjd" not in view._state.html


def test_more_are_found_and_become_a_selection(view, session):
    session.focus = 3
    view._pressed("object")
    view._pressed("most:50")
    assert len(session.similar.found.rows) == 50
    view._pressed("select:replace")
    np.testing.assert_array_equal(session.selected_rows, np.sort(session.similar.found.rows))
    view._pressed("sheet")
    assert session.screen == "sheet"


def test_another_run_forgets_what_was_found(session):
    session.focus = 3
    session.find_similar()
    session.open_run("second")
    assert session.similar.found is None


def test_nothing_chosen_says_so(view, session):
    session.find_similar()
    assert "no object chosen" in view._state.html
    view._pressed("selection")
    assert "nothing selected" in view._state.html


def test_key_t_asks_for_the_object_in_focus(view, session):
    session.focus = 9
    session.press("t")
    assert session.similar.found.query.row == 9


def test_who_labels_blind_sees_no_prediction_in_name_or_mark(view, session):
    run = session.run
    session.focus = 9
    session.press("t")
    colour = run.styles[run.predicted.name_of(9)].colour(session.theme)
    rows = session.similar.found.rows
    assert {run.predicted.name_of(int(row)) for row in rows} == {run.predicted.name_of(9)}
    assert view._list.html.count(f'fill="{colour}"') >= len(rows)
    session.look.blind = True
    labelled = sum(run.classes.codes[row] >= 0 for row in rows)
    assert 0 < labelled < len(rows)
    assert view._list.html.count("no class") == len(rows) - labelled
    assert view._list.html.count(f'fill="{colour}"') == labelled
    session.look.blind = False
    assert view._list.html.count(f'fill="{colour}"') >= len(rows)
