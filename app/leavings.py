"""What Panel keeps of a page whose visitor has left.

Panel 1.9 takes the roots of a document out of its table of views when the session ends, but for
that of the notifications, which it made itself: a document, with all that hangs on it, for each
visit (0.1 MB).
"""

from panel.io.state import state


def sweep() -> None:
    """Take the views of documents out of the table whose session has ended."""
    for reference, (_, _, document, _) in list(state._views.items()):
        if document is not None and document.session_context is None:
            del state._views[reference]
