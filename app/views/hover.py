"""The object nearest to the pointer, told while it rests over the map."""

from typing import Any

import panel as pn

from app.background import Latest
from app.markup.facts import facts_of
from app.markup.hover_card import HoverCard, Rest, hover_html
from app.session import Session

REACH = 8


class HoverView(pn.viewable.Viewer):
    """Card of the nearest object that is shown, within a few pixels of the pointer.

    It stands inside the component over which the pointer moves. Objects are looked up off the
    document's thread, and of rests that wait only the latest is answered.
    """

    def __init__(self, session: Session, **params: Any) -> None:
        super().__init__(**params)
        self.session = session
        self.card = HoverCard(self.answer)
        self._picks = Latest()

    def answer(self, rest: Rest) -> None:
        """Show what lies where the pointer rests."""
        run, shown, theme = self.session.run, self.session.shown, self.session.theme
        if run is None:
            return
        labels, blind = self.session.category_now("class"), self.session.look.blind

        def look() -> str:
            row = run.grid.nearest(rest.x, rest.y, REACH * rest.per_pixel, shown)
            return "" if row < 0 else hover_html(run, facts_of(run, row, labels, blind), theme)

        self._picks.ask(look, lambda html: self.card.tell(rest, str(html)), self._fail)

    def _fail(self, error: Exception) -> None:
        self.session.say(f"the object under the pointer cannot be shown: {error}", warning=True)

    def __panel__(self) -> pn.viewable.Viewable:
        return self.card
