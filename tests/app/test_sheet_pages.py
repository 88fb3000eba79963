import numpy as np
import pytest

from app import sheet_pages
from app.drawing.cells import SheetLook
from app.sheet_pages import KEPT, SheetPages, Wanted
from app.sheets import draw_page
from app.views.sheet import SheetView


@pytest.fixture
def drawn(monkeypatch):
    """First rows of the pages that were drawn, in their order."""
    first = []

    def counted(run, rows, *rest):
        first.append(int(rows[0]))
        return draw_page(run, rows, *rest)

    monkeypatch.setattr(sheet_pages, "draw_page", counted)
    return first


def wanted(session, start, look=None):
    return Wanted(session.run, np.arange(start, start + 24), 24, "known", look or SheetLook(), "")


class Later:
    """Work that is done when it is told to, as a thread does it."""

    def __init__(self) -> None:
        self.asked = []

    def ask(self, work, deliver, fail) -> None:
        self.asked.append((work, deliver))

    def finish(self) -> None:
        for work, deliver in self.asked:
            deliver(work())
        self.asked.clear()


def test_what_was_prepared_is_delivered_without_drawing(session, drawn):
    got = []
    pages = SheetPages(lambda asked, page: got.append((asked, page)), pytest.fail)
    pages.prepare(wanted(session, 24))
    assert drawn == [24] and not got
    asked = wanted(session, 24)
    pages.ask(asked)
    assert drawn == [24]
    assert got[0][0] is asked
    np.testing.assert_array_equal(got[0][1].rows, np.arange(24, 48))
    pages.ask(wanted(session, 24, SheetLook(theme="light")))
    assert drawn == [24, 24]
    assert got[1][1].text != got[0][1].text


def test_few_pages_are_kept_those_seen_last(session, drawn):
    pages = SheetPages(lambda *_: None, pytest.fail)
    for start in range(0, 24 * (KEPT + 2), 24):
        pages.ask(wanted(session, start))
    kept = [
        start for start in range(0, 24 * (KEPT + 2), 24) if pages.is_kept(wanted(session, start))
    ]
    assert kept == [24 * i for i in range(2, KEPT + 2)]
    assert len(drawn) == KEPT + 2


def test_a_page_that_comes_late_is_not_shown_in_place_of_one_asked_for_since(session, drawn):
    got = []
    pages = SheetPages(lambda asked, page: got.append(int(page.rows[0])), pytest.fail)
    pages.prepare(wanted(session, 48))
    pages._now = slow = Later()
    pages.ask(wanted(session, 0))
    pages.ask(wanted(session, 48))
    assert got == [48]
    slow.finish()
    assert got == [48]
    pages.ask(wanted(session, 0))
    assert got == [48, 0]


def test_the_page_that_follows_is_drawn_before_it_is_asked_for(session, drawn):
    session.screen = "sheet"
    view = SheetView(session)
    rows = view.rows
    assert drawn == [int(rows[0]), int(rows[48])]
    view.turn(1)
    assert drawn == [int(rows[0]), int(rows[48]), int(rows[96])]
    view.turn(-1)
    assert len(drawn) == 3
    for _ in range(9):
        view.turn(1)
    assert view.page == view.pages
    assert len(drawn) == view.pages
