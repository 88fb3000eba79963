"""What Panel gathers while a browser draws the page reaches that browser."""

import threading
from types import SimpleNamespace

from bokeh.document import Document
from bokeh.models import Div

from app.early_events import drained


def gathered(connections):
    """A document that holds one change, with so many connections."""
    document = Document()
    div = Div(text="twelve")
    document.add_root(div)
    session = SimpleNamespace(connection_count=connections)
    document._session_context = lambda: SimpleNamespace(session=session)
    document.hold("combine")
    div.text = "six"
    return document


def test_a_change_is_dispatched_where_a_browser_has_the_page():
    document = gathered(connections=1)
    (event,) = drained(document, threading.Lock())
    assert (event.attr, event.new) == ("text", "six")
    assert document.callbacks.hold_value is None
    assert not document.callbacks._held_events


def test_it_is_left_to_the_page_where_none_has_it_yet():
    document = gathered(connections=0)
    assert drained(document, threading.Lock()) == []
    assert document.roots[0].text == "six"
