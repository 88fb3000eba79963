"""The bar below: how many objects, what was done last and how long it took, the connection."""

from typing import Any

import panel as pn

from app.markup.pressable import Pressable
from app.session import Session
from app.theme import stylesheet
from app.words import count, safe

_SEPARATOR = '<span class="sep"></span>'


class StatusView(pn.viewable.Viewer):
    """Counts on the left; last action, its latency and the connection on the right."""

    def __init__(self, session: Session, **params: Any) -> None:
        super().__init__(**params)
        self.session = session
        # A pane of HTML would have the whole page laid again with every word.
        self._bar = Pressable(
            stylesheets=[stylesheet("status")], css_classes=["astra-status"], height=24
        )
        session.param.watch(
            lambda *_: self._draw(),
            [
                *("run", "in_view", "selection_revision", "shown_revision", "hidden"),
                *("status", "latency", "is_warning"),
            ],
        )
        self._draw()

    def _draw(self) -> None:
        session = self.session
        objects = 0 if session.run is None else len(session.run)
        counts = _SEPARATOR.join(
            f'<span class="{hook}"><b>{count(n)}</b> {word}</span>'
            for hook, n, word in (
                ("astra-in-view", session.in_view, "in view"),
                ("astra-selected", session.n_selected, "selected"),
                ("astra-objects", session.filters.objects(), f"of {count(objects)} objects"),
            )
        )
        latency = "" if session.latency is None else f" <b>{count(session.latency)} ms</b>"
        kind = "push warn" if session.is_warning else "push"
        warning = "⚠ " if session.is_warning and session.status else ""
        self._bar.html = (
            f'<div class="bar" role="status" aria-live="polite">{counts}'
            f'<span class="{kind}">{warning}{safe(session.status)}{latency}</span>{_SEPARATOR}'
            '<span class="connection"><i class="dot"></i></span></div>'
        )

    def __panel__(self) -> pn.viewable.Viewable:
        return self._bar
