import numpy as np
import pytest

from app.curation import curation_of
from app.others import Others
from app.session import Session
from app.views.selections import SelectionsView
from astra.labels import changes
from astra.labels.label import Label
from astra.labels.store import LabelStore
from astra.labels.taxonomies import Taxonomies
from astra.labels.taxonomy import Taxonomy, TaxonomyClass
from astra.selections import SelectionBook

IDS = ["sky:EA001", "sky:EA002"]


@pytest.fixture
def others(session):
    others = Others(session)
    others.look()
    return others


@pytest.fixture
def book(session):
    return SelectionBook(session.observatory)


@pytest.fixture
def asked(monkeypatch):
    """Every time the log itself was asked how far it has grown."""
    times = []
    revision = changes.revision
    monkeypatch.setattr("app.others.revision", lambda path: times.append(path) or revision(path))
    return times


def names(session):
    return [head.name for head in session.saved.heads]


def test_what_others_save_rename_and_delete_is_seen(session, others, book):
    panel = SelectionsView(session)
    book.save("theirs", IDS)
    assert names(session) == []
    others.look()
    assert names(session) == ["theirs"]
    assert "theirs" in panel._list.html
    book.rename("theirs", "renamed")
    others.look()
    assert names(session) == ["renamed"]
    book.delete("renamed")
    others.look()
    assert names(session) == []


def test_a_selection_that_another_deletes_leaves_the_map(session, others, book):
    book.save("theirs", IDS)
    others.look()
    session.saved.toggle("theirs")
    assert session.saved.overlay.names == ("theirs",)
    book.delete("theirs")
    others.look()
    assert session.saved.overlay is None


def test_a_selection_that_another_renames_keeps_its_eye_and_its_open_actions(session, others, book):
    panel = SelectionsView(session)
    for name, ids in (("theirs", IDS), ("alike", ["sky:LPV001", "sky:LPV002"])):
        book.save(name, ids)
    others.look()
    session.saved.toggle("theirs")
    panel.opened = "theirs"
    book.rename("theirs", "between")
    book.rename("between", "renamed")
    others.look()
    assert session.saved.eyes == ["renamed"]
    assert session.saved.overlay.names == ("renamed",)
    assert panel.opened == "renamed"
    others.look()
    assert session.saved.eyes == ["renamed"]


def test_ones_own_rename_keeps_its_eye_when_it_is_undone(session, others, book):
    book.save("mine", IDS)
    others.look()
    session.saved.toggle("mine")
    session.saved.rename("mine", "renamed")
    assert session.saved.overlay.names == ("renamed",)
    session.saved.undo()
    assert session.saved.overlay.names == ("mine",)


def test_what_takes_the_place_of_a_deleted_selection_does_not_take_its_eye(session, others, book):
    book.save("theirs", IDS)
    others.look()
    session.saved.toggle("theirs")
    book.delete("theirs")
    book.save("another", ["sky:LPV001", "sky:LPV002"])
    others.look()
    assert session.saved.overlay is None
    assert "another" not in session.saved.eyes


def test_nothing_is_asked_of_the_log_while_its_file_is_the_same(session, others, book, asked):
    for _ in range(5):
        others.look()
    assert asked == []
    book.save("theirs", IDS)
    for _ in range(5):
        others.look()
    assert len(asked) == 1


def test_visitors_ask_the_log_once_between_them(session, book, asked):
    sessions = [session, Session(session.observatory)]
    sessions[1].open_run("second")
    watches = [Others(each) for each in sessions]
    book.save("theirs", IDS)
    for each in watches:
        each.look()
    assert len(asked) == 1
    assert all(names(each) == ["theirs"] for each in sessions)


def test_labels_of_others_leave_selections_and_taxonomy_alone(session, others, monkeypatch):
    read = []
    monkeypatch.setattr(session.saved, "refresh", lambda: read.append("saved"))
    monkeypatch.setattr(curation_of(session), "read", lambda: read.append("taxonomy"))
    LabelStore(session.observatory.labels).append([Label(IDS[0], "EA", "another")])
    others.look()
    assert read == []


def test_ones_own_change_is_not_read_again(session, others, monkeypatch):
    session.select(np.arange(len(session.run)) < 5, "lasso")
    session.saved.save("mine")
    read = []
    monkeypatch.setattr(session.saved, "refresh", lambda: read.append("saved"))
    others.look()
    assert read == []


def test_a_taxonomy_that_another_saves_comes_into_force_with_its_colours(session, others):
    log = Taxonomies(session.observatory.labels)
    taxonomy = Taxonomy("theirs", (TaxonomyClass("LPV", colour="#12b5a0"),))
    log.save(taxonomy, "another", log.now().taxonomy.hash)
    others.look()
    assert curation_of(session).taxonomy == taxonomy
    assert session.run.styles["LPV"].dark == "#12b5a0"


def test_a_press_on_what_another_has_changed_meanwhile_does_nothing(session, others, book):
    panel = SelectionsView(session)
    old = book.save("theirs", IDS)
    others.look()
    book.save("a new one before it", IDS)
    book.recolour("theirs", "#6fd6b8")
    others.look()
    panel.press(f"delete:{old.version}")
    assert book.names() == ["a new one before it", "theirs"]


def test_a_log_that_is_gone_is_no_news(session, others):
    session.observatory.labels.unlink()
    others.look()
    assert not session.is_warning
