"""Changes of the page between its first bytes and its being ready, which Panel would lose.

Panel 1.9 drops every change of a model that its `hold` has gathered before the browser said that
the document is ready: the document "is serialized in full once the session connects". A browser
that has already pulled the document, and is still drawing it, never hears of them: a table of six
lines above a pager that says twelve. With a connection there, the changes are dispatched instead;
a browser that has not pulled yet keeps them until it has.
"""

import threading

from bokeh.document import Document
from bokeh.document.events import DocumentChangedEvent
from panel.io import document as panel_document

_drain = panel_document._drain_unconnected_events


def keep_early_events() -> None:
    """Have Panel send what it gathered as soon as there is a connection to send it to."""
    panel_document._drain_unconnected_events = drained


def drained(doc: Document, lock: threading.Lock) -> list[DocumentChangedEvent]:
    """Events that a `hold` of Panel has gathered and that are to be dispatched now."""
    session = getattr(doc.session_context, "session", None)
    if session is None or not session.connection_count:
        return _drain(doc, lock)
    with lock:
        gathered = list(doc.callbacks._held_events or [])
        doc.callbacks._held_events = []
        doc.callbacks._hold = None
    return gathered
