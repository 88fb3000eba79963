import numpy as np
import pytest

from app.links import follow
from app.saved_selections import ON_LIGHT, colour_on
from app.session import Session
from app.theme import DARK, LIGHT
from app.views.legend import LegendView
from app.views.projection import ProjectionView
from app.views.selections import SelectionsView
from astra.selections import COLOURS, SelectionBook


@pytest.fixture
def view(session):
    return SelectionsView(session)


def mask_of(session, rows):
    mask = np.zeros(len(session.run), bool)
    mask[rows] = True
    return mask


def save(session, view, name, rows):
    session.select(mask_of(session, rows), f"rows of {name}")
    view.change("name", name)
    view.press("save")


def names(session):
    return [head.name for head in session.saved.heads]


def at(session, place):
    """Version that buttons of the selection at a place of the list are about."""
    return session.saved.heads[place].version


def test_what_is_saved_is_there_for_the_next_visitor(view, session):
    save(session, view, "odd <b>ones", np.arange(1, 40, 2))
    other = Session(session.observatory)
    other.open_run("second")
    panel = SelectionsView(other)
    assert names(other) == ["odd <b>ones"]
    assert "odd &lt;b&gt;ones" in panel._list.html
    assert "matched by id" in panel._list.html
    panel.press(f"replace:{at(other, 0)}")
    ids = session.run.run.object_ids(session.selected_rows)
    assert sorted(other.run.run.object_ids(other.selected_rows)) == sorted(ids)
    assert other.selection_description == "odd <b>ones"


def test_a_selection_without_a_name_gets_the_next_letter(view, session):
    save(session, view, "", [1, 2])
    save(session, view, "  ", [3])
    assert names(session) == ["A", "B"]
    assert "Name, or C" in view._save.html


def test_what_passes_the_filters_is_saved_where_nothing_is_selected(view, session):
    view.press("save")
    assert names(session) == []
    assert session.is_warning
    session.filters.brush("period", -np.inf, 1)
    session.filters.add("score < 0.5")
    view.press("save")
    book = SelectionBook(session.observatory)
    shown = session.run.run.object_ids(np.flatnonzero(session.shown))
    assert book.object_ids("A") == shown
    recipe = book.head("A").recipe
    assert recipe["expressions"] == ["score < 0.5"]
    assert recipe["brushes"] == {"period": [None, 1.0]}


def test_the_outline_is_part_of_the_recipe(view, session):
    outline = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    session.select(mask_of(session, [5]), "lasso", outline)
    view.press("save")
    assert session.saved.heads[0].recipe["polygon"] == outline.tolist()
    assert session.saved.heads[0].recipe["run"] == "first"


@pytest.mark.parametrize(
    ("mode", "combine"),
    [
        ("replace", lambda a, b: b),
        ("add", lambda a, b: a | b),
        ("subtract", lambda a, b: a & ~b),
        ("intersect", lambda a, b: a & b),
    ],
)
def test_a_saved_selection_combines_with_the_present_one_as_sets_do(view, session, mode, combine):
    save(session, view, "B", np.arange(40, 100))
    one, other = mask_of(session, np.arange(60)), mask_of(session, np.arange(40, 100))
    session.select(one, "lasso")
    view.press(f"{mode}:{at(session, 0)}")
    np.testing.assert_array_equal(session.selected, combine(one, other))
    session.undo_selection()
    np.testing.assert_array_equal(session.selected, one)


def test_the_contrary_is_of_what_is_shown(view, session):
    view.press("invert")
    assert session.selected is None
    session.select(mask_of(session, np.arange(60)), "lasso")
    session.filters.brush("period", -np.inf, 1)
    view.press("invert")
    expected = session.shown & ~mask_of(session, np.arange(60))
    np.testing.assert_array_equal(session.selected, expected)


def test_everything_done_to_the_book_can_be_undone(view, session):
    save(session, view, "one", [1, 2, 3])
    ids = session.run.run.object_ids(np.array([1, 2, 3]))
    before = session.saved.heads[0].colour
    view.press(f"colour:{at(session, 0)}:{COLOURS[3]}")
    view.change(f"rename:{at(session, 0)}", "two")
    save(session, view, "two", [7])
    view.press(f"delete:{at(session, 0)}")
    assert names(session) == []
    assert "Deleted two" in view._undo.html
    view.press("undo")
    assert names(session) == ["two"]
    view.press("undo")
    assert session.saved.book.object_ids("two") == ids
    view.press("undo")
    assert names(session) == ["one"]
    view.press("undo")
    assert session.saved.heads[0].colour == before
    view.press("undo")
    assert names(session) == []
    assert view._undo.html == ""
    view.press("undo")


def test_a_name_that_is_taken_is_refused_and_said(view, session):
    save(session, view, "one", [1])
    save(session, view, "two", [2])
    view.change(f"rename:{at(session, 0)}", "two")
    assert names(session) == ["one", "two"]
    assert "already" in session.status


@pytest.mark.parametrize("what", ["open:9", "eye:x", "colour:1:red", "boo", "ask-boo", "kind:x"])
def test_presses_that_mean_nothing_do_nothing(view, session, what):
    save(session, view, "one", [1])
    before = session.saved.heads[0]
    view.press(what)
    assert session.saved.heads == [before]
    assert view.kind == "expression"


