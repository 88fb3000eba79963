"""What stands beside a contact sheet: labels with their keys, what was stored, the focus."""

from collections.abc import Callable
from typing import Any

import panel as pn

from app.markup import sheet_html as html
from app.markup.facts import facts_of
from app.markup.pressable import Pressable
from app.opened_runs import OpenedRun
from app.session import Session
from app.sheet_labels import SheetLabels
from app.sheets import Page
from app.theme import stylesheet

_STRETCH = {"sizing_mode": "stretch_both", "margin": 0}
_SIDE = {
    "max-width": "236px",
    "overflow-y": "auto",
    "border-left": "1px solid var(--astra-line)",
    "background": "var(--astra-surface)",
    "padding": "12px",
    "gap": "16px",
}


class SheetSide:
    """Label buttons, progress of what is being stored, how much is done, the object in focus.

    Parameters
    ----------
    session : Session
    pressed : callable
        See `Pressable`.
    """

    def __init__(self, session: Session, pressed: Callable[[str], None]) -> None:
        self._session = session
        styles: dict[str, Any] = {"stylesheets": [stylesheet("sheet_parts")]}
        self.label_panel, self.progress, self.done, self.focus = (
            Pressable(pressed, **styles) for _ in range(4)
        )

    @property
    def panel(self) -> pn.viewable.Viewable:
        """All of it."""
        return pn.Column(
            self.label_panel, self.progress, self.done, self.focus, styles=_SIDE, **_STRETCH
        )

    def draw_labels(self, labels: SheetLabels, run: OpenedRun, page: Page, picked: int) -> None:
        """Say what the keys give, and how much of the page has it."""
        classes, given = self._session.category_now("class"), self._session.given
        self.label_panel.html = html.label_panel(
            run, labels.classes, labels.keys, (classes, page.rows), picked, self._session.theme
        )
        labelled = 0 if given is None else int((given.codes[page.rows] >= 0).sum())
        self.done.html = html.done(labelled, len(page.rows))
        self.draw_progress(labels)

    def draw_progress(self, labels: SheetLabels) -> None:
        """Say what is being stored, and what was stored last."""
        self.progress.html = html.progress(labels.open, labels.last, labels.message)

    def draw_focus(self, run: OpenedRun, row: int | None) -> None:
        """Say what is known of the object in a map row."""
        facts = None
        if row is not None and row < len(run):
            classes = self._session.category_now("class")
            facts = facts_of(run, row, classes, self._session.look.blind)
        self.focus.html = html.focused(run, facts, self._session.theme)
