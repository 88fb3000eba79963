"""Nothing in the process holds on to a visitor who has left."""

import gc
import weakref

from panel.io.state import state

from app.leavings import sweep
from app.page import Page
from app.session import SCREENS, Session


def test_a_page_that_was_left_is_forgotten_with_all_its_screens(observatory):
    session = Session(observatory)
    assert session.open_newest()
    page = Page(session)
    for screen in SCREENS:
        session.screen = screen
    kept = [weakref.ref(one) for one in (session, page)]
    del session, page
    gc.collect()
    assert [one() for one in kept] == [None, None]


def test_what_lives_beside_a_session_is_made_once_and_goes_with_it(observatory):
    class Beside:
        def __init__(self, session):
            self.session = session

    session = Session(observatory)
    beside = session.companion(Beside)
    assert session.companion(Beside) is beside
    kept = weakref.ref(beside)
    del session, beside
    gc.collect()
    assert kept() is None


class Document:
    def __init__(self, context):
        self.session_context = context


def test_views_of_a_session_that_has_ended_are_swept_and_no_others(monkeypatch):
    here, gone = Document(object()), Document(None)
    views = {"p1": (None, None, here, None), "p2": (None, None, gone, None), "p3": (None,) * 4}
    monkeypatch.setattr(state, "_views", views)
    sweep()
    assert set(state._views) == {"p1", "p3"}