def test_an_eye_puts_a_selection_on_the_map_and_the_rest_in_grey(view, session):
    save(session, view, "first", np.arange(0, 30))
    save(session, view, "later", np.arange(20, 50))
    session.clear_selection()
    legend, projection = LegendView(session), ProjectionView(session)
    first = projection.frame
    view.press(f"eye:{at(session, 0)}")
    view.press(f"eye:{at(session, 1)}")
    overlay = session.saved.overlay
    assert overlay.names == ("first", "later")
    codes = overlay.members.codes
    assert (codes[:20] == 0).all()
    assert (codes[20:50] == 1).all()
    assert (codes[50:] == -1).all()
    assert "first" in legend._card.html
    assert "All others grey" in legend._card.html
    assert projection.frame is first  # there is nothing to draw on in a test
    legend._pressed("saved:0")
    assert session.saved.eyes == ["later"]
    view.press(f"eye:{at(session, 1)}")
    assert session.saved.overlay is None
    assert "later" not in legend._card.html


def test_the_overlay_follows_into_another_run(view, session):
    save(session, view, "mine", np.arange(30))
    view.press(f"eye:{at(session, 0)}")
    ids = session.run.run.object_ids(np.arange(30))
    session.open_run("second")
    rows = np.flatnonzero(session.saved.overlay.members.codes == 0)
    assert sorted(session.run.run.object_ids(rows)) == sorted(ids)


def test_objects_that_the_run_lacks_are_counted(view, session):
    SelectionBook(session.observatory).save("old", ["sky:EA001", "gone:1", "gone:2"])
    session.saved.refresh()
    assert "<small>of 3</small>" in view._list.html
    view.press(f"open:{at(session, 0)}")
    assert "2 objects not in this run" in view._list.html
    view.press(f"replace:{at(session, 0)}")
    assert session.n_selected == 1
    assert "2 not in this run" in session.status


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("expression", "object_id starts with 'sky:EA00'", {f"sky:EA00{i}" for i in range(10)}),
        ("ids", "sky:EA001\nsky:LPV002, nothing", {"sky:EA001", "sky:LPV002"}),
    ],
)
def test_objects_are_asked_for_in_words(view, session, kind, text, expected):
    view.press(f"kind:{kind}")
    view.change("ask", text)
    view.press("ask-replace")
    assert set(session.run.run.object_ids(session.selected_rows)) == expected
    assert session.is_warning == (kind == "ids")


def test_a_cone_and_neighbours_are_selected(view, session):
    place = session.run.run.catalogue.slice(7, 1).to_pylist()[0]
    view.press("kind:cone")
    view.change("ask", f"{place['ra']} {place['dec']} 0.01")
    view.press("ask-replace")
    assert session.selected_rows.tolist() == [7]
    session.focus = 7
    session.press("n")
    assert session.n_selected == 12
    assert "neighbours of" in session.selection_description


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        ("expression", "perod < 1", "did you mean period"),
        ("expression", " ", "nothing asked for"),
        ("cone", "here", "in degrees"),
        ("neighbours", "gone 3", "not in run first"),
        ("ids", "gone", "1 not in the run: gone"),
    ],
)
def test_what_is_asked_in_vain_is_said_and_nothing_changes(view, session, kind, text, said):
    session.select(mask_of(session, [3]), "lasso")
    view.press(f"kind:{kind}")
    view.change("ask", text)
    view.press("ask-replace")
    assert said in session.status
    assert session.is_warning
    assert session.n_selected == 1


def test_ids_are_exported_one_a_line(view, session, monkeypatch):
    save(session, view, "one", [4, 5])
    files = []
    monkeypatch.setattr(view._list, "download", lambda *file: files.append(file))
    view.press(f"export:{at(session, 0)}")
    ids = session.run.run.object_ids(np.array([4, 5]))
    assert files == [("objects.csv", "\n".join(["object_id", *ids, ""]))]


def test_a_link_opens_run_filter_and_selection(view, session):
    save(session, view, "a & b", [4, 5, 6])
    view.press(f"open:{at(session, 0)}")
    assert "selection=a+%26+b" in view._list.html
    other = Session(session.observatory)
    other.open_run("second")
    query = {"run": [b"first"], "filter": [b"score < 2"], "selection": [b"a & b"]}
    follow(other, query)
    assert other.run.name == "first"
    assert other.filters.expressions == ["score < 2"]
    assert other.selected_rows.tolist() == [4, 5, 6]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"selection": [b"none <b>"]}, "no selection"),
        ({"filter": [b"perod < 1"]}, "did you mean period"),
        ({"run": [b"../x"]}, "run name"),
    ],
)
def test_a_link_that_leads_nowhere_is_said(session, query, said):
    follow(session, query)
    assert said in session.status
    assert session.is_warning


def contrast(one, other):
    def luminance(colour):
        parts = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return linear @ [0.2126, 0.7152, 0.0722]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_colours_of_selections_stand_out_on_both_maps():
    assert set(ON_LIGHT) == set(COLOURS)
    for colour in COLOURS:
        assert contrast(colour, DARK.map) > 4.5
        assert contrast(colour_on("light", colour), LIGHT.map) > 4.5
